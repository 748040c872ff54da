"""What a log panel is told of a file: a stretch to begin with, or the same file begun anew."""

from __future__ import annotations

from agent.tui.back.logtail import Growth, LogTail
from agent.tui.messages import LogLoaded


def stretch(tail: LogTail, trial_id: int, line: int | None) -> LogLoaded:
    """The end of the file, which `tail` then follows, or the lines around `line` where the end does not hold it.
    Raises TunewrightError where the line lies too far into the file."""
    first, lines = tail.end()
    if line is not None and line < first and tail.counted:
        start, around = tail.around(line)
        return LogLoaded(trial_id, tail.path, start, tuple(around), at_end=False, line=line)
    return anew(tail, trial_id, Growth(lines, "", first), line)


def anew(tail: LogTail, trial_id: int, grown: Growth, line: int | None = None) -> LogLoaded:
    problem = "" if grown.lines or grown.partial else tail.problem
    first = grown.first or 1
    return LogLoaded(
        trial_id,
        tail.path,
        first,
        tuple(grown.lines),
        at_end=True,
        line=line,
        counted=tail.counted,
        problem=problem,
    )
