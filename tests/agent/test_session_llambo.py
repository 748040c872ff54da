"""The session with LLAMBO: real process of the agent, real trials, and an endpoint that predicts by what it reads."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

from agent.store import calls, proposals
from agent.study.agent_spec import AgentSpec
from agent.study.llambo_spec import LlamboSpec
from agent.study.nouns import Source
from agent.study.spec import Budget, EngineSpec
from tests.agent.llm import steps
from tests.agent.llm.endpoint import Endpoint
from tests.agent.search.llambo.playing import Player, purpose
from tests.agent.test_session_agent import (  # noqa: F401 – fixtures
    Make,
    advised,
    drive,
    endpoint,
    finished,
    make,
)

SMALL = LlamboSpec(initial=2, samples=2, candidates=6)


def test_it_proposes_after_the_defaults_each_config_once(make: Make, endpoint: Endpoint) -> None:  # noqa: F811
    session = make(search="llambo", llambo=SMALL)
    endpoint.script = Player(session.spec.space)
    drive(session, finished)
    assert [t.source for t in session.trials] == [Source.DEFAULT, *[Source.LLAMBO] * 6]
    assert len({str(t.params) for t in session.trials}) == 7 and advised(session) == []
    made = proposals.all_of(session.store, session.study.id)
    assert [p.insight["llambo"]["part"] for p in made[1:]] == ["start"] * 2 + ["next"] * 4
    assert all(p.expected is not None and p.call_id is not None for p in made[3:])


def test_several_places_are_filled_and_each_knows_of_the_others(make: Make, endpoint: Endpoint) -> None:  # noqa: F811
    session = make(search="llambo", llambo=SMALL, engine=EngineSpec(jobs=3), budget=Budget(trials=7))
    endpoint.script = Player(session.spec.space)
    drive(session, finished)
    assert len({str(t.params) for t in session.trials}) == len(session.trials) == 7


def test_a_model_that_fails_gives_its_turn_away_visibly(make: Make, endpoint: Endpoint) -> None:  # noqa: F811
    session = make(search="llambo", llambo=SMALL, budget=Budget(trials=4))
    endpoint.play(steps.status(401))
    drive(session, finished)
    assert len(session.trials) == 4 and Source.LLAMBO not in [t.source for t in session.trials]
    assert "guided takes this turn" in advised(session)[0]


def test_a_study_whose_calls_are_made_goes_on_without(make: Make, endpoint: Endpoint) -> None:  # noqa: F811
    session = make(search="llambo", llambo=replace(SMALL, study_calls=6), budget=Budget(trials=6))
    endpoint.script = Player(session.spec.space)
    drive(session, finished)
    assert len(session.trials) == 6 and len(endpoint.requests) <= 6
    assert any("calls that the study may have are made" in text for text in advised(session))


def test_front_and_agent_killed_in_a_turn_lose_no_paid_answer(make: Make, endpoint: Endpoint) -> None:  # noqa: F811
    agent = AgentSpec(model=endpoint.url)
    session = make(search="llambo", llambo=SMALL, agent=agent, budget=Budget(trials=5))
    player = endpoint.script = Player(session.spec.space)
    player.instead["predict"] = lambda document, _: steps.stall(steps.reply(document), after=1)
    drive(session, lambda _: any(purpose(asked.prompt) == "predict" for asked in endpoint.requests))
    pid = session.thinking._mind.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    session.close()  # the front goes too, before it has heard
    player.instead.clear()
    before = {asked.prompt for asked in endpoint.requests if purpose(asked.prompt) != "predict"}
    count = len(endpoint.requests)

    again = type(session)(session.store, session.study, ahead=0)
    try:
        drive(again, finished)
        assert len(again.trials) == 5 and [t.source for t in again.trials][1:] == [Source.LLAMBO] * 4
        assert not before & {asked.prompt for asked in endpoint.requests[count:]}, "answered once, and paid for"
        assert all(c.state in ("ok", "running") for c in calls.all_of(again.store, again.study.id))
    finally:
        again.close()
