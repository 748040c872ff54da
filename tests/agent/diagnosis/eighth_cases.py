"""Other scripts again; recorded after the rules were corrected on the seventh set, before they were tried on it."""

from __future__ import annotations

from typing import Any

from tests.agent.diagnosis.make_cases import Spec
from tests.agent.diagnosis.second_cases import NUMBER, broken, floats, ints
from tests.agent.diagnosis.seventh_cases import SEEDS, configured, lines, words
from trainers.contract import Objective

siamese = configured(
    "siamese.py", {"base_lr": 0.05, "width": 64, "dim": 16, "margin": 1.0, "steps": 200, "seed": 1},
    {"base_lr": floats(1e-4, 10.0, log=True), "width": ints(16, 128, log=True), "dim": ints(2, 64, log=True), "margin": floats(0.1, 2.0), "steps": ints(50, 1000), "seed": SEEDS},
    Objective("valid_recall", "maximize"),
)  # fmt: skip
quantiles = configured(
    "pinball.py", {"learning_rate": 2.0, "quantile": 0.9, "rounds": 40, "seed": 1},
    {"learning_rate": floats(1e-3, 10.0, log=True), "quantile": floats(0.05, 0.95), "rounds": ints(10, 100), "seed": SEEDS},
    Objective("dev_pinball"),
)  # fmt: skip
COLUMN = {"csv": "progress.csv", "step": "round"}


def pinball(name: str, fault: str, *flags: str, **more: Any) -> Spec:
    read = dict.fromkeys(("fit_pinball", "dev_pinball", "dev_coverage"), COLUMN)
    return quantiles(name, fault, *flags, options={"metrics": read}, **more)  # type: ignore[no-any-return]


pinn_config = configured(
    "pinn.py", {"learning_rate": 5e-3, "neurons": 24, "decay_rate": 0.9, "max_iterations": 800, "seed": 0},
    {"learning_rate": floats(1e-5, 1e-1, log=True), "neurons": ints(8, 64), "decay_rate": floats(0.5, 1.0), "max_iterations": ints(200, 5000), "seed": SEEDS},
    Objective("test_l2_error"),
)  # fmt: skip
PINN = {
    n: {"regex": rf"{n.replace('_', ' ')} {NUMBER}", "step_regex": r"Iter (\d+)"} for n in ("total_loss", "boundary", "test_l2_error")
}  # fmt: skip


def pinn(name: str, fault: str, *flags: str, **more: Any) -> Spec:
    return pinn_config(name, fault, *flags, options={"metrics": PINN}, **more)  # type: ignore[no-any-return]


stream = configured(
    "stream.py", {"alpha_lr": 0.05, "events": 6000, "seed": 0},
    {"alpha_lr": floats(1e-4, 1.0, log=True), "events": ints(2000, 20000), "seed": SEEDS}, Objective("window_logloss", at="last"),
)  # fmt: skip
adversary = configured(
    "adversary.py", {"g_lr": 1e-3, "d_lr": 1e-3, "width": 32, "steps": 800, "seed": 0},
    {"g_lr": floats(1e-5, 1e-2, log=True), "d_lr": floats(1e-5, 1e-2, log=True), "width": ints(8, 128, log=True), "steps": ints(200, 5000), "seed": SEEDS},
    Objective("wasserstein"),
)  # fmt: skip
tags = words(
    "tags.py", {"learning_rate": 5e-3, "embedding_dim": 24, "dropout": 0.1, "num_epochs": 25, "batch_size": 32, "seed": 1},
    {"learning_rate": floats(1e-5, 1.0, log=True), "embedding_dim": ints(4, 64, log=True), "dropout": floats(0.0, 0.9), "num_epochs": ints(5, 150),
     "batch_size": {"type": "categorical", "choices": [16, 32, 64]}, "seed": SEEDS},
    Objective("dev_f1", "maximize"), lines("trn_loss", "dev_loss", "dev_f1", step=r"epoch (\d+)"),
)  # fmt: skip
copytask = words(
    "copytask.py", {"lr": 3e-3, "d_model": 32, "heads": 4, "train_steps": 400, "length": 6, "seed": 0},
    {"lr": floats(1e-5, 3e-1, log=True), "d_model": ints(16, 64), "heads": ints(1, 8), "train_steps": ints(100, 3000), "length": ints(4, 16), "seed": SEEDS},
    Objective("exact_match", "maximize", "last"), lines("ce", "gnorm", "token_acc", "exact_match", step=r"^(\d+) \|"),
)  # fmt: skip


