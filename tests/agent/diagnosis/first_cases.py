"""The cases that the rules were first written on."""

from __future__ import annotations

from typing import Any

from tests.agent.diagnosis.make_cases import Spec
from trainers.contract import Objective

DIGITS_SPACE = {
    "parameters": {
        "lr": {"type": "float", "low": 1e-6, "high": 10.0, "log": True},
        "epochs": {"type": "int", "low": 2, "high": 100},
        "hidden": {"type": "int", "low": 1, "high": 512, "log": True},
        "dropout": {"type": "float", "low": 0.0, "high": 0.95},
        "weight_decay": {"type": "float", "low": 0.0, "high": 1.0},
        "batch_size": {"type": "categorical", "choices": [16, 32, 64, 128, 256]},
    }
}
WAVE_SPACE = {
    "parameters": {
        "learning_rate": {"type": "float", "low": 1e-6, "high": 10.0, "log": True},
        "steps": {"type": "int", "low": 50, "high": 5000, "log": True},
        "width": {"type": "int", "low": 1, "high": 128, "log": True},
        "layers": {"type": "int", "low": 1, "high": 4},
    }
}
FOREST_SPACE = {
    "parameters": {
        "max_depth": {"type": "int", "low": 1, "high": 15},
        "n_estimators": {"type": "int", "low": 10, "high": 500},
        "min_samples_leaf": {"type": "float", "low": 0.01, "high": 0.49},
    }
}
SVM_SPACE = {
    "parameters": {
        "C": {"type": "float", "low": 1e-4, "high": 1e3, "log": True},
        "gamma": {"type": "float", "low": 1e-5, "high": 10.0, "log": True},
    }
}
VAL_LOSS = Objective("val_loss")
WAVE_METRICS = {
    name: {"regex": rf"{name}=([0-9.eE+-]+|nan|inf)", "step_regex": r"step (\d+)"}
    for name in ("loss", "grad_norm", "val_mse")
}


def digits(name: str, fault: str, *, flags: tuple[str, ...] = (), **more: Any) -> Spec:
    """A run of digits_mlp.py; keyword arguments that are parameters change its config."""
    config = {"lr": 1e-3, "epochs": 20, "hidden": 64, "dropout": 0.0, "weight_decay": 0.0, "batch_size": 64}
    config |= {key: more.pop(key) for key in list(more) if key in config}
    command = ["python", more.pop("script", "digits_mlp.py")]
    for key in config:
        command += [f"--{key.replace('_', '-')}", f"{{{key}}}"]
    return Spec(
        name=name, fault=fault, params=config, space=more.pop("space", DIGITS_SPACE),
        objective=more.pop("objective", VAL_LOSS), command=(*command, *flags), **more,
    )  # fmt: skip


def wave(name: str, fault: str, *, flags: tuple[str, ...] = (), **more: Any) -> Spec:
    config = {"learning_rate": 1e-2, "steps": 600, "width": 32, "layers": 2}
    config |= {key: more.pop(key) for key in list(more) if key in config}
    command = ["python", "wave_regression.py"]
    for key in config:
        command += [f"--{key}", f"{{{key}}}"]
    return Spec(
        name=name, fault=fault, params=config, space=WAVE_SPACE, objective=Objective("val_mse"),
        command=(*command, *flags), options={"metrics": WAVE_METRICS}, **more,
    )  # fmt: skip


def forest(name: str, fault: str, *, flags: tuple[str, ...] = (), **more: Any) -> Spec:
    config = more.pop("config", {"max_depth": 5, "n_estimators": 50, "min_samples_leaf": 0.01})
    command = ["python", "forest_cv.py"]
    for key in config:
        command += [f"--{key}", f"{{{key}}}"]
    return Spec(
        name=name, fault=fault, params=config, space=more.pop("space", FOREST_SPACE),
        objective=more.pop("objective", Objective("val_accuracy", "maximize")), command=(*command, *flags), **more,
    )  # fmt: skip


def fault(name: str) -> tuple[str, str]:
    return ("--fault", name)


