"""The models of one process: made when wanted, shared, freed."""

from __future__ import annotations

import gc

import pytest

from agent.llm import models
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.models import Models
from agent.study.agent_spec import AgentSpec
from tests.agent.stores import make_study


class Held:
    """A backend that only tells whether it is still held."""

    has_tools, has_grammar, concurrency = False, True, 1

    def __init__(self, name) -> None:
        self.name, self.closed = name.text, False

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def made(monkeypatch):
    backends: list[Held] = []

    def make(name):
        backends.append(Held(name))
        return backends[-1]

    monkeypatch.setattr(models, "_backend", make)
    return backends


def study(store, model: str):
    return make_study(store, name=model, agent=AgentSpec(model=model))


async def test_one_model_is_made_once(store, made):
    kept = Models()
    first, second = study(store, "local:a.gguf"), make_study(store, name="b", agent=AgentSpec(model="local:a.gguf"))
    clients = [await kept.of(store, each) for each in (first, second)]
    assert [backend.name for backend in made] == ["local:a.gguf"]
    assert clients[0].line is clients[1].line


async def test_a_local_model_makes_room_for_another_once_no_job_uses_it(store, made):
    kept = Models()
    in_use = await kept.of(store, study(store, "local:a.gguf"))
    b = await kept.of(store, study(store, "local:b.gguf"))
    assert [backend.closed for backend in made] == [False, False]
    del in_use, b
    gc.collect()
    c = await kept.of(store, study(store, "hf:c"))
    assert [backend.closed for backend in made] == [True, True, False]
    assert c is not None


async def test_a_hosted_model_neither_makes_room_nor_needs_any(store, made):
    kept = Models()
    for model in ("local:a.gguf", "openai/gpt-4o", "local:a.gguf"):
        await kept.of(store, make_study(store, name=f"{model} {len(made)}", agent=AgentSpec(model=model)))
        gc.collect()
    assert [backend.name for backend in made] == ["local:a.gguf", "openai/gpt-4o"]
    assert not any(backend.closed for backend in made)


async def test_all_are_freed_at_the_end(store, made):
    kept = Models()
    await kept.of(store, study(store, "local:a.gguf"))
    await kept.close()
    assert made[0].closed


async def test_a_missing_package_is_told_with_its_extra(store, monkeypatch):
    def gone(module: str):
        raise ModuleNotFoundError("No module named 'llama_cpp'", name="llama_cpp")

    monkeypatch.setattr(models, "import_module", gone)
    with pytest.raises(LLMError) as caught:
        await Models().of(store, study(store, "local:a.gguf"))
    assert caught.value.kind is LLMErrorKind.NO_MODEL
    assert "'llama_cpp' is not installed" in caught.value.what
    assert "tunewright[local]" in caught.value.remedy
