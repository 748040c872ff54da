"""Which of an adviser's configs may be tried: as good a bet as the classical search's own, or nearly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.search.draws import settle
from agent.search.history import History
from agent.search.trust.earned import standing
from agent.study.nouns import Draft
from trainers.space import Config

if TYPE_CHECKING:
    from agent.search.gp import Look

_LIKELY = 0.5  # a config less likely to run does not pass
_NEW = 0.03  # SearchSpace.distance from every trial, before there is a model
_LENIENT, _HALF_LIFE = 3.0, 12.0  # nats of log expected improvement, and completed trials after which half are left


@dataclass(frozen=True)
class Verdict:
    """The draft that passed, if any, and what became of the others. `promise` is the expected improvement of the best
    of them as a share of that of the classical proposal; None before there is a model."""

    taken: Draft | None
    declined: tuple[tuple[Config, str], ...]  # config, why
    promise: float | None = None

    def as_insight(self) -> dict[str, object]:
        promise = None if self.promise is None else round(self.promise, 4)
        declined = [{"params": config, "why": why} for config, why in self.declined]
        return {"promise": promise, "declined": declined}


def psi(history: History) -> float:
    """By how many nats a config may promise less than the classical proposal: falls to 0 as trials come, the wider the
    better the adviser has done so far."""
    scale = (2 * standing(history).mean) ** 2
    return scale * _LENIENT * math.exp2(-len(history.completed) / _HALF_LIFE)


def admit(history: History, look: Look | None, rival: Config | None) -> Verdict:
    """Judges `history.advice` beside `rival`, what the classical search would propose. `look` is its model; without
    one the first config passes that is new, unlike what was tried, and likely to run."""
    declined: list[tuple[Config, str]] = []
    sound = list(_sound(history, declined))
    if look is None or rival is None:
        taken = sound[0] if sound else None
        declined += [(d.params, "another of its configs came first") for d in sound[1:]]
        return Verdict(taken, tuple(declined))
    return _by_promise(history, look, rival, sound, declined)


def _sound(history: History, declined: list[tuple[Config, str]]) -> Iterator[Draft]:
    """What fits, is new and probably runs; the rest goes to `declined`."""
    chances = _chances(history)
    for draft, chance in zip(history.advice, chances, strict=True):
        if why := _refused(history, draft.params) or (
            "" if chance >= _LIKELY else f"it runs with probability {chance:.0%}"
        ):
            declined.append((draft.params, why))
        else:
            yield draft


def _chances(history: History) -> Sequence[float]:
    if not history.failed:
        return [1.0] * len(history.advice)
    from agent.search.model import Feasibility  # heavy, and a study without failures never needs it

    fitting = [d.params if history.space.allows(d.params) else history.first_config for d in history.advice]
    return [float(p) for p in Feasibility(history).probability(fitting)]


def _refused(history: History, config: Config) -> str:
    """What forbids the config for certain, or makes it no news; empty for nothing."""
    if settle(history.space, config, exactly=True) is None:
        return "it does not fit the space"
    if history.seen(config):
        return "it was proposed before"
    if (bound := history.beyond(config)) is not None:
        return f"it would run out of memory, being {bound.said}"
    if any(o.meets(history.space, config) and o.weight >= 0.5 for o in history.objections):
        return "the person has objected to its like"
    return ""


def _by_promise(
    history: History, look: Look, rival: Config, sound: list[Draft], declined: list[tuple[Config, str]]
) -> Verdict:
    if not sound:
        return Verdict(None, tuple(declined))
    values = look.acquisition([rival, *(d.params for d in sound)])
    shares = [math.exp(min(float(v) - float(values[0]), 50.0)) for v in values[1:]]
    order = sorted(range(len(sound)), key=lambda i: (-shares[i], i))
    best, least = shares[order[0]], math.exp(-psi(history))
    taken = sound[order[0]] if best >= least else None
    for i in order[1:] if taken else order:
        declined.append((sound[i].params, _told(shares[i], least)))
    return Verdict(taken, tuple(declined), best)


def _told(share: float, least: float) -> str:
    """Why a config lost: it promised too little, or another more."""
    text = f"it promises {share:.2g} of what the classical proposal does"
    return f"{text}, {least:.2g} is asked for" if share < least else f"{text}, another of its configs more"
