"""How a trial's state looks: a glyph, a word and a colour, never the colour alone."""

from __future__ import annotations

from typing import NamedTuple

from agent.study.nouns import Source, Trial, TrialState
from trainers.contract import FailureKind


class Look(NamedTuple):
    """`word` is at most 10 cells."""

    glyph: str
    word: str
    role: str


_STATES = {
    TrialState.QUEUED: Look("○", "queued", "muted"),
    TrialState.RUNNING: Look("▶", "running", "run"),
    TrialState.COMPLETED: Look("✓", "done", "good"),
    TrialState.FAILED: Look("✗", "failed", "bad"),
    TrialState.PRUNED: Look("◇", "pruned", "muted"),
    TrialState.STOPPED: Look("■", "stopped", "ask"),
}
_FAILURES = {
    FailureKind.IMPORT_ERROR: "no import",
    FailureKind.BAD_ARGUMENT: "bad arg",
    FailureKind.COMMAND_NOT_FOUND: "no command",
    FailureKind.NONZERO_EXIT: "failed",
    FailureKind.EXCEPTION: "failed",
    FailureKind.SIGNAL: "killed",
    FailureKind.CUDA_OUT_OF_MEMORY: "gpu memory",
    FailureKind.HOST_OUT_OF_MEMORY: "memory",
    FailureKind.DEVICE_LOST: "gpu lost",
    FailureKind.TIMEOUT: "timeout",
    FailureKind.NO_METRIC: "no metric",
    FailureKind.NON_FINITE: "diverged",
    FailureKind.LOST: "lost",
}
BEST = Look("★", "best", "best")
ASK = Look("◆", "ask", "ask")
MARKS = {"running": "▶", "nan": "✗"}


def look(trial: Trial) -> Look:
    """The state of a trial as its row shows it; a failure by its kind."""
    base = _STATES[trial.state]
    if trial.failure is not None and trial.state is TrialState.FAILED:
        return base._replace(word=_FAILURES[trial.failure.kind])
    if trial.stop_requested and not trial.state.ended:
        return Look("▣", "stopping", "ask")
    if trial.cut_short and trial.state is TrialState.COMPLETED:
        return base._replace(word="cut short")
    return base


SOURCES = {Source.PERSON: "you"}


def source(of: Source) -> str:
    """A proposer's name in at most 9 cells."""
    return SOURCES.get(of, str(of))


def word(trial: Trial) -> str:
    """How a trial ended, in a word."""
    return look(trial).word
