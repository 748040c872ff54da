"""Reading a trial's log: its end, the lines around one of them, or those that hold a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from agent.chat.tools.base import MOST_CHARACTERS, Args, Tool, TrialNumber
from agent.diagnosis.log import Line, Log
from agent.diagnosis.pointers import read_log
from agent.llm.seat import Seat
from agent.store import trials
from trainers.errors import TunewrightError

_LINE = 300  # characters shown of one line


class LogArgs(Args):
    trial: TrialNumber
    lines: Annotated[int, Field(ge=1, le=200)] = 40
    around: Annotated[int | None, Field(ge=1, description="the lines around this one instead of the last")] = None
    grep: Annotated[str, Field(max_length=200, description="only lines that hold this text, in any case")] = ""


def read_lines(seat: Seat, args: LogArgs) -> str:
    """`number: text` lines, so that they can be cited."""
    trial = trials.get(seat.store, seat.study.id, args.trial)
    log = read_log(seat.store, trial)
    if not log.lines:
        raise TunewrightError(f"t{trial.number} has written no log", remedy="Its curve or its failure may tell more.")
    if args.grep:
        found = [line for line in log.lines if args.grep.lower() in line.text.lower()]
        head = f"{len(found)} of {log.total} lines hold '{args.grep}'" + (", the last:" if found else "")
        return _shown(head, found[-args.lines :], log)
    if args.around is None:
        return _shown(f"the last lines of {log.total}:", log.lines[-args.lines :], log)
    if args.around > log.total:
        raise TunewrightError(f"the log of t{trial.number} has {log.total} lines", remedy="Name one of them.")
    reach = args.lines // 2
    near = [line for line in log.lines if abs(line.number - args.around) <= reach]
    return _shown(f"around line {args.around} of {log.total}:", near, log, middle=args.around)


def _shown(head: str, lines: Sequence[Line], log: Log, middle: int | None = None) -> str:
    """As many lines as fit, those nearest to `middle` (None: the end) first to stay."""
    centre = lines[-1].number if middle is None and lines else middle or 0
    left, kept = MOST_CHARACTERS - len(head), []
    for line in sorted(lines, key=lambda line: abs(line.number - centre)):
        text = f"{line.number}: {line.text[:_LINE]}{'…' if len(line.text) > _LINE else ''}"
        left -= len(text) + 1
        if left < 0:
            break
        kept.append((line.number, text))
    missing = [] if log.total == len(log.lines) else ["(the middle of a log this long is not read)"]
    return "\n".join([head, *(text for _, text in sorted(kept)), *missing])


TOOLS = (Tool("log", "lines of what a trial printed, with their numbers", LogArgs, read_lines),)
