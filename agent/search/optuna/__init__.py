"""Our searches as Optuna samplers: `optuna.create_study(sampler=GuidedSampler(seed=0))`. See docs/optuna.md."""

from agent.search.optuna.advised import GuidedSampler, LLMSampler
from agent.search.optuna.samplers import SamplerError, SearchSampler

__all__ = ["GuidedSampler", "LLMSampler", "SamplerError", "SearchSampler"]
