"""Recorded after the rules were corrected on the fifth set."""

from __future__ import annotations

from typing import Any

from tests.agent.diagnosis.fifth_cases import net, vectors
from tests.agent.diagnosis.first_cases import digits, wave
from tests.agent.diagnosis.fourth_cases import board, stumps, tuned
from tests.agent.diagnosis.make_cases import Spec
from tests.agent.diagnosis.second_cases import NUMBER, boost, broken, chars, conv, floats, gru, ints, maker, softmax
from tests.agent.diagnosis.third_cases import ACCURACY, C, coder, factors, sk, tabular, trees
from trainers.contract import Objective

forecast = maker(
    "forecast.py",
    {"learning_rate": 1e-3, "train_epochs": 10, "seq_len": 24, "d_model": 32, "dropout": 0.05, "batch_size": 32},
    {
        "learning_rate": floats(1e-6, 1.0, log=True), "train_epochs": ints(2, 200), "seq_len": ints(4, 96),
        "d_model": ints(1, 512, log=True), "dropout": floats(0.0, 0.95),
        "batch_size": {"type": "categorical", "choices": [16, 32, 64]},
    },
    Objective("vali_loss"),
    {
        "train_loss": {"regex": rf"Train Loss: {NUMBER}", "step_regex": r"Epoch: (\d+),"},
        "vali_loss": {"regex": rf"Vali Loss: {NUMBER}", "step_regex": r"Epoch: (\d+),"},
    },
)  # fmt: skip
BRACKET = {
    "epochs": ints(1, 10, log=True), "batch_size": ints(32, 256, log=True), "lr": floats(1e-5, 1e-1, log=True),
    "dropout": floats(0.0, 0.5), "embedding": ints(32, 256, log=True), "units": ints(32, 256, log=True),
    "layers": ints(1, 5),
}  # fmt: skip
BRACKET_DEFAULT = {
    "epochs": 3, "batch_size": 64, "lr": 3e-3, "dropout": 0.0, "embedding": 32, "units": 32, "layers": 1,
}  # fmt: skip


def bracket(name: str, fault: str, **changes: Any) -> Spec:
    return Spec(
        name=name, fault=fault, trainer="bracket", task="gru-small", params=BRACKET_DEFAULT | changes,
        space={"parameters": BRACKET}, objective=Objective("val_exact", "maximize"), seconds=40.0,
    )  # fmt: skip


