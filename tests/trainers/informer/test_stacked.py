"""A stack of Informers and one by itself can take each other's work up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.trainers.context import Killed, RecordingContext
from trainers import checkpoint, samples
from trainers.informer import InformerTrainer
from trainers.informer.network import Informer
from trainers.informer.spaces import complete
from trainers.informer.tasks import find
from trainers.informer.train import shape_of
from trainers.informer.windows import splits

TASK = "synthetic-24-m"
OPTIONS = {"protocol": [500, 150, 150], "precision": "fp32"}  # fourteen batches an epoch
CONFIG: dict[str, Any] = {
    **InformerTrainer().defaults(TASK),
    "epochs": 2,
    "d_model": 16,
    "n_heads": 2,
    "d_ff": 32,
    "factor": 1,
    "dropout": 0.2,
}


def context(folder: Path, seed: int, **more: Any) -> RecordingContext:
    objective = InformerTrainer().objective(TASK)
    told = {"run_dir": folder / str(seed), "task": TASK, "objective": objective, "options": OPTIONS}
    return RecordingContext(**{**told, "seed": seed, **more})


def together(ctxs: list[RecordingContext]) -> None:
    for _, error in InformerTrainer().run_many([CONFIG] * len(ctxs), ctxs):
        if error is not None:
            raise error


def alone(ctx: RecordingContext) -> None:
    InformerTrainer().run(CONFIG, ctx)


@pytest.mark.parametrize("stacked_first", [True, False])
def test_what_one_began_the_other_ends(stacked_first: bool, tmp_path: Path) -> None:
    """Dropout and keys go on with the numbers that would have come."""

    def in_a_stack(ctx: RecordingContext) -> None:
        together([context(tmp_path / "beside", 0), ctx])

    first: Callable[[RecordingContext], None] = in_a_stack if stacked_first else alone
    whole = context(tmp_path / "whole", 1)
    alone(whole)
    killed = context(tmp_path / "killed", 1, die_after=5)  # after the first epoch's checkpoint
    with pytest.raises(Killed):
        first(killed)
    resumed = context(tmp_path / "resumed", 1, resume_from=killed.checkpoint_dir)
    (alone if stacked_first else in_a_stack)(resumed)
    later = resumed.reports[1:]  # the first repeats the best so far
    assert 0 < len(later) < len(whole.reports)
    for (step, metrics), (other_step, others) in zip(whole.reports[-len(later) :], later, strict=True):
        assert other_step == step
        for name in metrics.keys() - {"samples_per_second"}:
            assert others[name] == pytest.approx(metrics[name], rel=2e-3)


def test_a_stacks_model_is_kept_as_a_trials_own_would_be(tmp_path: Path) -> None:
    ctxs = [context(tmp_path, seed) for seed in range(2)]
    together(ctxs)
    for ctx in ctxs:
        kept = checkpoint.load(ctx.checkpoint_dir / checkpoint.MODEL, "cpu")
        Informer(shape_of(complete(kept["config"]), splits(find(TASK), OPTIONS, CONFIG))).load_state_dict(kept["model"])
        assert kept["scores"]["mse"] == ctx.value()
        assert samples.read(ctx.run_dir) is not None
    first, second = (checkpoint.load(ctx.checkpoint_dir / checkpoint.MODEL, "cpu")["model"] for ctx in ctxs)
    assert not any(torch.equal(first[name], second[name]) for name in first if name.endswith("weight"))
