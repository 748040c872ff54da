"""What each source of proposals has given a study: its configs, which of them failed, which became the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.search.history import History
from agent.search.trust.earned import ADVISERS, Standing, bests, standing
from agent.study.nouns import Source, Trial
from agent.study.spec import StudySpec


@dataclass(frozen=True)
class Tally:
    """`configs` have ended, `improvements` of them were the best when they did; `standing` is an adviser's."""

    source: Source
    configs: int
    failed: int
    improvements: int
    standing: Standing | None = None


def tallies(spec: StudySpec, trials: Sequence[Trial]) -> list[Tally]:
    """By source, in the order in which they first spoke. A config that a person edited is the person's."""
    past = History(space=spec.space, objective=spec.objective, first_config=spec.first_config(), trials=tuple(trials))
    found: dict[Source, list[int]] = {}
    best, failed = bests(past), {t.number for t in past.failed}
    for trial in past.ended:
        row = found.setdefault(trial.source, [0, 0, 0])
        row[0] += 1
        row[1] += trial.number in failed
        row[2] += trial.number in best
    of_advisers = standing(past) if any(source in ADVISERS for source in found) else None
    return [
        Tally(source, row[0], row[1], row[2], of_advisers if source in ADVISERS else None)
        for source, row in found.items()
    ]


def document(tally: Tally) -> dict[str, object]:
    """`trust` is null for who needs none: `mean` of 1 beats all classical configs beside it."""
    now = tally.standing
    trust = None if now is None else {"mean": round(now.mean, 3), "share": round(now.trust, 3), "lost": now.lost}
    return {
        "source": str(tally.source),
        "configs": tally.configs,
        "failed": tally.failed,
        "improvements": tally.improvements,
        "trust": trust,
    }


def words(tally: Tally) -> str:
    """`gp 12 (3 the best so far)`, `llm 4 (1 the best so far, 1 failed, rated 62%)`."""
    said = [f"{tally.improvements} the best so far"] if tally.improvements else []
    said += [f"{tally.failed} failed"] if tally.failed else []
    if (now := tally.standing) is not None:
        said.append(f"rated {now.mean:.0%}{', turns lost' if now.lost else ''}")
    return f"{tally.source} {tally.configs}" + (f" ({', '.join(said)})" if said else "")
