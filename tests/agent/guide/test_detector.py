"""What is found in the output of scripts of every kind: names, expressions that read it back, the objective."""

from __future__ import annotations

import math

import pytest

from agent.guide.nouns import FoundMetric
from agent.guide.trying.detector import Detector
from agent.guide.trying.line import read
from agent.guide.trying.proposing import objective, propose, replay
from trainers.script.declared import parse_metric


def found_in(text: str) -> dict[str, FoundMetric]:
    detector = Detector()
    detector.feed(text, 1.0)
    return {metric.name: metric for metric in propose(detector)}


def mnist() -> str:
    lines = []
    for epoch in (1, 2, 3):
        for batch in range(4):
            lines.append(f"Train Epoch: {epoch} [{batch * 640}/60000 ({batch}%)]\tLoss: {2 / (epoch + batch):.6f}")
        lines.append(f"\nTest set: Average loss: {1 / epoch:.4f}, Accuracy: {9000 + epoch}/10000 (90%)\n")
    return "\n".join(lines) + "\n"


def keras(back: str) -> str:
    text = ""
    for epoch in range(1, 5):
        text += f"Epoch {epoch}/5\n"
        for batch in range(1, 10):
            text += f"{batch}/10 [==>.......] - ETA: 1s - loss: {1 / (epoch + batch):.4f} - accuracy: 0.{batch}{epoch}{back}"
        text += f"10/10 [=====] - 1s 3ms/step - loss: {0.5 / epoch:.4f} - accuracy: 0.9 - val_loss: {2 / epoch:.4f}\n"
    return text


OUTPUTS = {
    "mnist": (mnist(), {"train_loss", "test_loss", "test_accuracy"}, ("test_loss", "minimize"), (1, 1.0)),
    "nanogpt": (
        "".join(f"iter {i}: loss {4 - i / 9:.4f}, time 20.13ms, mfu 3.2%\nstep {i}: train loss 3.{9 - i}, val loss 4.{9 - i}\n" for i in range(6)),
        {"loss", "train_loss", "val_loss"},
        ("val_loss", "minimize"),
        (0, 4.9),
    ),
    "hf": (
        "".join(f"{{'loss': 0.{9 - i}, 'learning_rate': 5e-05, 'epoch': {i / 4}}}\n" for i in range(4))
        + "{'eval_loss': 0.55, 'eval_accuracy': 0.8, 'eval_runtime': 1.2, 'epoch': 1.0}\n",
        {"loss", "eval_loss", "eval_accuracy"},
        ("eval_loss", "minimize"),
        (1, 0.55),
    ),
    "keras, \\r": (keras("\r"), {"loss", "accuracy", "val_loss"}, ("val_loss", "minimize"), (1, 2.0)),
    "keras, \\b": (keras("\b" * 60), {"loss", "accuracy", "val_loss"}, ("val_loss", "minimize"), (1, 2.0)),
    "lightgbm": (
        "".join(f"[{i}]\tvalid_0's l2: 0.{9 - i}\tvalid_0's auc: 0.{i + 1}\n" for i in range(5)),
        {"valid_0s_l2", "valid_0s_auc"},
        ("valid_0s_l2", "minimize"),
        (0, 0.9),
    ),
    "xgboost": (
        "".join(f"[{i}]\ttrain-logloss:0.{9 - i}\teval-logloss:0.{8 - i}\n" for i in range(5)),
        {"train-logloss", "eval-logloss"},
        ("eval-logloss", "minimize"),
        (0, 0.8),
    ),
    "columns": (
        "epoch     train_loss  valid_loss  accuracy  time    \n" + "".join(f"{i}         0.{9 - i}1  0.{8 - i}5  0.{i + 1}  00:10\n" for i in range(5)),
        {"train_loss", "valid_loss", "accuracy"},
        ("valid_loss", "minimize"),
        (0, 0.85),
    ),
    "a table with bars": (
        "| epoch | train loss | val loss |\n|-------|------------|----------|\n" + "".join(f"| {i} | 0.{9 - i} | 0.{8 - i} |\n" for i in range(5)),
        {"train_loss", "val_loss"},
        ("val_loss", "minimize"),
        (0, 0.8),
    ),
    "scikit-learn": (
        "Fitting 5 folds for each of 3 candidates\nbest params: {'C': 1.0}\naccuracy: 0.93 +/- 0.02\n",
        {"accuracy"},
        ("accuracy", "maximize"),
        (0, 0.93),
    ),
    "phases before the names": (
        "".join(f"Epoch {i}\nloss: 0.{9 - i}, acc: 0.{i}\nValid: loss: 0.{8 - i}, acc: 0.{i + 1}\n" for i in range(4)),
        {"loss", "acc", "val_loss", "val_acc"},
        ("val_loss", "minimize"),
        (0, 0.8),
    ),
    "a lightning bar": (
        "".join(
            f"\rEpoch {e}:  {b}0%|██   | {b}/10 [00:0{b}<00:01, 4.0it/s, v_num=0, train_loss=0.{9 - e}{b}, val_loss=0.{8 - e}]"
            for e in range(3)
            for b in range(10)
        )
        + "\n",
        {"train_loss", "val_loss"},
        ("val_loss", "minimize"),
        (0, 0.8),
    ),
    "a logger": (
        "".join(f"2026-01-02 10:00:0{i},123 - INFO - epoch {i} | train loss: 1.{9 - i} | dev F1: 8{i}.1% | lr 1e-3 | 3.2s\n" for i in range(5)),
        {"train_loss", "dev_f1"},
        ("dev_f1", "maximize"),
        (0, 80.1),
    ),
    "reinforcement learning": (
        "".join(f"| rollout/       |        |\n|  ep_rew_mean   | 2{i}.5   |\n|  fps  | 800 |\n|  iterations | {i} |\n" for i in range(4)),
        {"ep_rew_mean"},
        ("ep_rew_mean", "maximize"),
        (0, 20.5),
    ),
    "settings before it": (
        "lr=0.001 dropout=0.1 seed=0 loss_weight=0.2 n_params: 1200\n" + "".join(f"epoch {i} val_loss=1.{9 - i}e-03\n" for i in range(4)),
        {"val_loss"},
        ("val_loss", "minimize"),
        (0, 0.0019),
    ),
    "tensors and numpy's numbers": (
        "".join(f"epoch {i}: loss = tensor(0.{9 - i}), auc = np.float64(0.{i + 1})\n" for i in range(4)),
        {"loss", "auc"},
        ("loss", "minimize"),
        (0, 0.9),
    ),
}  # fmt: skip


