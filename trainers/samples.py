"""Samples of what a trial's model answered, beside the truth: `samples.json` in the run folder.

A trainer that has some calls `write` once, near its end; a plot, a page of errors and the report are made from what
`read` gives. Two kinds: `TextSample`, an answer to a question, and `SeriesSample`, a forecast that goes on from a
context. Samples come from training or validation data or from the test set once all is decided; never tune on them.

The file: `{"format": 1, "note": "…", "asked": 1000, "counts": {"too short": 3}, "samples": [{"kind": "text",
"question": "…", "answer": "…", "truth": "…", "right": false, "error": "too short"}, …]}`. It is bounded however much is
given, and read as a stranger's: a run folder may hold anything.
"""

from __future__ import annotations

import json
import math
import os
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from trainers import rundir
from trainers.errors import TunewrightError

SAMPLES = "samples.json"
MOST = 500  # samples in a file
MOST_TEXT = 8_000  # characters of a question, an answer, a truth
MOST_WORDS = 400  # characters of a title, a note, a kind of error
MOST_VALUES = 2_000  # of a series: context, predicted and truth each
MOST_BYTES = 8 << 20  # of the file
MOST_KINDS = 40  # of errors counted

When = Literal["", "before", "after"]  # training, where both were asked


class SamplesError(TunewrightError):
    """There are samples, but they cannot be read."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True)
class TextSample:
    """One question. `error` is the kind of error in a word or two; `note` whatever else is worth saying of it."""

    question: str
    answer: str
    truth: str
    right: bool
    error: str = ""
    title: str = ""
    note: str = ""
    when: When = ""

    @property
    def differs_at(self) -> int | None:
        """The first character at which answer and truth part; None where they are the same."""
        if self.answer == self.truth:
            return None
        pairs = enumerate(zip(self.answer, self.truth, strict=False))
        return next((at for at, (said, true) in pairs if said != true), min(len(self.answer), len(self.truth)))


@dataclass(frozen=True, kw_only=True)
class SeriesSample:
    """One forecast: `predicted` and `truth` begin where `context` ends. A value that is missing is NaN.

    `time_step` says how far apart values are ("1h"), `start` when the first predicted one was ("2018-02-20 00:00"),
    `unit` what they are in ("°C", "standard deviations").
    """

    predicted: Sequence[float]
    truth: Sequence[float]
    context: Sequence[float] = ()
    title: str = ""
    unit: str = ""
    time_step: str = ""
    start: str = ""
    note: str = ""
    when: When = ""


Sample = TextSample | SeriesSample


@dataclass(frozen=True, kw_only=True)
class Samples:
    """What a file holds. `asked` is of how many questions, `counts` how many of those went wrong by kind of error:
    both of all that were asked, not of those kept here. `left_out` are samples that could not be understood."""

    items: tuple[Sample, ...]
    note: str = ""
    asked: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    left_out: int = 0

    @property
    def wrong(self) -> int | None:
        """How many of those asked were answered wrongly, where that was counted."""
        return sum(self.counts.values()) if self.asked is not None else None

    def texts(self) -> tuple[TextSample, ...]:
        return tuple(item for item in self.items if isinstance(item, TextSample))

    def series(self) -> tuple[SeriesSample, ...]:
        return tuple(item for item in self.items if isinstance(item, SeriesSample))


# -- writing ---------------------------------------------------------------------


def write(
    run_dir: Path,
    items: Iterable[Sample],
    *,
    note: str = "",
    asked: int | None = None,
    counts: Mapping[str, int] | None = None,
) -> bool:
    """Writes `samples.json` whole or not at all, in place of an earlier one; whether it is there now.

    Too many samples, long texts and long series are cut. A disk that is full costs the samples and not the trial:
    then it says so in the trial's log.
    """
    try:
        data = encode(items, note=note, asked=asked, counts=counts or {})
        rundir.write_json(run_dir / SAMPLES, data)
    except (OSError, ValueError, TypeError) as error:  # the latter two: a foreign trainer's samples are no samples
        print(f"samples of the model's answers could not be kept: {error}", file=sys.stderr)
        return False
    return True


def encode(
    items: Iterable[Sample], *, note: str = "", asked: int | None = None, counts: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """As it stands in the file, within its bounds."""
    told: list[dict[str, Any]] = []
    size = 0
    for item in items:
        one = _text(item) if isinstance(item, TextSample) else _series(item)
        size += len(json.dumps(one)) + 2
        if len(told) == MOST or size > MOST_BYTES - 100_000:  # what is left is more than the rest can take
            break
        told.append(one)
    kinds = {_cut(kind, MOST_WORDS): int(count) for kind, count in list((counts or {}).items())[:MOST_KINDS]}
    head = {"format": 1, "note": _cut(note, MOST_WORDS), "asked": None if asked is None else int(asked)}
    return {**head, "counts": kinds, "samples": told}


def _text(sample: TextSample) -> dict[str, Any]:
    said = {name: _cut(getattr(sample, name), MOST_TEXT) for name in ("question", "answer", "truth")}
    return {"kind": "text", **said, "right": bool(sample.right), **_words(sample, ("error", "title", "note", "when"))}


def _series(sample: SeriesSample) -> dict[str, Any]:
    values = {
        "context": _numbers(sample.context, last=True),
        "predicted": _numbers(sample.predicted),
        "truth": _numbers(sample.truth),
    }
    return {"kind": "series", **values, **_words(sample, ("title", "unit", "time_step", "start", "note", "when"))}


def _words(sample: Sample, names: Sequence[str]) -> dict[str, str]:
    return {name: _cut(value, MOST_WORDS) for name in names if (value := getattr(sample, name))}


def _cut(text: str, most: int) -> str:
    text = str(text)
    return text if len(text) <= most else text[: most - 1] + "…"


def _numbers(values: Sequence[float], *, last: bool = False) -> list[float | str]:
    """At most MOST_VALUES: the last ones of a context, which are next to the forecast, else the first."""
    kept = list(values[-MOST_VALUES:] if last else values[:MOST_VALUES])
    return [number if math.isfinite(number) else str(number) for number in map(float, kept)]


# -- reading ---------------------------------------------------------------------


def read(run_dir: Path) -> Samples | None:
    """What the run folder holds; None when it has none.

    Raises SamplesError for a file that is none of ours. A sample that makes no sense is left out and counted.
    """
    content = _content(run_dir / SAMPLES)
    if content is None:
        return None
    where = str(run_dir / SAMPLES)
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else "not JSON"
        raise SamplesError(f"the samples cannot be read: {what}", where=where, remedy="Delete the file.") from None
    if not isinstance(data, dict) or not isinstance(data.get("samples"), list):
        raise SamplesError("the file holds no samples", where=where, remedy="Delete the file.")
    return decode(data)


def decode(data: Mapping[str, Any]) -> Samples:
    """Samples from a file's content, whoever wrote it."""
    found = data["samples"]
    items = tuple(sample for one in found[:MOST] if (sample := from_dict(one)) is not None)
    counts = data.get("counts")
    kinds = counts.items() if isinstance(counts, dict) else ()
    return Samples(
        items=items,
        note=_line(data.get("note")),
        asked=_count(data.get("asked")),
        counts={_line(kind): count for kind, raw in list(kinds)[:MOST_KINDS] if (count := _count(raw)) is not None},
        left_out=len(found) - len(items),
    )


