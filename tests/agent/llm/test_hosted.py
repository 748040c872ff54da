"""Models over HTTP: names, wishes that are refused, and what litellm raises for providers that cannot be called here."""

from __future__ import annotations

import pytest

from agent.llm.backend import Request
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.hosted_errors import Called, classify
from agent.llm.options import Options
from agent.llm.retry import duration
from tests.agent.llm import steps
from tests.agent.llm.kit import Desk

FINE = steps.say("fine")


class TestNames:
    async def test_the_one_model_a_server_has_is_found(self, desk):
        desk.endpoint.models = ["qwen3-8b"]
        desk.endpoint.play(FINE)
        await desk.text()
        assert desk.endpoint.requests[0].body["model"] == "qwen3-8b"

    async def test_of_several_one_must_be_chosen(self, store, endpoint):
        endpoint.models = ["a", "b"]
        desk = Desk(store, endpoint)
        with pytest.raises(LLMError) as caught:
            await desk.text()
        assert caught.value.kind is LLMErrorKind.NO_MODEL
        assert "serves 2 models: a, b" in caught.value.what
        assert f"{endpoint.url}#a" in caught.value.remedy

    async def test_one_may_be_chosen(self, store, endpoint):
        endpoint.play(FINE)
        await Desk(store, endpoint, model=f"{endpoint.url}#big/one").text()
        assert endpoint.requests[0].body["model"] == "big/one"

    async def test_a_litellm_name_at_an_address(self, store, endpoint):
        endpoint.play(FINE)
        await Desk(store, endpoint, model="openai/mine", api_base=endpoint.url).text()
        assert endpoint.requests[0].body["model"] == "mine"

    async def test_a_server_without_a_list_of_models(self, store, endpoint):
        desk = Desk(store, endpoint, model="http://127.0.0.1:9/v1")
        with pytest.raises(LLMError) as caught:
            await desk.text()
        assert caught.value.kind is LLMErrorKind.CONNECTION
        assert "which models" in caught.value.what

    async def test_a_name_that_litellm_does_not_know(self, store, endpoint):
        with pytest.raises(LLMError) as caught:
            await Desk(store, endpoint, model="nosuch/model").text()
        assert caught.value.kind is LLMErrorKind.NO_MODEL
        assert "tunewright models" in caught.value.remedy

    @pytest.mark.parametrize(
        ("model", "variable"),
        [
            ("openai/gpt-4o", "OPENAI_API_KEY"),
            ("gpt-4o", "OPENAI_API_KEY"),
            ("anthropic/claude-sonnet-5-5", "ANTHROPIC_API_KEY"),
            ("gemini/gemini-2.5-pro", "GEMINI_API_KEY or GOOGLE_API_KEY"),
        ],
    )
    async def test_a_provider_without_a_key_is_not_even_called(self, store, endpoint, model, variable):
        with pytest.raises(LLMError) as caught:
            await Desk(store, endpoint, model=model).text()
        assert caught.value.kind is LLMErrorKind.AUTH
        assert f"{variable} is not set" in caught.value.what

    async def test_one_backend_serves_all_studies(self, desk):
        desk.endpoint.play(FINE)
        first, second = await desk.client(), await desk.client()
        assert first.line is second.line


class TestServersThatDoNotStream:
    async def test_are_asked_for_the_whole_from_then_on(self, desk):
        desk.endpoint.play(steps.say("fine", streams=False))
        completion = await desk.text()
        assert (completion.text, completion.prompt_tokens, completion.finish) == ("fine", 120, "stop")
        assert desk.shown == ["fine"]
        await desk.text()
        assert [asked.body.get("stream", False) for asked in desk.endpoint.requests] == [True, False, False]

    async def test_give_tool_calls_and_thoughts_too(self, desk):
        desk.endpoint.play(steps.reason("hm", steps.call_tool("f", {"a": 1}, streams=False)))
        completion = await desk.text()
        assert [(tool.name, tool.arguments) for tool in completion.tool_calls] == [("f", '{"a": 1}')]
        assert "hm" in completion.raw

    async def test_say_what_is_wrong_when_asked_without_a_stream(self, desk):
        empty, refusal = steps.say("", unfinished=True), steps.status(400, "maximum context length is 8192 tokens")
        desk.endpoint.script = lambda asked: empty if asked.body.get("stream") else refusal
        with pytest.raises(LLMError) as caught:
            await desk.text()
        assert caught.value.kind is LLMErrorKind.TOO_LONG


