"""Recorded after the rules were first written: other models, data, scripts and ways to print."""

from __future__ import annotations

from typing import Any

from tests.agent.diagnosis.make_cases import Spec
from trainers.contract import Objective

NUMBER = r"([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?|nan|-?inf)"


def floats(low: float, high: float, *, log: bool = False) -> dict[str, Any]:
    return {"type": "float", "low": low, "high": high, "log": log}


def ints(low: int, high: int, *, log: bool = False) -> dict[str, Any]:
    return {"type": "int", "low": low, "high": high, "log": log}


def maker(
    script: str, defaults: dict[str, Any], space: dict[str, Any], objective: Objective, metrics: dict[str, Any]
) -> Any:
    """A function that makes cases of one script."""
    dash = "-" if script in ("sequence_gru.py", "conv_images.py") else "_"

    def case(name: str, fault: str, *, flags: tuple[str, ...] = (), **more: Any) -> Spec:
        config = defaults | {key: more.pop(key) for key in list(more) if key in defaults}
        command = [*more.pop("start", ("python", script))]
        for key in config:
            command += [f"--{key.replace('_', dash)}", f"{{{key}}}"]
        space_dict = {"parameters": {k: v for k, v in space.items() if k in config}}
        options = {"metrics": more.pop("metrics", metrics)}
        return Spec(
            name=name, fault=fault, params=config, space=space_dict,
            objective=more.pop("objective", objective), command=(*command, *flags), options=options, **more,
        )  # fmt: skip

    return case


def broken(name: str) -> tuple[str, str]:
    return ("--fault", name)


gru = maker(
    "sequence_gru.py",
    {"lr": 3e-3, "max_epochs": 25, "units": 24, "drop": 0.0},
    {
        "lr": floats(1e-6, 3.0, log=True), "max_epochs": ints(2, 200), "units": ints(2, 256, log=True),
        "drop": floats(0, 0.9),
    },
    Objective("valid/loss"),
    {n: {"regex": rf"{n} {NUMBER}", "step_regex": r"epoch +(\d+)"} for n in ("train/loss", "valid/loss", "valid/acc")},
)  # fmt: skip
conv = maker(
    "conv_images.py",
    {"learning_rate": 2e-3, "epochs": 10, "channels": 8, "dropout": 0.1, "l2": 0.0},
    {
        "learning_rate": floats(1e-6, 1.0, log=True), "epochs": ints(3, 60), "channels": ints(1, 64, log=True),
        "dropout": floats(0, 0.97), "l2": floats(0, 2.0),
    },
    Objective("val_accuracy", "maximize"),
    {n: {"regex": rf" - {n}: {NUMBER}"} for n in ("loss", "accuracy", "val_loss", "val_accuracy")},
)  # fmt: skip
softmax = maker(
    "softmax_numpy.py",
    {"eta": 0.3, "n_iter": 200, "reg": 0.0},
    {"eta": floats(1e-5, 100.0, log=True), "n_iter": ints(40, 2000), "reg": floats(0.0, 10.0)},
    Objective("test_error"),
    {},
)
boost = maker(
    "boosted_trees.py",
    {"learning_rate": 0.1, "n_estimators": 80, "max_depth": 3},
    {"learning_rate": floats(1e-5, 10.0, log=True), "n_estimators": ints(1, 1000, log=True), "max_depth": ints(1, 12)},
    Objective("valid_mse"),
    {
        n: {"regex": rf"\b{n}: {NUMBER}", "step_regex": r"stage: (\d+)"}
        for n in (
            "train_mse",
            "valid_mse",
            "accuracy",
            "r2",
            "train_r2",
            "valid_r2",
            "train_accuracy",
            "valid_accuracy",
        )
    },
)
chars = maker(
    "char_lm.py",
    {"lr": 3e-3, "max_steps": 150, "d_model": 32, "n_heads": 4, "context": 24, "batch_size": 16},
    {
        "lr": {"type": "categorical", "choices": [1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 0.1, 1.0, 10.0]},
        "max_steps": ints(60, 3000), "d_model": ints(16, 128), "n_heads": ints(1, 8), "context": ints(8, 64),
        "batch_size": {"type": "categorical", "choices": [8, 16, 32, 64]},
    },
    Objective("val"),
    {n: {"regex": rf"\b{n} {NUMBER}", "step_regex": r"step +(\d+)"} for n in ("loss", "ppl", "val")},
)  # fmt: skip
clicked = maker(
    "click_train.py", {"rate": 0.05, "rounds": 300}, {"rate": floats(1e-4, 1.0, log=True), "rounds": ints(10, 2000)},
    Objective("nll"), {},
)  # fmt: skip
KNN = {"flags": ("--model", "knn"), "objective": Objective("valid_accuracy", "maximize")}
UNNAMED = "[epoch {{e}}] train/loss {{tl:.4f}} validation_loss {{vl:.4f}}"

