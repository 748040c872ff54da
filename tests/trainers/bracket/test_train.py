"""Training: it learns, it goes on bit by bit, it ends in time, it says when it has diverged."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.trainers.context import Killed, RecordingContext
from trainers import checkpoint
from trainers.bracket import BracketTrainer
from trainers.bracket.train import learning_rate
from trainers.contract import FailureKind
from trainers.errors import TunewrightError
from trainers.failures import objective_failure

TASK = "gru-small"
SMALL = {"epochs": 4, "batch_size": 32, "embedding": 32, "units": 32, "layers": 2, "dropout": 0.2}
FEW = {"train_samples": 600}


def run(folder: Path, config: dict[str, Any] | None = None, **more: Any) -> RecordingContext:
    trainer = BracketTrainer()
    ctx = RecordingContext(**{"run_dir": folder, "task": TASK, "objective": trainer.objective(TASK), **more})
    trainer.run({**trainer.defaults(ctx.task), **(config or {})}, ctx)
    return ctx


def last_state(ctx: RecordingContext) -> dict[str, Any]:
    return checkpoint.load(ctx.checkpoint_dir / checkpoint.STATE, "cpu")


def test_it_learns_to_close_brackets_it_has_never_seen(tmp_path: Path) -> None:
    ctx = run(tmp_path / "run", {"epochs": 8, "batch_size": 32, "units": 64, "lr": 0.01})
    assert ctx.values("val_exact")[0] < 0.05
    assert (ctx.value() or 0.0) > 0.9
    assert ctx.values("test_exact")[0] > 0.9
    assert ctx.values("train_loss")[-1] < 0.1 * ctx.values("train_loss")[0]


def test_its_log_follows_the_evaluations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ctx = run(tmp_path / "run", SMALL, options=FEW)
    lines = capsys.readouterr().out.splitlines()
    told = [f"val_exact {value:.4g}" for value in ctx.values("val_exact")] + [
        f"test_exact {value:.4g}" for value in ctx.values("test_exact")
    ]
    assert len(lines) == len(told)
    assert all(text in line for text, line in zip(told, lines, strict=True))


def test_a_resumed_run_ends_with_the_very_weights_of_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", SMALL, options=FEW)
    with pytest.raises(Killed):
        run(tmp_path / "killed", SMALL, options=FEW, die_after=9)
    resumed = run(tmp_path / "resumed", SMALL, options=FEW, resume_from=tmp_path / "killed" / "checkpoint")
    first, second = last_state(whole), last_state(resumed)
    assert 0 < checkpoint.load(tmp_path / "killed" / "checkpoint" / checkpoint.STATE, "cpu")["step"] < first["step"]
    assert first["step"] == second["step"]
    assert all(torch.equal(first["model"][name], second["model"][name]) for name in first["model"])
    assert torch.equal(first["random"]["cpu"], second["random"]["cpu"])


@pytest.mark.parametrize("task", ["gru-small", "transformer-clean"])
def test_micro_batches_give_the_steps_of_the_whole_batch(task: str, tmp_path: Path) -> None:
    few = {"train_samples": 300}
    config = {"epochs": 1, "batch_size": 64, "embedding": 32, "layers": 1, "dropout": 0.0}
    config |= {"units": 32} if task.startswith("gru") else {"heads": 2, "ffn": 64}
    whole, parts = (
        run(tmp_path / str(n), config, task=task, options=few, accumulation=n) for n in (1, 4)
    )  # the last batch has 44 rows: four of 11
    for (step, one), (other_step, other) in zip(whole.reports, parts.reports, strict=True):
        assert step == other_step
        assert other == pytest.approx(one, rel=1e-3, abs=1e-5)
    weights, others = last_state(whole)["model"], last_state(parts)["model"]
    assert all(torch.allclose(weights[name], others[name], atol=1e-4) for name in weights)


def test_a_batch_that_ran_out_of_memory_goes_on_in_micro_batches_from_its_checkpoint(tmp_path: Path) -> None:
    config = {**SMALL, "dropout": 0.0}
    whole = run(tmp_path / "whole", config, options=FEW)
    with pytest.raises(Killed):
        run(tmp_path / "killed", config, options=FEW, die_after=9)
    again = {"resume_from": tmp_path / "killed" / "checkpoint", "accumulation": 2}
    resumed = run(tmp_path / "resumed", config, options=FEW, **again)
    assert resumed.reports[-1][0] == whole.reports[-1][0]
    weights, others = last_state(whole)["model"], last_state(resumed)["model"]
    assert all(torch.allclose(weights[name], others[name], atol=1e-3) for name in weights)


def test_a_checkpoint_of_another_shape_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    first = run(tmp_path / "first", SMALL, options=FEW)
    with pytest.raises(TunewrightError, match=r"state\.pt: the checkpoint has units 32 and the trial 64"):
        run(tmp_path / "second", {**SMALL, "units": 64}, options=FEW, resume_from=first.checkpoint_dir)
    assert not (tmp_path / "second" / "checkpoint" / checkpoint.STATE).exists()


def test_how_fast_it_trains_is_told_with_every_loss(tmp_path: Path) -> None:
    ctx = run(tmp_path / "run", SMALL, options=FEW)
    rates = [told["samples_per_second"] for told in ctx.telemetry if told]
    assert len(rates) == len(ctx.values("train_loss")) and min(rates) > 0


def test_an_attempt_that_died_before_its_first_checkpoint_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    whole = run(tmp_path / "whole", SMALL, options=FEW)
    again = run(tmp_path / "again", SMALL, options=FEW, resume_from=tmp_path / "nothing")
    assert again.reports == whole.reports


def test_the_test_score_is_that_of_the_best_checkpoint(tmp_path: Path) -> None:
    ctx = run(tmp_path / "run", SMALL, options=FEW)
    kept = checkpoint.load(ctx.checkpoint_dir / checkpoint.MODEL, "cpu")
    assert kept["scores"]["exact"] == ctx.value()
    assert kept["task"] == TASK
    assert set(kept["model"]) == set(last_state(ctx)["model"])


def test_a_stop_still_gives_the_best_checkpoints_score(tmp_path: Path) -> None:
    ctx = run(tmp_path / "run", SMALL, options=FEW, stop_after=4)
    assert len(ctx.values("test_exact")) == 1
    assert len(ctx.values("val_exact")) >= 2


def test_a_loss_that_is_not_finite_ends_the_trial_and_fails_it(tmp_path: Path) -> None:
    ctx = run(tmp_path / "run", {**SMALL, "lr": 1e38}, options=FEW)
    assert math.isnan(ctx.values("train_loss")[-1])
    assert ctx.values("test_exact") == []
    seen = [(step, metrics["val_exact"]) for step, metrics in ctx.reports if "val_exact" in metrics]
    failure = objective_failure(ctx.objective, seen, {})
    assert failure is not None
    assert failure.kind is FailureKind.NON_FINITE


def test_the_learning_rate_rises_then_falls_to_nothing() -> None:
    rates = [learning_rate(step, 100, 0.1) for step in range(100)]
    assert max(rates) == rates[25] == pytest.approx(0.1)
    assert rates[:26] == sorted(rates[:26])
    assert rates[25:] == sorted(rates[25:], reverse=True)
    assert 0 < rates[-1] < 0.001


@pytest.mark.parametrize(
    ("options", "where"), [({"train_sample": 5}, "train_sample"), ({"train_samples": 0}, "train_samples")]
)
def test_a_bad_option_is_refused_by_name(options: dict[str, Any], where: str, tmp_path: Path) -> None:
    with pytest.raises(TunewrightError) as caught:
        run(tmp_path / "run", options=options)
    assert caught.value.where == f"options.{where}"


def test_a_pruned_trial_says_how_long_it_was_to_be_tests_nothing_and_goes_on_where_it_stood(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", SMALL, options=FEW)
    pruned = run(tmp_path / "pruned", SMALL, options=FEW, stop_after=4, pruned=True)
    assert pruned.planned == whole.reports[-1][0]
    assert pruned.values("test_exact") == [] and not (pruned.checkpoint_dir / checkpoint.MODEL).exists()
    stood = last_state(pruned)["step"]
    assert pruned.reports[-1][0] <= stood < pruned.planned
    resumed = run(tmp_path / "resumed", SMALL, options=FEW, resume_from=pruned.checkpoint_dir)
    assert [step for step, _ in resumed.reports[1:] if step <= stood] == []
    first, second = last_state(whole), last_state(resumed)
    assert all(torch.equal(first["model"][name], second["model"][name]) for name in first["model"])
    assert resumed.values("test_exact") == whole.values("test_exact")