class TestWishes:
    """Temperature, thinking and log-probabilities are sent where they are known, and dropped where they are refused."""

    async def test_a_temperature_that_is_refused_is_dropped_and_remembered(self, store, endpoint):
        desk = Desk(store, endpoint, temperature=0.2)
        endpoint.play(steps.status(400, "Unsupported value: 'temperature' does not support 0.2 with this model."), FINE)
        assert (await desk.text()).text == "fine"
        assert (await desk.text()).text == "fine"
        assert [asked.body.get("temperature") for asked in endpoint.requests] == [0.2, None, None]
        assert desk.states() == [("ok", ""), ("ok", "")]

    async def test_a_length_under_another_name(self, desk):
        refusal = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
        desk.endpoint.play(steps.status(400, refusal), FINE)
        await desk.text(max_tokens=77)
        assert desk.endpoint.requests[1].body["max_completion_tokens"] == 77

    async def test_several_are_dropped_one_by_one(self, desk):
        desk.endpoint.play(
            steps.status(400, "logprobs are not supported"), steps.status(422, "stream_options: extra fields"), FINE
        )
        assert (await desk.text(entropy=True)).text == "fine"
        assert not {"logprobs", "top_logprobs", "stream_options"} & desk.endpoint.requests[2].body.keys()

    async def test_a_refusal_of_tools_turns_them_off(self, desk):
        tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
        desk.endpoint.play(steps.status(400, "tools param requires --jinja flag"))
        client = await desk.client()
        assert client.has_tools
        with pytest.raises(LLMError) as caught:
            await desk.text(tools=(tool,))
        assert caught.value.kind is LLMErrorKind.REQUEST
        assert not client.has_tools

    async def test_the_study_sets_them_and_the_call_may_differ(self, store, endpoint):
        desk = Desk(store, endpoint, temperature=0.2, thinking=512)
        endpoint.play(FINE)
        await desk.text()
        await desk.text(temperature=0.9, thinking=0)
        bodies = [asked.body for asked in endpoint.requests]
        assert [body["temperature"] for body in bodies] == [0.2, 0.9]
        assert [body["chat_template_kwargs"]["enable_thinking"] for body in bodies] == [True, False]
        assert [body["max_tokens"] for body in bodies] == [4096 + 512, 4096]

    @pytest.mark.parametrize(
        ("supported", "thinking", "sent"),
        [
            (("thinking", "reasoning_effort"), 4096, {"thinking": {"type": "enabled", "budget_tokens": 4096}}),
            (("thinking",), 0, {"thinking": {"type": "disabled"}}),
            (("reasoning_effort",), 1000, {"reasoning_effort": "low"}),
            (("reasoning_effort",), 4096, {"reasoning_effort": "medium"}),
            (("reasoning_effort",), 20000, {"reasoning_effort": "high"}),
            ((), 4096, {}),
        ],
    )
    def test_a_budget_for_thinking_in_each_providers_words(self, supported, thinking, sent):
        request = Request(messages=(), max_tokens=100, thinking=thinking)
        wishes = Options().of(request, supported, own_server=False)
        assert sent.items() <= wishes.items()
        assert set(wishes) - set(sent) == {"max_tokens", "stream_options"}


class Said(Exception):
    """As litellm's exceptions look from outside."""

    def __init__(self, message: str, status_code: int | None = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        if status_code is not None:
            self.status_code = status_code
        if headers is not None:
            self.litellm_response_headers = headers


class TestErrors:
    CALLED = Called("gemini/gemini-2.5-pro", "gemini")

    @pytest.mark.parametrize(
        ("error", "kind", "says"),
        [
            (Said("litellm.APIConnectionError: Missing Gemini API key. Set the key.\nTraceback", 500), LLMErrorKind.AUTH, "GEMINI_API_KEY"),
            (Said("litellm.InternalServerError: InternalServerError: OpenAIException - Connection error.", 500), LLMErrorKind.SERVER, "Connection error"),
            (Said('GeminiException - {"error": {"code": 429, "message": "Resource exhausted"}}', 429), LLMErrorKind.RATE_LIMIT, ": Resource exhausted"),
            (Said("AnthropicException - prompt is too long: 201000 tokens > 200000 maximum", 400), LLMErrorKind.TOO_LONG, "201000"),
            (Said("Your credit balance is too low to access the API", 400), LLMErrorKind.AUTH, "credit"),
            (Said("AnthropicException - Overloaded", 529), LLMErrorKind.SERVER, "Overloaded"),
            (ValueError("something else"), LLMErrorKind.REQUEST, "something else"),
        ],
    )  # fmt: skip
    def test_of_providers(self, error, kind, says):
        found = classify(error, self.CALLED)
        assert found.kind is kind
        assert says in found.what
        assert "litellm" not in found.what
        assert "Exception" not in found.what
        assert "\n" not in str(found)

    @pytest.mark.parametrize(
        ("error", "seconds"),
        [
            (Said("slow down", 429, {"retry-after": "12"}), 12.0),
            (Said("slow down", 429, {"retry-after-ms": "1500"}), 1.5),
            (Said("slow down", 429, {"retry-after": "soon"}), None),
            (Said("Rate limit reached. Please try again in 7.66s.", 429), 7.66),
            (Said("Rate limit reached. Please try again in 2m", 429), 120.0),
            (Said("slow down", 429), None),
        ],
    )
    def test_the_time_a_provider_asks_for(self, error, seconds):
        assert classify(error, self.CALLED).retry_after == seconds

    def test_what_lies_below_counts(self):
        error = Said("InternalServerError: Connection error.", 500)
        error.__cause__ = ConnectionRefusedError(111, "Connect call failed")
        assert classify(error, self.CALLED).kind is LLMErrorKind.CONNECTION


@pytest.mark.parametrize(
    ("seconds", "said"), [(3, "3 s"), (89, "89 s"), (90, "2 min"), (1200, "20 min"), (7200, "2 h")]
)
def test_durations_are_told_roughly(seconds, said):
    assert duration(seconds) == said
