"""Structured replies: what is tolerated, what is not, and the form in which an endpoint is asked for them."""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.llm import plain_words
from agent.llm.backend import Piece
from agent.llm.client import Client
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.line import Line
from agent.llm.names import ModelKind, ModelName
from tests.agent.llm import steps
from tests.agent.llm.kit import GOOD, Config, Configs, call

EXPECTED = Configs(configs=[Config(lr=0.1, layers=2)])


def as_text(text: str) -> steps.Step:
    return steps.Step(document=text)


@pytest.mark.parametrize(
    "step",
    [
        steps.reply(GOOD),
        steps.prose(GOOD),
        steps.fenced(GOOD),
        steps.think('perhaps {"configs": []}?', steps.reply(GOOD)),
        steps.reason('perhaps {"configs": []}?', steps.reply(GOOD)),
        as_text(json.dumps(GOOD) + " and that is all }"),
        as_text(json.dumps(json.dumps(GOOD))),
        steps.say(f"First I thought of {json.dumps({'configs': []})}. But no:\n{json.dumps(GOOD)}"),
        steps.say(f"```json\n{json.dumps(GOOD)}"),
    ],
)
async def test_the_document_is_found(desk, step):
    desk.endpoint.play(step)
    assert await desk.structured(Configs) == EXPECTED
    assert desk.states() == [("ok", "")]


async def test_control_characters_within_a_text_are_let_pass(desk):
    desk.endpoint.play(as_text('{"configs": [{"lr": 0.1, "layers": 2, "note": "a\nb\tc\x01"}]}'))
    assert (await desk.structured(Configs)).configs[0].note == "a\nb\tc\x01"


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (steps.truncated(GOOD), "ends before it is complete"),
        (steps.cut_off(GOOD), "cut off at 4096 tokens"),
        (steps.say("I would rather not."), "no JSON"),
        (steps.reply({"configs": []}), "configs has 0 items, but at least 1 are wanted."),
        (steps.reply({"configs": [{"lr": "0.1", "layers": 2}]}), "configs[0].lr is '0.1', but must be a number."),
        (steps.reply({"configs": [{"lr": 0.1, "layers": 2.5}]}), "configs[0].layers is 2.5, but must be a"),
        (steps.reply({"configs": [{"lr": True, "layers": 2}]}), "configs[0].lr is True, but must be a number."),
        (steps.reply({"configs": [{"lr": 0.1, "layers": None}]}), "configs[0].layers is null"),
        (
            steps.reply({"configs": [{"lr": 7, "layers": 2}]}),
            "configs[0].lr is 7, but must be less than or equal to 1.",
        ),
        (steps.reply({"configs": [{"lr": 0.1, "layers": 2, "width": 8}]}), "configs[0].width is not a known field."),
        (steps.reply({"configs": [{"lr": 0.1}]}), "configs[0].layers is missing."),
        (steps.reply(GOOD["configs"]), "is a list of 1, but must be an object"),
        (as_text('{"configs": [{"lr": NaN, "layers": 2}]}'), "configs[0].lr is nan; every number must be finite"),
        (as_text('{"configs": [{"lr": 1e501, "layers": 2}]}'), "configs[0].lr is inf; every number must be finite"),
        (as_text('{"configs": [{"lr": 0.1, "layers": 2,}]}'), "not valid"),
        (as_text("[" * 100_000), "nested too deeply"),
        (steps.call_tool("launch_missiles", GOOD), "'launch_missiles' does not exist. Call 'Configs'."),
    ],
)
async def test_what_is_wrong_is_said(desk, step, says):
    desk.endpoint.play(step)
    with pytest.raises(LLMError) as caught:
        await desk.structured(Configs)
    assert caught.value.kind is LLMErrorKind.REPLY
    assert says in caught.value.what
    assert desk.states() == [("failed", "reply")]
    assert desk.ledger()[0].prompt_tokens == 120  # it was paid for


async def test_a_reply_that_does_not_parse_comes_back_as_it_was(desk):
    desk.endpoint.play(steps.think("hm", steps.reply({"configs": []})))
    with pytest.raises(LLMError) as caught:
        await desk.structured(Configs)
    assert caught.value.raw == '{"configs": []}'


async def test_a_fault_on_the_way_is_told_as_what_it_is(desk):
    desk.endpoint.play(steps.status(401))
    with pytest.raises(LLMError) as caught:
        await desk.structured(Configs)
    assert caught.value.kind is LLMErrorKind.AUTH


async def test_a_frozen_shape_with_a_nested_one_comes_back_as_itself(desk):
    class Frozen(BaseModel):
        model_config = ConfigDict(frozen=True)
        config: Config

    desk.endpoint.play(steps.reply({"config": {"lr": 0.5, "layers": 1}}))
    found = await desk.structured(Frozen)
    assert found == Frozen(config=Config(lr=0.5, layers=1))
    assert type(found) is Frozen


