"""Our searches as Optuna samplers: `optuna.create_study(sampler=GuidedSampler(seed=0))`. See docs/optuna.md."""

from agent.search.optuna.llm import LLMSampler
from agent.search.optuna.samplers import GuidedSampler, SamplerError, SearchSampler

__all__ = ["GuidedSampler", "LLMSampler", "SamplerError", "SearchSampler"]
