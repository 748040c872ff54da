"""The tables of docs/search.md, from the file of runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.search.driver import Run, read
from benchmarks.search.statistics import by_task, interval, mean, ranks, signed_rank

AT = (5, 10, 15, 20, 30, 50)
SPREAD = ("hpolib", "dev-reg")  # groups whose losses span orders of magnitude
PEER = "gp"  # what `guided` must never be much worse than


def report(runs: Path, tasks: str = "", given: str = "", trials: int | None = None) -> str:
    """Markdown; of every task after `trials` trials where they are given."""
    groups: dict[str, dict[str, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for one in read(runs):
        if one.given == given:
            groups[one.task.split("/")[0]][one.method].append(one)
    wanted = tasks.split(",") if tasks else sorted(groups)
    told = []
    for group in (g for g in wanted if g in groups):
        told.append((group, _each_task(groups[group], trials) if trials else _whole(groups[group])))
        if group in SPREAD and not trials:
            told.append((f"{group}, of the logarithm of the loss", _whole(groups[group], log=True)))
    return "\n\n".join(f"{group}\n\n{text}" for group, text in told)


def _whole(methods: Mapping[str, Sequence[Run]], *, log: bool = False) -> str:
    """Mean regret of every method at AT, its 95% interval at the last that all reached, rank, and against PEER."""
    longest = max(n for n in AT if all(by_task(runs, n) for runs in methods.values()))
    numbers = [n for n in AT if any(by_task(runs, n) for runs in methods.values())]
    head = ["search", "seeds", *map(str, numbers), f"95% at {longest}", "rank", f"p against {PEER}", "failed", "CPU-s"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    last = {name: by_task(runs, longest, log=log) for name, runs in methods.items()}
    placed = dict(zip(last, ranks(list(last.values())), strict=True))
    for name in sorted(methods, key=lambda m: mean(last[m])):
        runs = methods[name]
        cells = [name, str(len({r.seed for r in runs}))]
        cells += [_number(mean(by_task(runs, n, log=log))) for n in numbers]
        low, high = interval(last[name])
        cells += [f"{_number(low)}–{_number(high)}", f"{placed[name]:.2f}"]
        p, pairs = signed_rank(last[name], last[PEER]) if PEER in last and name != PEER else (1.0, 0)
        cells += [f"{p:.2g} ({pairs})" if pairs else "–"]
        cells += [f"{np.mean([r.failures for r in runs]):.1f}"]
        cells += [f"{np.mean([r.seconds / len(r.losses) for r in runs]):.3f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", _worst(last)])


def _worst(last: Mapping[str, dict[str, dict[int, float]]]) -> str:
    """The worst single run of each `guided` against PEER with the same task and seed."""
    if PEER not in last:
        return ""
    lines = []
    for name in (n for n in last if n.startswith("guided")):
        apart = [
            (regret - last[PEER][task][seed], task, seed)
            for task, seeds in last[name].items()
            for seed, regret in seeds.items()
            if seed in last[PEER].get(task, {})
        ]
        if apart:
            _, task, seed = max(apart)
            beside = f"{_number(last[name][task][seed])} where {PEER} has {_number(last[PEER][task][seed])}"
            ratio = _shared(last[name], last[PEER]) / _shared(last[PEER], last[name])
            of = f"Mean {ratio:.2f}× {PEER}'s on the same {len(apart)} tasks and seeds."
            lines.append(f"- Worst run of {name}: {beside} ({task}, seed {seed}). {of}")
    return "\n".join(lines)


def _shared(mine: dict[str, dict[int, float]], other: dict[str, dict[int, float]]) -> float:
    """The mean of `mine` over what `other` ran too."""
    return mean({t: {s: r for s, r in seeds.items() if s in other[t]} for t, seeds in mine.items() if t in other})


def _each_task(methods: Mapping[str, Sequence[Run]], trials: int) -> str:
    found = {name: by_task(runs, trials) for name, runs in methods.items() if by_task(runs, trials)}
    lines = [f"| task | {' | '.join(found)} |", "|---" * (len(found) + 1) + "|"]
    for task in sorted({task for regrets in found.values() for task in regrets}):
        cells = [_number(float(np.mean(list(r[task].values())))) if task in r else "–" for r in found.values()]
        lines.append(f"| {task.split('/')[1]} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return "–" if value != value else f"{value:.4f}"
