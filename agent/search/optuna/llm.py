"""A language model as an Optuna sampler."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from optuna.distributions import BaseDistribution

from agent.search.history import History
from agent.search.optuna.desk import Desk
from agent.search.optuna.samplers import Constraints, SearchSampler
from agent.search.proposer import first
from agent.study.agent_spec import NO_MODEL, AgentSpec
from agent.study.nouns import Draft
from trainers.errors import TunewrightError
from trainers.space import SearchSpace

_STAND_IN = "guided"  # takes the turns to which a model gives nothing of use

_log = logging.getLogger("optuna.tunewright")


class LLMSampler(SearchSampler):
    """Asks `model` (as `tunewright --model` takes it) for `proposals` configs a call, checks them, and gives them one
    trial each; the others arguments are SearchSampler's. `about` says in a person's words what is tuned. What it
    proposes depends on what a model says: a seed does not repeat it. A turn to which the model gives nothing of use,
    and every turn of the model `none`, is taken by `guided`; the log says so.

    `money` (US dollars) and `tokens` limit what this sampler may spend.
    """

    def __init__(
        self,
        model: str = NO_MODEL,
        *,
        about: str = "",
        proposals: int = 3,
        api_base: str = "",
        temperature: float | None = None,
        money: float | None = None,
        tokens: int | None = None,
        seed: int | None = None,
        space: SearchSpace | Mapping[str, BaseDistribution] | None = None,
        defaults: Mapping[str, Any] | None = None,
        constraints_func: Constraints | None = None,
    ) -> None:
        super().__init__(_STAND_IN, seed=seed, space=space, defaults=defaults, constraints_func=constraints_func)
        self.agent = AgentSpec(
            model=model,
            about=about,
            proposals=proposals,
            api_base=api_base,
            temperature=temperature,
            money=money,
            tokens=tokens,
        )

    def _reset(self) -> None:
        super()._reset()
        self._desk: Desk | None = None
        self._left: list[Draft] = []  # of the last call

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name not in ("_desk", "_left")}

    def close(self) -> None:
        """Frees the model."""
        if self._desk is not None:
            self._desk.close()
        self._desk = None

    def _draft(self, history: History) -> Draft | None:
        if not self.agent.has_model:
            return super()._draft(history)
        if (draft := first(history)) is not None:
            return draft
        return self._waiting(history) or self._asked(history) or super()._draft(history)

    def _waiting(self, history: History) -> Draft | None:
        """The next config of the last call that can still be run."""
        while self._left:
            draft = self._left.pop(0)
            if history.space.allows(draft.params) and not history.seen(draft.params):
                return draft
        return None

    def _asked(self, history: History) -> Draft | None:
        if self._desk is None:
            self._desk = Desk(self.agent)
        try:
            self._left = self._desk.drafts(history, self.agent.proposals)
        except TunewrightError as error:
            _log.warning("Trial %d is proposed by '%s': %s", history.number, self.search, error)
            self._left = []
        return self._waiting(history)
