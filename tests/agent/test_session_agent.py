"""The session with a model: real process of the agent, real trials, and an endpoint on a loopback socket that plays
a sensible advisor, or misbehaves."""

from __future__ import annotations

import itertools
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.runner.lock import runner_pid
from agent.session import Session
from agent.standing import Status
from agent.store import actions, calls, diagnoses, events, narratives, proposals, studies, turns
from agent.store.connection import open_store
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import ActionKind, Narrative, ProposalState, Source, TrialState, TurnState
from agent.study.policy import Policy, PolicyKind
from agent.study.spec import Budget, EngineSpec, StudySpec
from tests.agent.llm import steps
from tests.agent.llm.endpoint import Endpoint
from tests.agent.search.llm.advising import Advisor
from trainers import catalog

Make = Callable[..., Session]


def config(**params: object) -> dict[str, object]:
    """A whole reply with one config."""
    near = {"low": 0.0, "high": 1.0}
    one = {"params": params, "rationale": "a guess", "evidence": [], "expected": near, "confidence": 0.5}
    return {"proposals": [one]}


GOOD = config(x=0.25, y=-0.5)
FAULTS = {
    "429 without Retry-After": (steps.status(429), "no more calls"),
    "500": (steps.status(500), "500"),
    "401": (steps.status(401), "key"),
    "a cut connection": (steps.cut(steps.reply(GOOD)), "could not propose"),
    "truncated JSON": (steps.truncated({"proposals": []}), "could not propose"),
    "an empty list": (steps.reply({"proposals": []}), "empty"),
    "prose alone": (steps.say("I would rather not."), "could not propose"),
    "wrong types": (steps.reply(config(x="fast", y=[1])), "x"),
    "out of range": (steps.reply(config(x=50.0, y=0.0)), "x"),
    "the same config again": (steps.reply(config(x=1.0, y=1.0)), "could not propose"),
    "10 MB": (steps.huge(), "MiB"),
    "a tool that does not exist": (steps.call_tool("rm_rf", {"path": "/"}), "could not propose"),
}
FORGIVEN = {
    "429 with Retry-After": (steps.status(429, retry_after=0.05), steps.reply(GOOD)),
    "prose around JSON": (steps.prose(GOOD),),
    "a markdown fence": (steps.fenced(GOOD),),
    "a <think> block": (steps.think("x should be small", steps.say(json.dumps(GOOD))),),
    "unknown parameters": (steps.reply(config(x=0.25, y=-0.5, momentum=0.9)),),
    "a missing parameter": (steps.reply(config(x=0.25)),),
    "a bad reply, then a good one": (steps.reply(config(x=50.0, y=0.0)), steps.reply(GOOD)),
}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint([steps.status(500)]) as served:
        yield served


@pytest.fixture
def make(tmp_path: Path, endpoint: Endpoint) -> Iterator[Make]:
    path = tmp_path / "store.sqlite"
    opened: list[Session] = []

    def session(task: str = "fine", agent: AgentSpec | None = None, ahead: int = 0, **changes: object) -> Session:
        store = open_store(path)
        trainer = catalog.load("quick")
        asked = {"search": "llm", "policy": Policy(kind=PolicyKind.WATCH), "budget": Budget(trials=7), **changes}
        spec = StudySpec(
            name=f"s{len(opened)}",
            trainer="quick",
            task=task,
            space=trainer.space(task),
            objective=trainer.objective(task),
            defaults=trainer.defaults(task),
            agent=agent or AgentSpec(model=endpoint.url),
            **asked,  # type: ignore[arg-type]
        )
        opened.append(Session(store, studies.create(store, spec, tmp_path), ahead=ahead))
        return opened[-1]

    yield session
    for one in opened:
        one.close()
        one.store.close()
    if pid := runner_pid(path):
        os.kill(pid, signal.SIGTERM)


def drive(session: Session, until: Callable[[Status], object], seconds: float = 60) -> Status:
    end = time.monotonic() + seconds
    while not until(status := session.tick()):
        assert time.monotonic() < end, f"waited in vain: {status}"
        time.sleep(0.02)
    return status


def finished(status: Status) -> bool:
    return status.state == "finished"


def advised(session: Session) -> list[str]:
    found = events.since(session.store, session.study.id, 0)
    return [str(e.data["text"]) for e in found if e.kind is events.EventKind.ADVISED]


