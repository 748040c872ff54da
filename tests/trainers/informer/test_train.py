"""Training: it learns, it goes on bit by bit, it ends in time, it says when it has diverged."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.trainers.context import Killed, RecordingContext
from trainers import checkpoint, samples
from trainers.contract import FailureKind
from trainers.errors import TunewrightError
from trainers.failures import objective_failure
from trainers.informer import InformerTrainer, train
from trainers.informer.evaluate import evaluate, predict
from trainers.informer.learner import Learner
from trainers.informer.network import Informer
from trainers.informer.precision import uses_bf16
from trainers.informer.progress import PATIENCE
from trainers.informer.resident import Resident
from trainers.informer.spaces import complete
from trainers.informer.tasks import find
from trainers.informer.windows import splits

TASK = "synthetic-24-m"
TINY: dict[str, Any] = {"d_model": 16, "n_heads": 2, "d_ff": 32, "epochs": 2, "batch_size": 32, "dropout": 0.1}
FEW = [500, 150, 150]  # rows of training, validation and test


def run(folder: Path, config: dict[str, Any] | None = None, **more: Any) -> RecordingContext:
    trainer = InformerTrainer()
    options = {"protocol": FEW, **more.pop("options", {})}
    ctx = RecordingContext(
        **{"run_dir": folder, "task": TASK, "objective": trainer.objective(TASK), "options": options, **more}
    )
    trainer.run({**trainer.defaults(ctx.task), **TINY, **(config or {})}, ctx)
    return ctx


def last_state(ctx: RecordingContext) -> dict[str, Any]:
    return checkpoint.load(ctx.checkpoint_dir / checkpoint.STATE, "cpu")


def test_it_learns_and_validates_once_an_epoch(tmp_path: Path) -> None:
    ctx = run(tmp_path / "run", {"lr": 5e-3, "batch_size": 16, "epochs": 3}, task="synthetic-24-s")
    assert ctx.values("train_loss")[-1] < 0.9 * ctx.values("train_loss")[0]
    assert len(ctx.values("val_mse")) == len(ctx.values("val_mae")) == 3
    assert len(ctx.values("test_mse")) == len(ctx.values("test_mae")) == 1
    assert (ctx.value() or math.inf) < 0.8 * ctx.values("train_loss")[0]


def test_its_log_follows_the_evaluations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ctx = run(tmp_path / "run")
    lines = capsys.readouterr().out.splitlines()
    told = [f"val_mse {value:.4g}" for value in ctx.values("val_mse")] + [
        f"test_mse {value:.4g}" for value in ctx.values("test_mse")
    ]
    assert len(lines) == len(told)
    assert all(text in line for text, line in zip(told, lines, strict=True))


def test_a_resumed_run_ends_with_the_very_weights_of_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole")
    with pytest.raises(Killed):
        run(tmp_path / "killed", die_after=5)
    killed = tmp_path / "killed" / "checkpoint"
    resumed = run(tmp_path / "resumed", resume_from=killed)
    first, second = last_state(whole), last_state(resumed)
    assert 0 < checkpoint.load(killed / checkpoint.STATE, "cpu")["step"] < first["step"] == second["step"]
    assert all(torch.equal(first["model"][name], second["model"][name]) for name in first["model"])
    assert torch.equal(first["random"]["cpu"], second["random"]["cpu"])
    assert whole.reports[-4:] == resumed.reports[-4:]


FULL = {"dropout": 0.0, "attention": "full"}  # what is drawn at random depends on a batch's shape


def test_micro_batches_give_the_gradient_of_the_whole_batch() -> None:
    config = complete({**InformerTrainer().defaults(TASK), **TINY, **FULL})
    made = splits(find(TASK), {"protocol": FEW}, config)
    model = Informer(train.shape_of(config, made))
    start_B, data = torch.arange(32), Resident(made, "cpu")
    whole, parts = (
        Learner(copy.deepcopy(model), data, 1e-4, bf16=False, pieces=pieces)._once(start_B) for pieces in (1, 3)
    )  # of 11, 11 and 10 windows
    for one, other in zip(whole, parts, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-5 * float(one.abs().max()))


def test_a_batch_that_ran_out_of_memory_goes_on_in_micro_batches_from_its_checkpoint(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", FULL)
    with pytest.raises(Killed):
        run(tmp_path / "killed", FULL, die_after=5)
    resumed = run(tmp_path / "on", FULL, resume_from=tmp_path / "killed" / "checkpoint", accumulation=2)
    # Adam makes much of a rounding error where a gradient is next to nothing: the weights differ, the errors do not.
    assert resumed.values("val_mse")[-1] == pytest.approx(whole.values("val_mse")[-1], rel=1e-2)
    assert resumed.values("test_mse") == pytest.approx(whole.values("test_mse"), rel=1e-2)


def test_how_fast_it_trains_is_told_with_every_loss(tmp_path: Path) -> None:
    ctx = run(tmp_path / "run")
    rates = [told["samples_per_second"] for told in ctx.telemetry if told]
    assert len(rates) == len(ctx.values("train_loss")) and min(rates) > 0


def test_a_trial_stopped_in_the_middle_of_an_epoch_goes_on_where_it_stood(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole")
    stopped = run(tmp_path / "stopped", stop_after=1)
    assert stopped.values("val_mse")  # it has a value all the same
    resumed = run(tmp_path / "resumed", resume_from=tmp_path / "stopped" / "checkpoint")
    assert resumed.reports == whole.reports[1:]


def test_micro_batches_give_the_steps_of_the_whole_batch(tmp_path: Path) -> None:
    """Full attention and no dropout: nothing is drawn that would differ."""
    config = {"epochs": 1, "attention": "full", "dropout": 0.0}
    fp32 = {"precision": "fp32"}
    whole, parts = (run(tmp_path / str(n), config, options=fp32, accumulation=n) for n in (1, 3))
    for (step, one), (other_step, other) in zip(whole.reports, parts.reports, strict=True):
        assert step == other_step
        assert other == pytest.approx(one, rel=1e-3)
    weights, others = last_state(whole)["model"], last_state(parts)["model"]
    steered = [name for name in weights if not name.endswith("key_value.bias")]  # a key's bias changes no softmax
    assert all(torch.allclose(weights[name], others[name], atol=1e-3) for name in steered)


def test_where_time_is_too_short_for_the_test_the_validation_error_stands(tmp_path: Path) -> None:
    class Late(RecordingContext):
        def seconds_left(self) -> float:
            return 0.0

    trainer = InformerTrainer()
    config = {**trainer.defaults(TASK), **TINY}
    alone, *stacked = (
        Late(run_dir=tmp_path / str(n), task=TASK, objective=trainer.objective(TASK), options={"protocol": FEW})
        for n in range(3)
    )
    trainer.run(config, alone)
    assert list(trainer.run_many([config] * 2, stacked)) == [(0, None), (1, None)]
    for ctx in (alone, *stacked):
        assert ctx.value() is not None
        assert ctx.values("test_mse") == []
        assert (ctx.checkpoint_dir / checkpoint.MODEL).exists()


def test_a_checkpoint_of_another_shape_is_refused(tmp_path: Path) -> None:
    run(tmp_path / "first", stop_after=1)
    with pytest.raises(TunewrightError, match="the checkpoint has d_model 16 and the trial 32"):
        run(tmp_path / "second", {"d_model": 32}, resume_from=tmp_path / "first" / "checkpoint")


def test_the_test_error_is_that_of_the_best_checkpoint(tmp_path: Path) -> None:
    ctx = run(tmp_path / "run", {"lr": 3e-2})
    kept = checkpoint.load(ctx.checkpoint_dir / checkpoint.MODEL, "cpu")
    assert kept["scores"]["mse"] == ctx.value() == min(ctx.values("val_mse"))
    data = splits(find(TASK), {"protocol": FEW}, complete(kept["config"]))
    model = Informer(train.shape_of(kept["config"], data))
    model.load_state_dict(kept["model"])
    resident, bf16 = Resident(data, "cpu"), uses_bf16("auto", "cpu")
    scores = evaluate(model, resident, resident.starts(data.test), bf16)
    assert [scores["mse"]] == ctx.values("test_mse")


def test_the_error_is_the_mean_over_every_window(tmp_path: Path) -> None:
    """Against numpy, window by window from the rows: none is dropped, none counted twice."""
    torch.manual_seed(0)
    config = complete({"seq_len": 48, "label_len": 24, **TINY})
    data = splits(find("synthetic-24-ms"), {"protocol": FEW}, config)
    model, resident = Informer(train.shape_of(config, data)), Resident(data, "cpu")
    scores = evaluate(model, resident, resident.starts(data.val), False)
    model.eval()
    start_N = data.val.starts_N
    windows = resident.windows(torch.from_numpy(start_N))
    target = data.inputs_TC[:, data.targets[0]]
    truth_NP = np.stack([target[start + 48 : start + 72] for start in start_N])
    error_NP = predict(model, windows, False)[..., 0].numpy() - truth_NP
    assert len(start_N) % 64 != 0
    assert scores["mse"] == pytest.approx(float((error_NP**2).mean()), rel=1e-5)
    assert scores["mae"] == pytest.approx(float(abs(error_NP).mean()), rel=1e-5)


def test_it_ends_when_validation_no_longer_improves(tmp_path: Path) -> None:
    """At a rate too small to change a weight, the first epoch stays the best."""
    ctx = run(tmp_path / "run", {"lr": 1e-30, "epochs": 6, "batch_size": 128})
    assert len(ctx.values("val_mse")) == 1 + PATIENCE
    assert len(set(ctx.values("val_mse"))) == 1


def test_the_learning_rate_is_halved_each_epoch(tmp_path: Path) -> None:
    state = last_state(run(tmp_path / "run", {"lr": 0.008, "epochs": 2}))
    assert [group["lr"] for group in state["optimizer"]["param_groups"]] == [0.004]


def test_a_loss_that_is_not_finite_ends_the_trial_and_fails_it(tmp_path: Path) -> None:
    ctx = run(tmp_path / "run", {"lr": 1e38})
    assert math.isnan(ctx.values("val_mse")[-1])
    assert ctx.values("test_mse") == []
    seen = [(step, metrics["val_mse"]) for step, metrics in ctx.reports if "val_mse" in metrics]
    failure = objective_failure(ctx.objective, seen, {})
    assert failure is not None
    assert failure.kind is FailureKind.NON_FINITE


def test_float32_and_bfloat16_agree_on_what_they_learn(tmp_path: Path) -> None:
    values = [run(tmp_path / p, options={"precision": p}).values("val_mse")[-1] for p in ("fp32", "bf16")]
    assert values[0] != values[1]
    assert values[0] == pytest.approx(values[1], rel=0.03)


def test_a_precision_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TunewrightError, match="precision"):
        run(tmp_path / "run", options={"precision": "fp8"})


@pytest.mark.parametrize(("config", "what"), [({"n_heads": 3}, "n_heads 3"), ({"label_len": 49}, "label_len 49")])
def test_a_config_that_makes_no_network_is_refused_before_anything_is_reported(
    config: dict[str, Any], what: str, tmp_path: Path
) -> None:
    with pytest.raises(TunewrightError, match=what):
        run(tmp_path / "run", config)


@pytest.mark.parametrize("config", [{"attention": "full"}, {"e_layers": 3, "d_layers": 2}])
def test_every_part_of_the_network_learns(config: dict[str, Any], tmp_path: Path) -> None:
    ctx = run(tmp_path / "run", {**config, "epochs": 1})
    kept = checkpoint.load(ctx.checkpoint_dir / checkpoint.MODEL, "cpu")
    torch.manual_seed(0)
    data = splits(find(TASK), {"protocol": FEW}, complete(kept["config"]))
    untrained = Informer(train.shape_of(complete(kept["config"]), data)).state_dict()
    assert [name for name in untrained if torch.equal(untrained[name], kept["model"][name])] == []


def test_a_trial_leaves_forecasts_of_the_validation_rows_beside_what_came(tmp_path: Path) -> None:
    ctx = run(tmp_path / "run", {"epochs": 1})
    found = samples.read(ctx.run_dir)
    assert found is not None
    series = find(TASK)
    data = splits(series, {"protocol": FEW}, complete({"seq_len": 48}))
    assert len(found.series()) == 8
    for sample, column in zip(found.series(), (0, 1, 2, 3, 0, 1, 2, 3), strict=True):
        first = int(np.flatnonzero(data.dates_T == np.datetime64(sample.start.replace(" ", "T")))[0])
        assert 500 <= first <= 650 - 24
        units_T = data.inputs_TC[:, column] * data.std_C[column] + data.mean_C[column]
        assert sample.title == data.columns[column]
        assert np.allclose(sample.context, units_T[first - 48 : first], atol=1e-5)
        assert np.allclose(sample.truth, units_T[first : first + 24], atol=1e-5)
        assert len(sample.predicted) == 24
        assert sample.time_step == "1h"


def test_a_pruned_trial_says_how_long_it_was_to_be_tests_nothing_and_goes_on_where_it_stood(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole")
    pruned = run(tmp_path / "pruned", stop_after=2, pruned=True)
    assert pruned.planned == whole.reports[-1][0]
    assert pruned.values("test_mse") == [] and not (pruned.checkpoint_dir / checkpoint.MODEL).exists()
    assert last_state(pruned)["step"] < pruned.planned
    resumed = run(tmp_path / "resumed", resume_from=pruned.checkpoint_dir)
    first, second = last_state(whole), last_state(resumed)
    assert all(torch.equal(first["model"][name], second["model"][name]) for name in first["model"])
    assert resumed.values("test_mse") == whole.values("test_mse")
