"""llama.cpp's own server, called as any hosted model is: litellm underneath, instructor for what has a shape."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agent.llm.call import Call
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.model import LanguageModel
from agent.llm.models import Models
from agent.search.llm.reply import Proposals, shape
from agent.store import calls
from agent.store.connection import Store, open_store
from agent.study.agent_spec import AgentSpec
from tests.agent.llm.local.asking import CHAT
from tests.agent.llm.local.tiny import needs_llama
from tests.agent.stores import SPACE, make_study

pytestmark = needs_llama


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.sqlite") as opened:
        yield opened


@pytest.fixture
async def models() -> AsyncIterator[Models]:
    made = Models()
    yield made
    await made.close()


async def model_at(address: str, models: Models, store: Store) -> LanguageModel:
    study = make_study(store, agent=AgentSpec(model=address, temperature=0.8))
    found = await models.of(store, study)
    assert found is not None
    return found


async def test_text_streams_and_is_in_the_ledger(llama_server: str, models: Models, store: Store) -> None:
    model = await model_at(llama_server, models, store)
    shown: list[str] = []
    said = await model.text(Call(purpose="answer", messages=CHAT, max_tokens=40), shown.append)
    assert "".join(shown).strip() == said.text != ""
    [entry] = calls.all_of(store)
    assert (entry.state, entry.model, entry.cost) == ("ok", llama_server, None)  # its price is not known
    assert entry.completion_tokens is None or 0 < entry.completion_tokens <= 40


async def test_a_shape_comes_back_checked(llama_server: str, models: Models, store: Store) -> None:
    model = await model_at(llama_server, models, store)
    wanted = shape(SPACE, 1)
    kept: list[Proposals] = []
    problems: list[LLMError] = []
    for _ in range(6):  # its server holds no number to its bounds, and the model is very small
        try:
            reply, completion = await model.structured(Call(purpose="next", messages=CHAT, max_tokens=900), wanted)
        except LLMError as error:
            assert error.kind is LLMErrorKind.REPLY and error.raw
            problems.append(error)
            continue
        kept.append(reply)
        assert completion.call_id is not None
        assert all(set(p.params) <= set(SPACE.parameters) for p in reply.proposals if isinstance(p.params, dict))
    assert kept, problems


async def test_log_probabilities_are_known(llama_server: str, models: Models, store: Store) -> None:
    model = await model_at(llama_server, models, store)
    said = await model.text(Call(purpose="answer", messages=CHAT, max_tokens=30, entropy=True))
    assert "".join(token.text for token in said.tokens).strip() == said.text
    assert all(0 <= token.entropy < 6.3 and token.logprob <= 0 for token in said.tokens)  # ln 503 = 6.22
    assert max(token.entropy for token in said.tokens) > 0.1
