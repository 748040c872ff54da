"""The job `propose` through the real client, on an endpoint that advises well, badly, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agent.llm.errors import LLMError, LLMErrorKind
from agent.store import calls, proposals
from agent.study.nouns import Source
from tests.agent.llm import steps
from tests.agent.llm.endpoint import Asked
from tests.agent.llm.steps import Step
from tests.agent.search import growing
from tests.agent.search.llm.advising import Advisor, desk

GOOD = {"lr": 3e-3, "dropout": 0.1, "width": 64, "layers": 4, "optimizer": "adam"}


def proposal(**changes: Any) -> dict[str, Any]:
    said = {
        "rationale": "A lower rate, since [t0] was still falling.",
        "evidence": [{"trial": 0, "text": "the defaults"}],
    }
    return {"params": {**GOOD, **changes}, **said, "expected": {"low": 0.1, "high": 0.3}, "confidence": 0.6}


def document(*widths: int) -> dict[str, Any]:
    return {"proposals": [proposal(width=w) for w in widths]}


@pytest.fixture
def started(tmp_path):
    """A desk whose first trial has run; its endpoint plays what the test says."""
    with desk(tmp_path, growing.mixed()) as one:
        one.loss = growing.mixed_loss
        [first] = one.turn()
        assert first.source is Source.DEFAULT and not one.endpoint.requests
        one.run(first)
        yield one


def test_one_call_brings_as_many_configs_as_the_study_wants(started) -> None:
    started.endpoint.play(steps.reply(document(32, 64, 128)))
    drafts = started.propose(3)
    assert [d.params["width"] for d in drafts] == [32, 64, 128]
    assert len(started.endpoint.requests) == 1
    [call] = calls.all_of(started.store, started.study.id)
    assert (call.purpose, call.state) == ("next", "ok")
    assert call.template.startswith("next@1:")
    assert all(d.call_id == call.id and d.source is Source.LLM for d in drafts)
    assert drafts[0].expected == (0.1, 0.3) and drafts[0].confidence == 0.6
    assert drafts[0].evidence[0].trial == 0 and drafts[0].rationale.endswith("falling.")
    assert started.notes[-1] == ""
    asked = started.endpoint.requests[0].prompt
    assert "Propose 3 configurations to run next" in asked and "Best so far: t0" in asked


def test_never_more_than_asked_for(started) -> None:
    started.endpoint.play(steps.reply(document(32, 64, 128)))
    assert len(started.propose(1)) == 1
    assert "Propose 1 configuration to run next" in started.endpoint.requests[0].prompt
    started.endpoint.play(steps.reply(document(16, 17, 18, 19, 20, 21)))
    assert [d.params["width"] for d in started.propose(3)] == [16, 17, 18]


def test_before_any_trial_has_ended_the_first_prompt_is_used(tmp_path) -> None:
    with desk(tmp_path, growing.mixed()) as one:
        [first] = one.turn()
        proposals.add(one.store, one.study.id, [first])
        assert len(one.propose(3)) == 3
        [asked] = one.endpoint.requests
        assert "Propose the first 3 configurations" in asked.prompt
        assert "waits for a decision: lr=0.001" in asked.prompt
        assert calls.all_of(one.store)[0].purpose == "first"


BAD: dict[str, Callable[[], Step]] = {
    "wrong types": lambda: steps.reply({"proposals": [proposal(lr="small"), proposal(width=[64])]}),
    "out of range": lambda: steps.reply({"proposals": [proposal(lr=1e9), proposal(width=-3)]}),
    "only unknown parameters": lambda: steps.reply({"proposals": [{"params": {"warmup": 10}, "rationale": "x"}]}),
    "missing field": lambda: steps.reply({"proposals": [{"rationale": "I forgot the params."}]}),
    "another shape": lambda: steps.reply({"configs": [GOOD]}),
    "the same config again": lambda: steps.reply({"proposals": [{"params": growing.mixed().default()}]}),
    "an empty list": lambda: steps.reply({"proposals": []}),
    "an empty object": lambda: steps.reply({}),
    "truncated JSON": lambda: steps.truncated(document(32), 0.3),
    "cut off at its limit": lambda: steps.cut_off(document(32), 0.3),
    "not JSON": lambda: steps.say("I would try a lower learning rate."),
    "a text": lambda: steps.reply("lower the rate"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_useless_reply_is_told_what_was_wrong_and_put_right(started, fault: str) -> None:
    started.endpoint.play(BAD[fault](), steps.reply(document(32)))
    assert [d.params["width"] for d in started.propose(3)] == [32]
    assert len(started.endpoint.requests) == 2
    *_, echo, repair = started.endpoint.requests[1].messages
    assert echo["role"] == "assistant" and "Your reply could not be used:\n- " in repair["content"]
    templates = [c.template.partition("@")[0] for c in calls.all_of(started.store)]
    assert templates == ["next", "repair"]
    assert {c.purpose for c in calls.all_of(started.store)} == {"next"}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("out of range", "lr = 1000000000 is outside its range of 1e-5 to 1"),
        ("wrong types", 'lr = "small" is not a number'),
        ("the same config again", "it is the config of t0 again (loss 0.1537)"),
        ("an empty list", "the list of proposals is empty"),
        ("missing field", "proposal 1: it has no params"),
        ("truncated JSON", "The JSON ends before it is complete"),
    ],
)
def test_the_repair_says_exactly_what(started, fault: str, told: str) -> None:
    started.endpoint.play(BAD[fault](), steps.reply(document(32)))
    started.propose(3)
    assert told in started.endpoint.requests[1].messages[-1]["content"]


@pytest.mark.parametrize("fault", BAD)
def test_two_useless_replies_give_the_turn_away_visibly(started, fault: str) -> None:
    started.endpoint.play(BAD[fault]())
    before = (started.past().trials, started.past().taken)
    with pytest.raises(LLMError) as caught:
        started.propose(3)
    assert caught.value.kind is LLMErrorKind.REPLY
    assert "two replies were of no use: " in caught.value.what
    assert len(started.endpoint.requests) == 2
    assert (started.past().trials, started.past().taken) == before  # an unharmed study
    [draft] = started.turn()
    assert draft.source is Source.RANDOM


@pytest.mark.parametrize("wrapping", [steps.prose, steps.fenced])
def test_prose_and_fences_around_the_json_do_no_harm(started, wrapping) -> None:
    started.endpoint.play(wrapping(document(32, 48)))
    assert [d.params["width"] for d in started.propose(3)] == [32, 48]


def test_of_a_partly_usable_reply_the_good_ones_are_kept(started) -> None:
    started.endpoint.play(
        steps.reply({"proposals": [proposal(lr=1e9), proposal(width=70, warm=1), proposal(width=70)]})
    )
    assert [d.params["width"] for d in started.propose(3)] == [70]
    assert len(started.endpoint.requests) == 1
    said = started.notes[-1]
    assert "proposal 1: lr = 1000000000 is outside its range" in said
    assert "proposal 2: warm dropped: the space has no such parameter" in said
    assert "proposal 3: it is the same as another proposal made just now" in said


def test_what_is_whole_in_a_reply_that_broke_off_is_kept(started) -> None:
    started.endpoint.play(steps.cut_off(document(32, 48, 64), 0.8))
    assert [d.params["width"] for d in started.propose(3)] == [32, 48]
    assert len(started.endpoint.requests) == 1
    assert started.notes[-1].startswith("the reply broke off; 2 of its configs were whole")


@pytest.mark.parametrize(("code", "kind"), [(401, LLMErrorKind.AUTH), (400, LLMErrorKind.REQUEST)])
def test_a_refused_call_is_not_repaired(started, code: int, kind: LLMErrorKind) -> None:
    started.endpoint.play(steps.status(code))
    with pytest.raises(LLMError) as caught:
        started.propose(3)
    assert caught.value.kind is kind
    assert all("could not be used" not in asked.prompt for asked in started.endpoint.requests)


def test_entropy_stands_beside_each_value(tmp_path) -> None:
    with desk(tmp_path, growing.mixed(), entropy=True) as one:
        [first] = one.turn()
        one.run(first)
        one.endpoint.play(steps.say(json.dumps(document(32, 48))))
        drafts = one.propose(2)
        assert [set(d.insight["entropy"]) for d in drafts] == [set(GOOD), set(GOOD)]
        assert all(nats > 0 for d in drafts for nats in d.insight["entropy"].values())


def test_llm_first_asks_for_its_first_configs_only(tmp_path) -> None:
    with desk(tmp_path, growing.mixed(), search="llm-first", proposals=2) as one:
        one.loss = growing.mixed_loss
        drafts = one.grow(6)
        assert [d.source for d in drafts] == [Source.DEFAULT, *[Source.LLM] * 2, *[Source.RANDOM] * 3]
        assert len(one.endpoint.requests) == 1
        assert one.notes[-1] == "the model's first configs are out; guided goes on"
        assert not one.stood_in


def test_several_calls_at_once_each_have_a_part_of_their_own(started) -> None:
    def script(asked: Asked) -> Step:
        part = asked.prompt.split("Yours: ")[1].split(".")[0]
        widths = {"refine": (32, 33, 34), "explore": (32, 48, 64)}[part]
        return steps.reply(document(*widths), piece=100, pause=0.05)

    started.endpoint.script = script
    drafts = started.propose(9, calls=2)
    assert sorted(d.params["width"] for d in drafts) == [32, 33, 34, 48, 64]
    assert started.endpoint.most_at_once == 2
    assert len({d.call_id for d in drafts}) == 2
    assert "it is the same as another proposal made just now" in started.notes[-1]


def test_of_several_calls_one_may_fail(started) -> None:
    def script(asked: Asked) -> Step:
        return steps.status(400) if "Yours: explore" in asked.prompt else steps.reply(document(32, 33))

    started.endpoint.script = script
    assert [d.params["width"] for d in started.propose(6, calls=2)] == [32, 33]
    assert "a call failed: " in started.notes[-1]
    started.endpoint.script = lambda _: steps.status(400)
    with pytest.raises(LLMError):
        started.propose(6, calls=2)


def test_a_space_tried_whole_costs_no_call(tmp_path) -> None:
    with desk(tmp_path, growing.tiny(), Advisor(growing.tiny(), k=4)) as one:
        one.loss = growing.tiny_loss
        drafts = one.grow(50)
        assert len({growing.tiny().key(d.params) for d in drafts}) == len(drafts) == 11
        calls_made = len(one.endpoint.requests)
        assert one.propose(3) == []
        assert one.notes[-1] == "every config of the space has been proposed"
        assert len(one.endpoint.requests) == calls_made


def test_without_a_model_the_first_config_still_comes_and_then_it_says_so(tmp_path) -> None:
    with desk(tmp_path, growing.mixed()) as one:
        one.study = type(one.study)(
            one.study.id, one.study.spec.replace(agent=type(one.study.spec.agent)()), one.study.folder, 0.0
        )
        [first] = one.propose(1)
        one.run(first)
        with pytest.raises(LLMError) as caught:
            one.propose(1)
        assert caught.value.kind is LLMErrorKind.NO_MODEL
