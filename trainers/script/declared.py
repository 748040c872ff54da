"""The `[metrics]` table of a study file: where each metric is to be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainers.errors import TunewrightError, nearest

KEYS: dict[str, tuple[str, ...]] = {
    "regex": ("regex", "step_regex"),
    "csv": ("csv", "column", "step"),
    "tensorboard": ("tensorboard", "tag"),
}


@dataclass(frozen=True)
class RegexMetric:
    """Group 1 (or the group `value`) is the value. The step is the group `step`, or that of `step_regex`."""

    name: str
    pattern: re.Pattern[str]
    step_pattern: re.Pattern[str] | None = None

    @property
    def value_group(self) -> int:
        """Group `value` if there is one, else the first that is not `step`."""
        groups = self.pattern.groupindex
        if "value" in groups:
            return groups["value"]
        return next(i for i in range(1, self.pattern.groups + 1) if i != groups.get("step"))


@dataclass(frozen=True)
class CsvMetric:
    """`path` may hold wildcards and placeholders; `step` is a column, None counts the rows."""

    name: str
    path: str
    column: str
    step: str | None = None


@dataclass(frozen=True)
class TensorboardMetric:
    """`path` finds the event files; it may hold wildcards (`**` too) and placeholders."""

    name: str
    path: str
    tag: str


DeclaredMetric = RegexMetric | CsvMetric | TensorboardMetric


def parse_metric(name: str, spec: Any) -> DeclaredMetric:
    """Reads one entry of `[metrics]`. Raises TunewrightError with `where` as metrics.<name>[.<key>]."""
    where = f"metrics.{name}"
    if not isinstance(spec, Mapping):
        raise TunewrightError(f"expected a table, got {spec!r}", where=where, remedy="Write { regex = '…' }.")
    kinds = [kind for kind in KEYS if kind in spec]
    if len(kinds) != 1:
        what = f"{' and '.join(kinds)} exclude each other" if kinds else "it does not say where to read the metric"
        close = nearest(next(iter(spec)), KEYS) if spec and not kinds else "Give one of regex, csv, tensorboard."
        raise TunewrightError(what, where=where, remedy=close)
    _check_keys(where, kinds[0], spec)
    match kinds[0]:
        case "regex":
            return _regex_metric(name, where, spec)
        case "csv":
            return CsvMetric(name, spec["csv"], spec.get("column", name), spec.get("step"))
    return TensorboardMetric(name, spec["tensorboard"], spec.get("tag", name))


def _check_keys(where: str, kind: str, spec: Mapping[str, Any]) -> None:
    for key, value in spec.items():
        if key not in KEYS[kind]:
            raise TunewrightError(
                f"unknown key '{key}' beside {kind}", where=f"{where}.{key}", remedy=nearest(key, KEYS[kind])
            )
        if not isinstance(value, str) or not value:
            raise TunewrightError(f"{key} = {value!r} is not text", where=f"{where}.{key}", remedy="Quote it.")


def _regex_metric(name: str, where: str, spec: Mapping[str, Any]) -> RegexMetric:
    pattern = _compile(f"{where}.regex", spec["regex"])
    if pattern.groups < (2 if "step" in pattern.groupindex else 1):
        raise TunewrightError(
            f"regex {pattern.pattern!r} has no group for the value",
            where=f"{where}.regex",
            remedy="Put brackets around the number, for example val_loss=([0-9.eE+-]+|nan|inf).",
        )
    step = _compile(f"{where}.step_regex", spec["step_regex"]) if "step_regex" in spec else None
    if step is not None and not step.groups:
        raise TunewrightError(
            f"step_regex {step.pattern!r} has no group for the step",
            where=f"{where}.step_regex",
            remedy="Put brackets around the number, for example epoch (\\d+).",
        )
    return RegexMetric(name, pattern, step)


def _compile(where: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise TunewrightError(
            f"{text!r} is no regular expression ({error})",
            where=where,
            remedy="Single quotes keep backslashes as they are: '\\d+'.",
        ) from None
