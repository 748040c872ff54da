"""What a trial uses, from its `usage.jsonl`: read where the store is, drawn as small strips under the curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.store import trials
from agent.tui.text import Part, plural
from trainers import rundir
from trainers.usage import parsed

if TYPE_CHECKING:
    from pathlib import Path

    from agent.tui.errands import Room

_BLOCKS = " ▁▂▃▄▅▆▇█"
_MOST = 16 << 20  # bytes read of a file that should have some 300 KB


@dataclass(frozen=True)
class Sample:
    """At one moment: bytes, percent of one CPU; of all GPUs together bytes, and percent on average."""

    at: float
    host: float | None = None
    cpu: float | None = None
    gpu_memory: float | None = None
    gpu_busy: float | None = None


@dataclass(frozen=True)
class Usage:
    """What is known of a trial. Limits are in bytes, and None where there is none or it is not known."""

    samples: tuple[Sample, ...]
    host_limit: float | None = None
    cpus: int = 1
    gpus: int = 0
    gpu_limit: float | None = None


class UsageReader:
    """Follows the file of one trial's latest attempt. Only errands touch it."""

    def __init__(self, trial_id: int) -> None:
        self.trial_id = trial_id
        self._file: tuple[int, int] | None = None  # attempt and inode
        self._offset = 0  # up to the end of a line
        self._lines: list[dict[str, Any]] = []

    def read(self, room: Room) -> Usage | None:
        """Everything, where there is something new; None where there is not."""
        attempts = trials.attempts(room.store, self.trial_id)
        if not attempts:
            return None
        path: Path = room.store.folder / attempts[-1]["run_dir"] / rundir.USAGE
        try:
            found = path.stat()
            file = (attempts[-1]["id"], found.st_ino)
            if file != self._file or found.st_size < self._offset:  # another attempt, or thinned out
                self._file, self._offset, self._lines = file, 0, []
            if found.st_size == self._offset or found.st_size > _MOST:
                return None
            with path.open("rb") as opened:
                opened.seek(self._offset)
                data = opened.read(_MOST)
        except OSError:  # not yet, or no longer
            return None
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        self._lines += parsed(whole)
        return usage(self._lines) if whole else None


def usage(lines: Sequence[dict[str, Any]]) -> Usage:
    """The file's lines in order; what is not as it should be is left out."""
    limits: dict[str, Any] = next((li["limits"] for li in lines if isinstance(li.get("limits"), dict)), {})
    samples = tuple(s for li in lines if (s := _sample(li)) is not None)
    gpus = [g for li in reversed(lines) for g in [li.get("gpus")] if isinstance(g, list) and g]
    last = [g for g in gpus[0] if isinstance(g, dict)] if gpus else []
    totals = [t for g in last if (t := _number(g.get("total"))) is not None]
    host = _number(limits.get("host")) or _number(limits.get("machine"))
    cpus = _number(limits.get("cpus"))
    return Usage(samples, host, int(cpus or 1), len(last), sum(totals) if totals else None)


def _sample(line: dict[str, Any]) -> Sample | None:
    at = _number(line.get("at"))
    if at is None:
        return None
    gpus = line.get("gpus")
    rows = [g for g in gpus if isinstance(g, dict)] if isinstance(gpus, list) else []
    memory = [m for g in rows if (m := _number(g.get("memory"))) is not None]
    busy = [b for g in rows if (b := _number(g.get("busy"))) is not None]
    return Sample(
        at,
        _number(line.get("host")),
        _number(line.get("cpu")),
        sum(memory) if memory else None,
        sum(busy) / len(busy) if busy else None,
    )


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e18
    return float(value) if known else None


# -- drawing ---------------------------------------------------------------------


def rows(known: Usage, width: int, seen: tuple[float, float] | None = None) -> list[list[Part]]:
    """A row for the host, one for the GPUs where there are some: memory and how busy; now, peak and limit. Of the time
    that is `seen`, from its first sample to its last: then the last of these stands where else stands what is now."""
    if not known.samples or width < 30:
        return []
    some = known.samples if seen is None else [s for s in known.samples if seen[0] <= s.at <= seen[1]]
    if not some:
        some = _around(known.samples, seen)
    many = f"gpu ×{known.gpus}" if known.gpus > 1 else "gpu"
    found = [_row("host", some, "host", "cpu", known.host_limit, f"of {plural(known.cpus, 'CPU')}", width)]
    if known.gpus:
        found.append(_row(many, some, "gpu_memory", "gpu_busy", known.gpu_limit, "", width))
    return found


def _around(samples: Sequence[Sample], seen: tuple[float, float] | None) -> list[Sample]:
    """The one before a stretch between two samples; nothing for one where there were no reports."""
    before = [s for s in samples if seen is not None and seen[0] <= seen[1] and s.at < seen[0]]
    return before[-1:]


def _row(
    name: str, samples: Sequence[Sample], memory: str, busy: str, limit: float | None, of: str, width: int
) -> list[Part]:
    half = (width - 8) // 2
    return [
        (f" {name:<7}", "muted"),
        *_cell(samples, memory, half, size, f"of {size(limit)}" if limit else "", limit),
        *_cell(samples, busy, half, _percent, of, None),
    ]


def _cell(samples: Sequence[Sample], field: str, width: int, say: Any, of: str, limit: float | None) -> list[Part]:
    """`▂▃▅▇ 1.2G  peak 1.4G of 62G`, the strip as wide as there is room for."""
    known = [(s.at, v) for s in samples if (v := getattr(s, field)) is not None]
    if not known:
        return [(" " * width, "")]
    now, peak = known[-1][1], max(v for _, v in known)
    close = limit is not None and peak > 0.9 * limit
    said = f" {say(now):<5}"
    more = f" peak {say(peak)} {of}".rstrip() + "  "
    if len(said) + len(more) + 6 > width:
        more = " "
    room = max(width - len(said) - len(more), 3)
    return [(spark(known, room, peak), "run"), (said, "text"), (more, "ask" if close else "muted")]


def spark(known: Sequence[tuple[float, float]], width: int, top: float) -> str:
    """The highest of each stretch of time, from 0 to `top`; a stretch without a sample shows the one before."""
    first, last = known[0][0], known[-1][0]
    columns: list[float | None] = [None] * width
    for at, value in known:
        place = min(int((at - first) / (last - first) * width), width - 1) if last > first else width - 1
        held = columns[place]
        columns[place] = value if held is None else max(held, value)
    text, before = "", 0.0
    for held in columns:
        before = held if held is not None else before
        share = min(max(before / top, 0.0), 1.0) if top > 0 else 0.0
        text += _BLOCKS[max(round(share * 8), 1 if before > 0 else 0)]
    return text


def size(of: float | None) -> str:
    """`734M`, `1.2G`, `80G`."""
    if of is None:
        return ""
    for unit, power in (("T", 40), ("G", 30)):
        if of >= 0.95 * (1 << power):
            shown = of / (1 << power)
            return f"{shown:.1f}{unit}".replace(".0", "") if shown < 10 else f"{shown:.0f}{unit}"
    return f"{of / (1 << 20):.0f}M"


def _percent(value: float) -> str:
    return f"{value:.0f}%"
