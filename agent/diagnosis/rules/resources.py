"""Rules on memory, time, signals: what the machine says."""

from __future__ import annotations

import re
import signal as signals

from agent.diagnosis.log import Line
from agent.diagnosis.rules.base import Case, Finding, at_line, at_value, last_line, of_raised, resource
from agent.diagnosis.rules.learning_rate import descent
from agent.diagnosis.rules.levels import curves
from agent.diagnosis.rules.patterns import COMMAND_NOT_FOUND, CUDA_MEMORY, HOST_MEMORY
from agent.diagnosis.suggest import Move, Wish
from agent.study.nouns import Evidence, TrialState
from agent.study.roles import Role
from trainers.contract import FailureKind

_NEAR_LIMIT = 0.9
_HUNG = ((5, 0.5), (20, 0.25))  # a silence of so many usual intervals and so much of the run is no slow step

SMALLER: tuple[Wish, ...] = (
    Move(Role.BATCH, 0.5, "half the batch needs about half the memory for activations"),
    Move(Role.SEQUENCE, 0.5, "shorter inputs need less memory"),
    Move(Role.CAPACITY, 0.5, "a smaller model needs less memory"),
    Move(Role.WORKERS, 0.5, "each worker holds memory of its own"),
)
_WHAT_TO_CORRECT = {
    True: "Correct the script's name in the command; relative ones start at the study's folder.",
    False: "Correct the first word of the command, or make the file executable; check the study's folder.",
}
_QUICKER: tuple[Wish, ...] = (
    Move(Role.LENGTH, 0.5, "half the training fits the time"),
    Move(Role.CAPACITY, 0.5, "a smaller model takes less time a step"),
    Move(Role.BATCH, 2.0, "larger batches take fewer steps an epoch"),
    Move(Role.SEQUENCE, 0.5, "shorter inputs take less time a step"),
)


def gib(size: float) -> str:
    return f"{size / 2**30:.2f} GiB" if size >= 2**28 else f"{size / 2**20:.0f} MiB"


def _said(case: Case, pattern: re.Pattern[str]) -> Line | None:
    """Where a failed trial's last words hold `pattern`."""
    if not case.failed or case.kind is FailureKind.TIMEOUT:
        return None
    if case.raised is not None and pattern.search(case.raised.text):
        return case.raised.line
    return case.record.log.last(pattern, 40) if case.raised is None else None


def cuda_oom(case: Case) -> Finding | None:
    line = _said(case, CUDA_MEMORY)
    if line is None and case.kind is not FailureKind.CUDA_OUT_OF_MEMORY:
        return None
    details = case.record.failure.details if case.record.failure else {}
    asked, free = details.get("asked_bytes"), details.get("free_bytes")
    figures = f" It asked for {gib(asked)} with {gib(free)} free." if asked and free is not None else ""
    return Finding(
        verdict="cuda_oom",
        confidence=0.98,
        explanation=f"The GPU's memory ran out.{figures} The step that needed most memory did not fit.",
        evidence=(at_line(line),) if line else of_raised(case.raised) or (resource("the trainer reported it"),),
        wishes=SMALLER,
        advice="Use a smaller batch with gradient accumulation, bf16, or activation checkpointing.",
    )


def host_oom(case: Case) -> Finding | None:
    line, near = _said(case, HOST_MEMORY), _near_memory_limit(case)
    if line is None and case.kind is not FailureKind.HOST_OUT_OF_MEMORY and not near:
        return None
    record = case.record
    peak, limit = record.peak_host_bytes, record.limits.memory_bytes
    figures = f" It held {gib(peak)} at its peak{f'; the limit was {gib(limit)}' if limit else ''}." if peak else ""
    evidence = [at_line(line)] if line else []
    evidence += [resource(f"peak host memory {gib(peak)}")] if peak else []
    return Finding(
        verdict="host_oom",
        confidence=0.97 if line or case.kind is FailureKind.HOST_OUT_OF_MEMORY else 0.8,
        explanation=f"The machine's memory ran out.{figures}",
        evidence=tuple(evidence) or (resource("the trial was ended for its memory"),),
        wishes=SMALLER,
        advice="Load the data in pieces, keep no references to old losses or outputs, or raise the memory limit.",
    )


def _near_memory_limit(case: Case) -> bool:
    """A kill by SIGKILL at the limit, which the kernel does without a word."""
    peak, limit = case.record.peak_host_bytes, case.record.limits.memory_bytes
    killed = case.record.failure is not None and case.record.failure.signal == signals.SIGKILL
    return killed and case.kind is FailureKind.SIGNAL and bool(peak and limit and peak >= _NEAR_LIMIT * limit)


