"""The forest trainer: its data, its scores, its tasks."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets
from sklearn.model_selection import cross_val_score

from tests.trainers.context import RecordingContext
from trainers.forest import ForestTrainer, crossval
from trainers.forest.facts import SIZES
from trainers.forest.tasks import CLASSIFICATION, REGRESSION, TASKS, find
from trainers.space import Config


def run(folder: Path, task: str, config: Config | None = None, **more: object) -> RecordingContext:
    trainer = ForestTrainer()
    ctx = RecordingContext(run_dir=folder, task=task, objective=trainer.objective(task), **more)  # type: ignore[arg-type]
    trainer.run({**trainer.defaults(task), **(config or {})}, ctx)
    return ctx


@pytest.mark.parametrize("task", [t for t in TASKS if not t.startswith(("random_forest", "adaboost"))])
def test_every_task_gives_five_running_means_and_a_held_out_score(task: str, tmp_path: Path) -> None:
    ctx = run(tmp_path / "run", task)
    metric = find(task).metric
    assert [step for step, _ in ctx.reports] == [1, 2, 3, 4, 5, 5]
    assert len(ctx.values(f"cv_{metric}")) == 5
    assert list(ctx.reports[-1][1]) == [f"test_{metric}"]


@pytest.mark.parametrize("model", ["random_forest", "adaboost"])
def test_ensembles_learn_to_classify_and_to_predict(model: str, tmp_path: Path) -> None:
    config = {"n_estimators": 50}
    assert (run(tmp_path / "a", f"{model}-iris", config).value() or 0.0) > 0.9
    assert (run(tmp_path / "b", f"{model}-diabetes", config).value() or 1e9) < 4000  # the mean predicts to 6200


def test_the_value_is_the_mean_that_scikit_learn_finds_over_the_same_folds(tmp_path: Path) -> None:
    for name, scoring in (("svm-wine", "accuracy"), ("svm-diabetes", "neg_mean_squared_error")):
        task = find(name)
        x, _, y, _ = crossval._split(task)
        expected = abs(
            cross_val_score(crossval.estimator(task, task.space.default(), 0), x, y, cv=5, scoring=scoring).mean()
        )
        assert run(tmp_path / name, name).value() == pytest.approx(expected)


@pytest.mark.parametrize("data", [*CLASSIFICATION, *REGRESSION])
def test_the_held_out_fifth_is_in_no_fold(data: str) -> None:
    task = find(f"svm-{data}")
    x, x_test, y, _ = crossval._split(task)
    assert len(x_test) == pytest.approx(0.2 * (len(x) + len(x_test)), abs=1)
    held = np.concatenate([held for _, held in crossval._folds(task, x, y)])
    assert sorted(held) == list(range(len(x)))
    assert all(not set(fit) & set(held) for fit, held in crossval._folds(task, x, y))


def test_all_trials_of_a_task_see_one_split_whatever_their_seed() -> None:
    first, second = (crossval._split(find("mlp-wine")) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_every_model_meets_every_kind_of_data_and_regression_is_minimised() -> None:
    assert len(TASKS) == 5 * 5 + 1
    assert find("svm-diabetes").objective.direction == "minimize"
    assert find("svm-digits").objective.direction == "maximize"


def test_the_first_task_leaves_its_default_much_to_gain(tmp_path: Path) -> None:
    task = ForestTrainer().tasks()[0]
    default = run(tmp_path / "default", task).value() or 0.0
    tuned = run(tmp_path / "tuned", task, {"learning_rate_init": 0.1, "batch_size": 50}).value() or 0.0
    assert default < 0.9 < 0.95 < tuned


def test_nothing_matters_in_rf_simple(tmp_path: Path) -> None:
    """The well-known demonstration on iris: whoever tunes this should be told to stop."""
    rng, space = random.Random(0), find("rf_simple-iris").space
    configs = [{**space.sample(rng), "n_estimators": 50 + 20 * n} for n in range(4)]
    values = {run(tmp_path / str(n), "rf_simple-iris", config, seed=n).value() for n, config in enumerate(configs)}
    assert values == {0.95}


@pytest.mark.parametrize("data", SIZES)
def test_what_it_says_of_its_data_is_so(data: str) -> None:
    x, y = getattr(datasets, f"load_{data}")(return_X_y=True)
    rows, classes = SIZES[data]
    assert x.shape == (rows, (CLASSIFICATION | REGRESSION)[data])
    assert classes == (len(set(y)) if data in CLASSIFICATION else 0)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_says_what_it_trains_and_on_what_without_naming_it(task: str) -> None:
    said = ForestTrainer().facts(task)
    assert said["model"] and len(said["data"]) == 3
    assert find(task).data.split("_")[0] not in " ".join(said["data"])
