"""The models of one process, each loaded once however many studies use it."""

from __future__ import annotations

from importlib import import_module
from weakref import WeakSet

from agent.llm.backend import Backend
from agent.llm.client import Client
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.line import Line
from agent.llm.model import LanguageModel
from agent.llm.names import ModelKind, ModelName, parse_model
from agent.llm.retry import Clock
from agent.store.connection import Store
from agent.store.studies import Study

_BACKENDS = {
    ModelKind.HOSTED: ("agent.llm.hosted", "HostedBackend"),
    ModelKind.GGUF: ("agent.llm.gguf", "GgufBackend"),
    ModelKind.HF: ("agent.llm.hf", "HfBackend"),
}
_EXTRAS = {ModelKind.GGUF: "local", ModelKind.HF: "hf"}


class Models:
    """Lines to models by name. Nothing is imported or loaded before a study asks for it; a model that fills this
    machine's memory is freed when another one is asked for and no job uses it any more."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._lines: dict[ModelName, Line] = {}
        self._clients: WeakSet[Client] = WeakSet()  # of jobs that are under way

    async def of(self, store: Store, study: Study) -> LanguageModel | None:
        """The model of `study`, or None where the built-in advisor speaks. Raises LLMError for a name that is none."""
        name = parse_model(study.spec.agent.model, study.spec.agent.api_base)
        if name.kind is ModelKind.NONE:
            return None
        if name not in self._lines:
            await self._make_room(name)
            self._lines[name] = Line.to(name, _backend(name), self._clock)
        client = Client(store, study, self._lines[name])
        self._clients.add(client)
        return client

    async def _make_room(self, name: ModelName) -> None:
        used = {client.line.name for client in self._clients}
        for other in [line for line in self._lines.values() if line.name not in used]:
            if ModelKind.HOSTED not in (name.kind, other.name.kind):
                del self._lines[other.name]
                await other.backend.close()

    async def close(self) -> None:
        """Frees what was loaded."""
        for line in self._lines.values():
            await line.backend.close()
        self._lines.clear()


def _backend(name: ModelName) -> Backend:
    module, kind = _BACKENDS[name.kind]
    try:
        made: Backend = getattr(import_module(module), kind)(name)
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(name.kind)
        remedy = f"pip install 'tunewright[{extra}]'." if extra else f"pip install '{error.name}'."
        what = f"the package '{error.name}' is not installed"
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=f"model '{name.text}'", remedy=remedy) from None
    return made