def strategy(name: str, fault: str, *flags: str, **more: Any) -> Spec:
    params = {"sigma": 0.5, "population": 24, "generations": 120, "seed": 3} | {
        k: more.pop(k) for k in list(more) if k in ("sigma", "population", "generations", "seed")
    }
    space = {
        "sigma": floats(1e-2, 5.0, log=True),
        "population": ints(8, 100),
        "generations": ints(20, 500),
        "seed": SEEDS,
    }
    return Spec(
        name=name, fault=fault, params=params, space={"parameters": space}, objective=Objective("best_fitness", "maximize"),
        command=("python", "strategy.py", *(f"{{{key}}}" for key in params), *flags),
        options={"metrics": lines("mean_fitness", "best_fitness", step=r"gen +(\d+)")}, **more,
    )  # fmt: skip


FOLDS: dict[str, Any] = {
    "reg_param": floats(0.0, 1.0), "var_smoothing": floats(1e-9, 1.0, log=True), "max_depth": ints(1, 16), "n_estimators": ints(20, 200),
    "learning_rate": floats(1e-2, 2.0, log=True), "eta0": floats(1e-5, 1.0, log=True), "alpha": floats(1e-6, 1.0, log=True), "passes": ints(5, 60),
    "learning_rate_init": floats(1e-5, 1.0, log=True), "hidden_layer_sizes": ints(4, 128), "min_samples_leaf": ints(1, 30),
}  # fmt: skip


def folds(name: str, fault: str, kind: str, mode: str, params: dict[str, Any]) -> Spec:
    objective = {
        "folds": Objective("mean_auc", "maximize", "last"), "passes": Objective("valid_log_loss"), "once": Objective("val_f1", "maximize"),
    }[mode]  # fmt: skip
    options = (
        {"metrics": lines("train_log_loss", "valid_log_loss", "valid_score", step=r"pass=(\d+)")}
        if mode == "passes"
        else {}
    )
    return Spec(
        name=name, fault=fault, params=params, space={"parameters": {key: FOLDS[key] for key in params}}, objective=objective,
        command=("python", "folds.py", kind, mode), options=options,
    )  # fmt: skip


def forest(name: str, task: str, params: dict[str, Any], space: dict[str, Any], metric: str = "cv_accuracy") -> Spec:
    direction = "minimize" if metric == "cv_mse" else "maximize"
    return Spec(
        name=name,
        fault="none",
        trainer="forest",
        task=task,
        params=params,
        space={"parameters": space},
        objective=Objective(metric, direction, "last"),
    )


