"""A stack of trials and a trial by itself can take each other's work up, and a stack shrinks as trials leave it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.trainers.context import Killed, RecordingContext
from trainers import checkpoint
from trainers.bracket import BracketTrainer
from trainers.bracket.models import build
from trainers.bracket.tasks import find
from trainers.bracket.train import BETAS, CLIP
from trainers.stacked_weights import Weights

TASK = "gru-small"
CONFIG = {"epochs": 9, "batch_size": 32, "embedding": 32, "units": 32, "layers": 2, "dropout": 0.2, "lr": 3e-3}
FEW = {"train_samples": 300}  # ten batches an epoch; checkpoints at steps 50 and 90


def context(folder: Path, seed: int, **more: Any) -> RecordingContext:
    objective = BracketTrainer().objective(TASK)
    return RecordingContext(run_dir=folder / str(seed), task=TASK, objective=objective, seed=seed, options=FEW, **more)


def together(ctxs: list[RecordingContext]) -> None:
    for _, error in BracketTrainer().run_many([CONFIG] * len(ctxs), ctxs):
        if error is not None:
            raise error


def alone(ctx: RecordingContext) -> None:
    BracketTrainer().run(CONFIG, ctx)


def killed_and_gone_on(tmp_path: Path, first: Any, second: Any) -> tuple[RecordingContext, RecordingContext]:
    """A run by itself, and one that `first` begins and `second` ends."""
    whole = context(tmp_path / "whole", 1)
    alone(whole)
    killed = context(tmp_path / "killed", 1, die_after=9)
    with pytest.raises(Killed):
        first(killed)
    resumed = context(tmp_path / "resumed", 1, resume_from=killed.checkpoint_dir)
    second(resumed)
    return whole, resumed


def assert_same_end(whole: RecordingContext, resumed: RecordingContext) -> None:
    later = resumed.reports[1:]  # the first repeats the best so far
    assert 0 < len(later) < len(whole.reports)
    for (step, metrics), (other_step, others) in zip(whole.reports[-len(later) :], later, strict=True):
        assert other_step == step
        assert others == pytest.approx(metrics, abs=2e-3)


def test_a_trial_of_a_stack_that_was_killed_goes_on_by_itself(tmp_path: Path) -> None:
    assert_same_end(*killed_and_gone_on(tmp_path, lambda ctx: together([context(tmp_path / "beside", 0), ctx]), alone))


def test_a_trial_that_was_killed_goes_on_in_a_stack(tmp_path: Path) -> None:
    assert_same_end(*killed_and_gone_on(tmp_path, alone, lambda ctx: together([context(tmp_path / "beside", 0), ctx])))


def test_a_step_of_a_stack_is_adams_with_each_gradient_clipped_by_its_own_norm() -> None:
    config = {"embedding": 32, "units": 32, "layers": 1, "dropout": 0.0}
    models = [build(find(TASK).architecture, config, "cpu") for _ in range(3)]
    rates, scales = (1e-3, 1e-1, 1e-2), (1e-4, 1.0, 1e3)
    weights, order = Weights(models, BETAS, CLIP), torch.tensor([2, 0, 1])
    optimizers = [torch.optim.Adam(m.parameters(), lr=lr, betas=BETAS) for m, lr in zip(models, rates, strict=True)]
    for _ in range(5):
        leaves = weights.arranged(order)
        parts = [scales[k] * leaf[row].pow(2).sum() for row, k in enumerate(order.tolist()) for leaf in leaves.values()]
        norms = weights.step(order, torch.stack(parts).sum(), rates)
        for k, (model, optimizer) in enumerate(zip(models, optimizers, strict=True)):
            optimizer.zero_grad()
            torch.stack([scales[k] * p.pow(2).sum() for p in model.parameters()]).sum().backward()
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            assert norms[k] == pytest.approx(float(norm), rel=1e-5)
    for k, model in enumerate(models):
        for name, value in weights.state_dict(k).items():
            torch.testing.assert_close(value, model.state_dict()[name], rtol=1e-5, atol=1e-6)


def test_a_trial_that_leaves_takes_nothing_with_it() -> None:
    config = {"embedding": 32, "units": 32, "layers": 1, "dropout": 0.0}
    models = [build(find(TASK).architecture, config, "cpu") for _ in range(4)]
    weights = Weights(models, BETAS, CLIP)
    weights.keep([1, 3])
    for row, k in enumerate((1, 3)):
        assert all(torch.equal(v, models[k].state_dict()[n]) for n, v in weights.state_dict(row).items())
    assert len(weights) == 2


def test_a_stacks_model_is_kept_as_a_trials_own_would_be(tmp_path: Path) -> None:
    ctxs = [context(tmp_path, seed) for seed in range(2)]
    together(ctxs)
    for ctx in ctxs:
        kept = checkpoint.load(ctx.checkpoint_dir / checkpoint.MODEL, "cpu")
        build("gru", kept["config"], "cpu").load_state_dict(kept["model"])
        assert kept["scores"]["exact"] == ctx.value()
        assert (ctx.run_dir / "samples.json").exists()


def test_a_pruned_trial_of_a_stack_leaves_it_untested_and_goes_on_by_itself_where_it_stood(tmp_path: Path) -> None:
    whole = context(tmp_path / "whole", 1)
    alone(whole)
    pruned, neighbour = context(tmp_path / "pruned", 1, stop_after=4, pruned=True), context(tmp_path / "other", 0)
    together([neighbour, pruned])
    assert pruned.values("test_exact") == [] and neighbour.values("test_exact")
    stood = checkpoint.load(pruned.checkpoint_dir / checkpoint.STATE, "cpu")["step"]
    assert 0 < stood < (pruned.planned or 0)
    resumed = context(tmp_path / "resumed", 1, resume_from=pruned.checkpoint_dir)
    alone(resumed)
    assert_same_end(whole, resumed)
