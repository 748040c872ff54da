"""Decides why a trial failed: from an exit code and what was printed, an exception, or the reports."""

from __future__ import annotations

import math
import re
import signal as signals
import traceback as tracebacks
from collections.abc import Mapping, Sequence

from trainers.contract import Failure, FailureKind, Objective, TrialFailed
from trainers.device_words import LOST
from trainers.errors import TunewrightError, nearest
from trainers.memory_words import DEVICE, DEVICE_SIZES, HOST, HOST_SIZES
from trainers.stderr import PrintedException, clean, last_exception, sizes

TAIL_BYTES = 64 << 10  # of what a script prints, this much decides
_KEPT_CHARS = 8 << 10  # of which this much goes into the failure; log.txt has all of it
_MESSAGE_CHARS = 500
_FRAMES = 20  # innermost frames kept of a trainer's traceback
_LAST_LINES = 40  # where a program that does not die of a Python exception says why

_MODULE = re.compile(r"No module named '?([\w.]+)'?")
_ARGUMENT_TYPE = re.compile(
    r"got an unexpected keyword argument|missing \d+ required (?:positional|keyword-only) argument"
)
_USAGE = re.compile(r"^\W*usage\b|--help", re.IGNORECASE | re.MULTILINE)
_COMPLAINT = re.compile(
    r"\b(?:error|fatal)\b\s*:|no such option|unrecognized argument|unknown (?:command line )?flag|invalid value"
    r"|missing (?:option|argument|parameter)|could not (?:consume|override)",
    re.IGNORECASE,
)
_ABSENT = re.compile(r"can't open file|command not found|: not found$|env: .*No such file", re.MULTILINE)
# A shell reports a child that a signal ended as 128 + its number.
_SHELL_SIGNALS = {128 + s for s in (signals.SIGKILL, signals.SIGTERM, signals.SIGSEGV, signals.SIGABRT, signals.SIGBUS)}


def from_exit(code: int | None, signal: int | None, stderr: str, stdout: str = "") -> Failure:
    """Why a process ended badly. `stderr` and `stdout` are the ends of what it printed.

    `code` is its exit status, or None with the number of the `signal` that ended it.
    """
    if signal is None and code in _SHELL_SIGNALS:
        signal = (code or 0) - 128
    text = clean(stderr)
    printed = last_exception(text)
    last = "\n".join((text if text.strip() else clean(stdout)).rstrip().split("\n")[-_LAST_LINES:])
    kind, message = _judge(code, signal, last, printed)
    return Failure(
        kind=kind,
        message=message[:_MESSAGE_CHARS],
        exit_code=code,
        signal=signal,
        traceback=(printed.traceback if printed else "")[-_KEPT_CHARS:],
        stderr_tail=_last_whole_lines(stderr),
        details=_details(kind, f"{printed.line}\n{last}" if printed else last),
    )


def _judge(
    code: int | None, signal: int | None, last: str, printed: PrintedException | None
) -> tuple[FailureKind, str]:
    if printed is not None:
        told = last if "NCCL" in printed.text else printed.text  # NCCL gives its reason some lines further down
        if kind := _of_exception(printed.name, told):
            return kind, printed.line
    if printed is None and (found := _of_text(code, last)):
        return found
    if signal is not None:
        return FailureKind.SIGNAL, _signal_message(signal)
    if printed is not None:
        return FailureKind.NONZERO_EXIT, printed.line
    return FailureKind.NONZERO_EXIT, _closing_line(last) or f"it exited with code {code} and printed no error"


def _of_exception(name: str, text: str) -> FailureKind | None:
    """The kind of an exception by its type's name and message; None for any other."""
    if name in ("ModuleNotFoundError", "ImportError"):
        return FailureKind.IMPORT_ERROR
    if DEVICE.search(text) or (name == "OutOfMemoryError" and "memory" in text):
        return FailureKind.CUDA_OUT_OF_MEMORY
    if LOST.search(text):
        return FailureKind.DEVICE_LOST
    if name in ("MemoryError", "_ArrayMemoryError", "ArrowMemoryError") or HOST.search(text):
        return FailureKind.HOST_OUT_OF_MEMORY
    if name == "TypeError" and _ARGUMENT_TYPE.search(text):
        return FailureKind.BAD_ARGUMENT
    return None


def _of_text(code: int | None, last: str) -> tuple[FailureKind, str] | None:
    """The kind where no Python exception was printed."""
    for pattern, kind in (
        (DEVICE, FailureKind.CUDA_OUT_OF_MEMORY),
        (LOST, FailureKind.DEVICE_LOST),
        (HOST, FailureKind.HOST_OUT_OF_MEMORY),
        (_MODULE, FailureKind.IMPORT_ERROR),
    ):
        if pattern.search(last):
            return kind, _line_with(pattern, last)
    if code in (2, 126, 127) and _ABSENT.search(last):
        return FailureKind.COMMAND_NOT_FOUND, _line_with(_ABSENT, last)
    if _COMPLAINT.search(last) and (code == 2 or _USAGE.search(last)):
        return FailureKind.BAD_ARGUMENT, _line_with(_COMPLAINT, last)
    return None


