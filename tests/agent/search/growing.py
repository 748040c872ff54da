"""Studies on functions: a history grown by a proposer, one trial or one batch at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from agent.search.catalog import proposer
from agent.search.history import History
from agent.study.nouns import Draft, Trial, TrialState
from trainers.contract import Failure, FailureKind, Objective
from trainers.expressions import Expression
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, SearchSpace

Loss = Callable[[Config], float | None]
FAILED = Failure(kind=FailureKind.EXCEPTION, message="diverged")


def fresh(space: SearchSpace, *, seed: int = 0, direction: str = "minimize", first: Config | None = None) -> History:
    return History(
        space=space, objective=Objective("loss", direction), first_config=first or space.default(), seed=seed
    )


def ran(
    history: History,
    draft: Draft,
    value: float | None,
    state: TrialState | None = None,
    failed: Failure = FAILED,
) -> History:
    """`history` once `draft` was approved and its trial has come to `state`: completed, or `failed` without a value."""
    trial = Trial(
        id=len(history.trials) + 1,
        study_id=1,
        number=history.number,
        proposal_id=history.number,
        source=draft.source,
        params=draft.params,
        seed=0,
        state=state or (TrialState.FAILED if value is None else TrialState.COMPLETED),
        value=value,
        failure=failed if value is None and state is None else None,
    )
    return replace(history.after(draft), pending=history.pending, trials=(*history.trials, trial))


def grow(
    history: History, loss: Loss, search: str, trials: int, *, batch: int = 1, failed: Failure = FAILED
) -> tuple[History, list[Draft]]:
    """`trials` more trials, or fewer when the search runs out, and the drafts they came from."""
    drafts: list[Draft] = []
    while len(drafts) < trials:
        proposed = proposer(search).propose(history, min(batch, trials - len(drafts)))
        for draft in proposed:
            history = ran(history, draft, loss(draft.params), failed=failed)
        drafts += proposed
        if not proposed:
            break
    return history, drafts


def best(history: History) -> float:
    return min(history.loss(t) for t in history.completed)


# -- spaces -----------------------------------------------------------------------


def mixed() -> SearchSpace:
    return SearchSpace(
        [
            FloatParameter(name="lr", low=1e-5, high=1.0, log=True, default=1e-3),
            FloatParameter(name="dropout", low=0.0, high=0.5, step=0.1),
            IntParameter(name="width", low=16, high=512, log=True),
            IntParameter(name="layers", low=2, high=8, step=2),
            CategoricalParameter(name="optimizer", choices=("adam", "sgd", None)),
        ]
    )


def mixed_loss(c: Config) -> float:
    bowl = 0.1 * (math.log10(c["lr"]) + 2) ** 2 + (c["dropout"] - 0.2) ** 2 + 0.05 * (math.log2(c["width"]) - 7) ** 2
    return bowl + 0.02 * abs(c["layers"] - 4) + {"adam": 0.0, "sgd": 0.1, None: 0.2}[c["optimizer"]]


def conditional() -> SearchSpace:
    sgd = Expression("optimizer == 'sgd'")
    return SearchSpace(
        [
            CategoricalParameter(name="optimizer", choices=("adam", "sgd")),
            FloatParameter(name="lr", low=1e-4, high=1.0, log=True),
            FloatParameter(name="momentum", low=0.0, high=0.99, when=sgd),
            CategoricalParameter(name="nesterov", choices=(True, False), when=sgd),
            FloatParameter(name="damping", low=0.0, high=0.5, when=Expression("nesterov == False")),
        ]
    )


def conditional_loss(c: Config) -> float:
    return abs(math.log10(c["lr"]) + 2) + abs(c.get("momentum", 0.5) - 0.9) + c.get("damping", 0.0)


def constrained() -> SearchSpace:
    """Informer's lengths and a product that cuts off most of the rest: about one draw in twenty fits."""
    lengths = (24, 48, 96, 168, 336, 720)
    return SearchSpace(
        [
            CategoricalParameter(name="seq_len", choices=lengths),
            CategoricalParameter(name="label_len", choices=lengths),
            IntParameter(name="batch", low=8, high=512, log=True),
            FloatParameter(name="a", low=0.0, high=1.0),
            FloatParameter(name="b", low=0.0, high=1.0),
        ],
        ["label_len < seq_len", "batch * seq_len <= 20000", "a + b < 0.5"],
    )


def constrained_loss(c: Config) -> float:
    return abs(c["label_len"] - 48) / 100 + abs(math.log2(c["batch"]) - 5) + (c["a"] - 0.2) ** 2 + c["b"]


def tiny() -> SearchSpace:
    """Eleven configs."""
    return SearchSpace(
        [IntParameter(name="k", low=1, high=5), CategoricalParameter(name="c", choices=("x", "y", "z"))],
        ["k >= 3 or c == 'x'"],
    )


def tiny_loss(c: Config) -> float:
    return float(c["k"] + len(c["c"]))
