"""How LLAMBO searches: what the model is told, how candidates are drawn, judged and chosen, and what that may cost."""

from __future__ import annotations

from dataclasses import dataclass

CONTEXTS = ("none", "partial", "full")
STARTS = ("model", "sobol", "random")
SURROGATES = ("discriminative", "generative")
ACQUISITIONS = ("ei", "ucb")
MOST_TEMPLATES = 3


@dataclass(frozen=True, kw_only=True)
class LlamboSpec:
    """`context` none tells the model family and the metric, partial also the data, full all that is known of the task.

    The first `initial` configs after the defaults come by `start`. `candidates` are then asked for at a value
    `alpha` times the range seen beyond the best, and judged by `samples` answers over so many `templates` of the
    question, `together` candidates a call. `quantile` is the share of trials that count as good in the generative
    surrogate, `kappa` the standard deviations UCB adds, `examples` the most trials a prompt shows. `calls` limits the
    calls a proposal may have, `study_calls` those of the whole study (None: no limit of its own).
    """

    context: str = "full"
    initial: int = 5
    start: str = "model"
    alpha: float = 0.1
    candidates: int = 10
    surrogate: str = "discriminative"
    acquisition: str = "ei"
    kappa: float = 1.0
    quantile: float = 0.25
    samples: int = 6
    templates: int = 2
    together: int = 10
    examples: int = 40
    calls: int = 20
    study_calls: int | None = None