CASES: list[Spec] = [
    # -- it broke
    forecast("forecast_module", "import error", flags=broken("module")),
    forecast("forecast_csv", "missing file", flags=broken("csv")),
    boost("boost_script", "missing script", start=("python", "boosting.py")),
    forecast("forecast_horizon", "wrong shape", flags=broken("horizon")),
    gru("gru_units", "wrong shape", flags=broken("checkpoint"), units=40),
    factors("factors_transposed", "wrong shape", "transposed", rank=7),
    forecast("forecast_int", "wrong dtype", flags=broken("int")),
    digits("digits_float_labels", "wrong dtype", flags=("--fault", "label-dtype"), hidden=32),
    forecast("forecast_no_epochs", "bad argument", flags=("--epochs", "3")),
    net("net_drop_negative", "bad argument", p_drop=-0.2),
    sk("svc_negative_gamma", "bad argument", "svc", "gamma", -0.5, C),
    forecast("forecast_gaps", "NaN in the data", flags=broken("gaps")),
    boost("boost_nan", "NaN in the data", flags=broken("nan"), max_depth=4),
    vectors("vectors_memory", "out of memory", "fault=hoard", memory_bytes=300 << 20, dim=16),
    forecast("forecast_quiet", "metric never printed", flags=broken("quiet"), train_epochs=3),
    forecast("forecast_label", "metric misspelt", flags=broken("label"), train_epochs=3,
             objective=Objective("validation_loss"), metrics={}),
    stumps("stumps_renamed", "metric misspelt", num_boost_round=5, objective=Objective("val-rmse")),
    forecast("forecast_wedge", "hang", flags=broken("wedge"), seconds=20.0),
    forecast("forecast_crawl", "too slow", flags=broken("crawl"), seconds=14.0, train_epochs=100, learning_rate=1e-4),
    chars("chars_terminated", "killed", flags=broken("terminated"), batch_size=8),
    tabular("tabular_detached_text", "wrong dtype", "string", model__width=8),
    # -- it learned badly
    forecast("forecast_lr_high", "lr too high", learning_rate=0.9, train_epochs=30),
    digits("digits_lr_high", "lr too high", lr=3.0, hidden=128),
    wave("wave_lr_high", "lr too high", learning_rate=0.8, flags=("--momentum", "0.95")),
    net("net_lr_far_too_high", "lr too high", base_learning_rate=4.0, filters=16),
    bracket("bracket_lr_low", "lr too low", lr=1e-5),
    forecast("forecast_lr_low", "lr too low", learning_rate=2e-6),
    digits("digits_lr_low", "lr too low", lr=2e-6, hidden=128, epochs=15),
    tuned("tuned_sgd_low", "lr too low", learning_rate=1e-5, flags=("--optim", "SGD")),
    forecast("forecast_overfit", "overfitting", flags=("--hours", "180", "--noise", "0.8"), train_epochs=150,
             d_model=256, dropout=0.0),
    digits("digits_overfit", "overfitting", epochs=70, hidden=128, flags=("--samples", "200", "--label-noise", "0.4")),
    conv("conv_overfit_small", "overfitting", flags=("--images", "150", "--random-labels", "0.6"), channels=48,
         epochs=70, objective=Objective("val_loss")),
    sk("hist_overfit", "overfitting", "hist", "learning_rate", 0.9, floats(0.01, 1.0), "fault=noise"),
    forecast("forecast_dropped", "underfitting", dropout=0.94, d_model=8),
    digits("digits_narrow", "underfitting", hidden=1, epochs=30),
    sk("logistic_tiny_c", "underfitting", "logistic", "C", 3e-6, C),
    trees("trees_leaves", "underfitting", "random_forest-digits", ACCURACY, min_samples_leaf=0.48),
    forecast("forecast_sunk", "dead units", flags=broken("sunk")),
    forecast("forecast_surge", "gradient spike", flags=broken("surge"), train_epochs=20),
    # -- healthy
    forecast("healthy_forecast", "none", train_epochs=30),
    forecast("healthy_forecast_stopped", "none", flags=("--patience", "3"), train_epochs=100, d_model=64),
    forecast("healthy_forecast_halved", "none", flags=("--lradj",), train_epochs=6, learning_rate=5e-3),
    forecast("healthy_forecast_noise", "none", flags=("--noise", "1.0"), train_epochs=15, learning_rate=3e-3),
    bracket("healthy_bracket", "none"),
    bracket("healthy_bracket_wide", "none", units=64, embedding=64, lr=5e-3),
    digits("healthy_digits_wide", "none", hidden=256, epochs=15),
    wave("healthy_wave_fast", "none", learning_rate=2e-2, steps=900),
    net("healthy_net_wide", "none", filters=16),
    vectors("healthy_vectors_small", "none", dim=5, n_steps=800),
    stumps("healthy_stumps_brief", "none", eta=0.4, num_boost_round=40),
    tuned("healthy_tuned_sgd", "none", flags=("--optim", "SGD"), learning_rate=0.3, num_train_epochs=20),
    board("healthy_board_fast", "none", lr=1e-2, iterations=800),
    coder("healthy_coder_wide", "none", bottleneck_dim=24, num_epochs=20),
    softmax("healthy_softmax_long", "none", n_iter=600),
    trees("healthy_trees_cancer", "none", "random_forest-breast_cancer", ACCURACY),
]  # fmt: skip