@pytest.mark.parametrize("style", OUTPUTS)
def test_metrics_are_found_and_read_back_by_the_trainers_own_reader(style):
    text, names, goal, first = OUTPUTS[style]
    found = found_in(text)
    assert set(found) == names
    chosen = objective(list(found.values()))
    assert chosen is not None and (chosen.name, chosen.direction) == goal
    assert chosen.sure and chosen.seen[0] == first
    for metric in found.values():
        if metric.spec:
            parse_metric(metric.name, metric.spec)
            assert replay(metric.name, metric.spec, text.replace("\r", "\n").split("\n")) == list(metric.seen)


def test_not_a_number_and_infinity_are_values():
    found = found_in("".join(f"epoch {i} val_loss={v}\n" for i, v in enumerate(["0.5", "nan", "inf", "-inf", "NaN"])))
    values = [value for _, value in found["val_loss"].seen]
    assert values[0] == 0.5 and math.isnan(values[1]) and values[2:4] == [math.inf, -math.inf] and math.isnan(values[4])


@pytest.mark.parametrize(
    "line",
    [
        "epoch 3 lr=0.001 time: 3.2s",
        "GPU memory: 512 MB",
        "step 100, 20.5 it/s, eta: 3",
        "seed=3 batch_size: 64",
        "Total params: 2081",
    ],
)
def test_times_rates_and_sizes_are_no_metrics(line):
    assert not read(line).sightings


def test_a_metric_that_cannot_be_told_from_another_is_not_proposed():
    text = "".join(f"loss: 0.{9 - i} loss: 0.{8 - i}\nthing loss: 0.{i}\n" for i in range(4))
    for metric in found_in(text).values():
        assert replay(metric.name, metric.spec, text.split("\n")) == list(metric.seen)


def test_test_data_is_the_objective_only_where_there_is_no_validation_data():
    with_both = found_in("".join(f"epoch {i} test_acc=0.{i} val_acc=0.{i}\n" for i in range(4)))
    assert objective(list(with_both.values())).name == "val_acc"


def test_output_that_comes_too_fast_is_read_in_part_and_still_agrees():
    text = "".join(f"step {i} val_loss={1 / (i + 1):.6f}\n" for i in range(20_000))
    detector = Detector()
    for start in range(0, len(text), 1 << 18):
        whole = text[start : start + (1 << 18)]
        detector.feed(whole[: whole.rfind("\n") + 1], start / 1e6)
    assert detector.skipped > 0
    assert "val_loss" in {metric.name for metric in propose(detector)}
