"""What the agent may spend: limits are checked before each call, and a person is asked when one is near.

At 80% of a limit calls pause until the person confirms that share; at 100% until they raise the limit by its own
amount. A limit of money that cannot be kept, because the price of a call is unknown, is asked about once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.llm.errors import LLMError, LLMErrorKind
from agent.store import actions, calls, settings, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Action, ActionKind, ProposalState

NEAR = 0.8
LIMITS = ("money", "tokens", "calls_per_day")  # as AgentSpec has them
GPU = "gpu_hours"  # as the study's budget has it
_DAY = 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one limit stands. `base` is what the study says, `most` what holds now, `confirmed` the share up to which
    the person has said to go on. `unpriced` calls are not in `spent`."""

    limit: str
    spent: float
    base: float
    most: float
    confirmed: float
    unpriced: int
    price_waived: bool

    @property
    def share(self) -> float:
        return self.spent / self.most if self.most else 1.0

    @property
    def raised(self) -> float:
        """The limit after it is raised: by its own original amount, as often as it takes to be above what is spent."""
        whole = self.base * math.floor(self.spent / self.base) if self.base else 0.0
        return max(self.most, whole) + self.base

    @property
    def asks(self) -> float | None:
        """The share that must be confirmed before the next call; 0 for a price that is unknown; None to go on."""
        if self.share >= 1.0:
            return 1.0
        if self.share >= NEAR > self.confirmed:
            return NEAR
        return 0.0 if self.unpriced and not self.price_waived else None


def standings(store: Store, study: Study, now: float | None = None) -> list[Standing]:
    """One for each limit that the study sets."""
    bases = {limit: base for limit in (*LIMITS, GPU) if (base := _base(study, limit)) is not None}
    if not bases:
        return []
    now = time.time() if now is None else now
    spent = calls.spent(store, study.id, now)
    used = {"money": spent.money, "tokens": spent.tokens, "calls_per_day": spent.calls_today}
    if GPU in bases:
        used[GPU] = trials.gpu_seconds(store, study.id, now) / 3600
    return [
        _standing(limit, base, used[limit], spent.unpriced, _confirmed(store, study, limit, now))
        for limit, base in bases.items()
    ]


def _base(study: Study, limit: str) -> float | None:
    """The limit as the study sets it."""
    base = study.spec.budget.gpu_hours if limit == GPU else getattr(study.spec.agent, limit, None)
    return None if base is None else float(base)


def ask_for_gpus(store: Store, study: Study) -> str:
    """Why no trial starts by itself, and the card that asks; empty while GPU hours are left."""
    for standing in standings(store, study):
        if standing.limit == GPU and (share := standing.asks) is not None:
            return str(Budget(store, study, "").ask(standing, share))
    return ""


def confirm(store: Store, study: Study, action: Action) -> None:
    """Carries out an approved action of kind SPEND: the share it asks about is confirmed, or the limit raised. One
    that asks about a limit that has changed since does nothing. Settling the action is the caller's."""
    body = action.body
    base = _base(study, body["limit"])
    if base is None or base != body["base"]:
        return
    now = time.time()
    known = _confirmed(store, study, body["limit"], now)
    known |= {"base": base, "most": max(body["raised"] or body["of"], known.get("most", 0.0))}
    if body["share"] == 0.0:
        known["price_waived"] = True
    elif body["share"] < 1.0:
        known["share"] = body["share"]
    else:
        known["share"] = 0.0  # of the raised limit nothing is confirmed yet
    if body["limit"] == "calls_per_day":
        known["until"] = now + _DAY
    settings.put(store, _scope(study), body["limit"], known)