def _line_with(pattern: re.Pattern[str], text: str) -> str:
    lines = [line for line in text.split("\n") if pattern.search(line)]
    return lines[-1].strip(" \t│┃|") if lines else _closing_line(text)


def _closing_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.split("\n")) if line.strip()), "")


def _signal_message(number: int) -> str:
    try:
        name = signals.Signals(number).name
    except ValueError:  # a real-time signal
        name = f"signal {number}"
    reason = {
        "SIGKILL": " (nobody here sent it: perhaps the kernel, for lack of memory)",
        "SIGSEGV": " (a crash in native code)",
        "SIGABRT": " (native code gave up)",
    }.get(name, "")
    return f"it was ended by {name}{reason}"


def _details(kind: FailureKind, text: str) -> dict[str, int | str]:
    match kind:
        case FailureKind.CUDA_OUT_OF_MEMORY:
            return dict(sizes(text, DEVICE_SIZES))
        case FailureKind.HOST_OUT_OF_MEMORY:
            return dict(sizes(text, HOST_SIZES))
        case FailureKind.IMPORT_ERROR if match := _MODULE.search(text):
            return {"module": match[1]}
    return {}


def _last_whole_lines(text: str) -> str:
    if len(text) <= _KEPT_CHARS:
        return text
    tail = text[-_KEPT_CHARS:]
    return tail.partition("\n")[2] or tail


def from_exception(error: BaseException) -> Failure:
    """Why an in-process trainer failed. torch's errors are told by name; torch is not imported."""
    if isinstance(error, TrialFailed):
        return error.failure
    if isinstance(error, TunewrightError):
        return Failure(kind=FailureKind.BAD_ARGUMENT, message=str(error)[:_MESSAGE_CHARS])
    name, text = type(error).__name__, str(error)
    message = f"{name}: {text.strip().split(chr(10), 1)[0]}" if text.strip() else name
    kind = _of_exception(name, text) or (
        FailureKind.IMPORT_ERROR
        if isinstance(error, ImportError)
        else FailureKind.HOST_OUT_OF_MEMORY
        if isinstance(error, MemoryError)
        else FailureKind.EXCEPTION
    )
    formatted = "".join(tracebacks.format_exception(error, limit=-_FRAMES))
    return Failure(
        kind=kind,
        message=message[:_MESSAGE_CHARS],
        traceback=formatted[-_KEPT_CHARS:],
        details=_details(kind, text),
    )


def objective_failure(
    objective: Objective, values_seen: Sequence[tuple[int, float]], metrics_seen: Mapping[str, int], log: str = ""
) -> Failure | None:
    """None when the trial has a value; else no_metric or non_finite_objective.

    A trial whose last value is not finite has diverged, whatever it reached before: its best came
    from a run that nobody could have trained to its end.
    `values_seen` are the objective's (step, value) pairs in order, `metrics_seen` how often each
    metric was reported, `log` the end of what was printed, where metrics may stand unread.
    """
    if values_seen and math.isfinite(values_seen[-1][1]):
        return None
    if values_seen:
        step, value = next((step, value) for step, value in values_seen if not math.isfinite(value))
        finite = sum(math.isfinite(value) for _, value in values_seen)
        return Failure(
            kind=FailureKind.NON_FINITE,
            message=f"{objective.metric} became {value} at step {step}" + ("" if finite else " and was never finite"),
            details={"step": step, "reports": len(values_seen), "finite": finite},
        )
    return no_metric(objective, metrics_seen, metric_like_lines(log))


def no_metric(objective: Objective, metrics_seen: Mapping[str, int], printed: Sequence[str]) -> Failure:
    """The objective's metric never came. `printed` are lines in which it may stand unread."""
    parts = [f"'{objective.metric}' was never reported"]
    if metrics_seen:
        names = ", ".join(f"{name} ({count})" if count else name for name, count in list(metrics_seen.items())[:10])
        close = nearest(objective.metric, metrics_seen)
        parts.append(f"there is {names}" + (f". {close}" if close.startswith("Did") else ""))
    if printed:
        parts.append(f"it printed: {printed[-1][:160]}")
    return Failure(
        kind=FailureKind.NO_METRIC,
        message="; ".join(parts),
        details={"metrics_seen": dict(metrics_seen), "printed": list(printed)},
    )


_METRIC_LIKE = re.compile(
    r"[A-Za-z_][\w/.\- ]*[\"']?\s*[:=]\s*[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|nan|inf)\b", re.IGNORECASE
)


def metric_like_lines(text: str, count: int = 3) -> list[str]:
    """The last lines of `text` in which something like `name: number` stands."""
    lines = (line.strip()[:300] for line in clean(text).split("\n")[-2000:])
    return [line for line in lines if _METRIC_LIKE.search(line)][-count:]
