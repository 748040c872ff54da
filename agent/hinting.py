"""Stores what the person expects, for searches to hear; and tells how each hint still counts."""

from __future__ import annotations

from collections.abc import Sequence

from agent.search.from_store import history
from agent.search.history import History
from agent.search.prior import held
from agent.store import proposals, studies, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.hint import Hint, checked
from agent.study.nouns import Trial
from agent.study.repeats import merged
from trainers.errors import TunewrightError

DROP = "drop"  # the word that takes all of them back


def hint(store: Store, study: Study, said: str) -> Study:
    """Has the searches know where the person expects good values; `drop` takes back all that was said.

    Raises SpaceError when it says nothing of any parameter, TunewrightError when there is nothing to take back.
    """
    if said.strip().lower() == DROP:
        if not study.spec.hints:
            raise TunewrightError("there is no hint to take back", where="hint")
        spec, what = study.spec.replace(hints=()), "hints taken back"
    else:
        ended = sum(t.ended_at is not None for t in merged(trials.all_trials(store, study.id)))
        text = checked(study.spec.space, said)
        spec = study.spec.replace(hints=(*study.spec.hints, Hint(text, ended=ended)))
        what = f"hint “{text}”"
    studies.update(store, study.id, spec, who="person", what=what)
    return studies.by_id(store, study.id)


def told(past: History) -> list[tuple[str, str]]:
    """What was said or edited in, and how much of it still counts, in words; oldest first."""
    return [(words, counted(share)) for words, share in shares(past)]


def of_study(store: Store, study: Study, every: Sequence[Trial]) -> list[tuple[str, float]]:
    """The same with the share that counts, 0 once it has faded or is contradicted."""
    return shares(history(store, study, every, (), 0)) if study.spec.hints or _edited(store, study) else []


def _edited(store: Store, study: Study) -> bool:
    return bool(proposals.edited(store, study.id, actor="person", most=1))


def shares(past: History) -> list[tuple[str, float]]:
    counts: dict[int, float] = {}
    for one in held(past):
        counts[id(one.hint)] = max(counts.get(id(one.hint), 0.0), one.exponent)
    return [(_words(h), counts.get(id(h), 0.0)) for h in past.hints]


def counted(share: float) -> str:
    return f"counts {share:.0%}" if share else "counts no longer"


def _words(hint: Hint) -> str:
    return f"“{hint.said}”" if hint.said else "edited: " + ", ".join(f"{n}={v}" for n, v in hint.params.items())
