"""llama.cpp's own server, called as any hosted model is: what proposals and their entropies need of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agent.llm.call import Call
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.model import LanguageModel
from agent.llm.models import Models
from agent.search.llm.reply import Proposals, shape
from agent.store.connection import Store, open_store
from agent.study.agent_spec import AgentSpec
from tests.agent.llm.llama_server import llama_server
from tests.agent.llm.local.asking import CHAT
from tests.agent.llm.local.tiny import needs_llama
from tests.agent.stores import SPACE, make_study

pytestmark = needs_llama


@pytest.fixture(scope="module")
def server(tiny_gguf: Path) -> Iterator[str]:
    with llama_server(tiny_gguf) as address:
        yield address


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.sqlite") as opened:
        yield opened


@pytest.fixture
async def model(server: str, store: Store) -> AsyncIterator[LanguageModel]:
    models = Models()
    found = await models.of(store, make_study(store, agent=AgentSpec(model=server, temperature=0.8)))
    assert found is not None
    yield found
    await models.close()


async def test_proposals_come_back_in_shape(model: LanguageModel) -> None:
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


async def test_its_log_probabilities_become_entropies(model: LanguageModel) -> None:
    said = await model.text(Call(purpose="answer", messages=CHAT, max_tokens=30, entropy=True))
    assert "".join(token.text for token in said.tokens).strip() == said.text
    assert all(0 <= token.entropy < 6.3 and token.logprob <= 0 for token in said.tokens)  # ln 503 = 6.22
    assert max(token.entropy for token in said.tokens) > 0.1
