"""The client against llama.cpp's own server: a real model, a real grammar, real tokens."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, Field

from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.forms import Form
from agent.store.connection import open_store
from tests.agent.llm.kit import Desk, call
from tests.agent.llm.llama_server import llama_server
from tests.agent.llm.local.tiny import needs_llama, tiny_gguf, tiny_hf  # noqa: F401 – fixtures

pytestmark = [needs_llama, pytest.mark.slow]


class Choice(BaseModel):
    """What to try next."""

    lr: Literal["1e-4", "1e-3", "1e-2"]
    layers: int = Field(ge=1, le=8)


@pytest.fixture(scope="module")
def server(tiny_gguf):  # noqa: F811 – the fixture
    with llama_server(tiny_gguf) as address:
        yield address


@pytest.fixture
def desk(tmp_path, server):
    class There:
        url = server

    with open_store(tmp_path / "store.sqlite") as store:
        yield Desk(store, There())


async def test_text_streams(desk):
    client = await desk.client()
    shown: list[str] = []
    completion = await client.text(call("Which learning rate?", max_tokens=40, seconds=120), shown.append)
    assert completion.text == "".join(shown).strip() != ""
    assert completion.finish in ("stop", "length")
    [record] = desk.ledger()
    assert (record.state, record.cost) == ("ok", None)


@pytest.mark.parametrize("form", [Form.TOOLS, Form.JSON_OBJECT])
async def test_a_structured_reply_keeps_to_its_schema(desk, form):
    client = await desk.client()
    client.line.forms.worked(form)  # as if the better ones had been refused
    for _ in range(3):
        try:
            found, _ = await client.structured(call("What next?", max_tokens=200, seconds=120), Choice)
        except LLMError as error:  # a grammar does not hold numbers to their bounds
            assert error.kind is LLMErrorKind.REPLY
            assert "layers" in error.what or "cut off" in error.what
        else:
            assert found.lr in ("1e-4", "1e-3", "1e-2")
            break


async def test_the_form_that_it_cannot_do_is_found_out(desk):
    client = await desk.client()
    client.line.forms.worked(Form.JSON_SCHEMA)
    client.line.forms._proven.clear()
    try:
        await client.structured(call("What next?", max_tokens=200, seconds=120), Choice)
    except LLMError as error:
        assert error.kind is LLMErrorKind.REPLY
    assert [state for state, _ in desk.states()][:2] == ["failed", "failed"]
    assert desk.states()[0][1] == "server"  # it answers 500 to response_format json_schema
    assert desk.ledger()[-1].completion_tokens is None or desk.ledger()[-1].completion_tokens > 0


async def test_a_prompt_that_does_not_fit_is_told(desk):
    client = await desk.client()
    with pytest.raises(LLMError) as caught:
        await client.text(call("lower the learning rate " * 6_000, seconds=120))
    assert caught.value.kind is LLMErrorKind.TOO_LONG
