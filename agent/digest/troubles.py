"""What went wrong, by kind, with the region of the space it lies in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from agent.digest.region import region
from agent.digest.seen import Seen
from agent.digest.text import numbers_of, shorten
from agent.study.nouns import Trial, TrialState

_KINDS = 6


@dataclass(frozen=True)
class Trouble:
    """`what` kind, which `trials`, `where` they lie (empty when nothing sets them apart), and what one of them
    said: text of the trial's own."""

    what: str
    count: int
    trials: str
    where: str
    message: str


def troubles(seen: Seen) -> list[Trouble]:
    """Failures by kind and unhealthy verdicts of other trials, the most frequent first."""
    groups: dict[str, list[Trial]] = defaultdict(list)
    for trial in seen.trials:
        if kind := _kind(seen, trial):
            groups[kind].append(trial)
    sound = [t for t in seen.ranking if not _kind(seen, t)]
    ordered = sorted(groups.items(), key=lambda g: (-len(g[1]), g[1][0].number))
    told = [_trouble(seen, kind, found, sound) for kind, found in ordered[:_KINDS]]
    rest = [t.number for _, found in ordered[_KINDS:] for t in found]
    return told + ([Trouble("other kinds", len(rest), numbers_of(rest), "", "")] if rest else [])


def _kind(seen: Seen, trial: Trial) -> str:
    verdict = seen.verdict(trial).replace("_", " ")
    if trial.state is not TrialState.FAILED:
        return verdict if trial.state.ended and trial.state is not TrialState.STOPPED else ""
    kind = str(trial.failure.kind).replace("_", " ") if trial.failure else "failed"
    return f"failed: {kind}" + (f", diagnosed as {verdict}" if verdict and verdict != kind else "")


def _trouble(seen: Seen, kind: str, found: Sequence[Trial], sound: Sequence[Trial]) -> Trouble:
    said = [t.failure.message for t in found if t.failure is not None and t.failure.message]
    where = region(seen.space, [t.params for t in found], [t.params for t in sound])
    return Trouble(
        kind, len(found), numbers_of([t.number for t in found]), where, shorten(said[-1], 200) if said else ""
    )
