"""The samplers that may ask a language model."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Unpack

from optuna.study import Study
from optuna.trial import FrozenTrial

from agent.search.history import History
from agent.search.optuna import elsewhere
from agent.search.optuna.desk import Desk
from agent.search.optuna.samplers import Common, SamplerError, SearchSampler
from agent.search.optuna.translation import Translation
from agent.search.proposer import first
from agent.search.trust import wants_advice
from agent.study.agent_spec import NO_MODEL, AgentSpec
from agent.study.nouns import Draft
from trainers.errors import TunewrightError

_log = logging.getLogger("optuna.tunewright")


class _AdvisedSampler(SearchSampler):
    """Keeps a model at hand, and what its last call brought beyond the trial it was made for."""

    def __init__(self, agent: AgentSpec, **common: Unpack[Common]) -> None:
        super().__init__("guided", **common)
        self.agent = agent

    def _reset(self) -> None:
        super()._reset()
        self._desk: Desk | None = None
        self._left: list[Draft] = []

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name not in ("_desk", "_left")}

    def close(self) -> None:
        """Frees the model."""
        if self._desk is not None:
            self._desk.close()
        self._desk = None

    def _advice(self, history: History) -> list[Draft]:
        """What the model proposes that can still be run: of the last call, else of a new one. Empty where it gives
        nothing of use; the log says why."""
        self._left = [draft for draft in self._left if _can_run(history, draft)]
        if self._left:
            return self._left
        if self._desk is None:
            self._desk = Desk(self.agent)
        try:
            self._left = self._desk.drafts(history, self.agent.proposals)
        except TunewrightError as error:
            _log.warning("Trial %d is proposed without %s: %s", history.number, self.agent.model, error)
        return self._left


def _can_run(history: History, draft: Draft) -> bool:
    return history.space.allows(draft.params) and not history.seen(draft.params)


class GuidedSampler(_AdvisedSampler):
    """The search `guided`. `about` says in a person's words what is tuned, and with the space's names decides what did
    well elsewhere and is tried early (`portfolio=False`: nothing is). A `model`, named as for `tunewright --model`, is
    its adviser: asked in its share of the turns, which it has to earn. The other arguments are SearchSampler's.
    """

    def __init__(
        self,
        *,
        model: str = NO_MODEL,
        about: str = "",
        portfolio: bool = True,
        api_base: str = "",
        money: float | None = None,
        tokens: int | None = None,
        **common: Unpack[Common],
    ) -> None:
        agent = AgentSpec(model=model, about=about, api_base=api_base, money=money, tokens=tokens)
        super().__init__(agent, **common)
        self._uses_portfolio = portfolio

    def _history(self, study: Study, trial: FrozenTrial, translation: Translation) -> History:
        history = super()._history(study, trial, translation)
        found = elsewhere.portfolio(study, history, self.agent.about) if self._uses_portfolio else ()
        return replace(history, portfolio=found)

    def _draft(self, history: History) -> Draft | None:
        if self.agent.has_model and history.trials and wants_advice(history):
            history = replace(history, advice=tuple(self._advice(history)))
        return super()._draft(history)


class LLMSampler(_AdvisedSampler):
    """Asks `model` (named as for `tunewright --model`) for `proposals` configs a call, checks them, and gives them one
    trial each. `about` says in a person's words what is tuned; `money` (US dollars) and `tokens` limit what is spent.
    The other arguments are SearchSampler's. What a model says no seed repeats. A turn to which it gives nothing of use,
    and every turn of the model `none`, is taken by `guided`; the log says so.
    """

    def __init__(
        self,
        model: str = "",
        *,
        about: str = "",
        proposals: int = 3,
        api_base: str = "",
        temperature: float | None = None,
        money: float | None = None,
        tokens: int | None = None,
        **common: Unpack[Common],
    ) -> None:
        if not model:
            what, remedy = "which model proposes is not said", f'LLMSampler("gpt-5-mini"); or "{NO_MODEL}" for guided.'
            raise SamplerError(what, where="LLMSampler", remedy=f"Name it: {remedy}")
        agent = AgentSpec(
            model=model,
            about=about,
            proposals=proposals,
            api_base=api_base,
            temperature=temperature,
            money=money,
            tokens=tokens,
        )
        super().__init__(agent, **common)

    def _draft(self, history: History) -> Draft | None:
        if not self.agent.has_model:
            return super()._draft(history)
        return first(history) or next(iter(self._advice(history)), None) or super()._draft(history)
