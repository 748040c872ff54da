"""A data set of described series: a JSON line each, that holds all it takes to judge and to relabel it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trainers.describe.balance import balanced
from trainers.describe.reading import problems
from trainers.describe.rules import FIELDS, Thresholds, Truth, truths
from trainers.describe.sentences import sentence, sentences
from trainers.describe.series import LENGTH, PROCESSES, TOP, Process, Series, process_of
from trainers.errors import TunewrightError

RULES = "rules"
SPLITS = ("train", "val", "test")
_TEST, _VAL = 10, 20  # of a hundred: below the first it is for the test, from there to the second for validation


@dataclass(frozen=True, kw_only=True)
class Record:
    """`answer` is what a model is to learn: a sentence a field. `said` are the answers of teachers by name, as they
    gave them; `mended` the fields of `answer` that the rules put right, with what was wrong."""

    series: Series
    truth: Truth
    thresholds: Thresholds
    answer: Mapping[str, str]
    by: str = RULES
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    mended: Mapping[str, str] = field(default_factory=dict)

    @property
    def split(self) -> str:
        """By the seed of the series alone: what is for the test is so in every data set."""
        draw = random.Random(f"split/{self.series.seed}").randrange(100)
        return "test" if draw < _TEST else "val" if draw < _VAL else "train"

    def to_dict(self) -> dict[str, Any]:
        own = self.series
        return {
            "id": own.id,
            "process": own.process,
            "seed": own.seed,
            "params": dict(own.params),
            "values": list(own.values),
            "truth": self.truth.to_dict(),
            "thresholds": self.thresholds.to_dict(),
            "answer": dict(self.answer),
            "by": self.by,
            **({"said": {name: dict(answer) for name, answer in self.said.items()}} if self.said else {}),
            **({"mended": dict(self.mended)} if self.mended else {}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Record:
        """Raises KeyError, TypeError or ValueError for what is no record."""
        values = tuple(int(value) for value in data["values"])
        if len(values) != LENGTH or not all(0 <= value <= TOP for value in values):
            raise ValueError(f"values must be {LENGTH} integers from 0 to {TOP}")
        return cls(
            series=Series(process_of(data["process"]), int(data["seed"]), dict(data["params"]), values),
            truth=Truth.from_dict(data["truth"]),
            thresholds=Thresholds(**data["thresholds"]),
            answer={name: str(data["answer"][name]) for name in FIELDS},
            by=str(data["by"]),
            said={str(name): dict(answer) for name, answer in data.get("said", {}).items()},
            mended=dict(data.get("mended", {})),
        )


def made(process: Process, count: int, seed: int, thresholds: Thresholds) -> list[Record]:
    """`count` records described by the rules, their labels balanced. The same for the same arguments."""
    return [
        Record(series=one, truth=truth, thresholds=thresholds, answer=sentences(truth, _rng(one)))
        for one, truth in balanced(process, count, seed, thresholds)
    ]


def _rng(series: Series) -> random.Random:
    return random.Random(f"wording/{series.id}")


def relabelled(records: Sequence[Record], thresholds: Thresholds) -> list[Record]:
    """The records under other thresholds: truth worked out anew, the rules' sentences rewritten where it changed, and
    teachers' held against it again."""
    found = truths([record.series.values for record in records], thresholds)
    return [_judged(replace(r, truth=t, thresholds=thresholds)) for r, t in zip(records, found, strict=True)]


def taught(record: Record, teacher: str, answer: Mapping[str, str]) -> Record:
    """The record with what `teacher` says of it, which becomes its answer as far as the rules do not contradict it."""
    return _judged(replace(record, by=teacher, said={**record.said, teacher: dict(answer)}))


def _judged(record: Record) -> Record:
    rng = _rng(record.series)
    ours = sentences(record.truth, rng)
    if record.by == RULES:
        return replace(record, answer=ours, mended={})
    said = record.said[record.by]
    mended = problems(said, record.truth.to_dict(), FIELDS)
    answer = {name: sentence(record.truth, name, rng) if name in mended else said[name].strip() for name in FIELDS}
    return replace(record, answer=answer, mended=mended)


def agreement(records: Iterable[Record], one: str, other: str) -> dict[str, float]:
    """By field, Cohen's kappa of what two teachers state of the same series; only what both state clearly counts.
    NaN without any."""
    from trainers.describe.reading import label_in

    out: dict[str, float] = {}
    both = [r for r in records if one in r.said and other in r.said]
    for name in FIELDS:
        pairs = [(label_in(name, r.said[one].get(name, "")), label_in(name, r.said[other].get(name, ""))) for r in both]
        out[name] = kappa([(a, b) for a, b in pairs if a is not None and b is not None])
    return out


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Cohen's: agreement beyond what chance would give, 1 for always. NaN for no pairs."""
    if not pairs:
        return float("nan")
    n = len(pairs)
    seen = sum(a == b for a, b in pairs) / n
    labels = {label for pair in pairs for label in pair}
    chance = sum(sum(a == x for a, _ in pairs) * sum(b == x for _, b in pairs) for x in labels) / n**2
    return 1.0 if chance == 1.0 else (seen - chance) / (1 - chance)


# -- files -----------------------------------------------------------------------


def read(path: Path) -> list[Record]:
    """The records of a file. A last line that broke off is left out: its writer was ended there.

    Raises TunewrightError naming the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TunewrightError(f"cannot be read: {error}", where=str(path)) from error
    lines = text.split("\n")
    whole = lines[:-1]  # what follows the last line's end is empty, or broke off
    return [_record(path, number, line) for number, line in enumerate(whole, 1) if line.strip()]


def _record(path: Path, number: int, line: str) -> Record:
    try:
        return Record.from_dict(json.loads(line))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"no described series: {f'{error} is missing' if isinstance(error, KeyError) else error}"
        remedy = f"'tunewright data describe' writes such files; processes are {', '.join(PROCESSES)}."
        raise TunewrightError(what, where=f"{path}:{number}", remedy=remedy) from error


def lines(records: Iterable[Record]) -> str:
    return "".join(json.dumps(record.to_dict(), ensure_ascii=False) + "\n" for record in records)
