"""What a try that has ended showed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.guide.nouns import FoundMetric, Tried
from agent.guide.trying import files, folder, names, problem, proposing, speed
from agent.guide.trying.detector import Detector
from trainers import rundir
from trainers.contract import Failure, FailureKind
from trainers.script import environment

if TYPE_CHECKING:
    from agent.guide.trying.running import Try

_NOT_ITS_FAULT = (FailureKind.NO_METRIC, FailureKind.TIMEOUT)  # nobody asked it for a metric yet


def conclude(trying: Try, seconds: float, tail: int) -> Tried:
    """Reads the run folder and the script's own; `tail` lines of output are kept."""
    ending = _exit(trying.run_dir)
    failure = Failure.from_dict(ending["failure"]) if ending.get("failure") else None
    if failure is not None and failure.kind in _NOT_ITS_FAULT:
        failure = None
    by_itself = not trying.reason and not ending.get("cut_short") and ending.get("state") not in ("stopped", "pruned")
    new, changed = folder.differences(trying.before, folder.snapshot(trying.cwd))
    pace = speed.measure(trying.detector, trying.reading.options)
    ended = by_itself and failure is None
    return Tried(
        command=trying.command,
        seconds=seconds,
        ended=by_itself,
        exit_code=_code(failure) if by_itself else None,
        metrics=_metrics(trying, [*new, *changed]),
        steps_per_second=pace.per_second,
        unit=pace.unit,
        seconds_per_epoch=pace.seconds_per_epoch,
        full_seconds=seconds if ended else pace.full,
        full_from="it ran to its end" if ended else pace.full_from,
        peak_memory=trying.memory.peak or None,
        peak_device_memory=trying.device.peak,
        output=tuple(trying.detector.lines[-tail:]),
        problem=problem.sentence(failure, trying.cwd) if failure is not None else _vanished(ending),
        wrote=(*new, *changed),
        notes=tuple(_notes(trying, new, changed)),
    )


def _exit(run_dir: Path) -> dict[str, Any]:
    try:
        return rundir.read_json(run_dir / rundir.EXIT) or {}
    except ValueError:
        return {}


def _vanished(ending: dict[str, Any]) -> str:
    return "" if ending else "the process that watched over it was killed"


def _code(failure: Failure | None) -> int | None:
    return 0 if failure is None else failure.exit_code


def _metrics(trying: Try, paths: list[str]) -> tuple[FoundMetric, ...]:
    """Those of the output first: reading them needs no file that trials would share."""
    found = {metric.name: metric for metric in proposing.propose(trying.detector)}
    for metric in _reported(trying.run_dir / environment.REPORTS_FILE):
        found.setdefault(metric.name, metric)
    own = rundir.CHECKPOINT
    inside = [p for p in folder.snapshot(trying.run_dir / own) if p]
    for place, written, prefix in ((trying.run_dir / own, inside, "{checkpoint}/"), (trying.cwd, paths, "")):
        for metric in files.find(place, written, lambda path, before=prefix: before + files.pattern_of(path)):  # type: ignore[misc]
            found.setdefault(metric.name, metric)
    return tuple(found.values())


def _reported(path: Path) -> list[FoundMetric]:
    """What the script wrote to the file named in TUNEWRIGHT_REPORTS, which the trainer reads without being told."""
    detector = Detector()
    try:
        detector.feed(path.read_text(encoding="utf-8", errors="replace"), 0.0)
    except OSError:
        return []
    return [
        FoundMetric(name=m.name, spec={}, seen=m.seen, where="TUNEWRIGHT_REPORTS", direction=m.direction, sure=m.sure)
        for m in proposing.propose(detector)
        if not m.spec
    ]


def _notes(trying: Try, new: list[str], changed: list[str]) -> list[str]:
    notes = [f"Interpreter: {trying.interpreter}."]
    if trying.redirected:
        listed = ", ".join(option.words[0].partition("=")[0] for option in trying.redirected)
        notes.append(f"{listed} was sent to a folder of its own, so that nothing of yours was overwritten.")
    notes += folder.told(new, changed)
    if trying.detector.skipped:
        notes.append(f"It prints very much: {trying.detector.skipped:,} lines were passed over.")
    held = [t for t in trying.detector.tracks.values() if names.known(t.name) and names.is_held_out(t.name)]
    if held and all(names.is_test(t.name) for t in held):
        notes.append("Only test data is measured apart from training data: what is tuned on it is no longer a test.")
    return notes
