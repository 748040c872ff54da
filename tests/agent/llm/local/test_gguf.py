"""A GGUF model in this process: load, stream, stop, schema, entropy, and every way of being no model."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from agent.llm import capacity
from agent.llm.backend import Piece
from agent.llm.entropy import entropy_and_logprob, value_entropies
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.gguf import GgufBackend
from agent.llm.llamacpp import Context
from agent.llm.names import parse_model
from tests.agent.llm.local import tiny
from tests.agent.llm.local.asking import ask, request

pytestmark = tiny.needs_llama
SCHEMA = {
    "type": "object",
    "properties": {"lr": {"type": "number", "minimum": 0.001, "maximum": 0.1}, "opt": {"enum": ["adam", "sgd"]}},
    "required": ["lr", "opt"],
}


def backend_of(path: Path, **options: Any) -> GgufBackend:
    return GgufBackend(parse_model(f"local:{path}"), **options)


@pytest.fixture
async def backend(tiny_gguf: Path) -> AsyncIterator[GgufBackend]:
    made = backend_of(tiny_gguf)
    yield made
    await made.close()


class TestAReply:
    async def test_streams_and_says_at_the_end_what_it_took(self, backend: GgufBackend) -> None:
        pieces = [piece async for piece in backend.stream(request(max_tokens=40, temperature=0.0))]
        *before, last = pieces
        assert pieces[0].waiting  # while it loaded
        assert "".join(piece.text for piece in pieces)
        assert not any(piece.finish or piece.usage for piece in before)
        assert last.finish in ("stop", "length") and last.cost == 0.0
        prompt, written = last.usage or (0, 0)
        assert prompt > 40 and 0 < written <= 40

    async def test_is_the_same_at_temperature_0_whatever_was_asked_before(self, backend: GgufBackend) -> None:
        first = await ask(backend, temperature=0.0)
        await ask(backend, messages=[{"role": "user", "content": "something else"}])
        again = await ask(backend, temperature=0.0)
        assert (again.text, again.usage) == (first.text, first.usage)

    async def test_ends_at_max_tokens_and_says_so(self, backend: GgufBackend) -> None:
        piece = await ask(backend, max_tokens=3)
        assert piece.finish == "length"
        assert piece.usage is not None and piece.usage[1] == 3

    async def test_is_held_to_a_schema(self, backend: GgufBackend) -> None:
        for _ in range(5):
            piece = await ask(backend, schema=SCHEMA, temperature=1.5, max_tokens=300)
            assert piece.finish == "stop"
            jsonschema.validate(json.loads(piece.text), SCHEMA)

    async def test_a_schema_llama_cpp_refuses_costs_its_shape_not_the_reply(self, backend: GgufBackend) -> None:
        endless = {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}}}
        piece = await ask(backend, schema=endless, max_tokens=2_000)
        if piece.finish == "stop":
            json.loads(piece.text)
        assert piece.text.startswith("{")

    async def test_text_in_any_script_comes_whole(self, backend: GgufBackend) -> None:
        said = "Привет, 世界! ありがとう — naïve"
        schema = {"const": said}
        pieces = [piece async for piece in backend.stream(request(schema=schema, max_tokens=400, logprobs=True))]
        assert json.loads("".join(piece.text for piece in pieces)) == said
        assert "".join(token.text for piece in pieces for token in piece.tokens) == json.dumps(said, ensure_ascii=False)


class TestStopping:
    async def test_closing_the_stream_frees_the_model_for_the_next(self, backend: GgufBackend) -> None:
        async with aclosing(backend.stream(request(schema={"type": "array"}, max_tokens=8_000))) as stream:
            async for piece in stream:
                if piece.text:
                    break
        piece = await ask(backend, max_tokens=5)
        assert piece.usage is not None and piece.usage[1] <= 5

    async def test_a_long_prompt_can_be_given_up_before_it_is_read(self, backend: GgufBackend) -> None:
        long = [{"role": "user", "content": "lr=0.1 loss=0.5\n" * 1_200}]
        await ask(backend, max_tokens=1)
        stream = backend.stream(request(messages=long))
        await anext(stream)
        await stream.aclose()
        assert backend._worker is not None
        await ask(backend, max_tokens=1)
        assert backend._context is not None
        assert len(backend._context.fed) < 200  # what was read of the long one is forgotten

    async def test_two_at_once_take_turns(self, backend: GgufBackend) -> None:
        both = await asyncio.gather(ask(backend, temperature=0.0), ask(backend, temperature=0.0))
        assert both[0].text == both[1].text != ""


class TestTheContext:
    async def test_grows_with_what_is_asked(self, backend: GgufBackend) -> None:
        await ask(backend, max_tokens=1)
        assert backend._context is not None and backend._context.size == 4_096
        piece = await ask(backend, messages=[{"role": "user", "content": "0.123 " * 900}], max_tokens=300)
        assert piece.usage is not None and piece.usage[0] > 4_096
        assert piece.usage[0] + 300 <= backend._context.size <= 16_384

    async def test_a_prompt_beyond_it_is_refused_with_both_figures(self, tiny_gguf: Path) -> None:
        backend = backend_of(tiny_gguf, most_context=512)
        with pytest.raises(
            LLMError, match=r"the prompt has ([\d,]+) tokens, and the model has room for 512 "
        ) as caught:
            await ask(backend, messages=[{"role": "user", "content": "0.5 " * 1_000}])
        assert caught.value.kind is LLMErrorKind.TOO_LONG
        assert (await ask(backend, max_tokens=2)).finish == "length"
        await backend.close()

    async def test_little_memory_makes_it_smaller_and_is_named(
        self, tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file_size = tiny_gguf.stat().st_size
        per_token = tiny.LAYERS * tiny.KV_HEADS * (tiny.WIDTH // tiny.HEADS) * 2 * 2  # keys and values, 16 bits each
        monkeypatch.setattr(capacity, "free_memory", lambda: file_size + 2 * 1_100 * per_token)
        backend = backend_of(tiny_gguf)
        with pytest.raises(LLMError, match=r"room for 1,024 with its reply.*The file allows 16,384; memory is short"):
            await ask(backend, messages=[{"role": "user", "content": "0.5 " * 1_000}])
        await backend.close()

    async def test_a_prompt_that_begins_alike_is_read_from_where_it_differs(
        self, backend: GgufBackend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fed: list[int] = []
        feed = Context.feed
        monkeypatch.setattr(Context, "feed", lambda self, tokens: (fed.append(len(tokens)), feed(self, tokens)))
        history = "".join(f"t{i} lr=0.1 loss={i}\n" for i in range(60))
        first = await ask(backend, messages=[{"role": "user", "content": history + "What next?"}], max_tokens=1)
        fed.clear()
        await ask(backend, messages=[{"role": "user", "content": history + "Why?"}], max_tokens=1)
        assert first.usage is not None
        assert sum(fed) < 20 < 500 < first.usage[0]


class TestItsEntropy:
    async def test_is_that_of_all_logits(self, backend: GgufBackend) -> None:
        piece = await ask(backend, logprobs=True, temperature=0.0, max_tokens=10)
        assert "".join(token.text for token in piece.tokens) == piece.text
        weights, context = backend._weights, backend._context
        assert weights is not None and context is not None
        written = context.fed[-9:]  # the tenth was not fed
        prompt = context.fed[:-9]
        fresh = Context(weights, 1_024, 1)
        fresh.feed(prompt)
        for token, said in zip(written, piece.tokens, strict=False):
            entropy, logprob = entropy_and_logprob(fresh.logits_V(), token)
            assert said.entropy == pytest.approx(entropy, abs=0.02)
            assert said.logprob == pytest.approx(logprob, abs=0.02)
            fresh.feed([token])
        fresh.close()

    async def test_stands_beside_each_value(self, backend: GgufBackend) -> None:
        piece = await ask(backend, logprobs=True, schema=SCHEMA, max_tokens=300)
        [found] = value_entropies(piece.tokens, ("lr", "opt"))
        assert set(found) == {"lr", "opt"} and all(0 <= nats < 6.3 for nats in found.values())  # ln 512 = 6.24


class TestNoModel:
    def test_a_missing_file(self, tmp_path: Path) -> None:
        for target in (tmp_path / "none.gguf", ""):
            with pytest.raises(LLMError, match="there is no file") as caught:
                GgufBackend(parse_model(f"local:{target}"))
            assert caught.value.kind is LLMErrorKind.NO_MODEL

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(LLMError, match=r"is a folder, not a GGUF file\. For transformers: hf:"):
            backend_of(tmp_path)

    def test_another_kind_of_file(self, tmp_path: Path) -> None:
        for content in (b"", b"#!/bin/sh\n"):
            (tmp_path / "x.gguf").write_bytes(content)
            with pytest.raises(LLMError, match="is not a GGUF file"):
                backend_of(tmp_path / "x.gguf")

    async def test_a_damaged_file_with_llama_cpp_s_own_reason(self, tiny_gguf: Path, tmp_path: Path) -> None:
        whole = tiny_gguf.read_bytes()
        damaged = {
            "cut": (whole[: len(whole) // 2], "not within the file bounds"),
            "beginning": (whole[:100], "failed to read key-value pairs"),
            "future": (whole[:4] + b"\x63" + whole[5:], "version 99"),
            "foreign": (whole.replace(b"qwen2", b"qwenX"), "unknown model architecture: 'qwenX'"),
        }
        for name, (content, reason) in damaged.items():
            path = tmp_path / f"{name}.gguf"
            path.write_bytes(content)
            backend = backend_of(path)
            with pytest.raises(LLMError, match=reason) as caught:
                await ask(backend)
            assert caught.value.kind is LLMErrorKind.NO_MODEL
            assert f"local:{path}" in str(caught.value)
            await backend.close()

    async def test_without_the_package(self, tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "llama_cpp", None)
        backend = backend_of(tiny_gguf)
        with pytest.raises(LLMError, match=r"'llama-cpp-python' is not installed\. pip install 'tunewright\[local\]'"):
            await ask(backend)
        await backend.close()


async def test_a_model_without_a_template_is_asked_plainly(tiny_hf: Path, tmp_path: Path) -> None:
    path = tmp_path / "plain.gguf"
    tiny.write_gguf(tiny_hf, path, template=False)
    backend = backend_of(path)
    pieces: list[Piece] = [piece async for piece in backend.stream(request(max_tokens=60))]
    assert "".join(piece.text for piece in pieces)
    context, weights = backend._context, backend._weights
    assert context is not None and weights is not None
    read = b"".join(map(weights.piece, context.fed)).decode()
    assert read.startswith("### Instructions\nYou tune models.\n\n### Question\nPropose configs.\n")
    await backend.close()