CASES: list[Spec] = [
    # -- it broke
    siamese("siamese_gallery", "missing file", "gallery"),
    stream("stream_feed", "missing file", "feed"),
    siamese("siamese_cropped", "wrong shape", "cropped"),
    pinball("pinball_narrow", "wrong shape", "narrow"),
    tags("tags_one_more", "wrong shape", *broken("one-more")),
    siamese("siamese_half", "wrong dtype", "half"),
    tags("tags_as_long", "wrong dtype", *broken("as-long")),
    pinball("pinball_absent", "NaN in the data", "absent", learning_rate=1.0),
    copytask("copytask_heads", "bad argument", d_model=30, heads=4),
    folds("folds_negative", "bad argument", "hist", "once", {"learning_rate": -0.1}),
    pinball("pinball_renamed", "metric misspelt", "renamed", rounds=10),
    stream("stream_silent", "metric never printed", "silent", events=2000),
    siamese("siamese_gone", "killed", steps=1000, kill_supervisor_after=5.0),
    pinball("pinball_slow", "too slow", "slow", seconds=5.0, rounds=60, learning_rate=0.2),
    strategy("strategy_crash", "bug", "crash"),
    # -- it learned badly
    pinn("pinn_divide", "loss became NaN", "divide"),
    siamese("siamese_lr_high", "lr too high", base_lr=9.0),
    tags("tags_lr_high", "lr too high", learning_rate=0.8),
    copytask("copytask_lr_high", "lr too high", lr=0.25),
    folds("folds_lr_high", "lr too high", "digits", "passes", {"learning_rate_init": 0.9, "hidden_layer_sizes": 32, "passes": 20}),
    tags("tags_lr_low", "lr too low", learning_rate=2e-5),
    copytask("copytask_lr_low", "lr too low", lr=1e-5),
    pinball("pinball_lr_low", "lr too low", learning_rate=2e-3),
    folds("folds_lr_low", "lr too low", "digits", "passes", {"learning_rate_init": 1e-5, "hidden_layer_sizes": 32, "passes": 20}),
    tags("tags_overfit", "overfitting", "--documents", "80", "--scramble", "0.05", num_epochs=120, embedding_dim=64, dropout=0.0),
    folds("folds_tree_overfit", "overfitting", "tree", "once", {"max_depth": 16, "min_samples_leaf": 1}),
    tags("tags_dropped", "underfitting", dropout=0.9, embedding_dim=4),
    folds("folds_one_unit", "underfitting", "digits", "passes", {"learning_rate_init": 3e-3, "hidden_layer_sizes": 1, "passes": 30}),
    siamese("siamese_detached", "nothing is trained", "detached"),
    pinn("pinn_saturated", "dead units", "saturated", max_iterations=400),
    # -- healthy
    siamese("healthy_siamese", "none"),
    siamese("healthy_siamese_margin", "none", margin=0.3, base_lr=0.2, seed=4),
    siamese("healthy_siamese_small", "none", dim=4, width=32, steps=300, seed=2),
    pinball("healthy_pinball", "none"),
    pinball("healthy_pinball_median", "none", quantile=0.5, learning_rate=1.0, rounds=25, seed=6),
    pinball("healthy_pinball_low_quantile", "none", quantile=0.1, learning_rate=3.0, rounds=80, seed=2),
    tags("healthy_tags", "none"),
    tags("healthy_tags_loss", "none", learning_rate=2e-3, num_epochs=40, seed=3, objective=Objective("dev_loss")),
    tags("healthy_tags_scrambled", "none", "--scramble", "0.08", dropout=0.4, num_epochs=20, learning_rate=4e-3),
    strategy("healthy_strategy", "none"),
    strategy("healthy_strategy_large", "none", population=60, sigma=1.0, generations=80, seed=9),
    pinn("healthy_pinn", "none", learning_rate=1e-2, max_iterations=1000),
    pinn("healthy_pinn_narrow", "none", neurons=12, learning_rate=2e-2, max_iterations=1000, seed=5),
    stream("healthy_stream", "none"),
    stream("healthy_stream_steady", "none", "steady", alpha_lr=0.1, seed=3),
    stream("healthy_stream_hits", "none", alpha_lr=0.03, events=9000, seed=7, objective=Objective("window_hit_rate", "maximize", "last")),
    copytask("healthy_copytask", "none"),
    copytask("healthy_copytask_smooth", "none", "--label-smoothing", "0.1", lr=2e-3, length=5, seed=2),
    copytask("healthy_copytask_long", "none", length=8, lr=4e-3, train_steps=600, seed=1),
    adversary("healthy_adversary", "none"),
    adversary("healthy_adversary_wide", "none", width=64, g_lr=2e-3, d_lr=2e-3, steps=1000, seed=4),
    folds("healthy_folds_qda", "none", "qda", "folds", {"reg_param": 0.1}),
    folds("healthy_folds_adaboost", "none", "adaboost", "folds", {"n_estimators": 60, "learning_rate": 0.5}),
    folds("healthy_folds_bayes", "none", "bayes", "once", {"var_smoothing": 1e-6}),
    folds("healthy_folds_sgd", "none", "sgd", "passes", {"eta0": 0.01, "alpha": 1e-3, "passes": 20}),
    folds("healthy_folds_sgd_slow", "none", "sgd", "passes", {"eta0": 1e-3, "alpha": 1e-4, "passes": 40}),
    folds("healthy_folds_digits", "none", "digits", "passes", {"learning_rate_init": 5e-3, "hidden_layer_sizes": 32, "passes": 25}),
    folds("healthy_folds_digits_short", "none", "digits", "passes", {"learning_rate_init": 2e-2, "hidden_layer_sizes": 64, "passes": 8}),
    forest("healthy_forest_svm", "svm-breast_cancer", {"C": 10.0, "gamma": 5e-4, "tol": 1e-3},
           {"C": floats(1.0, 1e3, log=True), "gamma": floats(1e-4, 1e-3, log=True), "tol": floats(1e-5, 0.1, log=True)}),
    forest("healthy_forest_adaboost", "adaboost-diabetes", {"n_estimators": 40, "learning_rate": 0.3},
           {"n_estimators": ints(10, 100), "learning_rate": floats(1e-4, 10.0, log=True)}, "cv_mse"),
]  # fmt: skip
