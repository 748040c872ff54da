"""What a model cites: trials and points of curves that there are, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.digest.text import shorten
from agent.store import points
from agent.store.connection import Store
from agent.study.nouns import Evidence, Trial

_CITED = re.compile(r"\[\s*t(\d+)\s*([^\]]*)\]")
_POINT = re.compile(r"([\w./%+-]+)@(\d+)\Z")
_TEXT = 240
_MOST = 6


class Facts:
    """The trials of a study, and which steps of which metrics they reported. Curves are read when first cited."""

    def __init__(self, store: Store | None, trials: Sequence[Trial]) -> None:
        self._store = store
        self._trials = {t.number: t for t in trials}
        self._steps: dict[tuple[int, str], tuple[int, int] | None] = {}

    def holds(self, trial: int, metric: str | None = None, step: int | None = None) -> bool:
        """Whether there is such a trial, and it reported `metric`, and had come as far as `step`."""
        if trial not in self._trials:
            return False
        if metric is None:
            return step is None
        span = self._span(trial, metric)
        return span is not None and (step is None or span[0] <= step <= span[1])

    def _span(self, trial: int, metric: str) -> tuple[int, int] | None:
        """The first and the last step of a curve; None without one."""
        if (trial, metric) not in self._steps:
            curve = points.curve(self._store, self._trials[trial].id, metric) if self._store is not None else None
            found = (min(curve.steps), max(curve.steps)) if curve is not None and curve.steps else None
            self._steps[trial, metric] = found
        return self._steps[trial, metric]


def kept(given: Any, facts: Facts) -> tuple[tuple[Evidence, ...], int]:
    """The items that point at something, and how many did not. Takes a trial's number alone, or `[t17 val_loss@3]`."""
    items = given if isinstance(given, list | tuple) else [] if given is None else [given]
    found: dict[tuple[int, str | None, int | None], Evidence] = {}
    dropped = 0
    for item in items:
        evidence = _evidence(item)
        if evidence is None or not facts.holds(evidence.trial or 0, evidence.metric, evidence.step):
            dropped += 1
        elif len(found) < _MOST:
            found.setdefault((evidence.trial or 0, evidence.metric, evidence.step), evidence)
    return tuple(found.values()), dropped


def _evidence(item: Any) -> Evidence | None:
    if isinstance(item, str):
        cited = _CITED.search(item) or re.fullmatch(r"\s*t(\d+)\b(.*)", item, re.DOTALL)
        return None if cited is None else _made(int(cited[1]), *_point(cited[2].strip()), "")
    if isinstance(item, int) and not isinstance(item, bool):
        return _made(item, None, None, "")
    if not isinstance(item, Mapping):
        return None
    trial, step, metric = _whole(item.get("trial")), _whole(item.get("step")), item.get("metric")
    text = item.get("text")
    named = metric if isinstance(metric, str) and metric.strip().lower() not in ("", "null", "none") else None
    if trial is None:
        return None
    return _made(trial, named, step if named else None, text if isinstance(text, str) else "")


def _made(trial: int, metric: str | None, step: int | None, text: str) -> Evidence:
    said = shorten(text, _TEXT) or f"t{trial}" + (f", {metric}" if metric else "")
    return Evidence(kind="metric" if metric else "trial", text=said, trial=trial, metric=metric, step=step)


def _whole(given: Any) -> int | None:
    """A number of a trial or a step: 17, 17.0, "17" or "t17"."""
    if isinstance(given, bool):
        return None
    if isinstance(given, float):
        return int(given) if given.is_integer() else None
    if isinstance(given, str):
        text = given.strip().removeprefix("t")
        return int(text) if text.isdecimal() else None
    return given if isinstance(given, int) and given >= 0 else None


def _point(text: str) -> tuple[str | None, int | None]:
    found = _POINT.search(text)
    return (found[1], int(found[2])) if found else (None, None)


def uncited(text: str, facts: Facts) -> tuple[str, int]:
    """`text` with citations of what does not exist turned into plain words, and how many there were."""
    removed = 0

    def check(cited: re.Match[str]) -> str:
        nonlocal removed
        metric, step = _point(cited[2].strip())
        if facts.holds(int(cited[1]), metric, step):
            return cited[0] if metric or not cited[2].strip() else f"[t{cited[1]}]"
        removed += 1
        return f"t{cited[1]} {cited[2]}".strip()

    return _CITED.sub(check, text), removed
