"""What every proposer promises, of one whose configs come from a model: through the real client, from an endpoint
that plays a sensible advisor.
"""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from agent.search import from_store
from agent.search.history import History
from agent.search.llm.job import propose
from agent.store import proposals, trials
from agent.store.connection import open_store
from agent.study.nouns import Source
from tests.agent.llm import steps
from tests.agent.llm.endpoint import Asked
from tests.agent.search import growing
from tests.agent.search.asked import ModelConformance, ModelProposer, stored
from tests.agent.search.llm.advising import Advisor


class Advised(ModelProposer):
    name, source, job = "llm", Source.LLM, staticmethod(propose)

    def play(self, history: History) -> None:
        advisor = Advisor(history.space, k=1)

        def script(asked: Asked) -> steps.Step:
            advisor.rng = random.Random(hashlib.sha256(asked.prompt.encode()).digest())
            return advisor(asked)

        self.endpoint.script = script


class TestModelProposals(ModelConformance):
    search, kind = "llm", Advised

    @pytest.mark.skip("a model has no seed of ours: what it says depends on what it is told")
    def test_other_seeds_give_other_proposals(self) -> None: ...

    def test_stores_hold_what_the_histories_do(self, tmp_path: Path) -> None:
        history, _ = growing.grow(growing.fresh(growing.mixed()), growing.mixed_loss, self.search, 3)
        with open_store(tmp_path / "same.sqlite") as store:
            study = stored(store, history, "none")
            every, pending = trials.all_trials(store, study.id), proposals.pending(store, study.id)
            read = from_store.history(store, study, every, pending, history.number)
        assert (read.taken, read.pending, read.number) == (history.taken, history.pending, history.number)
        assert [(t.params, t.value) for t in read.trials] == [(t.params, t.value) for t in history.trials]
        assert read.first_config == history.first_config
