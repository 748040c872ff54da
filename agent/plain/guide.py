"""What `tunewright init` shows on a plain terminal: how the try goes, what was found, what comes next."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.guide.nouns import Tunable
from agent.guide.plan import Plan, told_rate, told_seconds
from agent.guide.range_words import shown
from agent.guide.trying.running import Progress
from agent.guide.writing import seen
from agent.plain.output import clean, number, say, table
from agent.study.durations import format_duration

_EVERY_LIVE, _EVERY_PLAIN = 0.25, 5.0  # seconds between lines
_WIDTH = 100
_TRIED = (
    "seconds", "ended", "exit_code", "problem", "steps_per_second", "unit", "seconds_per_epoch", "full_seconds",
    "peak_memory", "peak_device_memory", "wrote",
)  # fmt: skip


class TryLine:
    """The try as it goes, on stderr: one line that changes in a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (_EVERY_LIVE if self._live else _EVERY_PLAIN)
        line = progress_line(progress)
        if self._live:
            sys.stderr.write("\r\x1b[K" + clean(line)[:_WIDTH])
            sys.stderr.flush()
        else:
            say(line)

    def close(self) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def progress_line(progress: Progress) -> str:
    """`12 of 30 s · val_loss 0.31 (4) · 3.1 steps/s · 210MB`."""
    parts = [f"trying it: {progress.seconds:.0f} of at most {progress.of:.0f} s"]
    parts += [f"{glimpse.name} {number(glimpse.value, 4)} ({glimpse.count})" for glimpse in progress.metrics[:3]]
    if progress.steps_per_second:
        parts.append(f"{progress.steps_per_second:.3g}/s")
    if progress.memory:
        parts.append(size(progress.memory))
    if not progress.metrics and progress.last_line:
        parts.append(progress.last_line.strip()[:60])
    return " · ".join(parts)


def size(count: int) -> str:
    """`1.2 GB`: as exact as is useful."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def found(plan: Plan) -> str:
    """The table of what was found: parameter, range, default, where from."""
    rows = [
        [
            "●" if t.chosen else "○",
            t.parameter.name,
            shown(t.parameter),
            "–" if t.option.default is None else str(t.option.default),
            f"{t.option.origin}{'' if t.sure else '  ?'}",
        ]
        for t in sorted(plan.tunables, key=lambda t: not t.chosen)
    ]
    return table(["", "parameter", "range", "default", "from"], rows)


def measured(plan: Plan) -> list[str]:
    """What the try showed, a line each."""
    lines = []
    tried = plan.tried
    if tried is not None and tried.problem:
        lines.append(f"The try failed: {tried.problem}.")
    elif tried is not None:
        parts = ["ran to its end" if tried.ended else "was stopped", f"after {told_seconds(tried.seconds)}"]
        if tried.steps_per_second:
            parts.append(f"· {told_rate(tried)}")
        if tried.peak_memory:
            parts.append(f"· {size(tried.peak_memory)} of memory")
        if tried.peak_device_memory:
            parts.append(f"· {size(tried.peak_device_memory)} on the GPU")
        if tried.full_seconds and not tried.ended:
            parts.append(f"· a whole run takes about {told_seconds(tried.full_seconds)}")
        lines.append(" ".join(["The try", *parts]) + ".")
    goal = plan.objective
    others = [m.name for m in plan.metrics if m.name != goal.name]
    also = f"; also {', '.join(others[:5])}" if others else ""
    lines.append(f"Objective: {goal.direction} {goal.name} ({seen(plan, goal)}{'' if goal.sure else ' ?'}){also}.")
    budget = plan.budget
    limit = f", {format_duration(budget.trial_seconds)} each at most" if budget.trial_seconds else ""
    lines.append(f"Budget: {budget.trials} trials{limit} ({plan.why.get('budget', 'as asked')}).")
    return lines


def document(plan: Plan, path: Path | None) -> dict[str, Any]:
    """The answer as JSON."""
    tried = plan.tried
    return {
        "script": str(plan.reading.script),
        "output": None if path is None else str(path),
        "study": plan.name,
        "command": [word for line in plan.command_lines() for word in line],
        "interpreter": plan.interpreter,
        "parameters": [_parameter(t) for t in plan.tunables],
        "constraints": list(plan.all_constraints),
        "objective": {
            "metric": plan.objective.name,
            "direction": plan.objective.direction,
            "sure": plan.objective.sure,
        },
        "metrics": [
            {
                "name": m.name,
                "where": m.where,
                "direction": m.direction,
                "sure": m.sure,
                "spec": dict(m.spec),
                "seen": len(m.seen),
            }
            for m in plan.metrics
        ],
        "budget": {"trials": plan.budget.trials, "trial_seconds": plan.budget.trial_seconds},
        "tried": None if tried is None else {name: _plain(getattr(tried, name)) for name in _TRIED},
        "notes": list(plan.notes),
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _parameter(tunable: Tunable) -> dict[str, Any]:
    origin = tunable.option.origin
    return {
        "name": tunable.parameter.name,
        **tunable.parameter.to_dict(),
        "chosen": tunable.chosen,
        "sure": tunable.sure,
        "from": f"{origin.path.name}:{origin.line}",
        "style": str(origin.style),
        "why": tunable.why,
    }


def pick(question: str, names: Sequence[str]) -> int:
    """The number of what a person chooses on the terminal; the first for an empty line, or where nobody answers."""
    for index, name in enumerate(names, 1):
        say(f"  {index}  {name}")
    while True:
        sys.stderr.write(f"{question} [1] ")
        sys.stderr.flush()
        answer = sys.stdin.readline().strip()
        if not answer:
            return 0
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(names):
            return int(answer) - 1
        if answer in names:
            return list(names).index(answer)
        say(f"Write a number from 1 to {len(names)}.")
