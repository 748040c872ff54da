"""Other scripts once more; recorded after the rules were corrected on the eighth set, before they were tried on it."""

from __future__ import annotations

from typing import Any

from tests.agent.diagnosis.make_cases import Spec
from tests.agent.diagnosis.second_cases import NUMBER, broken, floats, ints
from tests.agent.diagnosis.seventh_cases import SEEDS, configured, lines, words
from trainers.contract import Objective

pegasos = words(
    "pegasos.py", {"lr": 0.1, "lambda_reg": 1e-3, "n_iter": 6000, "seed": 0},
    {"lr": floats(1e-5, 10.0, log=True), "lambda_reg": floats(1e-6, 10.0, log=True), "n_iter": ints(1000, 20000), "seed": SEEDS},
    Objective("val_err"), lines("train_hinge", "val_err", step=r"t=(\d+)"),
)  # fmt: skip
qlearn = configured(
    "qlearn.py", {"alpha_rate": 0.2, "discount": 0.97, "episodes": 600, "seed": 0},
    {"alpha_rate": floats(1e-4, 1.0, log=True), "discount": floats(0.8, 0.999), "episodes": ints(100, 3000), "seed": SEEDS},
    Objective("success_rate", "maximize", "last"),
)  # fmt: skip
curriculum = words(
    "curriculum.py", {"learning_rate": 1e-2, "hidden": 24, "updates": 400, "clip": 1.0, "seed": 0},
    {"learning_rate": floats(1e-5, 1.0, log=True), "hidden": ints(2, 64), "updates": ints(100, 2000), "clip": floats(0.1, 10.0, log=True), "seed": SEEDS},
    Objective("val-mae"), {n: {"regex": rf"{n}: {NUMBER}", "step_regex": r"^<(\d+)>"} for n in ("train-huber", "grad", "val-mae")},
)  # fmt: skip
mixed = configured(
    "mixed.py", {"max_lr": 0.5, "units": 64, "dropout": 0.1, "weight_decay": 5e-4, "n_epochs": 15, "train_size": 1300, "seed": 0},
    {"max_lr": floats(1e-4, 50.0, log=True), "units": ints(8, 256, log=True), "dropout": floats(0.0, 0.8), "weight_decay": floats(0.0, 0.5), "n_epochs": ints(5, 100),
     "train_size": ints(50, 1300), "seed": SEEDS},
    Objective("valid_top1", "maximize"),
)  # fmt: skip


def rare(name: str, fault: str, *flags: str, **more: Any) -> Spec:
    params = {"rate": 2e-3, "focus": 2.0, "drop": 0.1, "epochs": 15, "seed": 1}
    params |= {key: more.pop(key) for key in list(more) if key in params}
    space = {
        "rate": floats(1e-5, 1e-1, log=True),
        "focus": floats(0.0, 4.0),
        "drop": floats(0.0, 0.6),
        "epochs": ints(5, 100),
        "seed": SEEDS,
    }
    names = {"rate": "LR", "focus": "FOCUS", "drop": "DROPOUT", "epochs": "EPOCHS", "seed": "SEED"}
    read = {
        n: {"regex": rf"{n}={NUMBER}", "step_regex": r"epoch=(\d+)"} for n in ("focal_train", "focal_valid", "valid_ap")
    }
    return Spec(
        name=name, fault=fault, params=params, space={"parameters": space}, objective=more.pop("objective", Objective("valid_ap", "maximize")),
        command=("env", *(f"{names[key]}={{{key}}}" for key in params), "python", "rare.py", *flags), options={"metrics": read}, **more,
    )  # fmt: skip


def rounds(name: str, fault: str, *flags: str, **more: Any) -> Spec:
    params = {"learning_rate": 0.1, "num_rounds": 100, "num_leaves": 6, "subsample": 0.8}
    params |= {key: more.pop(key) for key in list(more) if key in params}
    space = {
        "learning_rate": floats(1e-4, 2.0, log=True),
        "num_rounds": ints(10, 400),
        "num_leaves": ints(2, 40),
        "subsample": floats(0.4, 1.0),
    }
    read = {
        "train_logloss": {"regex": rf"training's logloss: {NUMBER}", "step_regex": r"^\[(\d+)\]"},
        "valid_logloss": {"regex": rf"valid_0's logloss: {NUMBER}", "step_regex": r"^\[(\d+)\]"},
    }
    return Spec(
        name=name, fault=fault, params=params, space={"parameters": space}, objective=more.pop("objective", Objective("valid_logloss")),
        command=("python", "rounds.py", *(f"{{{key}}}" for key in params), *flags), options={"metrics": read}, **more,
    )  # fmt: skip


ONCE: dict[str, Any] = {
    "n_clusters": ints(2, 20), "n_estimators": ints(20, 300), "n_components": ints(2, 60), "alpha": floats(1e-3, 1e3, log=True),
    "gamma": floats(1e-4, 10.0, log=True), "C": floats(1e-4, 1e3, log=True), "epsilon": floats(0.01, 1.0), "n_neighbors": ints(1, 40),
}  # fmt: skip


def once(
    name: str, fault: str, kind: str, params: dict[str, Any], *flags: str, objective: Objective | None = None
) -> Spec:
    read = {
        n: {"regex": rf"^{n}: {NUMBER}"}
        for n in ("inertia", "silhouette", "auc", "reconstruction_mse", "fit_score", "holdout_score")
    }
    return Spec(
        name=name, fault=fault, params=params, space={"parameters": {key: ONCE[key] for key in params}},
        objective=objective or Objective("holdout_score", "maximize"), command=("python", "once.py", kind, *flags), options={"metrics": read},
    )  # fmt: skip