CASES: list[Spec] = [
    # -- it broke
    boost("import_name", "import error", flags=broken("sklearn-name")),
    gru("no_program", "command not found", start=("pyhton3", "sequence_gru.py")),
    gru("not_executable", "command not found", start=("./sequence_gru.py",)),
    clicked("click_option", "bad argument", flags=("--wramup", "3")),
    clicked("click_range", "bad argument", rounds=5000),
    chars("heads_divide", "bad argument", d_model=30, n_heads=4),
    conv("negative_rate", "bad argument", learning_rate=-0.01),
    conv("loader_files", "missing file", flags=broken("files")),
    clicked("chained_file", "missing file", flags=("--source", "values.txt")),
    gru("gru_input", "wrong shape", flags=broken("input-size")),
    gru("gru_vocabulary", "wrong shape", flags=broken("vocabulary")),
    gru("gru_classes", "wrong shape", flags=broken("classes")),
    gru("gru_checkpoint", "wrong shape", flags=broken("checkpoint")),
    conv("conv_channels", "wrong shape", flags=broken("channels")),
    softmax("numpy_columns", "wrong shape", flags=broken("columns")),
    boost("fewer_features", "wrong shape", flags=("--fault", "features", "--model", "knn"),
          objective=Objective("valid_accuracy", "maximize")),
    conv("conv_double", "wrong dtype", flags=broken("half")),
    chars("chars_float", "wrong dtype", flags=broken("dtype")),
    boost("nan_targets", "NaN in the data", flags=broken("nan")),
    conv("nan_images", "NaN in the data", flags=broken("targets-nan"), objective=Objective("val_loss")),
    softmax("nan_numpy", "NaN in the data", flags=broken("hole"), objective=Objective("loss"), eta=0.02),
    softmax("allocate_numpy", "out of memory", flags=broken("allocate")),
    chars("allocate_torch", "out of memory", flags=broken("allocate")),
    chars("disk_full", "disk full", flags=broken("disk")),
    chars("segfault", "killed", flags=broken("segfault")),
    chars("terminated", "killed", flags=broken("terminated")),
    boost("waits", "timeout", flags=("--model", "knn", "--wait", "60"), seconds=5.0,
          objective=Objective("valid_accuracy", "maximize")),
    gru("stuck_after_two", "hang", flags=broken("wait"), seconds=10.0),
    gru("crawls", "too slow", flags=broken("crawl"), seconds=8.0, max_epochs=120, lr=5e-4),
    softmax("drags", "too slow", flags=broken("drag"), n_iter=100),
    gru("other_name", "metric misspelt", flags=("--style", UNNAMED), max_epochs=3),
    softmax("error_rate", "metric misspelt", flags=("--name", "testError"), n_iter=40),
    chars("never_validated", "metric never printed", flags=broken("no-validation")),
    clicked("quiet", "metric never printed", flags=("--quiet",)),
    gru("in_words", "metric never printed", max_epochs=3,
        flags=("--style", "epoch {{e}}: the loss on held-out sequences is now {{vl:.4f}}")),
    # -- it learned badly
    gru("gru_lr_high", "lr too high", lr=1.5),
    conv("conv_lr_high", "lr too high", flags=("--optimizer", "SGD"),
         learning_rate=0.9),
    softmax("softmax_lr_high", "lr too high", eta=60.0, flags=("--raw",),
            objective=Objective("loss")),
    boost("boost_lr_high", "lr too high", learning_rate=3.0),
    boost("mlp_lr_high", "lr too high", learning_rate=5.0, flags=("--model", "mlp"),
          objective=Objective("r2", "maximize")),
    chars("chars_lr_high", "lr too high", lr=10.0, flags=("--optimizer", "SGD")),
    gru("gru_lr_low", "lr too low", lr=1e-5),
    conv("conv_lr_low", "lr too low", learning_rate=4e-6),
    softmax("softmax_lr_low", "lr too low", eta=2e-4, objective=Objective("test_loss")),
    boost("boost_lr_low", "lr too low", learning_rate=5e-4),
    chars("chars_lr_low", "lr too low", lr=1e-5),
    gru("gru_overfit", "overfitting", flags=("--sequences", "80", "--flip", "0.25"), units=96,
        lr=5e-3, max_epochs=60),
    conv("conv_overfit", "overfitting", flags=("--images", "200", "--random-labels", "0.5"), channels=32,
         epochs=50),
    boost("boost_overfit", "overfitting", max_depth=10, n_estimators=300, learning_rate=0.3),
    boost("knn_overfit", "overfitting", max_depth=1, flags=("--model", "knn", "--fault", "label-noise"),
          objective=Objective("valid_accuracy", "maximize")),
    gru("gru_underfit", "underfitting", max_epochs=4, lr=1e-3),
    conv("conv_underfit_l2", "underfitting", l2=1.8),
    conv("conv_underfit_dropout", "underfitting", dropout=0.96, channels=2, epochs=6),
    softmax("softmax_underfit", "underfitting", reg=9.5, eta=0.02, objective=Objective("test_loss")),
    boost("net_underfit", "underfitting", flags=("--model", "linear", "--alpha", "50"),
          objective=Objective("valid_r2", "maximize")),
    gru("gru_symmetric", "dead units", flags=broken("symmetric")),
    conv("conv_drowned", "dead units", flags=broken("drowned"),
         objective=Objective("val_loss")),
    chars("chars_burst", "gradient spike", flags=("--fault", "burst", "--optimizer", "SGD"), lr=0.1),
    conv("conv_bad_batch", "gradient spike", flags=("--fault", "bad-batch", "--optimizer", "SGD"),
         epochs=20, objective=Objective("val_loss"), learning_rate=2e-2),
    # -- healthy
    gru("healthy_gru", "none", max_epochs=40),
    gru("healthy_patience", "none", flags=("--patience", "5", "--flip", "0.05"), max_epochs=80),
    gru("healthy_cycles", "none", flags=("--cycle", "8"), lr=2e-2, max_epochs=40),
    conv("healthy_conv", "none"),
    conv("healthy_conv_long", "none", epochs=40, channels=16),
    conv("healthy_conv_slow", "none", epochs=25, learning_rate=3e-4, objective=Objective("val_loss")),
    softmax("healthy_softmax", "none"),
    softmax("healthy_noise_floor", "none", flags=("--spread", "4"), objective=Objective("test_loss")),
    softmax("healthy_caught", "none", flags=broken("caught")),
    boost("healthy_boosting", "none"),
    boost("healthy_sgd_passes", "none", flags=("--model", "sgd"), learning_rate=0.01, n_estimators=30,
          objective=Objective("accuracy", "maximize")),
    boost("healthy_knn", "none", max_depth=9, **KNN),
    chars("healthy_chars", "none", max_steps=450),
    chars("healthy_cut_short", "none", max_steps=3000, seconds=20.0),
    clicked("healthy_likelihood", "none"),
    clicked("healthy_bandit", "none", flags=("--mode", "bandit"), rate=0.2,
            objective=Objective("mean_reward", "maximize", "last")),
    Spec(name="healthy_rf_simple", fault="none", trainer="forest", task="rf_simple-iris",
         params={"n_estimators": 60, "max_depth": 20, "min_samples_split": 4},
         space={"parameters": {
             "n_estimators": ints(50, 500), "max_depth": ints(5, 50), "min_samples_split": ints(2, 10),
         }},
         objective=Objective("cv_accuracy", "maximize", "last")),
]  # fmt: skip
