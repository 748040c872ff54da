"""What a job of the agent works with."""

from __future__ import annotations

from dataclasses import dataclass

from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.model import LanguageModel
from agent.store.connection import Store
from agent.store.studies import Study


@dataclass(frozen=True)
class Seat:
    """One study, its store, and the model that speaks for the agent; None where the built-in advisor does."""

    store: Store
    study: Study
    model: LanguageModel | None

    def need_model(self) -> LanguageModel:
        """Raises LLMError where there is none."""
        if self.model is None:
            remedy = "Choose one with --model or /model; 'tunewright models' lists what is at hand."
            raise LLMError(LLMErrorKind.NO_MODEL, "no model is set", where=f"study '{self.study.name}'", remedy=remedy)
        return self.model