class TestTheForm:
    """Tools first; then response_format with a schema, as OpenAI has it and as llama.cpp does; then the prompt."""

    REFUSALS = (
        steps.status(400, "tools are not supported"),
        steps.status(400, "unknown response_format"),
        steps.status(400, "unknown response_format"),
    )

    async def forms(self, desk, *script: steps.Step) -> list[str]:
        desk.endpoint.play(*script)
        before = len(desk.endpoint.requests)
        assert await desk.structured(Configs) == EXPECTED
        return [asked.form for asked in desk.endpoint.requests[before:]]

    async def test_is_a_tool_where_tools_are_taken(self, desk):
        assert await self.forms(desk, steps.reply(GOOD)) == ["tools"]
        [tool] = desk.endpoint.requests[0].body["tools"]
        assert tool["function"]["name"] == "Configs"
        assert "configs" in tool["function"]["parameters"]["properties"]

    @pytest.mark.parametrize(("refusals", "form"), [(1, "json_schema"), (2, "json_object"), (3, "text")])
    async def test_goes_down_and_stays_there(self, desk, refusals, form):
        way = ["tools", "json_schema", "json_object", "text"][: refusals + 1]
        assert await self.forms(desk, *self.REFUSALS[:refusals], steps.reply(GOOD)) == way
        assert await self.forms(desk, steps.reply(GOOD)) == [form]

    async def test_carries_the_schema_in_each(self, desk):
        await self.forms(desk, *self.REFUSALS, steps.reply(GOOD))
        _, schema, llama, text = (asked.body for asked in desk.endpoint.requests)
        assert schema["response_format"]["json_schema"]["schema"]["required"] == ["configs"]
        assert llama["response_format"]["schema"]["required"] == ["configs"]
        assert "response_format" not in text
        assert "tools" not in text
        assert '"required": ["configs"]' in text["messages"][-1]["content"]
        assert text["messages"][-1]["content"].startswith("What next?")

    async def test_is_text_where_the_entropy_of_values_is_wanted(self, desk):
        desk.endpoint.play(steps.reply(GOOD))
        client = await desk.client()
        _, completion = await client.structured(call("What next?", entropy=True), Configs)
        assert desk.endpoint.requests[0].form == "json_schema"
        assert "".join(token.text for token in completion.tokens) == completion.text

    async def test_that_breaks_the_server_is_given_up(self, desk):
        broken = steps.status(500, "cannot make a grammar of it")
        assert await self.forms(desk, broken, broken, steps.reply(GOOD)) == ["tools", "tools", "json_schema"]
        assert await self.forms(desk, steps.reply(GOOD)) == ["json_schema"]

    async def test_that_once_worked_is_not_given_up(self, desk):
        await self.forms(desk, steps.reply(GOOD))
        assert await self.forms(desk, steps.status(500), steps.status(500), steps.reply(GOOD)) == ["tools"] * 3

    async def test_that_is_ignored_is_not_used_for_the_repair(self, desk):
        desk.endpoint.play(steps.say("Let me see."))
        with pytest.raises(LLMError):
            await desk.structured(Configs)
        assert await self.forms(desk, steps.reply(GOOD)) == ["json_schema"]

    async def test_is_remembered_only_when_a_lesser_one_works(self, desk):
        desk.endpoint.play(steps.status(400, "bad messages"))
        with pytest.raises(LLMError) as caught:
            await desk.structured(Configs)
        assert caught.value.kind is LLMErrorKind.REQUEST
        assert await self.forms(desk, steps.reply(GOOD)) == ["tools"]


class WithGrammar:
    """A backend that keeps to a schema by itself, as local ones do."""

    has_tools, has_grammar, concurrency = False, True, 1

    def __init__(self) -> None:
        self.requests = []

    async def stream(self, request):
        self.requests.append(request)
        yield Piece(text=json.dumps(GOOD))
        yield Piece(finish="stop", usage=(10, 5))

    async def close(self) -> None: ...


async def test_a_backend_with_a_grammar_is_given_the_schema(desk):
    backend = WithGrammar()
    line = Line.to(ModelName("local:tiny.gguf", ModelKind.GGUF, "tiny.gguf"), backend)
    found, completion = await Client(desk.store, desk.study, line).structured(call(), Configs)
    assert found == EXPECTED
    assert backend.requests[0].schema["required"] == ["configs"]
    assert (completion.cost, completion.prompt_tokens) == (0.0, 10)


async def test_a_backend_without_a_grammar_is_told_the_schema_in_the_prompt(desk):
    backend = WithGrammar()
    backend.has_grammar = False
    line = Line.to(ModelName("hf:tiny", ModelKind.HF, "tiny"), backend)
    found, _ = await Client(desk.store, desk.study, line).structured(call(), Configs)
    assert found == EXPECTED
    [request] = backend.requests
    assert '"required": ["configs"]' in request.messages[-1]["content"]
    assert (request.schema, request.response_format, request.tools) == (None, None, ())


def test_many_problems_are_told_in_part():
    with pytest.raises(ValidationError) as caught:
        Configs.model_validate({"configs": [{"lr": "a", "layers": "b"}] * 10})
    said = plain_words.explain(caught.value)
    assert said.startswith("configs[0].lr is 'a', but must be a number")
    assert said.endswith("There are 12 more.")
