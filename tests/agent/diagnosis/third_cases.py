"""Recorded after the rules were corrected on the second set."""

from __future__ import annotations

from typing import Any

from tests.agent.diagnosis.make_cases import Spec
from tests.agent.diagnosis.second_cases import NUMBER, floats, ints
from trainers.contract import Objective

TABULAR_SPACE = {
    "optim.lr": floats(1e-6, 10.0, log=True), "model.width": ints(1, 256, log=True),
    "optim.weight_decay": floats(0.0, 200.0), "train.epochs": ints(5, 300),
}  # fmt: skip
FACTOR_SPACE = {
    "rate": floats(1e-5, 3.0, log=True), "rank": ints(1, 40), "penalty": floats(0.0, 8.0), "rounds": ints(10, 400),
}  # fmt: skip
CODER_SPACE = {
    "base_lr": floats(1e-6, 3.0, log=True), "num_epochs": ints(2, 60), "bottleneck_dim": ints(1, 32),
    "train_batch_size": {"type": "categorical", "choices": [16, 32, 64, 128]},
}  # fmt: skip


def tabular(name: str, fault: str, flag: str = "", **more: Any) -> Spec:
    config = {"optim.lr": 5e-3, "model.width": 16, "optim.weight_decay": 0.01, "train.epochs": 40}
    config |= {key.replace("__", "."): more.pop(key) for key in list(more) if "__" in key}
    column = {"csv": "metrics.csv", "step": "epoch"}
    return Spec(
        name=name, fault=fault, params=config, space={"parameters": TABULAR_SPACE}, objective=Objective("val_mse"),
        command=("python", "tabular_net.py", flag),
        options={"metrics": {"train_mse": column, "val_mse": column}}, **more,
    )  # fmt: skip


def factors(name: str, fault: str, flag: str = "", **more: Any) -> Spec:
    config = {"rate": 0.02, "rank": 4, "penalty": 0.02, "rounds": 120}
    config |= {key: more.pop(key) for key in list(more) if key in config}
    command = ("python", more.pop("script", "factorise.py"), "{rate}", "{rank}", "{penalty}", "{rounds}", flag)
    objective = more.pop("objective", Objective("rmse_valid", at="last"))
    return Spec(
        name=name, fault=fault, params=config, space={"parameters": FACTOR_SPACE}, objective=objective, command=command,
        **more,
    )  # fmt: skip


def coder(name: str, fault: str, *flags: str, **more: Any) -> Spec:
    config = {"base_lr": 1e-3, "num_epochs": 8, "bottleneck_dim": 12, "train_batch_size": 64}
    config |= {key: more.pop(key) for key in list(more) if key in config}
    command = ["python", "autoencoder.py", *flags]
    for key in config:
        command += [f"--{key}", f"{{{key}}}"]
    names = ("train_loss_step", "grad_norm", "val_loss_epoch")
    metrics = {n: {"regex": rf"\b{n}={NUMBER}", "step_regex": r"\bstep=(\d+)"} for n in names}
    return Spec(
        name=name, fault=fault, params=config, space={"parameters": CODER_SPACE}, objective=Objective("val_loss_epoch"),
        command=tuple(command), options={"metrics": metrics}, **more,
    )  # fmt: skip


def sk(name: str, fault: str, model: str, parameter: str, value: float, space: Any, *flags: str, **more: Any) -> Spec:
    metric = more.pop("metric", "accuracy")
    read = {f"{split}_{metric}": {"regex": rf"{split} {metric}={NUMBER}"} for split in ("train", "valid")}
    read = more.pop("read", read)
    return Spec(
        name=name, fault=fault, params={parameter: value}, space={"parameters": {parameter: space}},
        objective=more.pop("objective", Objective(f"valid_{metric}", "maximize")),
        command=("python", "sk_models.py", f"model={model}", f"value={{{parameter}}}", *flags),
        options={"metrics": read}, **more,
    )  # fmt: skip


C = floats(1e-6, 1e4, log=True)
BUILT_IN = {
    "n_estimators": ints(50, 500), "max_depth": ints(1, 15), "max_features": floats(0.01, 0.99),
    "min_impurity_decrease": floats(0.0, 0.5), "min_samples_leaf": floats(0.01, 0.49),
    "min_samples_split": floats(0.01, 0.99), "min_weight_fraction_leaf": floats(0.01, 0.49),
}  # fmt: skip
TREES = {
    "n_estimators": 60, "max_depth": 10, "max_features": 0.3, "min_impurity_decrease": 0.0, "min_samples_leaf": 0.01,
    "min_samples_split": 0.01, "min_weight_fraction_leaf": 0.01,
}  # fmt: skip


def trees(name: str, fault: str, task: str, objective: Objective, **changes: Any) -> Spec:
    params = TREES | changes
    if task.startswith("decision"):
        del params["n_estimators"]
    space = {"parameters": {key: BUILT_IN[key] for key in params}}
    return Spec(name=name, fault=fault, trainer="forest", task=task, params=params, space=space, objective=objective)


