"""What a proposer is, and how one that draws a config at a time becomes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from agent.quiet import quiet
from agent.search.draws import repair, settle
from agent.search.finite import exhausted
from agent.search.history import History
from agent.search.prior import held, strays
from agent.study.nouns import Draft, Source

_LONGEST = 80  # characters of a reason on a card


class Proposer(Protocol):
    """Proposes configs. Pure: the same history gives the same drafts, in any process, at any time."""

    @property
    def name(self) -> str: ...

    def propose(self, history: History, n: int) -> list[Draft]:
        """Up to `n` drafts, none of them proposed before; fewer, or none, when there is nothing left to say."""


@dataclass(frozen=True)
class Sequential:
    """A proposer that draws one config at a time, each earlier draft of a batch counted as pending.

    So `propose(history, 2)` is `propose(history, 1)` and then `propose(history.after(it), 1)`, and a
    study run by four jobs can be replayed like one run by one.
    """

    name: str
    draw: Callable[[History], Draft | None]

    def propose(self, history: History, n: int) -> list[Draft]:
        drafts: list[Draft] = []
        while len(drafts) < n:
            with quiet():
                draft = first(history) or (None if exhausted(history) else self.draw(history))
            if draft is None:
                break
            draft = heard(history, draft)
            drafts.append(draft)
            history = history.after(draft)
        return drafts


def heard(history: History, draft: Draft) -> Draft:
    """With what the person said that still counts, the latest two, so that they see it was heard."""
    if draft.source is Source.DEFAULT:
        return draft
    expected = dict.fromkeys(h.hint.said for h in held(history) if h.hint.said)
    said = expected | dict.fromkeys(
        o.rejection.reason.strip() for o in history.objections if o.rejection.reason and o.limits
    )
    told = [f"“{_shorten(reason)}”" for reason in list(said)[-2:]]
    if not told:
        return draft
    return replace(draft, rationale=f"{draft.rationale} You said: {', '.join(told)}{_despite(history, draft)}.")


def _despite(history: History, draft: Draft) -> str:
    """Why a config comes although the person said otherwise; empty where it does as they said."""
    fading = "; tried nevertheless, as it counts less with every trial"
    if any(o.limits and o.meets(history.space, draft.params) for o in history.objections):
        return fading
    if not strays(history, draft.params):
        return ""
    if all(h.exponent < 1 for h in held(history) if h.hint.said):
        return fading
    if draft.source is Source.PORTFOLIO:
        return "; this one is from elsewhere than you said: the portfolio knows nothing of it"
    return "; tried nevertheless, from elsewhere than you said: a hint is no rule"


def _shorten(reason: str) -> str:
    line = " ".join(reason.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 2].rsplit(' ', 1)[0]} …"


def first(history: History) -> Draft | None:
    """The study's first config, as long as nobody has proposed it; every search starts from it."""
    space = history.space
    config = space.snap(history.first_config)
    settled = settle(space, config, exactly=True) or space.canonical(repair(space, config, history.rng("first")))
    if history.seen(settled) or history.beyond(settled) is not None:
        return None
    wanted = settled == space.canonical(config)
    rationale = (
        "The defaults: what a careful person would try first, and the mark for everything after it."
        if wanted
        else "The defaults break a constraint; this is the closest config found that meets it."
    )
    return Draft(source=Source.DEFAULT, params=settled, rationale=rationale)
