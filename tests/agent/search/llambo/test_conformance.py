"""What every proposer promises, of LLAMBO: through the real client, from an endpoint that predicts by what it reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.search.history import History
from agent.search.llambo.job import propose
from agent.study.llambo_spec import LlamboSpec
from agent.study.nouns import Source
from tests.agent.search.asked import ModelConformance, ModelProposer
from tests.agent.search.llambo.playing import Player

SPEC = LlamboSpec(initial=1, samples=1, templates=1, candidates=5)


class Played(ModelProposer):
    name, source = "llambo", Source.LLAMBO

    def play(self, history: History) -> None:
        self.endpoint.script = Player(history.space)

    @staticmethod
    async def job(seat: Any, **asked: Any) -> Any:
        study = replace(seat.study, spec=seat.study.spec.replace(llambo=SPEC))
        return await propose(replace(seat, study=study), **asked)


class TestLlamboProposals(ModelConformance):
    search, kind = "llambo", Played
