"""Recorded after the rules were corrected on the third set."""

from __future__ import annotations

from typing import Any

from tests.agent.diagnosis.make_cases import Spec
from tests.agent.diagnosis.second_cases import NUMBER, boost, broken, chars, clicked, floats, gru, ints, maker, softmax
from tests.agent.diagnosis.third_cases import coder, factors, sk, tabular
from trainers.contract import Objective

EPOCH = r"'epoch': ([0-9]+)\}"
tuned = maker(
    "finetune.py",
    {
        "learning_rate": 2e-3, "num_train_epochs": 8, "per_device_train_batch_size": 32, "weight_decay": 0.0,
        "hidden_size": 32, "num_attention_heads": 4,
    },
    {
        "learning_rate": floats(1e-7, 3.0, log=True), "num_train_epochs": ints(1, 60),
        "per_device_train_batch_size": {"type": "categorical", "choices": [8, 16, 32, 64]},
        "weight_decay": floats(0.0, 50.0), "hidden_size": ints(2, 128), "num_attention_heads": ints(1, 8),
    },
    Objective("eval_loss"),
    {},
)  # fmt: skip
stumps = maker(
    "stumps.py",
    {"eta": 0.3, "num_boost_round": 60, "reg_lambda": 1.0},
    {"eta": floats(1e-4, 10.0, log=True), "num_boost_round": ints(2, 500), "reg_lambda": floats(0.0, 5000.0)},
    Objective("valid-rmse"),
    {n: {"regex": rf"{n}:{NUMBER}", "step_regex": r"^\[(\d+)\]"} for n in ("train-rmse", "valid-rmse")},
)
board = maker(
    "events.py",
    {"lr": 5e-3, "depth": 2, "units": 32, "iterations": 400},
    {
        "lr": floats(1e-7, 10.0, log=True),
        "depth": ints(1, 6),
        "units": ints(1, 128, log=True),
        "iterations": ints(50, 5000),
    },
    Objective("Loss/valid"),
    {n: {"tensorboard": "events/*"} for n in ("Loss/train", "Loss/valid", "Accuracy/valid")},
)
STEPS = floats(1e-4, 1.0, log=True)


def shell(name: str, fault: str, what: str, *start: str, **more: Any) -> Spec:
    return Spec(
        name=name, fault=fault, params={"rate": 0.3}, space={"parameters": {"rate": STEPS}},
        objective=Objective("fitness", "maximize"), command=(*(start or ("./pipeline.sh",)), what, "{rate}"),
        options={"metrics": {"fitness": {"regex": rf"fitness={NUMBER}", "step_regex": r"generation (\d+)"}}}, **more,
    )  # fmt: skip


