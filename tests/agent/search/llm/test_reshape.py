"""Whether the space should change: asked of a model, or judged by the trials alone; a card either way."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.models import Models
from agent.llm.seat import Seat
from agent.search.llm.reshape import reshape
from agent.search.reshaping import reshaped
from agent.store import actions, calls, studies, turns
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import ActionKind, Draft, Source
from agent.study.space_edit import edited
from tests.agent.llm import steps
from tests.agent.search import growing
from tests.agent.search.growing import fresh, grow, ran
from tests.agent.search.llm.advising import Desk, desk
from trainers.parameters import NumberParameter
from trainers.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace


def ask(one: Desk) -> dict[str, Any]:
    async def once() -> dict[str, Any]:
        models = Models()
        try:
            return await reshape(Seat(one.store, one.study, await models.of(one.store, one.study)))
        finally:
            await models.close()

    return asyncio.run(once())


def change(name: str, **keys: Any) -> dict[str, Any]:
    return {"parameter": name, "low": None, "high": None, "choices": None, **keys}


def said(*changes: dict[str, Any], verdict: str = "widen", reason: str = "The best, [t0], lies at the end.") -> Any:
    return {"verdict": verdict, "changes": list(changes), "reason": reason, "evidence": []}


@pytest.fixture
def started(tmp_path):
    with desk(tmp_path, growing.mixed()) as one:
        one.loss = growing.mixed_loss
        [first] = one.turn()
        one.run(first)
        yield one


def test_a_change_becomes_a_card_and_nothing_else_happens(started) -> None:
    started.endpoint.play(steps.reply(said(change("lr", high=0.1), change("optimizer", choices=["adam", "lion"]))))
    answer = ask(started)
    [action] = actions.pending(started.store, started.study.id)
    assert (action.kind, action.number) == (ActionKind.EDIT_SPACE, answer["action"])
    assert action.body == {"changes": {"lr": {"high": 0.1}, "optimizer": {"choices": ["adam", "lion"]}}}
    assert action.reason == answer["text"] == "The best, [t0], lies at the end."
    assert edited(growing.mixed(), action.body["changes"]).parameters["lr"].to_dict()["high"] == 0.1
    assert studies.by_id(started.store, started.study.id).spec.space == growing.mixed()  # until a person approves
    [call] = calls.all_of(started.store)
    assert call.purpose == "reshape" and call.template.startswith("reshape@")
    asked = started.endpoint.requests[0].prompt
    assert "narrowed, widened, both in different parameters, or kept" in asked and "Best so far: t0" in asked


def test_asked_twice_the_same_card_waits(started) -> None:
    started.endpoint.play(steps.reply(said(change("lr", high=0.1))))
    assert ask(started)["action"] == ask(started)["action"]
    assert len(actions.pending(started.store, started.study.id)) == 1


def test_a_space_worth_keeping_is_said_in_the_chat(started) -> None:
    started.endpoint.play(steps.reply(said(verdict="keep", reason="One trial decides nothing; see [t9].")))
    assert ask(started) == {"action": None, "text": "One trial decides nothing; see t9."}
    [turn] = turns.last(started.store, started.study.id, 5)
    assert (turn.role, turn.text, turn.model) == ("agent", "One trial decides nothing; see t9.", started.endpoint.url)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (said(change("rate", high=1)), "the space has no such parameter. It has lr, dropout"),
        (said(change("lr", low=0.5)), "the best trial, t0, would fall out of the space: lr = 0.001 is below"),
        (said(change("lr", low=1.0, high=0.1)), "low = 1 is greater than high = 0.1"),
        (said(change("lr", low=0)), "log = true needs low above 0"),
        (said(change("lr", low="tiny")), "must be finite numbers"),
        (said(change("width", high=99.5)), "must be a whole number"),
        (said(change("dropout", low=-0.2)), "dropout would reach through 0 (low 0 → -0.2)"),
        (said(change("optimizer", low=1)), "it is categorical: only its choices can change"),
        (said(change("optimizer", choices=["sgd"])), "the best trial, t0, would fall out of the space"),
        (said(change("lr", low=1e-5, high=1.0)), "it changes nothing: those are the present ranges"),
        (said(), "it names no change"),
        (said(change("lr", high=0.1), reason=""), "it gives no reason"),
        ({"verdict": "widen"}, "it gives no reason"),
        ({"changes": "lr up"}, "changes is"),
    ],
)
def test_what_the_space_does_not_take_is_told_and_put_right(started, reply: Any, told: str) -> None:
    started.endpoint.play(steps.reply(reply), steps.reply(said(change("lr", high=0.1))))
    assert ask(started)["action"] is not None
    assert told in started.endpoint.requests[1].messages[-1]["content"]


def test_two_useless_replies_ask_for_nothing(started) -> None:
    started.endpoint.play(steps.reply(said(change("lr", low=0.5))))
    with pytest.raises(LLMError) as caught:
        ask(started)
    assert caught.value.kind is LLMErrorKind.REPLY
    assert (
        actions.pending(started.store, started.study.id) == [] and turns.last(started.store, started.study.id, 5) == []
    )


# -- by the trials alone ------------------------------------------------------------

LINE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-4, high=1e-1, log=True),
        FloatParameter(name="x", low=-1.0, high=1.0),
        IntParameter(name="n", low=1, high=9, step=2),
        CategoricalParameter(name="c", choices=("a", "b")),
    ]
)


def history(best: dict[str, Any], count: int = 12):
    past = fresh(LINE)
    for i in range(count):
        config = best if i == 3 else {"lr": 1e-3, "x": 0.01 * i, "n": 5, "c": "a"}
        past = ran(past, Draft(source=Source.GP, params=config), 0.1 if i == 3 else 1.0 + i)
    return past


def test_the_end_of_a_range_is_widened_on_its_own_scale_and_grid() -> None:
    found = reshaped(history({"lr": 0.1, "x": -1.0, "n": 9, "c": "b"}))
    assert found.changes == {"lr": {"high": 0.79}, "x": {"low": -1.6}, "n": {"high": 11}}
    assert found.reason.startswith("The best trial [t3] lies at the end of the range: lr = 0.1, x = -1, n = 9.")
    assert edited(LINE, found.changes).allows({"lr": 0.79, "x": -1.6, "n": 11, "c": "b"})


def test_natural_ends_and_the_middle_are_kept() -> None:
    assert reshaped(history({"lr": 0.01, "x": 0.0, "n": 1, "c": "b"})).changes == {}
    assert "8 are needed" in reshaped(history({"lr": 0.1, "x": 0.0, "n": 5, "c": "b"}, count=6)).reason


def at_an_end(parameter: NumberParameter, side: str) -> Any:
    """What is suggested for it once the best of eight trials lies at that end."""
    past = fresh(SearchSpace([parameter, FloatParameter(name="z", low=-1.0, high=1.0)]))
    for i in range(8):
        value = parameter.middle() if i else getattr(parameter, side)
        past = ran(past, Draft(source=Source.GP, params={parameter.name: value, "z": 0.1 * i}), float(i))
    return reshaped(past).changes.get(parameter.name)


@pytest.mark.parametrize(
    ("parameter", "changes"),
    [
        (IntParameter(name="batch_size", low=32, high=256), {"low": 4}),
        (IntParameter(name="batch_size", low=32, high=256, step=32), None),
        (IntParameter(name="width", low=2, high=256, log=True), {"low": 1}),
        (IntParameter(name="layers", low=2, high=8), {"low": 1}),
        (FloatParameter(name="power_t", low=0.1, high=0.9), {"low": 0.01}),
        (FloatParameter(name="momentum", low=0.01, high=0.9), None),
        (FloatParameter(name="dropout", low=0.1, high=0.5, step=0.1), {"low": 0.0}),
        (FloatParameter(name="x", low=0.33, high=1.53, step=0.2), {"low": 0.13}),
        (FloatParameter(name="x", low=0.5, high=0.6), {"low": 0.47}),
        (FloatParameter(name="bias", low=-1.0, high=1.0), {"low": -1.6}),
    ],
)
def test_a_bound_is_not_widened_through_0_and_a_count_stays_one(parameter: NumberParameter, changes: Any) -> None:
    assert at_an_end(parameter, "low") == changes


@pytest.mark.parametrize(
    ("parameter", "changes"),
    [
        (FloatParameter(name="momentum", low=0.5, high=0.99), {"high": 0.999}),
        (FloatParameter(name="beta1", low=0.9, high=0.995), {"high": 0.9995}),
        (FloatParameter(name="model.dropout", low=0.0, high=0.5), {"high": 0.65}),
        (FloatParameter(name="subsample", low=0.1, high=0.9, log=True), {"high": 0.99}),
        (FloatParameter(name="validation_fraction", low=0.1, high=0.9, step=0.2), None),
        (FloatParameter(name="offset", low=-3.0, high=-1.0), {"high": -0.4}),
        (FloatParameter(name="offset", low=-3.0, high=-0.5), {"high": -0.05}),
        (FloatParameter(name="C", low=1e-3, high=0.9, log=True), {"high": 6.9}),
        (FloatParameter(name="penalty", low=1e-3, high=0.9, log=True), {"high": 6.9}),
        (IntParameter(name="layers", low=0, high=1), None),
    ],
)
def test_a_share_is_not_widened_past_1(parameter: NumberParameter, changes: Any) -> None:
    assert at_an_end(parameter, "high") == changes


def test_good_trials_that_lie_together_narrow_the_range_around_them() -> None:
    past, _ = grow(fresh(growing.mixed(), seed=2), lambda c: abs(math.log10(c["lr"]) + 2), "random", 60)
    found = reshaped(past)
    assert set(found.changes) == {"lr"}
    narrow = edited(growing.mixed(), found.changes).parameters["lr"]
    best = [t.params["lr"] for t in past.ranking[:15]]
    assert narrow.low < min(best) < max(best) < narrow.high
    assert narrow.high / narrow.low < 10**3.1


def test_without_a_model_the_card_comes_from_the_trials(tmp_path) -> None:
    with desk(tmp_path, LINE) as one:
        one.study = type(one.study)(one.study.id, one.study.spec.replace(agent=AgentSpec()), one.study.folder, 0.0)
        for i in range(10):
            one.run(Draft(source=Source.GP, params={"lr": 0.1, "x": 0.1 * i, "n": 5, "c": "a"}), 1.0 + i)
        answer = ask(one)
        [action] = actions.pending(one.store, one.study.id)
        assert (action.number, action.body) == (answer["action"], {"changes": {"lr": {"high": 0.79}}})
        assert one.endpoint.requests == []