class TestProposals:
    def test_the_model_proposes_after_the_defaults_in_batches(self, make: Make, endpoint: Endpoint) -> None:
        session = make()
        endpoint.script = Advisor(session.spec.space)
        drive(session, finished)
        assert [t.source for t in session.trials] == [Source.DEFAULT, *[Source.LLM] * 6]
        assert 2 <= len(endpoint.requests) <= 4, "three configs a call, less those it repeats"
        assert len({str(t.params) for t in session.trials}) == 7
        made = proposals.all_of(session.store, session.study.id)
        assert [p.call_id is not None for p in made] == [False, *[True] * 6]
        assert all(record.state == "ok" for record in calls.all_of(session.store, session.study.id))

    def test_a_batch_starts_one_trial_a_place(self, make: Make, endpoint: Endpoint) -> None:
        session = make()
        endpoint.script = Advisor(session.spec.space)
        most = 0
        end = time.monotonic() + 60
        while not finished(status := session.tick()):
            most = max(most, status.queued + status.running)
            assert time.monotonic() < end
            time.sleep(0.01)
        assert most == 1

    def test_more_places_than_a_call_has_configs_are_filled_by_calls_at_once(
        self, make: Make, endpoint: Endpoint
    ) -> None:
        agent = AgentSpec(model=endpoint.url, proposals=2)
        session = make(agent=agent, budget=Budget(trials=8), engine=EngineSpec(jobs=5))
        advisor = Advisor(session.spec.space, k=2)
        endpoint.script = lambda asked: replace(advisor(asked), delay=0.3)
        drive(session, finished)
        assert len(session.trials) == 8
        assert endpoint.most_at_once >= 2
        assert len({str(t.params) for t in session.trials}) == 8

    def test_llm_first_hands_over_after_its_first_configs(self, make: Make, endpoint: Endpoint) -> None:
        session = make(search="llm-first", budget=Budget(trials=6))
        endpoint.script = Advisor(session.spec.space)
        drive(session, finished)
        sources = [t.source for t in session.trials]
        assert sources[:4] == [Source.DEFAULT, *[Source.LLM] * 3]
        assert any(source is not Source.LLM for source in sources[4:]), "in which the model has its share"

    @pytest.mark.parametrize("name", FAULTS)
    def test_a_model_that_fails_gives_its_turn_away_visibly(self, make: Make, endpoint: Endpoint, name: str) -> None:
        step, said = FAULTS[name]
        session = make(budget=Budget(trials=3))
        endpoint.play(step)
        drive(session, finished)
        assert len(session.trials) == 3
        assert all(t.state is TrialState.COMPLETED for t in session.trials), "the study is unharmed"
        assert Source.LLM not in [t.source for t in session.trials]
        told = advised(session)
        assert said in told[0] and "guided takes this turn" in told[0]
        assert len(told[0]) < 700 and "\n" not in told[0] and "Traceback" not in told[0]

    @pytest.mark.parametrize("name", FORGIVEN)
    def test_what_can_be_put_up_with_is(self, make: Make, endpoint: Endpoint, name: str) -> None:
        session = make(budget=Budget(trials=2), agent=AgentSpec(model=endpoint.url, proposals=1))
        endpoint.play(*FORGIVEN[name])
        drive(session, finished)
        assert [t.source for t in session.trials] == [Source.DEFAULT, Source.LLM]
        assert advised(session) == []

    def test_a_process_that_is_killed_over_a_proposal_costs_its_turn_only(self, make: Make, endpoint: Endpoint) -> None:
        session = make(budget=Budget(trials=5))
        advisor = Advisor(session.spec.space)
        endpoint.script = lambda asked: replace(advisor(asked), delay=30.0)
        drive(session, lambda _: endpoint.requests)
        endpoint.script = advisor
        pid = session.thinking._mind._helper.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        drive(session, finished)
        assert len(session.trials) == 5
        assert any("SIGKILL" in text for text in advised(session))
        assert Source.LLM in [t.source for t in session.trials]

    def test_a_spent_budget_asks_and_goes_on_once_confirmed(self, make: Make, endpoint: Endpoint) -> None:
        session = make(agent=AgentSpec(model=endpoint.url, tokens=100, proposals=1), budget=Budget(trials=4))
        endpoint.script = Advisor(session.spec.space, k=1)
        drive(session, finished)
        asked = actions.pending(session.store, session.study.id)
        assert [a.kind for a in asked] == [ActionKind.SPEND]
        before = len(calls.all_of(session.store, session.study.id))
        session.settle(asked[0], approve=True)
        session.set_budget(Budget(trials=5))
        drive(session, finished)
        assert len(calls.all_of(session.store, session.study.id)) > before