def from_dict(one: Any) -> Sample | None:
    """One sample; None for what is none. Without `kind` it is one by the fields it has."""
    if not isinstance(one, dict):
        return None
    words = {name: _line(one.get(name)) for name in ("title", "note")}
    when: When = one["when"] if one.get("when") in ("before", "after") else ""
    if "answer" in one and "truth" in one and not isinstance(one["truth"], list):
        question, answer, truth = (_string(one.get(name), MOST_TEXT) for name in ("question", "answer", "truth"))
        right = one["right"] if isinstance(one.get("right"), bool) else answer == truth
        error = "" if right else _line(one.get("error"))
        return TextSample(question=question, answer=answer, truth=truth, right=right, error=error, when=when, **words)
    try:
        context, predicted, truth_ = (_values(one.get(name, [])) for name in ("context", "predicted", "truth"))
    except (TypeError, ValueError, OverflowError):
        return None
    if not predicted:
        return None
    words |= {name: _line(one.get(name)) for name in ("unit", "time_step", "start")}
    return SeriesSample(context=context, predicted=predicted, truth=truth_, when=when, **words)


def _content(path: Path) -> bytes | None:
    """The file's bytes; None when there is none. Opening a pipe that someone put there does not wait."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SamplesError(f"the samples cannot be read: {error.strerror}", where=str(path)) from None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise SamplesError("the samples are no file", where=str(path), remedy="Delete it.")
    with os.fdopen(fd, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        what = f"the samples are more than {MOST_BYTES >> 20} MiB"
        raise SamplesError(what, where=str(path), remedy="Delete the file.")
    return content


def _string(value: Any, most: int) -> str:
    r"""Text, or what else is no collection as text; half of a surrogate pair ("\ud83d") is in no encoding."""
    text = value if isinstance(value, str) else "" if value is None else str(value)[: most + 1]
    return _cut(text.encode("utf-8", "replace").decode(), most)


def _line(value: Any) -> str:
    return " ".join(_string(value, MOST_WORDS).split())


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def _values(raw: Any) -> tuple[float, ...]:
    """Numbers, "nan" and "inf" among them. Raises ValueError, TypeError or OverflowError for anything else."""
    if not isinstance(raw, list) or len(raw) > MOST_VALUES:
        raise ValueError("no series")
    return tuple(math.nan if value is None else float(value) for value in raw)
