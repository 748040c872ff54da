"""The options of transformers' TrainingArguments that matter to training, with that library's own defaults."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from agent.guide.nouns import Option, Style
from agent.guide.reading.found import kind_of, origin
from agent.guide.reading.project import Module

# https://huggingface.co/docs/transformers/main_classes/trainer
_DEFAULTS: dict[str, Any] = {
    "learning_rate": 5e-5,
    "per_device_train_batch_size": 8,
    "num_train_epochs": 3.0,
    "weight_decay": 0.0,
    "warmup_steps": 0,
    "lr_scheduler_type": "linear",
    "adam_beta1": 0.9,
    "adam_beta2": 0.999,
    "adam_epsilon": 1e-8,
    "max_grad_norm": 1.0,
    "gradient_accumulation_steps": 1,
    "label_smoothing_factor": 0.0,
}
_SCHEDULES = ("linear", "cosine", "constant", "constant_with_warmup", "polynomial", "inverse_sqrt")


def training_arguments(module: Module, node: ast.AST) -> Iterator[Option]:
    for name, default in _DEFAULTS.items():
        yield Option(
            name=name,
            kind=kind_of(default),
            default=default,
            words=(f"--{name}", "{}"),
            origin=origin(module, node, Style.DATACLASS),
            choices=_SCHEDULES if name == "lr_scheduler_type" else (),
            help="of transformers.TrainingArguments",
        )