def command_not_found(case: Case) -> Finding | None:
    line = _said(case, COMMAND_NOT_FOUND) if case.raised is None else None
    if case.kind is not FailureKind.COMMAND_NOT_FOUND and line is None:
        return None
    failure = case.record.failure
    message = failure.message if failure else ""
    script = "can't open file" in message
    found = [at_line(line)] if line else []
    return Finding(
        verdict="command_not_found",
        confidence=0.98 if case.kind is FailureKind.COMMAND_NOT_FOUND else 0.85,
        explanation=f"The command could not be started{f': {message}' if message else ''}. Nothing was trained.",
        evidence=(*found, resource(message or "exit code 127")),
        advice=_WHAT_TO_CORRECT[script],
    )


def device_lost(case: Case) -> Finding | None:
    failure = case.record.failure
    if failure is None or case.kind is not FailureKind.DEVICE_LOST:
        return None
    gpus = ", ".join(map(str, failure.details.get("gpus", ())))
    return Finding(
        verdict="device_lost",
        confidence=0.95,
        explanation=f"Its GPU{f' {gpus}' if gpus else ''} is gone or broken; the config is not at fault.",
        evidence=(resource(failure.message or "the driver reported it"), *last_line(case)),
        advice="Look at dmesg and nvidia-smi; a GPU that fell off the bus comes back with a restart of the machine.",
    )


def killed(case: Case) -> Finding | None:
    interrupted = case.raised is not None and case.raised.name == "KeyboardInterrupt"
    if case.kind not in (FailureKind.SIGNAL, FailureKind.LOST) and not interrupted:
        return None
    failure = case.record.failure
    number = signals.SIGINT if interrupted else failure.signal if failure else None
    name = _signal_name(number)
    crash = number in (signals.SIGSEGV, signals.SIGBUS, signals.SIGABRT, signals.SIGFPE, signals.SIGILL)
    advice = "Run it again."
    if number is None:
        what = "The process vanished without a word: killed, or the machine went down."
    elif crash:
        what, advice = f"It crashed in native code ({name}).", "Run it with python -X faulthandler to see where."
    else:
        what = f"Something outside the study sent {name}; the config need not be at fault.{_perhaps_memory(case)}"
    evidence = (resource(f"ended by {name}" if number else "no exit.json was left"), *last_line(case))
    return Finding(verdict="killed", confidence=0.95, explanation=what, evidence=evidence, advice=advice)


def _perhaps_memory(case: Case) -> str:
    """The kernel's way to end what takes too much memory is a SIGKILL."""
    failure, peak = case.record.failure, case.record.peak_host_bytes
    if failure is None or failure.signal != signals.SIGKILL or not peak:
        return ""
    return f" The kernel does so when memory runs out; this trial held {gib(peak)} at its peak."


def _signal_name(number: int | None) -> str:
    try:
        return signals.Signals(number or 0).name
    except ValueError:
        return f"signal {number}"


def timeout(case: Case) -> Finding | None:
    """The time limit ended a run that had stopped moving, or had not begun to report."""
    hung = _hung(case)
    if not (case.kind is FailureKind.TIMEOUT or (_cut_short(case) and hung)):
        return None
    s, record = case.signals, case.record
    if s.last_step is not None and not hung and len(s.report_times) >= 2:
        return None  # it moved until the end: too slow
    limit = record.limits.seconds
    evidence = [resource(f"wall time {record.wall_seconds:.3g} s")] if record.wall_seconds else []
    if limit and evidence:
        evidence = [resource(f"wall time {record.wall_seconds:.3g} s, limit {limit:g} s")]
    return Finding(
        verdict="timeout",
        confidence=0.95 if case.kind is FailureKind.TIMEOUT else 0.85,
        explanation=f"The time limit{f' of {limit:g} s' if limit else ''} ended it. {_stood_still(case)}{_idle(case)}",
        evidence=(*evidence, *_last_report(case)),
        wishes=() if hung else _QUICKER,
        advice="Find what it waits for, or allow more time; print progress from the first step on.",
    )


def _cut_short(case: Case) -> bool:
    return case.record.cut_short and case.record.state in (TrialState.COMPLETED, TrialState.FAILED)


def _hung(case: Case) -> bool:
    s, wall = case.signals, case.record.wall_seconds
    if s.silence is None or s.report_interval is None or not wall:
        return False
    return any(s.silence > max(intervals * s.report_interval, share * wall) for intervals, share in _HUNG)


