"""Keeps as many proposals ready as a study has room for, without anybody waiting for a sampler or a model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from agent import summary
from agent.advising import Advising
from agent.llm.errors import LLMError, LLMErrorKind
from agent.search import wire
from agent.search.client import ProposerClient, ProposerError
from agent.search.from_store import history
from agent.store import events, proposals
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Draft, Proposal, Source, Trial
from agent.study.policy import PolicyKind
from agent.study.spec import MODEL_SEARCHES
from agent.thinking import Thinking
from trainers.space import config_key

STAND_IN = "random"  # for a classical search that fails
_LONGEST = 300  # characters of a reason in the journal; the ledger has the whole reply
_JOBS = {"llm": "propose", "llm-first": "propose", "llambo": "llambo"}  # of the searches that ask the model
_ADVISED = ("guided", "llm-first")  # where the model has a share of the turns
CLASSICAL = "guided"  # for a model that fails, and after its first configs


class Preparation:
    """Asks the proposer process, or the agent's model, for proposals, each time with all that is known by then.

    A classical proposal's number is fixed when it is asked for. Should another front have added one
    meanwhile, the store refuses it and it is asked for anew, so that two fronts never spend the budget
    twice. A model's configs have cost a call: those that nobody else has proposed meanwhile are kept.
    """

    def __init__(self, store: Store, ahead: int, thinking: Thinking) -> None:
        self._store = store
        self._ahead = ahead
        self._client = ProposerClient()
        self._thinking = thinking
        self._advising = Advising(store, thinking)
        self._aside = ""  # why the classical search speaks in the model's turn
        self._asked: int | None = None
        self._job: int | None = None  # the model's turn
        self._said: set[tuple[str, str]] = set()  # what the journal has of failures since the model last answered
        self._exhausted_at: tuple[str, int] | None = (
            None  # search and number of ended trials when it had nothing to say
        )

    @property
    def busy(self) -> bool:
        """Whether a proposal is being prepared."""
        return self._asked is not None

    def receive(self, study: Study, trials: Sequence[Trial]) -> None:
        """Stores proposals that have become ready. A search that cannot make one gives its turn to another,
        and the journal says so. Raises ProposerError when that fails too."""
        if self._job is not None:
            return self._receive_from_model(study, trials, self._job)
        if self._advising.waiting:
            return self._hear(study, trials)
        self._advising.look()
        try:
            drafts = self._client.take() if self.busy else None
        except ProposerError as error:
            return self._stand_in(study, trials, study.spec.search, error, STAND_IN)
        if drafts is None:
            return None
        asked, self._asked = self._asked, None  # first: should the store not take it now, it is asked for anew
        if drafts:
            self._add(study, trials, [_with(draft, self._aside) for draft in drafts], asked)
        else:
            self._exhausted_at = (study.spec.search, _ended(trials))
        return None

    def _hear(self, study: Study, trials: Sequence[Trial]) -> None:
        """Puts what the model advises before the classical search, whose gate it must pass; or asks that alone."""
        assert self._asked is not None
        pending = proposals.pending(self._store, study.id)
        if (heard := self._advising.take(study, urgent=not pending)) is None:
            return
        past = history(self._store, study, trials, pending, self._asked)
        self._aside = f"It was the model's turn: {heard.why}." if heard.why else ""
        self._client.ask(CLASSICAL, replace(past, advice=heard.drafts))

    def _receive_from_model(self, study: Study, trials: Sequence[Trial], job: int) -> None:
        if (done := self._thinking.collect(job)) is None:
            return
        self._job = None
        if done.error is not None and done.error.kind is LLMErrorKind.CANCELLED:
            self._asked = None
        elif done.error is not None:
            self._stand_in(study, trials, study.spec.agent.model, done.error, CLASSICAL)
        else:
            self._asked = None
            self._said.clear()
            taken = proposals.taken_keys(self._store, study.id)
            drafts = [wire.draft_from_dict(draft) for draft in done.result["drafts"]]
            if not drafts:
                self._exhausted_at = (study.spec.search, _ended(trials))
            self._add(study, trials, [d for d in drafts if config_key(d.params) not in taken], None)

    def _add(self, study: Study, trials: Sequence[Trial], drafts: Sequence[Draft], number: int | None) -> None:
        added = proposals.add(
            self._store,
            study.id,
            drafts,
            number=number,
            most_trials=study.spec.budget.trials,
            expected_seconds=summary.expected_seconds(trials),
        )
        if begun := [p.params for p in added if p.source is Source.PORTFOLIO]:
            from agent.search.portfolio.counted import count  # only the first proposals of a study need it

            count(study.spec.portfolio, begun)

    def _stand_in(
        self, study: Study, trials: Sequence[Trial], who: str, error: ProposerError | LLMError, other: str
    ) -> None:
        """`other` takes the turn of `who`; said once for each reason until the model answers."""
        assert self._asked is not None
        why = str(error)
        same = error.same if isinstance(error, LLMError) else ("", why)
        if same not in self._said:
            self._said.add(same)
            with self._store.transaction(durable=False):
                reason = why if len(why) <= _LONGEST else f"{why[:_LONGEST].rsplit(' ', 1)[0]} …"
                text = f"{who} could not propose ({reason}); {other} takes this turn."
                events.record(self._store, study.id, events.EventKind.ADVISED, text=text)
        pending = proposals.pending(self._store, study.id)
        asked, self._asked = self._asked, None
        if study.spec.search == other:
            raise error
        self._client.ask(other, history(self._store, study, trials, pending, asked))
        self._asked = asked

    def ask(self, study: Study, trials: Sequence[Trial], pending: Sequence[Proposal], width: int, number: int) -> None:
        """Asks for proposal `number` where there is room for one. `number` must have been free before
        `trials` and `pending` were read, so that what is asked with knows of all before it."""
        if self.busy or len(pending) >= self._wanted(study, trials, width) or self.exhausted(study, trials):
            return
        self._asked = number
        if self._models_turn(study, number):
            n, calls = self._batch(study, trials, pending, width)
            self._job = self._thinking.submit(_JOBS[study.spec.search], study, number=number, n=n, calls=calls)
            return
        search = CLASSICAL if study.spec.search in MODEL_SEARCHES else study.spec.search
        past, self._aside = history(self._store, study, trials, pending, number), ""
        if study.spec.search not in _ADVISED or not self._advising.begin(study, past):
            self._client.ask(search, past)

    def _batch(self, study: Study, trials: Sequence[Trial], pending: Sequence[Proposal], width: int) -> tuple[int, int]:
        """How many configs to ask the model for, and in how many calls at once: one call's worth, or more where more
        trials than that run side by side."""
        k = max(study.spec.llambo.initial, 1) if study.spec.search == "llambo" else study.spec.agent.proposals
        n = max(k, self._wanted(study, trials, width) - len(pending))
        if (budget := study.spec.budget.trials) is not None:
            n = max(min(n, math.ceil((budget - len(trials)) / study.spec.seeds) - len(pending)), 1)
        return n, math.ceil(n / k)

    def _models_turn(self, study: Study, number: int) -> bool:
        """Whether the model proposes next: never the defaults, which need no call; with `llm-first` only its
        first configs."""
        spec = study.spec
        if number == 0 or spec.search not in MODEL_SEARCHES or not spec.agent.has_model:
            return False
        return (
            spec.search != "llm-first" or proposals.count_from(self._store, study.id, Source.LLM) < spec.agent.proposals
        )

    def exhausted(self, study: Study, trials: Sequence[Trial]) -> bool:
        """Whether the search had nothing to propose, and nothing has ended since that might change that."""
        return self._exhausted_at == (study.spec.search, _ended(trials))

    def _wanted(self, study: Study, trials: Sequence[Trial], width: int) -> int:
        """How many proposals should be pending now, within the budget of trials. Each brings as many trials as the
        study runs seeds, so that with one job no config is proposed before the last one's seeds have ended."""
        open_trials, seeds = len(trials) - _ended(trials), study.spec.seeds
        asks = study.spec.policy.kind in (PolicyKind.ASK, PolicyKind.ASK_UNLESS_SAFE)
        wanted = max(math.ceil((width - open_trials) / seeds), self._ahead if asks else 0)
        budget = study.spec.budget.trials
        return wanted if budget is None else min(wanted, math.ceil((budget - len(trials)) / seeds))

    def close(self) -> None:
        self._client.close()


def _with(draft: Draft, aside: str) -> Draft:
    return replace(draft, rationale=f"{draft.rationale} {aside}") if aside else draft


def _ended(trials: Sequence[Trial]) -> int:
    return sum(t.state.ended for t in trials)
