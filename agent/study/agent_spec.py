"""Which model speaks for the agent, how it is asked, and what it may spend."""

from __future__ import annotations

from dataclasses import dataclass

NO_MODEL = "none"  # the built-in advisor: rules, no calls


@dataclass(frozen=True, kw_only=True)
class AgentSpec:
    """The agent of one study. None means no limit, or the model's own default.

    `model` is any litellm name, `local:PATH.gguf`, `hf:PATH`, the address of an OpenAI-compatible server,
    or `none`. `money` is in US dollars. `explain_worse_than` has every trial explained that ends worse, or fails.
    `attention` names layers and heads such as "layers=0,-1 heads=all"; empty records none.
    """

    model: str = NO_MODEL
    api_base: str = ""  # where the model is served, if not at its provider's
    about: str = ""  # what the task is, in the person's words
    language: str = ""  # of replies; empty: English
    proposals: int = 3  # configs a call
    temperature: float | None = None
    thinking: int | None = None  # tokens a model that thinks may think for
    explain_worse_than: float | None = None
    prompts: str = ""  # a folder whose templates stand in for ours
    money: float | None = None
    tokens: int | None = None
    calls_per_day: int | None = None
    entropy: bool = False
    attention: str = ""

    @property
    def has_model(self) -> bool:
        return self.model != NO_MODEL

    def changes(self, other: AgentSpec) -> str:
        """What `other` sets otherwise, in words: `model gpt-5, money 5`."""
        new = vars(other)
        changed = [
            f"{name} {new[name] if new[name] not in (None, '') else 'none'}"
            for name in new
            if new[name] != getattr(self, name)
        ]
        return ", ".join(changed) or "nothing new"
