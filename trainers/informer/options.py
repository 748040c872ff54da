"""What a study file may say in [options] of an `informer` study."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainers.errors import TunewrightError, nearest
from trainers.informer.tasks import Task

GAPS = ("refuse", "fill", "join")  # what is done about missing rows and cells
PRECISIONS = ("auto", "fp32", "bf16")  # `auto`: bfloat16 where the hardware has it
KNOWN = ("path", "target", "date", "columns", "protocol", "pred_len", "gaps", "sha256", "precision")

_ONLY_FOR = {  # the data of the tasks that take the option
    "path": ("etth1", "etth2", "csv"),
    "sha256": ("etth1", "etth2", "csv"),
    "date": ("csv",),
    "columns": ("csv",),
    "gaps": ("csv",),
    "pred_len": ("csv",),
}


@dataclass(frozen=True)
class Protocol:
    """How rows are split in three, in order of time. `numbers` are rows, or shares of all rows that add up to 1."""

    numbers: tuple[float, float, float]

    @property
    def counts_rows(self) -> bool:
        return all(number >= 1 for number in self.numbers)

    def rows(self, total: int) -> tuple[int, int, int]:
        """The rows of training, validation and test. What rounding leaves over is for validation, as is usual."""
        train, val, test = self.numbers
        if self.counts_rows:
            return int(train), int(val), int(test)
        first, last = int(total * train + 1e-9), int(total * test + 1e-9)
        return first, total - first - last, last


PROTOCOLS = {
    "paper": Protocol((8640, 2880, 2880)),  # 12, 4 and 4 months of 30 days, hour by hour
    "ratio": Protocol((0.7, 0.1, 0.2)),
}


@dataclass(frozen=True)
class Options:
    """What [options] says, completed. None: not given."""

    path: str | None
    target: str | None
    date: str | None
    columns: tuple[str, ...] | None
    protocol: Protocol
    pred_len: int
    gaps: str
    sha256: str | None
    precision: str


def read_options(task: Task, given: Mapping[str, Any]) -> Options:
    """Raises TunewrightError naming `options.KEY`."""
    for key in given:
        if key not in KNOWN:
            raise TunewrightError("informer has no such option", where=f"options.{key}", remedy=nearest(key, KNOWN))
    for key, data in _ONLY_FOR.items():
        if key in given and task.data not in data:
            remedy = "The task's name says it." if key == "pred_len" else f"It is for: {', '.join(data)}."
            raise TunewrightError(f"{task.name} takes no '{key}'", where=f"options.{key}", remedy=remedy)
    columns = _get(given, "columns", _is_names, 'a list of column names, such as ["load", "wind"]')
    return Options(
        path=_get(given, "path", _is_text, "the path of a CSV file"),
        target=_get(given, "target", _is_text, "a column's name"),
        date=_get(given, "date", _is_text, "a column's name"),
        columns=None if columns is None else tuple(columns),
        protocol=_protocol(task, given),
        pred_len=_get(given, "pred_len", _is_count, "a whole number of rows above 0", task.pred_len),
        gaps=_get(given, "gaps", GAPS.__contains__, '"refuse", "fill" or "join"', "refuse"),
        sha256=_get(given, "sha256", _is_text, "a checksum of 64 hexadecimal digits"),
        precision=_get(given, "precision", PRECISIONS.__contains__, '"auto", "fp32" or "bf16"', "auto"),
    )


def _get(given: Mapping[str, Any], key: str, fits: Callable[[Any], bool], wanted: str, default: Any = None) -> Any:
    if key in given and not fits(given[key]):
        raise TunewrightError(f"{given[key]!r} is not {wanted}", where=f"options.{key}")
    return given.get(key, default)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_names(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) > 0
        and all(map(_is_text, value))
        and len(set(value)) == len(value)
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _protocol(task: Task, given: Mapping[str, Any]) -> Protocol:
    told = given.get("protocol", "paper" if task.data.startswith("etth") else "ratio")
    if isinstance(told, str) and told in PROTOCOLS:
        return PROTOCOLS[told]
    numbers = tuple(told) if isinstance(told, list | tuple) else ()
    if len(numbers) == 3 and (all(map(_is_count, numbers)) or _are_shares(numbers)):
        return Protocol(numbers)
    raise TunewrightError(
        f"{told!r} is no protocol",
        where="options.protocol",
        remedy='Write "paper", "ratio", rows such as [8640, 2880, 2880], or shares that add up to 1, [0.6, 0.2, 0.2].',
    )


def _are_shares(numbers: Sequence[Any]) -> bool:
    return all(isinstance(n, float) and 0 < n < 1 for n in numbers) and abs(sum(numbers) - 1) < 1e-6
