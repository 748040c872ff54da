"""Recorded after the rules were corrected on the fourth set."""

from __future__ import annotations

from typing import Any

from tests.agent.diagnosis.fourth_cases import board, stumps, tuned
from tests.agent.diagnosis.make_cases import Spec
from tests.agent.diagnosis.second_cases import NUMBER, boost, chars, conv, floats, gru, ints, softmax
from tests.agent.diagnosis.third_cases import C, coder, factors, sk, tabular
from trainers.contract import Objective

NET_SPACE = {
    "base_learning_rate": floats(1e-6, 5.0, log=True), "passes": ints(2, 100), "filters": ints(1, 64, log=True),
    "p_drop": floats(0.0, 0.97), "l2": floats(0.0, 3.0),
}  # fmt: skip
VECTOR_SPACE = {"lr": floats(1e-5, 50.0, log=True), "dim": ints(1, 64), "n_steps": ints(50, 5000)}


def net(name: str, fault: str, *flags: str, **more: Any) -> Spec:
    config = {"base_learning_rate": 0.05, "passes": 10, "filters": 8, "p_drop": 0.0, "l2": 1e-4}
    config |= {key: more.pop(key) for key in list(more) if key in config}
    command = ["python", "residual.py"]
    for key in config:
        command += [f"--{key.replace('_', '-')}", f"{{{key}}}"]
    names = ("train_loss", "valid_loss", "top1")
    metrics = {n: {"regex": rf"\b{n}={NUMBER}", "step_regex": r"step=(\d+)"} for n in names}
    return Spec(
        name=name, fault=fault, params=config, space={"parameters": NET_SPACE}, command=(*command, *flags),
        objective=more.pop("objective", Objective("top1", "maximize")), options={"metrics": metrics}, **more,
    )  # fmt: skip


def vectors(name: str, fault: str, *flags: str, **more: Any) -> Spec:
    config = {"lr": 0.3, "dim": 8, "n_steps": 600}
    config |= {key: more.pop(key) for key in list(more) if key in config}
    metrics = {n: {"regex": rf"\b{n}: {NUMBER}", "step_regex": r"^step: (\d+)"} for n in ("heldout_nll", "auc")}
    return Spec(
        name=name, fault=fault, params=config, space={"parameters": VECTOR_SPACE},
        command=("python", "vectors.py", *flags), objective=more.pop("objective", Objective("heldout_nll")),
        options={"metrics": more.pop("metrics", metrics)}, **more,
    )  # fmt: skip


AUC = Objective("auc", "maximize")
LOSS = Objective("valid_loss")
CASES: list[Spec] = [
    # -- it broke
    vectors("vectors_import", "import error", "fault=import"),
    net("net_folder", "missing file", "--fault", "image-folder"),
    tuned("tuned_script", "missing script", start=("python", "finetuning.py")),
    net("net_head", "wrong shape", "--fault", "head"),
    net("net_one_hot", "wrong shape", "--fault", "one-hot"),
    vectors("vectors_vocabulary", "wrong shape", "fault=vocabulary"),
    net("net_bytes", "wrong dtype", "--fault", "uint8"),
    net("net_choice", "bad argument", "--fault"),
    net("net_drop_range", "bad argument", p_drop=1.4),
    coder("coder_batch", "bad argument", train_batch_size=0),
    net("net_nan_pixels", "NaN in the data", "--fault", "nan-pixels", objective=LOSS),
    sk("svr_infinite", "NaN in the data", "svr", "C", 10.0, C, "fault=inf", metric="r2"),
    vectors("vectors_hoard", "out of memory", "fault=hoard", memory_bytes=400 << 20),
    vectors("vectors_zero", "loss became NaN", "fault=zero"),
    vectors("vectors_hush", "metric never printed", "fault=hush"),
    vectors("vectors_columns", "metric misspelt", "fault=columns"),
    net("net_accuracy", "metric misspelt", "--score", "top_1", passes=2),
    net("net_freeze", "hang", "--fault", "freeze", seconds=18.0),
    net("net_sluggish", "too slow", "--fault", "sluggish", seconds=14.0, passes=60, base_learning_rate=2e-3),
    net("net_killed", "killed", kill_supervisor_after=8.0, passes=100),
    # -- it learned badly
    net("net_lr_high", "lr too high", base_learning_rate=2.5),
    net("net_lr_high_loss", "lr too high", base_learning_rate=1.2, objective=LOSS),
    vectors("vectors_lr_high", "lr too high", lr=30.0),
    conv("conv_adam_high", "lr too high", learning_rate=0.8),
    net("net_lr_low", "lr too low", base_learning_rate=1e-5, objective=LOSS),
    vectors("vectors_lr_low", "lr too low", lr=2e-4, n_steps=300),
    coder("coder_rms_low", "lr too low", "--solver", "rmsprop", base_lr=3e-6),
    board("board_sgd_low", "lr too low", flags=("--optimizer", "SGD"), lr=1e-4),
    net("net_overfit", "overfitting", "--keep", "200", "--shuffled", "0.5", passes=60, filters=32, objective=LOSS),
    tuned("tuned_overfit_small", "overfitting", flags=("--train_samples", "80", "--label_noise", "0.2"),
          num_train_epochs=50, hidden_size=64),
    boost("boost_overfit_deep", "overfitting", max_depth=12, n_estimators=200, learning_rate=0.1),
    sk("trees_overfit", "overfitting", "svc", "gamma", 1.5, floats(1e-4, 10.0, log=True), "fault=noise"),
    net("net_decayed", "underfitting", l2=2.5),
    net("net_one_filter", "underfitting", filters=1, p_drop=0.9),
    net("net_brief", "underfitting", passes=3, base_learning_rate=3e-3, objective=LOSS),
    sk("svr_small_c", "underfitting", "svr", "C", 2e-5, floats(1e-5, 1e4, log=True), metric="r2"),
    net("net_dead", "dead units", "--fault", "stem-dead"),
    net("net_glitch", "gradient spike", "--fault", "glitch", objective=LOSS),
    # -- healthy
    net("healthy_net", "none"),
    net("healthy_net_loss", "none", objective=LOSS, passes=8),
    net("healthy_net_dropout", "none", p_drop=0.3, passes=15),
    vectors("healthy_vectors", "none"),
    vectors("healthy_vectors_auc", "none", dim=12, objective=AUC),
    gru("healthy_gru_rmsprop", "none", flags=("--optim", "RMSprop"), lr=2e-3),
    conv("healthy_conv_sgd", "none", flags=("--optimizer", "SGD"), learning_rate=2e-2, epochs=15),
    softmax("healthy_softmax_error", "none", eta=0.1),
    boost("healthy_boost_deep", "none", max_depth=2, n_estimators=120, learning_rate=0.05),
    chars("healthy_chars_small_batch", "none", batch_size=8, max_steps=400),
    stumps("healthy_stumps_fine", "none", eta=0.1, num_boost_round=200),
    tuned("healthy_tuned_decay", "none", weight_decay=0.1, num_train_epochs=15),
    board("healthy_board_deep", "none", depth=3, iterations=1000),
    factors("healthy_factors_slow", "none", rate=0.01, rounds=250),
    tabular("healthy_tabular_wide", "none", model__width=32, optim__lr=1e-3, train__epochs=20),
    sk("healthy_near", "none", "near", "k", 9, ints(1, 50)),
]  # fmt: skip