def _stood_still(case: Case) -> str:
    s, metric = case.signals, case.record.objective.metric
    if s.last_step is None:
        return f"Until then it had reported no {metric}."
    if s.silence is None or s.report_interval is None:
        return f"Its last report was step {s.last_step}."
    pace = f"while reports had come every {s.report_interval:.2g} s"
    return f"After step {s.last_step} it was silent for {s.silence:.3g} s, {pace}: it hung."


def _idle(case: Case) -> str:
    cpu, wall = case.record.cpu_seconds, case.record.wall_seconds
    if not cpu or not wall or cpu > 0.1 * wall:
        return ""
    return f" It used {cpu:.2g} s of CPU time in {wall:.3g} s, so it waited rather than computed."


def _last_report(case: Case) -> tuple[Evidence, ...]:
    views = [v for v in case.signals.views.values() if len(v)]
    if views:
        return (at_value(max(views, key=lambda v: v.step(-1)), -1, "the last report"),)
    return last_line(case)


def too_slow(case: Case) -> Finding | None:
    """It moved until the end, but too slowly: for its limit, for its plan, or beside its peers."""
    found = _out_of_time(case) or _behind_peers(case) or _slowed_down(case)
    if found is None:
        return None
    confidence, text, evidence = found
    return Finding(
        verdict="too_slow",
        confidence=confidence,
        explanation=text,
        evidence=evidence,
        wishes=(*_as_far_as_it_came(case), *_QUICKER),
        advice="Allow more time, or profile one step: data loading on one thread is the usual brake.",
    )


def _as_far_as_it_came(case: Case) -> tuple[Wish, ...]:
    """The training length that fits the limit: schedules then end where the run does."""
    done, plan = case.signals.last_step, case.param(Role.LENGTH)
    if not _cut_short(case) or done is None or plan is None or not 0 < done + 1 < plan[1]:
        return ()
    return (Move(Role.LENGTH, (done + 1) / plan[1], "this is how far it came in the time it had"),)


_Slow = tuple[float, str, tuple[Evidence, ...]]


def _out_of_time(case: Case) -> _Slow | None:
    if not _cut_short(case) and case.kind is not FailureKind.TIMEOUT:
        return None
    s, limit = case.signals, case.record.limits.seconds or case.record.wall_seconds or 0.0
    main, plan = s.main or s.goal, case.param(Role.LENGTH)
    done = s.last_step
    if done is None:
        return None
    pace = f"The time limit of {limit:g} s ended it at step {done}"
    evidence = (resource(f"wall time {case.record.wall_seconds or 0:.3g} s, limit {limit:g} s"), *_last_report(case))
    if case.kind is FailureKind.TIMEOUT:
        return 0.9, f"{pace}, before it reported {case.record.objective.metric}.", evidence
    if main is not None and len(main) >= 8 and all(v.shape.still_falling < 0.1 for v in curves(case)):
        return None  # it had converged: the limit cost nothing
    if plan and (done + 1) < 0.5 * plan[1] and len(s.report_times) < 0.5 * plan[1]:
        return 0.9, f"{pace} of the {plan[1]:g} that {plan[0]} asks for, while {_still(case)}.", evidence
    # Without a planned length the limit may be the plan: then only next to nothing gained is too slow.
    if descent(curves(case), share=0.6 if plan else 0.1, still_falling=0.12) is not None:
        return 0.75, f"{pace}, while {_still(case)}.", evidence
    return None


def _still(case: Case) -> str:
    main = case.signals.main or case.signals.goal
    if main is None or len(main) < 2:
        return "nothing shows that it had converged"
    return f"{main.name} still moved ({main.raw(0):.4g} → {main.raw(-1):.4g})"


def _behind_peers(case: Case) -> _Slow | None:
    s, wall = case.signals, case.record.wall_seconds
    if s.usual_seconds is None or not wall or case.record.state is not TrialState.COMPLETED or s.rank is None:
        return None
    ratio = wall / s.usual_seconds
    if ratio < 4 or s.rank <= max(1, (len(s.finished) + 1) // 4) or s.pace_ratio < 2:
        return None  # the first place may take its time, and a longer training takes more
    text = f"It took {wall:.3g} s, {ratio:.1f} times the median of {len(s.finished)} other trials"
    text += f", and its value ranks only {s.rank} of {len(s.finished) + 1}."
    return 0.8, text, (resource(f"wall time {wall:.3g} s against {s.usual_seconds:.3g} s"),)


def _slowed_down(case: Case) -> _Slow | None:
    s = case.signals
    if case.record.state is not TrialState.COMPLETED or s.slowdown < 4:
        return None
    text = f"Steps took {s.slowdown:.1f} times as long in the last third as in the first."
    text += " Something grows with every step: a list of losses that keeps graphs alive, a history, a file."
    return 0.75, text, _last_report(case)
