"""Runs a method on a task, and keeps what came of it: one JSON line a run, so that what was interrupted goes on."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.search.methods import Method, method
from benchmarks.search.searches import Given
from benchmarks.search.task import Task
from trainers.space import Config, config_key


@dataclass(frozen=True)
class Run:
    """`losses` by trial, None where it failed; `sources` says who proposed each."""

    task: str
    method: str
    seed: int
    optimum: float
    worst: float
    losses: tuple[float | None, ...]
    sources: tuple[str, ...]
    repeats: int  # trials of a config that was run before
    seconds: float  # CPU for all proposals
    given: str = ""  # the initial configs, where the method did not choose them

    def regrets(self) -> Iterator[float]:
        """The normalised regret of the best so far, after each trial."""
        best = self.worst
        for loss in self.losses:
            best = min(best, self.worst if loss is None else loss)
            yield max(best - self.optimum, 0.0) / (self.worst - self.optimum)

    def log_regrets(self) -> Iterator[float]:
        """The same on the scale of the losses' logarithms, for those that span orders of magnitude."""
        for best in self.bests():
            yield math.log(max(best, self.optimum) / self.optimum) / math.log(self.worst / self.optimum)

    def bests(self) -> Iterator[float]:
        """The best loss so far, after each trial."""
        best = self.worst
        for loss in self.losses:
            best = min(best, self.worst if loss is None else loss)
            yield best

    @property
    def failures(self) -> int:
        return sum(loss is None for loss in self.losses)

    @property
    def key(self) -> tuple[str, str, int, str]:
        return self.task, self.method, self.seed, self.given


def run(task: Task, name: str, seed: int, trials: int, given: Sequence[Config] = (), told: str = "") -> Run:
    """`trials` trials of the method `name`, the first of them `given`."""
    chosen: Method = method(name)
    search = Given(chosen.start(task, seed), list(given)) if given else chosen.start(task, seed)
    ran: set[str] = set()
    losses: list[float | None] = []
    sources: list[str] = []
    repeats, seconds = 0, 0.0
    for _ in range(trials):
        started = time.process_time()
        draft = search.ask()
        seconds += time.process_time() - started
        config = task.place(draft.params, ran) if task.place else draft.params
        key = config_key(config)
        repeats += key in ran
        ran.add(key)
        losses.append(task.loss(config))
        sources.append(str(draft.source))
        search.tell(draft, config, losses[-1])
    return Run(
        task.name,
        name,
        seed,
        task.optimum,
        task.worst,
        tuple(losses),
        tuple(sources),
        repeats,
        round(seconds, 3),
        told,
    )


def append(path: Path, done: Run) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(_short(done), separators=(",", ":")) + "\n")


def _short(done: Run) -> dict[str, Any]:
    """As it is kept: losses to eight digits, sources as stretches of the same."""
    stretches = [(source, len(list(same))) for source, same in groupby(done.sources)]
    losses = [None if loss is None else _rounded(loss) for loss in done.losses]
    ends = {"optimum": _rounded(done.optimum), "worst": _rounded(done.worst)}
    return {**asdict(done), **ends, "losses": losses, "sources": stretches}


def _rounded(loss: float) -> float:
    return float(f"{loss:.8g}")


def read(path: Path) -> list[Run]:
    """Every run of the file, of two with the same key the longer one; a line cut off by a kill is passed over."""
    found: dict[tuple[str, str, int, str], Run] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            data = json.loads(line)
        except json.JSONDecodeError:  # the process was killed while it wrote
            continue
        sources = tuple(source for source, many in data["sources"] for _ in range(many))
        one = Run(**{**data, "losses": tuple(data["losses"]), "sources": sources})
        if one.key not in found or len(found[one.key].losses) <= len(one.losses):
            found[one.key] = one
    return _with_best_known(list(found.values()))


def _with_best_known(runs: list[Run]) -> list[Run]:
    """Where nobody knows a task's optimum, it is the best that any run found."""
    best: dict[str, float] = {}
    for one in runs:
        best[one.task] = min(best.get(one.task, one.optimum), *(loss for loss in one.losses if loss is not None))
    return [replace(one, optimum=min(one.optimum, best[one.task])) for one in runs]