class Budget:
    """The limits of one study, for calls of one model."""

    def __init__(self, store: Store, study: Study, model: str) -> None:
        self._store, self._study, self._model = store, study, model

    def check(self) -> None:
        """Raises LLMError of kind BUDGET where a person has to be asked first, and asks."""
        for standing in standings(self._store, self._study):
            if standing.limit != GPU and (share := standing.asks) is not None:
                raise self.ask(standing, share)

    def ask(self, standing: Standing, share: float) -> LLMError:
        """Puts the card that asks, and says why it has to be asked."""
        what = _sentence(standing, share, self._model)
        body = {
            "limit": standing.limit,
            "spent": standing.spent,
            "of": standing.most,
            "share": share,
            "raised": standing.raised if share == 1.0 else None,
            "base": standing.base,
            "unpriced": standing.unpriced,
        }
        if self._declined(body):
            where = f"budget.{GPU}" if standing.limit == GPU else f"agent.{standing.limit}"
            remedy = f"You declined to go on; a higher {where} in the study lets it."
            return LLMError(LLMErrorKind.BUDGET, what, where=self._study.name, remedy=remedy)
        self._put_card(body, f"{what[0].upper()}{what[1:]}. {_offer(standing, share)}")
        return LLMError(LLMErrorKind.BUDGET, what, where=self._study.name, remedy="The card that asks to go on waits.")

    def _put_card(self, body: Mapping[str, Any], reason: str) -> None:
        """One card a limit: one that asks about another share of it is out of date."""
        for card in actions.pending(self._store, self._study.id):
            if card.kind is ActionKind.SPEND and card.body["limit"] == body["limit"]:
                if _same(card.body, body):
                    return
                actions.settle(self._store, card, ProposalState.EXPIRED, "the spending has gone on")
        actions.ask(self._store, self._study.id, ActionKind.SPEND, body, reason)

    def _declined(self, body: Mapping[str, Any]) -> bool:
        """Whether the person has said no to the same question; of a limit a day, within the last day."""
        for card in actions.settled(self._store, self._study.id, ActionKind.SPEND):
            recent = body["limit"] != "calls_per_day" or (card.decided_at or 0.0) > time.time() - _DAY
            if _same(card.body, body) and recent:
                return card.state is ProposalState.REJECTED
        return False


def _standing(limit: str, base: float, used: float, unpriced: int, confirmed: Mapping[str, Any]) -> Standing:
    same = confirmed.get("base") == base
    return Standing(
        limit=limit,
        spent=float(used),
        base=base,
        most=confirmed["most"] if same else base,
        confirmed=confirmed.get("share", 0.0) if same else 0.0,
        unpriced=unpriced if limit == "money" else 0,
        price_waived=bool(confirmed.get("price_waived")) if same else False,
    )


def _confirmed(store: Store, study: Study, limit: str, now: float) -> dict[str, Any]:
    known: dict[str, Any] = settings.take(store, _scope(study), limit, {})
    return {} if known.get("until", now) < now else known


def _scope(study: Study) -> str:
    return f"spending:{study.id}"


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(key) == other[key] for key in ("limit", "of", "share", "base"))


def _sentence(standing: Standing, share: float, model: str) -> str:
    most, spent = _amount(standing.limit, standing.most), _amount(standing.limit, standing.spent)
    unpriced = f"calls without a known price: {standing.unpriced}" if standing.unpriced else ""
    if share == 0.0:
        return f"the limit of {most} cannot be kept, since the price of '{model}' is unknown ({unpriced})"
    whose = "the limit" if standing.limit == GPU else "the agent's limit"
    head = f"{standing.share:.0%} of {whose} of {most} is spent ({spent})"
    return f"{head}, {unpriced}, which are not in it" if unpriced else head


def _offer(standing: Standing, share: float) -> str:
    most, raised = _amount(standing.limit, standing.most), _amount(standing.limit, standing.raised)
    if share == 0.0:
        return "Go on without counting what they cost?"
    return f"Go on to {most}?" if share < 1.0 else f"Raise the limit to {raised}?"


def _amount(limit: str, value: float) -> str:
    if limit == "money":
        return f"${value:.2f}" if value >= 0.1 or value == 0 else f"${value:.2g}"
    if limit == GPU:
        return f"{value:.3g} GPU hours"
    return f"{value:,.0f} tokens" if limit == "tokens" else f"{value:.0f} calls a day"
