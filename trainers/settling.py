"""What a trainer says about a study's options before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from trainers.contract import Trainer
from trainers.space import SearchSpace


@runtime_checkable
class Settles(Protocol):
    """A trainer that looks at its options, and at the data they name, when a study is made."""

    def settle(
        self, task: str, options: Mapping[str, Any], space: SearchSpace, folder: Path
    ) -> tuple[dict[str, Any], list[str]]:
        """The options as trials get them, paths made absolute from `folder`; and what is odd but no error, in words.

        Raises TunewrightError for what could not but fail in every trial.
        """


def settled(
    trainer: Trainer, task: str, options: Mapping[str, Any], space: SearchSpace, folder: Path
) -> tuple[dict[str, Any], list[str]]:
    """As the trainer's own `settle`; the options as they are where it has none."""
    if isinstance(trainer, Settles):
        return trainer.settle(task, options, space, folder)
    return dict(options), []
