"""Stores what the person expects, for searches to hear; and tells how each hint still counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.search.from_store import history
from agent.search.history import History
from agent.search.prior import Held, standing, words
from agent.store import proposals, studies, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.hint import Hint, Reading, checked, read
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
        text = checked(study.spec.space, said)
        ended = sum(t.ended_at is not None for t in merged(trials.all_trials(store, study.id)))
        spec = study.spec.replace(hints=(*study.spec.hints, Hint(text, ended=ended)))
        what = f"hint “{text}”"
    studies.update(store, study.id, spec, who="person", what=what)
    return studies.by_id(store, study.id)


def heard(study: Study, said: str) -> Reading:
    """What would be understood of it, without keeping it. Raises SpaceError as `hint` does."""
    dropped = said.strip().lower() == DROP
    return Reading() if dropped else read(study.spec.space, checked(study.spec.space, said))


def told(past: History) -> list[tuple[str, str]]:
    """What was said or edited in, and how much of it still counts, in words; oldest first."""
    return [(one.words, one.counted) for one in kept(past)]


@dataclass(frozen=True)
class Kept:
    """A hint with the share that counts, 0 once nothing does and `why`; and what is understood of it."""

    words: str
    share: float
    why: str
    reading: Reading

    @property
    def counted(self) -> str:
        if self.share:
            return f"counts {self.share:.0%}"
        return f"counts no longer: {self.why}" if self.why else "counts no longer"


def of_study(store: Store, study: Study, every: Sequence[Trial]) -> list[Kept]:
    return kept(history(store, study, every, (), 0)) if study.spec.hints or _edited(store, study) else []


def _edited(store: Store, study: Study) -> bool:
    return bool(proposals.edited(store, study.id, actor="person", most=1))


def kept(past: History) -> list[Kept]:
    every = standing(past)
    return [_kept(past, hint, [one for one in every if one.hint is hint]) for hint in past.hints]


def _kept(past: History, hint: Hint, its: Sequence[Held]) -> Kept:
    share = max((one.exponent for one in its), default=0.0)
    ends = dict.fromkeys(one.why for one in its) if its else ["the space has changed"]
    return Kept(words(hint), share, "" if share else ", ".join(ends), read(past.space, hint.said))