CASES: list[Spec] = [
    # -- it broke
    shell("shell_tool", "command not found", "tool"),
    shell("shell_module", "import error", "module"),
    shell("shell_quota", "disk full", "quota"),
    shell("shell_killed", "killed", "oom"),
    shell("shell_gave_up", "gave up", "exit"),
    shell("shell_not_there", "command not found", "train", "./pipelines.sh"),
    tuned("tuned_heads", "bad argument", num_attention_heads=5),
    tuned("tuned_positions", "wrong shape", flags=broken("positions")),
    tuned("tuned_soft_labels", "wrong dtype", flags=broken("soft-labels")),
    tuned("tuned_no_folder", "missing file", flags=broken("save"), num_train_epochs=3),
    tuned("tuned_sqrt", "loss became NaN", flags=broken("sqrt")),
    tuned("tuned_stalls", "too slow", flags=broken("stall"), seconds=14.0, num_train_epochs=50, learning_rate=2e-5),
    tuned("tuned_negative_batch", "bad argument", per_device_train_batch_size=-4),
    tuned("tuned_other_metric", "metric misspelt", objective=Objective("evalAccuracy", "maximize"), num_train_epochs=2),
    stumps("stumps_nan", "NaN in the data", flags=broken("nan"), num_boost_round=20),
    stumps("stumps_shift", "wrong shape", flags=broken("shift")),
    stumps("stumps_strings", "wrong dtype", flags=broken("strings")),
    stumps("stumps_memory", "out of memory", flags=broken("limit")),
    stumps("stumps_assert", "bug", flags=broken("assert")),
    stumps("stumps_train_only", "metric never printed", flags=broken("stderr-only"), num_boost_round=10),
    stumps("stumps_no_rounds", "bad argument", flags=("--num-rounds", "5")),
    stumps("stumps_sleepy", "too slow", flags=broken("sleepy"), num_boost_round=400, seconds=7.0, eta=0.05),
    board("board_weights", "missing file", flags=broken("missing-weights")),
    board("board_no_score", "metric never printed", flags=broken("no-score"), iterations=60,
          objective=Objective("Accuracy/valid", "maximize")),
    board("board_interrupted", "killed", flags=broken("interrupt")),
    board("board_recursion", "bug", flags=broken("recursion")),
    # -- it learned badly
    tuned("tuned_lr_high", "lr too high", learning_rate=1.0),
    tuned("tuned_lr_low", "lr too low", learning_rate=3e-6),
    tuned("tuned_overfit", "overfitting", flags=("--train_samples", "120", "--label_noise", "0.25"),
          num_train_epochs=40),
    tuned("tuned_decay", "underfitting", weight_decay=45.0),
    tuned("tuned_frozen", "nothing is trained", flags=broken("frozen")),
    stumps("stumps_eta_high", "lr too high", eta=2.5),
    stumps("stumps_eta_low", "lr too low", eta=3e-4),
    stumps("stumps_overfit", "overfitting", flags=("--rows", "40", "--noise", "1.2"), num_boost_round=300),
    stumps("stumps_lambda", "underfitting", reg_lambda=4900.0),
    board("board_lr_high", "lr too high", lr=6.0),
    board("board_lr_low", "lr too low", lr=3e-6),
    board("board_overfit", "overfitting", flags=("--points", "40", "--jitter", "0.25"), iterations=2000, units=100,
          depth=4),
    board("board_narrow", "underfitting", units=1, depth=1),
    board("board_brief", "underfitting", iterations=80, lr=1e-3),
    board("board_saturated", "dead units", flags=broken("saturated")),
    board("board_kick", "gradient spike", flags=("--fault", "kick", "--optimizer", "SGD"), lr=0.2, iterations=600),
    clicked("likelihood_rate_low", "lr too low", rate=2e-4, rounds=120),
    # -- healthy
    tuned("healthy_tuned", "none", num_train_epochs=12),
    tuned("healthy_tuned_small_steps", "none", learning_rate=3e-4, num_train_epochs=25),
    tuned("healthy_tuned_noise", "none", flags=("--label_noise", "0.1"), weight_decay=1.0, num_train_epochs=20),
    stumps("healthy_stumps", "none"),
    stumps("healthy_stumps_stopped", "none", flags=("--early_stopping_rounds", "10"), num_boost_round=400),
    stumps("healthy_stumps_noise", "none", flags=("--noise", "1.0"), num_boost_round=25),
    board("healthy_board", "none", iterations=1500),
    board("healthy_board_score", "none", iterations=1200, lr=2e-2, objective=Objective("Accuracy/valid", "maximize")),
    shell("healthy_shell", "none", "train"),
    gru("healthy_gru_dropout", "none", drop=0.3, max_epochs=30),
    softmax("healthy_softmax_ridge", "none", reg=0.02, eta=0.5, objective=Objective("test_loss")),
    boost("healthy_slow_boosting", "none", learning_rate=0.03, n_estimators=200),
    chars("healthy_chars_wide", "none", d_model=64, max_steps=300, lr=1e-3),
    coder("healthy_coder_sgd", "none", "--solver", "sgd", base_lr=2.0, num_epochs=40),
    factors("healthy_factors_rank", "none", rank=6, penalty=0.3),
    tabular("healthy_tabular_long", "none", train__epochs=60, optim__lr=1e-3, model__width=8),
    sk("healthy_svc", "none", "svc", "gamma", 0.03, floats(1e-4, 10.0, log=True)),
]  # fmt: skip