AP_LOSS = Objective("focal_valid")
CASES: list[Spec] = [
    # -- it broke
    pegasos("pegasos_weights_file", "missing file", *broken("weights-file")),
    pegasos("pegasos_script", "missing script", start=("python", "pegasus.py")),
    pegasos("pegasos_one_less", "wrong shape", *broken("one-less")),
    curriculum("curriculum_squeezed", "wrong shape", *broken("squeezed")),
    rounds("rounds_shifted", "wrong shape", "shifted"),
    once("once_ragged", "wrong shape", "linear", {"C": 1.0}, "ragged"),
    pegasos("pegasos_label_text", "wrong dtype", *broken("label-text")),
    mixed("mixed_weights", "wrong dtype", "weights"),
    rare("rare_hollow", "NaN in the data", "hollow"),
    pegasos("pegasos_schedule", "bad argument", "--schedule", "linear"),
    once("once_negative", "bad argument", "svr", {"C": -1.0, "epsilon": 0.1}),
    pegasos("pegasos_renamed", "metric misspelt", *broken("renamed"), n_iter=2000),
    qlearn("qlearn_other_name", "metric never printed", episodes=200, objective=Objective("mean_reward", "maximize")),
    qlearn("qlearn_stuck", "hang", "stuck", seconds=8.0),
    # -- it learned badly
    pegasos("pegasos_lr_low", "lr too low", lr=2e-5, n_iter=3000),
    curriculum("curriculum_lr_high", "lr too high", "--clip", "100", learning_rate=0.9),
    curriculum("curriculum_lr_low", "lr too low", learning_rate=2e-5),
    mixed("mixed_lr_high", "lr too high", max_lr=40.0),
    mixed("mixed_lr_low", "lr too low", max_lr=2e-4),
    rare("rare_lr_high", "lr too high", rate=0.1),
    rounds("rounds_lr_high", "lr too high", learning_rate=1.9, num_leaves=20),
    rounds("rounds_lr_low", "lr too low", learning_rate=2e-4),
    rounds("rounds_overfit", "overfitting", "small", learning_rate=0.3, num_rounds=200, num_leaves=30, subsample=1.0),
    rare("rare_overfit", "overfitting", "few", epochs=100, drop=0.0, objective=AP_LOSS),
    mixed("mixed_decayed", "underfitting", weight_decay=0.5),
    once("once_flat_ridge", "underfitting", "ridge", {"alpha": 900.0, "gamma": 0.05}),
    pegasos("pegasos_regularised", "underfitting", lambda_reg=9.0),
    rare("rare_off", "dead units", "off"),
    curriculum("curriculum_boom", "gradient spike", *broken("boom")),
    # -- healthy
    pegasos("healthy_pegasos", "none"),
    pegasos("healthy_pegasos_noise", "none", "--noise", "4", lr=0.05, n_iter=4000, seed=3),
    pegasos("healthy_pegasos_few_held", "none", "--held", "40", lr=0.3, seed=5),
    qlearn("healthy_qlearn", "none"),
    qlearn("healthy_qlearn_long", "none", episodes=1500, alpha_rate=0.1, seed=2),
    rare("healthy_rare", "none"),
    rare("healthy_rare_loss", "none", rate=1e-3, epochs=25, drop=0.3, seed=4, objective=AP_LOSS),
    rare("healthy_rare_fast", "none", rate=5e-3, epochs=10, focus=1.0, seed=8),
    curriculum("healthy_curriculum", "none"),
    curriculum("healthy_curriculum_stages", "none", "--stages", "2", learning_rate=5e-3, hidden=32, updates=500, seed=2),
    curriculum("healthy_curriculum_slow", "none", learning_rate=3e-3, updates=700, seed=1),
    mixed("healthy_mixed", "none"),
    mixed("healthy_mixed_gentle", "none", max_lr=0.1, n_epochs=25, seed=3, objective=Objective("valid_loss")),
    mixed("healthy_mixed_dropout", "none", dropout=0.5, units=128, n_epochs=12, seed=6),
    mixed("healthy_mixed_half_data", "none", train_size=500, n_epochs=30, seed=7),
    rounds("healthy_rounds", "none"),
    rounds("healthy_rounds_slow", "none", learning_rate=0.03, num_rounds=250, num_leaves=8),
    rounds("healthy_rounds_stumps", "none", num_leaves=2, learning_rate=0.3, num_rounds=150),
    rounds("healthy_rounds_few", "none", learning_rate=0.25, num_rounds=40),
    once("healthy_once_kmeans", "none", "kmeans", {"n_clusters": 6}, objective=Objective("silhouette", "maximize")),
    once("healthy_once_inertia", "none", "kmeans", {"n_clusters": 8}, objective=Objective("inertia")),
    once("healthy_once_outliers", "none", "outliers", {"n_estimators": 80}, objective=Objective("auc", "maximize")),
    once("healthy_once_pca", "none", "pca", {"n_components": 20}, objective=Objective("reconstruction_mse")),
    once("healthy_once_ridge", "none", "ridge", {"alpha": 0.5, "gamma": 0.05}),
    once("healthy_once_svr", "none", "svr", {"C": 1.0, "epsilon": 0.1}),
    once("healthy_once_bagged", "none", "bagged", {"n_estimators": 50}),
    once("healthy_once_near", "none", "radius", {"n_neighbors": 7}),
    once("healthy_once_linear", "none", "linear", {"C": 0.5}),
]  # fmt: skip
