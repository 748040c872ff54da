"""Every way a call can go wrong ends as a success after a retry or as one clear error, and in the ledger."""

from __future__ import annotations

import asyncio
import math

import pytest

from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.retry import ATTEMPTS
from tests.agent.llm import steps
from tests.agent.llm.kit import Desk

HELLO = steps.say("Going well: t3 leads.")


async def fails(desk: Desk, *script: steps.Step, **changes) -> LLMError:
    desk.endpoint.play(*script)
    with pytest.raises(LLMError) as caught:
        await desk.text(**changes)
    return caught.value


class TestAReply:
    async def test_streams_and_is_whole(self, desk):
        desk.endpoint.play(HELLO)
        completion = await desk.text()
        assert completion.text == "Going well: t3 leads."
        assert "".join(desk.shown) == completion.text
        assert len(desk.shown) > 1
        assert (completion.prompt_tokens, completion.completion_tokens, completion.finish) == (120, 30, "stop")

    async def test_is_in_the_ledger(self, desk):
        desk.endpoint.play(HELLO)
        completion = await desk.text()
        [record] = desk.ledger()
        assert completion.call_id == record.id
        assert (record.state, record.error, record.purpose) == ("ok", "", "answer")
        assert (record.template, record.model) == ("answer@1:00000000", desk.endpoint.url)
        assert (record.prompt_tokens, record.completion_tokens) == (120, 30)
        assert 0 < record.first_token_seconds <= record.seconds

    async def test_costs_an_unknown_amount_at_a_server_of_ones_own(self, desk):
        desk.endpoint.play(HELLO)
        assert (await desk.text()).cost is None
        assert desk.ledger()[0].cost is None

    async def test_costs_what_litellm_knows_at_a_provider(self, store, endpoint, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")
        desk = Desk(store, endpoint, model="openai/gpt-4o", api_base=endpoint.url)
        endpoint.play(HELLO)
        completion = await desk.text()
        assert completion.cost == pytest.approx(120 * 2.5e-6 + 30 * 10e-6)
        assert desk.ledger()[0].cost == completion.cost
        assert endpoint.requests[0].keyed

    async def test_without_usage_has_unknown_figures(self, desk):
        desk.endpoint.play(steps.say("Well.", usage=None))
        completion = await desk.text()
        assert (completion.prompt_tokens, completion.completion_tokens, completion.cost) == (None, None, None)

    async def test_thinking_aloud_is_kept_out_of_the_text(self, desk):
        desk.endpoint.play(steps.think("Is t3 better? Yes.", HELLO))
        completion = await desk.text()
        assert completion.text == "".join(desk.shown) == "Going well: t3 leads."
        assert "Is t3 better?" in completion.raw

    async def test_reasoning_in_its_own_field_is_kept_out_of_the_text(self, desk):
        desk.endpoint.play(steps.reason("Is t3 better? Yes.", HELLO))
        completion = await desk.text()
        assert completion.text == "".join(desk.shown) == "Going well: t3 leads."
        assert "Is t3 better?" in completion.raw

    async def test_calls_tools(self, desk):
        desk.endpoint.play(steps.call_tool("read_trial", {"number": 3, "with": "a rather long argument"}))
        completion = await desk.text(
            tools=({"type": "function", "function": {"name": "read_trial", "parameters": {}}},)
        )
        [tool] = completion.tool_calls
        assert (tool.name, tool.arguments) == ("read_trial", '{"number": 3, "with": "a rather long argument"}')
        assert completion.finish == "tool_calls"
        assert "read_trial" in completion.raw

    async def test_has_entropies_where_the_provider_gives_log_probabilities(self, desk):
        desk.endpoint.play(steps.say("well"))
        [token] = (await desk.text(entropy=True)).tokens
        assert token.text == "well"
        assert token.logprob == pytest.approx(math.log(0.5))
        assert token.entropy == pytest.approx(1.0397, abs=1e-3)
        assert desk.endpoint.requests[0].body["top_logprobs"] == 5


class TestRetries:
    async def test_a_rate_limit_with_a_time_is_waited_for(self, desk):
        desk.endpoint.play(steps.status(429, retry_after=7), HELLO)
        assert (await desk.text()).text == "Going well: t3 leads."
        assert desk.time.slept == [8.0]  # and up to a second more, so that not all come back at once
        assert desk.states() == [("failed", "rate_limit"), ("ok", "")]

    async def test_a_time_as_a_date_is_understood(self, desk):
        desk.endpoint.play(steps.status(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"), HELLO)
        await desk.text()
        assert desk.time.slept == [1.0]  # the date has passed

    async def test_a_rate_limit_without_a_time_is_backed_off_from(self, desk):
        desk.endpoint.play(steps.status(429), steps.status(429), HELLO)
        await desk.text()
        assert desk.time.slept == [0.5, 1.0]

    async def test_backoff_has_full_jitter(self, desk):
        desk.time.chance = 0.25
        desk.endpoint.play(steps.status(503), steps.status(503), HELLO)
        await desk.text()
        assert desk.time.slept == [0.125, 0.25]

    async def test_a_long_wait_is_told_rather_than_waited(self, desk):
        error = await fails(desk, steps.status(429, retry_after=1200))
        assert error.kind is LLMErrorKind.RATE_LIMIT
        assert "20 min" in str(error)
        assert (error.retry_after, desk.time.slept) == (1200.0, [])

    @pytest.mark.parametrize("code", [500, 502, 503, 529])
    async def test_a_fault_of_the_server_passes(self, desk, code):
        desk.endpoint.play(steps.status(code), HELLO)
        assert (await desk.text()).text == "Going well: t3 leads."
        assert desk.states() == [("failed", "server"), ("ok", "")]

    async def test_one_that_does_not_pass_is_told(self, desk):
        error = await fails(desk, steps.status(500, "out of order"))
        assert error.kind is LLMErrorKind.SERVER
        assert "out of order" in error.what
        assert f"tried {ATTEMPTS} times" in error.what
        assert desk.states() == [("failed", "server")] * ATTEMPTS
        assert [note["attempt"] for note in desk.notes()] == [1, 2, 3, 4]

    async def test_no_answer_in_time_is_tried_again(self, desk):
        desk.endpoint.play(steps.say("late", delay=30), HELLO)
        assert (await desk.text(seconds=1.5)).text == "Going well: t3 leads."
        assert desk.states() == [("failed", "timeout"), ("ok", "")]

    async def test_a_connection_cut_before_anything_was_said_is_tried_again(self, desk):
        desk.endpoint.play(steps.cut(HELLO, 0), HELLO)
        assert (await desk.text()).text == "Going well: t3 leads."
        assert desk.states() == [("failed", "connection"), ("ok", "")]


class TestWhatIsNotTriedAgain:
    async def test_a_stall_after_something_was_shown(self, desk):
        error = await fails(desk, steps.stall(HELLO, 3), seconds=1.5)
        assert error.kind is LLMErrorKind.TIMEOUT
        assert "stopped in the middle" in error.what
        assert error.raw == "Going well: t3 leads."[: len(error.raw)] != ""
        assert desk.endpoint.requests[0].closed.wait(5)
        assert desk.states() == [("failed", "timeout")]

    async def test_a_connection_cut_after_something_was_shown(self, desk):
        error = await fails(desk, steps.cut(HELLO, 3))
        assert error.kind is LLMErrorKind.CONNECTION
        assert "broke off in the middle" in error.what
        assert error.raw == "Going well: t3 leads."[: len(error.raw)] != ""

    async def test_a_stream_that_ends_without_an_end(self, desk):
        error = await fails(desk, steps.say("Going well: t3", unfinished=True))
        assert error.kind is LLMErrorKind.CONNECTION
        assert "before it was complete" in error.what

    async def test_a_reply_without_an_end(self, desk):
        error = await fails(desk, steps.huge(10))
        assert error.kind is LLMErrorKind.TOO_LONG
        assert "1 MiB" in error.what
        assert desk.endpoint.requests[0].closed.wait(5)
        assert desk.states() == [("failed", "too_long")]

    async def test_arguments_without_an_end(self, desk):
        error = await fails(desk, steps.call_tool("note", "x" * (2 << 20), piece=50_000))
        assert error.kind is LLMErrorKind.TOO_LONG

    @pytest.mark.parametrize(
        ("step", "kind", "says"),
        [
            (steps.status(404, "no such model"), LLMErrorKind.NO_MODEL, "no such model"),
            (steps.status(400, "maximum context length is 8192"), LLMErrorKind.TOO_LONG, "8192"),
            (steps.status(400, "Requested tokens (9000) exceed context window of 2048"), LLMErrorKind.TOO_LONG, "2048"),
            (steps.status(400, "no", kind="content_policy_violation"), LLMErrorKind.REFUSED, "content rules"),
            (steps.status(400, "bad messages"), LLMErrorKind.REQUEST, "bad messages"),
            (steps.status(422, "bad messages"), LLMErrorKind.REQUEST, "bad messages"),
            (steps.status(402), LLMErrorKind.AUTH, "paid"),
            (steps.status(429, "no", kind="insufficient_quota"), LLMErrorKind.AUTH, "credit"),
            (steps.say("", finish="length"), LLMErrorKind.REPLY, "thinking"),
            (steps.say(""), LLMErrorKind.REPLY, "empty"),
            (steps.say("Well", finish="content_filter"), LLMErrorKind.REFUSED, "content rules"),
        ],
    )
    async def test_what_would_go_wrong_again(self, desk, step, kind, says):
        error = await fails(desk, step)
        assert error.kind is kind
        assert says in str(error)
        assert error.remedy
        assert (desk.states(), desk.time.slept) == ([("failed", str(kind))], [])

    async def test_a_missing_key_names_the_variable(self, desk):
        error = await fails(desk, steps.status(401))
        assert error.kind is LLMErrorKind.AUTH
        assert "TUNEWRIGHT_API_KEY is not set" in error.what

    async def test_a_refused_key_names_the_variable(self, desk, monkeypatch):
        monkeypatch.setenv("TUNEWRIGHT_API_KEY", "a-wrong-key")
        error = await fails(desk, steps.status(401, "wrong key"))
        assert "refuses the key" in error.what
        assert "TUNEWRIGHT_API_KEY" in error.remedy

    async def test_a_server_that_is_not_there(self, store, endpoint):
        endpoint.play(HELLO)
        desk = Desk(store, endpoint, model="http://127.0.0.1:9/v1#anything")
        with pytest.raises(LLMError) as caught:
            await desk.text()
        assert caught.value.kind is LLMErrorKind.CONNECTION
        assert "127.0.0.1:9" in str(caught.value)
        assert "cannot be reached" in caught.value.what


class TestAnAnswerIsOneTimeOnly:
    async def test_cancelling_closes_the_connection(self, desk):
        desk.endpoint.play(steps.stall(HELLO, 3))
        task = asyncio.create_task(desk.text())
        while not desk.shown:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(desk.endpoint.requests[0].closed.wait, 5)
        assert desk.states() == [("cancelled", "cancelled")]

    async def test_cancelling_a_structured_call_closes_the_connection(self, desk):
        from tests.agent.llm.kit import GOOD, Configs

        desk.endpoint.play(steps.stall(steps.reply(GOOD), 2))
        task = asyncio.create_task(desk.structured(Configs))
        while not desk.endpoint.requests:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(desk.endpoint.requests[0].closed.wait, 5)
        assert desk.states() == [("cancelled", "cancelled")]

    async def test_cancelling_during_a_pause_makes_no_further_call(self, desk):
        waiting = asyncio.Event()

        async def sleep(seconds: float) -> None:
            waiting.set()
            await asyncio.sleep(60)

        desk.time.sleep = sleep
        desk.models._clock = desk.time.clock()
        desk.endpoint.play(steps.status(500))
        task = asyncio.create_task(desk.text())
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(desk.endpoint.requests) == 1
        assert desk.states() == [("failed", "server")]

    async def test_only_so_many_calls_are_made_at_once(self, desk):
        desk.endpoint.play(steps.say("one two three four", pause=0.05))
        await asyncio.gather(*(desk.text() for _ in range(10)))
        assert desk.endpoint.most_at_once == 4
        assert desk.states() == [("ok", "")] * 10


class TestTheBreaker:
    async def test_opens_after_five_failures_and_probes_once(self, desk):
        desk.endpoint.play(steps.status(500))
        kinds = [(await fails(desk, steps.status(500))).kind for _ in range(2)]
        assert kinds == [LLMErrorKind.SERVER, LLMErrorKind.UNAVAILABLE]
        assert len(desk.endpoint.requests) == 5
        error = await fails(desk, HELLO)
        assert "failed 5 times in a row" in error.what
        assert "tried again in 30 s" in error.what
        assert len(desk.endpoint.requests) == 5
        desk.time.at += 31
        assert (await desk.text()).text == "Going well: t3 leads."
        assert (await desk.text()).text == "Going well: t3 leads."

    async def test_is_the_models_and_not_the_studys(self, desk):
        for _ in range(2):
            await fails(desk, steps.status(500))
        client = await desk.client()
        other = await desk.client()
        assert client is not other
        assert (await fails(desk, HELLO)).kind is LLMErrorKind.UNAVAILABLE