CV = Objective("cv_accuracy", "maximize", "last")
CASES: list[Spec] = [
    # -- it broke
    digits("import_error", "import error", flags=fault("import")),
    digits("missing_file", "missing file", flags=fault("missing")),
    digits("missing_script", "missing script", script="train_digits.py"),
    digits("bad_argument", "bad argument", flags=("--warmup", "5")),
    digits("bad_choice", "bad argument", flags=("--optimizer", "adamw")),
    digits("shape", "wrong shape", flags=fault("shape")),
    digits("dtype", "wrong dtype", flags=fault("dtype")),
    digits("label_dtype", "wrong dtype", flags=fault("label-dtype")),
    digits("killed", "killed", flags=fault("kill")),
    digits("worker_lost", "killed", flags=fault("slow"), kill_supervisor_after=6.0, epochs=60),
    digits("host_memory", "out of memory", flags=fault("hoard"), memory_bytes=600 << 20, epochs=60),
    digits("hang", "hang", flags=fault("hang"), seconds=12.0),
    digits("too_slow", "too slow", flags=fault("slow"), seconds=9.0, epochs=80, lr=1e-4),
    digits("bug", "bug", flags=fault("bug"), epochs=3),
    digits("silent", "metric never printed", flags=fault("silent"), epochs=3),
    digits("misspelt", "metric misspelt", flags=("--metric-name", "valid_loss"), epochs=4),
    forest(
        "nan_sklearn",
        "NaN in the data",
        flags=("--fault", "nan", "--model", "svm"),
        config={"C": 1.0, "gamma": 0.05},
        space=SVM_SPACE,
    ),
    forest("labels_short", "wrong shape", flags=fault("labels")),
    forest("text_column", "wrong dtype", flags=fault("text")),
    forest("bad_leaf", "bad argument", config={"max_depth": 5, "n_estimators": 50, "min_samples_leaf": 1.5}),
    wave("reshape", "wrong shape", flags=fault("reshape")),
    digits(
        "stopped",
        "stopped by a person",
        flags=fault("slow"),
        stop_after=7.0,
        stop={"reason": "looks slow"},
        epochs=60,
    ),
    digits("pruned", "pruned", flags=fault("slow"), stop_after=7.0, stop={"prune": True}, epochs=60),
    # -- it learned badly
    digits("nan_torch", "NaN in the data", flags=fault("nan")),
    digits("lr_high_adam", "lr too high", lr=1.0),
    digits("lr_high_sgd", "lr too high", lr=8.0, flags=("--optimizer", "sgd")),
    wave("lr_high_wave", "lr too high", learning_rate=2.0, flags=("--momentum", "0.9")),
    wave("nan_late", "loss became NaN", flags=fault("nan-late")),
    digits("lr_low", "lr too low", lr=5e-6),
    digits("lr_low_sgd", "lr too low", lr=1e-4, flags=("--optimizer", "sgd")),
    wave("lr_low_wave", "lr too low", learning_rate=2e-5),
    digits(
        "overfit_few",
        "overfitting",
        epochs=80,
        hidden=256,
        flags=("--samples", "150", "--label-noise", "0.3"),
    ),
    digits("overfit_noise", "overfitting", epochs=60, hidden=256, flags=("--label-noise", "0.4")),
    wave(
        "overfit_wave",
        "overfitting",
        steps=3000,
        width=128,
        flags=("--points", "20", "--noise", "0.6", "--every", "50"),
    ),
    forest(
        "overfit_tree",
        "overfitting",
        flags=("--model", "tree", "--label-noise", "0.4"),
        config={"max_depth": 15},
    ),
    forest(
        "overfit_svm",
        "overfitting",
        flags=("--model", "svm", "--label-noise", "0.3"),
        config={"C": 1000.0, "gamma": 5.0},
        space=SVM_SPACE,
    ),
    digits("underfit_tiny", "underfitting", hidden=1),
    digits("underfit_decay", "underfitting", weight_decay=0.9),
    digits("underfit_dropout", "underfitting", dropout=0.93, hidden=16),
    digits("underfit_short", "underfitting", epochs=4, lr=0.03, flags=("--optimizer", "sgd")),
    forest(
        "underfit_svm",
        "underfitting",
        flags=("--model", "svm"),
        config={"C": 1e-4, "gamma": 0.05},
        space=SVM_SPACE,
    ),
    forest(
        "underfit_leaf",
        "underfitting",
        flags=("--data", "wine"),
        config={"max_depth": 5, "n_estimators": 50, "min_samples_leaf": 0.49},
    ),
    digits("dead_relu", "dead units", flags=fault("dead")),
    wave("frozen", "nothing is trained", flags=fault("frozen")),
    wave("spike", "gradient spike", flags=("--fault", "spike", "--momentum", "0.9"), learning_rate=2e-2),
    # -- healthy
    digits("healthy", "none"),
    digits("healthy_score", "none", objective=Objective("val_acc", "maximize")),
    digits("healthy_sgd_slow", "none", epochs=60, lr=0.02, flags=("--optimizer", "sgd")),
    digits("healthy_long", "none", epochs=70, objective=Objective("val_acc", "maximize")),
    digits("healthy_noisy_labels", "none", epochs=12, hidden=32, flags=("--label-noise", "0.15")),
    digits("healthy_dropout", "none", epochs=30, dropout=0.4),
    wave("healthy_wave", "none"),
    wave("healthy_wave_noise", "none", flags=("--noise", "0.5"), steps=800),
    wave("healthy_every_step", "none", flags=("--every", "1"), steps=400),
    forest("healthy_forest", "none"),
    forest("healthy_folds", "none", flags=("--folds", "--data", "iris"), objective=CV),
    forest("healthy_svm", "none", flags=("--model", "svm"), config={"C": 10.0, "gamma": 0.01}, space=SVM_SPACE),
    forest(
        "healthy_ridge",
        "none",
        flags=("--model", "ridge", "--data", "diabetes"),
        config={"alpha": 1.0},
        space={"parameters": {"alpha": {"type": "float", "low": 1e-4, "high": 1e3, "log": True}}},
        objective=Objective("val_mse"),
    ),
    forest(
        "healthy_beside_peers",
        "none",
        peers=tuple({"max_depth": d, "n_estimators": 50, "min_samples_leaf": 0.01} for d in (2, 3, 8, 12)),
    ),
]