class TestAnswers:
    def test_an_answer_grows_in_the_store_and_is_settled(self, make: Make, endpoint: Endpoint) -> None:
        session = make(budget=Budget(trials=1))
        endpoint.play(steps.say("The defaults do well [t0]."))
        drive(session, finished)
        session.thinking.ask(session.study, "how is it going?")
        drive(session, lambda _: any(t.role == "agent" and t.state is TurnState.WHOLE for t in said(session)))
        assert [(t.role, t.text) for t in said(session)] == [
            ("person", "how is it going?"),
            ("agent", "The defaults do well [t0]."),
        ]

    def test_without_a_model_the_advisor_answers(self, make: Make, endpoint: Endpoint) -> None:
        session = make(agent=AgentSpec(), search="random", budget=Budget(trials=2))
        drive(session, finished)
        session.thinking.ask(session.study, "which is the best?")
        drive(session, lambda _: any(t.role == "agent" and t.state is TurnState.WHOLE for t in said(session)))
        assert "[t" in said(session)[-1].text
        assert not endpoint.requests

    def test_a_question_breaks_the_answer_before_it_off(self, make: Make, endpoint: Endpoint) -> None:
        session = make(search="random", budget=Budget(trials=1))
        endpoint.play(replace(steps.say("word " * 200), pause=0.05))
        session.thinking.ask(session.study, "a long one?")
        drive(session, lambda _: any(t.role == "agent" and t.text for t in said(session)))
        endpoint.play(steps.say("short"))
        session.thinking.ask(session.study, "a short one?")
        drive(session, lambda _: len(said(session)) == 4 and said(session)[-1].state is TurnState.WHOLE)
        first = said(session)[1]
        assert first.state is TurnState.CUT and first.text.startswith("word")

    def test_an_answer_whose_process_is_killed_is_marked(self, make: Make, endpoint: Endpoint) -> None:
        session = make(search="random", budget=Budget(trials=1))
        endpoint.play(replace(steps.say("word " * 200), pause=0.05))
        session.thinking.ask(session.study, "a long one?")
        drive(session, lambda _: any(t.role == "agent" and t.text for t in said(session)))
        pid = session.thinking._mind._helper.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        drive(session, lambda _: said(session)[-1].state is TurnState.CUT)
        assert any("SIGKILL" in text for text in advised(session))


class TestExplanations:
    def test_a_trial_worse_than_the_threshold_is_explained_unasked(self, make: Make, endpoint: Endpoint) -> None:
        session = make(task="raise", agent=AgentSpec(explain_worse_than=-1e9), search="random", budget=Budget(trials=1))
        drive(session, lambda _: narratives.all_of(session.store, session.study.id))
        assert not endpoint.requests, "the built-in advisor makes no call"


class TestActions:
    def test_a_space_the_agent_asks_for_is_taken_once_approved(self, make: Make) -> None:
        session = make(search="random", agent=AgentSpec(), policy=Policy(), ahead=1)
        drive(session, lambda status: status.pending)
        waiting = proposals.pending(session.store, session.study.id)[0]
        name = next(iter(session.spec.space.parameters))
        value = waiting.params[name]
        changes = {name: {"low": value + 0.25, "high": value + 0.5}}
        action = actions.ask(session.store, session.study.id, ActionKind.EDIT_SPACE, {"changes": changes}, "a test")
        session.settle(action, approve=True)
        assert session.spec.space.parameters[name].to_dict()["low"] == value + 0.25
        assert proposals.get(session.store, waiting.id).state is ProposalState.EXPIRED
        assert actions.pending(session.store, session.study.id) == []

    def test_one_that_cannot_be_done_waits_on(self, make: Make) -> None:
        session = make(search="random", agent=AgentSpec(), budget=Budget(trials=1))
        drive(session, finished)
        action = actions.ask(session.store, session.study.id, ActionKind.STOP_TRIAL, {"trial": 0}, "it is slow")
        with pytest.raises(Exception, match="already ended"):
            session.settle(action, approve=True)
        assert [a.id for a in actions.pending(session.store, session.study.id)] == [action.id]
        session.settle(action, approve=False, reason="it has ended")
        assert actions.pending(session.store, session.study.id) == []


def said(session: Session) -> list[turns.Turn]:
    return turns.since(session.store, session.study.id, 0)


def test_the_suggestion_of_an_explanation_goes_before_that_of_the_rules(make: Make) -> None:
    session = make(task="nan", search="random", agent=AgentSpec(), budget=Budget(trials=3), policy=Policy(), ahead=1)
    drive(session, lambda status: status.pending)
    session.approve(proposals.pending(session.store, session.study.id)[0])
    drive(session, lambda status: status.ended == 1)
    trial = session.trials[0]
    params = {**trial.params, "x": 0.125}
    said = Narrative(text="x was too large", suggested_params=params, suggested_reason="x was too large")
    narratives.put(session.store, trial, said)
    proposal = session.suggest(trial)
    assert proposal is not None
    assert (proposal.params["x"], proposal.source) == (0.125, Source.PERSON)
    assert proposal.rationale == "after t0: x was too large"


