"""What names of metrics and parameters are taken for."""

from __future__ import annotations

import pytest

from agent.diagnosis.metrics import Measure, Split, alike, meaning
from agent.study.roles import Role, role


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lr", Role.LEARNING_RATE),
        ("optim.lr", Role.LEARNING_RATE),
        ("learning_rate_init", Role.LEARNING_RATE),
        ("encoder_lr", Role.LEARNING_RATE),
        ("eta0", Role.LEARNING_RATE),
        ("batch_size", Role.BATCH),
        ("per_device_train_batch_size", Role.BATCH),
        ("weight_decay", Role.REGULARISER),
        ("wd", Role.REGULARISER),
        ("alpha", Role.REGULARISER),
        ("min_samples_leaf", Role.REGULARISER),
        ("lora_alpha", None),
        ("dropout", Role.DROPOUT),
        ("drop_rate", Role.DROPOUT),
        ("epochs", Role.LENGTH),
        ("max_iter", Role.LENGTH),
        ("n_estimators", Role.LENGTH),
        ("hidden_layer_sizes", Role.CAPACITY),
        ("max_depth", Role.CAPACITY),
        ("d_model", Role.CAPACITY),
        ("C", Role.CAPACITY),
        ("c", None),
        ("grad_clip", Role.CLIP),
        ("max_grad_norm", Role.CLIP),
        ("seq_len", Role.SEQUENCE),
        ("num_workers", Role.WORKERS),
        ("momentum", Role.MOMENTUM),
        ("seed", None),
        ("colour", None),
    ],
)
def test_role_of_a_parameter(name: str, expected: Role | None) -> None:
    assert role(name) is expected


@pytest.mark.parametrize(
    ("name", "split", "measure", "stem"),
    [
        ("val_loss", Split.VALID, Measure.LOSS, "loss"),
        ("train/loss", Split.TRAIN, Measure.LOSS, "loss"),
        ("valLoss", Split.VALID, Measure.LOSS, "loss"),
        ("loss", Split.NONE, Measure.LOSS, "loss"),
        ("test_r2", Split.VALID, Measure.SCORE, "r2"),
        ("F1", Split.NONE, Measure.SCORE, "f1"),
        ("eval/accuracy", Split.VALID, Measure.SCORE, "accuracy"),
        ("grad_norm", Split.NONE, Measure.GRADIENT, "grad_norm"),
        ("cross_entropy", Split.NONE, Measure.LOSS, "cross_entropy"),
        ("value_loss", Split.NONE, Measure.PART, "value_loss"),
        ("train/g_loss", Split.TRAIN, Measure.PART, "g_loss"),
        ("loss_value", Split.NONE, Measure.LOSS, "loss_value"),
        ("entropy", Split.NONE, Measure.OTHER, "entropy"),
        ("lr", Split.NONE, Measure.OTHER, "lr"),
    ],
)
def test_meaning_of_a_metric(name: str, split: Split, measure: Measure, stem: str) -> None:
    found = meaning(name)
    assert (found.split, found.measure, found.stem) == (split, measure, stem)


def test_declared_direction_overrules_the_name() -> None:
    assert meaning("log_loss", {"log_loss": "maximize"}).measure is Measure.SCORE


@pytest.mark.parametrize(
    ("wanted", "printed", "expected"),
    [
        ("val_loss", ["train_loss", "valid_loss"], "valid_loss"),
        ("val_loss", ["validation-loss"], "validation-loss"),
        ("val_accuracy", ["val_acc"], "val_acc"),
        ("val_loss", ["val_los"], "val_los"),
        ("val_loss", ["train_loss", "lr"], None),
        ("f1", ["accuracy", "loss"], None),
        ("loss", [], None),
        ("val_ndcg", ["ndcg", "val_ndcg@10"], "val_ndcg@10"),
        ("val_loss", ["loss"], None),
    ],
)
def test_misspelt_names_are_recognised_and_others_are_not(
    wanted: str, printed: list[str], expected: str | None
) -> None:
    assert alike(wanted, printed) == expected