ACCURACY = Objective("cv_accuracy", "maximize", "last")
CASES: list[Spec] = [
    # -- it broke
    factors("settings_module", "import error", "config"),
    factors("wrong_script", "missing script", script="factorize.py"),
    factors("ratings_file", "missing file", "ratings"),
    factors("transposed", "wrong shape", "transposed"),
    factors("aborted", "killed", "abort"),
    factors("lookup", "bug", "lookup"),
    factors("mute", "metric never printed", "mute"),
    factors("other_objective", "metric misspelt", objective=Objective("valid_rmse")),
    tabular("validation_column", "wrong shape", "column"),
    tabular("text_rate", "wrong dtype", "string"),
    tabular("csv_renamed", "metric misspelt", "renamed"),
    tabular("deadlock", "hang", "deadlock", seconds=20.0),
    tabular("slow_epochs", "too slow", "slow", seconds=8.0, train__epochs=200, optim__lr=1e-4),
    tabular("nan_label", "NaN in the data", "nan-label"),
    coder("unknown_solver", "bad argument", "--solver", "lion"),
    coder("missing_value", "bad argument", "--fault"),
    coder("output_size", "wrong shape", "--fault", "output"),
    coder("byte_images", "wrong dtype", "--fault", "bytes"),
    coder("memory_grows", "out of memory", "--fault", "grow", memory_bytes=900 << 20),
    coder("log_of_zero", "loss became NaN", "--fault", "log", num_epochs=12),
    sk("infinite_input", "NaN in the data", "logistic", "C", 1.0, C, "fault=inf"),
    sk("mixed_labels", "wrong dtype", "hist", "learning_rate", 0.1, floats(0.01, 1.0), "fault=text"),
    sk("flat_input", "wrong shape", "near", "k", 5, ints(1, 50), "fault=flat"),
    sk("negative_c", "bad argument", "logistic", "C", -1.0, C),
    # -- it learned badly
    tabular("tabular_lr_high", "lr too high", "plain", optim__lr=8.0),
    tabular("tabular_lr_low", "lr too low", optim__lr=4e-6),
    tabular("tabular_overfit", "overfitting", "few", train__epochs=150, model__width=200),
    tabular("tabular_decayed", "underfitting", "plain", optim__weight_decay=190.0),
    tabular("moons_tiny", "underfitting", "moons-noisy", model__width=1, optim__lr=1e-3, train__epochs=12),
    tabular("detached", "nothing is trained", "detached"),
    factors("factors_lr_high", "lr too high", rate=0.9),
    factors("factors_lr_low", "lr too low", rate=1e-4),
    factors("factors_overfit", "overfitting", "sparse", rank=30, penalty=0.0, rounds=300, rate=0.03),
    factors("factors_penalised", "underfitting", penalty=7.5),
    factors("factors_jolt", "gradient spike", "jolt"),
    coder("coder_lr_high", "lr too high", base_lr=2.0),
    coder("coder_lr_low", "lr too low", base_lr=3e-6, num_epochs=5),
    coder("coder_dead", "dead units", "--fault", "dead"),
    coder("coder_short", "underfitting", "--solver", "sgd", num_epochs=5, base_lr=0.5),
    sk("svc_narrow", "overfitting", "svc", "gamma", 3.0, floats(1e-4, 10.0, log=True), "fault=noise"),
    sk("logistic_small_c", "underfitting", "logistic", "C", 1e-6, C, "fault=noise"),
    sk("enet_strong", "underfitting", "enet", "alpha", 90.0, floats(1e-4, 100.0, log=True), metric="r2"),
    trees("forest_pruned_away", "underfitting", "random_forest-digits", ACCURACY, min_impurity_decrease=0.48),
    # -- healthy
    tabular("healthy_tabular", "none", train__epochs=15, optim__lr=2e-3),
    tabular("healthy_moons", "none", "moons"),
    tabular("healthy_moons_noisy", "none", "moons-noisy", optim__lr=2e-3),
    factors("healthy_factors", "none"),
    factors("healthy_factors_best", "none", penalty=0.1, rank=3, rounds=200),
    coder("healthy_coder", "none", num_epochs=15),
    coder("healthy_rmsprop", "none", "--solver", "rmsprop", num_epochs=12, base_lr=2e-3),
    sk("healthy_hist", "none", "hist", "learning_rate", 0.1, floats(0.01, 1.0, log=True)),
    sk("healthy_loud", "none", "logistic", "C", 1.0, C, "fault=loud"),
    sk("healthy_log_loss", "none", "logistic", "C", 0.1, C, "score=neg_log_loss", metric="log_loss"),
    sk("healthy_five_folds", "none", "trees", "max_depth", 12, ints(1, 15), "folds=1",
       read={"accuracy": {"regex": rf"accuracy={NUMBER}", "step_regex": r"fold (\d+)"}},
       objective=Objective("accuracy", "maximize", "last")),
    sk("healthy_svr", "none", "svr", "C", 300.0, floats(0.1, 1e4, log=True), metric="r2"),
    trees("healthy_forest_wine", "none", "random_forest-wine", ACCURACY),
    trees("healthy_tree_diabetes", "none", "decision_tree-diabetes", Objective("cv_mse", at="last"), max_depth=3),
]  # fmt: skip