def test_a_suggestion_that_was_run_and_helped_is_learnt_at_once(make: Make) -> None:
    from agent.lessons import rows
    from agent.lessons.library import open_lessons

    session = make(search="random", agent=AgentSpec(), budget=Budget(trials=9), policy=Policy(), ahead=1)
    drive(session, lambda status: status.pending)
    session.approve(proposals.pending(session.store, session.study.id)[0], {"x": 1.9, "y": 1.9})
    drive(session, lambda status: status.ended == 1 and diagnoses.get(session.store, session.trials[0].id))
    first = session.trials[0]
    found = diagnoses.get(session.store, first.id)
    assert found is not None
    ill = replace(
        found, verdict="diverged", healthy=False, suggested_params={"x": 0.25, "y": 1.9}, suggested_reason="smaller x"
    )
    with session.store.transaction() as conn:
        conn.execute("DELETE FROM diagnosis WHERE trial_id = ?", (first.id,))
    diagnoses.put(session.store, first, ill)
    proposal = session.suggest(first)
    assert proposal is not None
    session.approve(proposal)
    drive(session, lambda status: "learn" in status.thinking)
    drive(session, lambda status: "learn" not in status.thinking)
    with open_lessons() as library:
        mine = [one for one in rows.all_of(library) if any(e.study == session.study.name for e in one.evidence)]
    assert any(one.source == "rules" and "x" in one.text for one in mine), [one.text for one in mine]
    assert advised(session) == []


class TestGuided:
    """The model as adviser of the default search."""

    def test_the_model_has_some_turns_and_the_classical_search_the_rest(self, make: Make, endpoint: Endpoint) -> None:
        session = make(search="guided", budget=Budget(trials=12))
        endpoint.script = Advisor(session.spec.space)
        drive(session, finished)
        sources = [t.source for t in session.trials]
        assert sources[0] is Source.DEFAULT and 1 <= sources.count(Source.LLM) <= 5
        assert len(endpoint.requests) <= 6, "asked in its turns only"
        made = {p.number: p for p in proposals.all_of(session.store, session.study.id)}
        of_model = [p for p in made.values() if p.source is Source.LLM]
        assert all(p.call_id is not None and "Passed" in p.rationale for p in of_model)
        assert all(0 <= p.insight["trust"]["mean"] <= 1 for p in of_model)

    @pytest.mark.parametrize("name", ["500", "prose alone", "a cut connection", "an empty list"])
    def test_a_model_that_fails_is_replaced_and_the_proposal_says_so(
        self, make: Make, endpoint: Endpoint, name: str
    ) -> None:
        session = make(search="guided", budget=Budget(trials=6))
        endpoint.play(FAULTS[name][0])
        drive(session, finished)
        assert len(session.trials) == 6 and Source.LLM not in [t.source for t in session.trials]
        made = proposals.all_of(session.store, session.study.id)
        assert any("It was the model's turn" in p.rationale for p in made)
        assert "guided goes on without it" in advised(session)[0]
        assert len(advised(session)) == len(set(advised(session)))

    def test_nobody_waits_for_a_slow_model_and_what_it_says_late_is_kept(
        self, make: Make, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("agent.advising.PATIENCE", 0.3)
        session = make(search="guided", budget=Budget(trials=14))
        advisor = Advisor(session.spec.space)
        endpoint.script = lambda asked: replace(advisor(asked), delay=2.0)
        drive(session, finished)
        made = proposals.all_of(session.store, session.study.id)
        assert any("has not answered" in p.rationale for p in made)
        assert len(session.trials) == 14
        asked = [c for c in calls.all_of(session.store, session.study.id) if c.purpose in ("first", "next")]
        assert all(a.at + (a.seconds or 0.0) <= b.at for a, b in itertools.pairwise(asked)), "one call at a time"

    def test_a_killed_process_costs_the_model_its_turn_only(self, make: Make, endpoint: Endpoint) -> None:
        session = make(search="guided", budget=Budget(trials=8))
        advisor = Advisor(session.spec.space)
        endpoint.script = lambda asked: replace(advisor(asked), delay=15.0)
        drive(session, lambda _: endpoint.requests)
        endpoint.script = advisor
        pid = session.thinking._mind._helper.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        drive(session, finished)
        assert len(session.trials) == 8
        assert any("SIGKILL" in text for text in advised(session))
