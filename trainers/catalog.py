"""The trainers by name: ours, and those other packages offer as `tunewright.trainers` entry points."""

from __future__ import annotations

import importlib
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from trainers.contract import Trainer
from trainers.errors import TunewrightError, nearest

BUILT_IN = {
    "script": "trainers.script:ScriptTrainer",
    "forest": "trainers.forest:ForestTrainer",
    "bracket": "trainers.bracket:BracketTrainer",
    "informer": "trainers.informer:InformerTrainer",
}
GROUP = "tunewright.trainers"


@cache
def _third_party() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP) if point.name not in BUILT_IN}


def names() -> tuple[str, ...]:
    """Every trainer's name, ours first; nothing is imported."""
    return (*BUILT_IN, *sorted(_third_party()))


def load(name: str) -> Trainer:
    """The trainer called `name`, imported now.

    Raises TunewrightError for an unknown name and ImportError where its packages are missing.
    """
    target = BUILT_IN.get(name) or (_third_party()[name].value if name in _third_party() else None)
    if target is None:
        raise TunewrightError(f"there is no trainer '{name}'", remedy=nearest(name, names()))
    module, _, attribute = target.partition(":")
    made = getattr(importlib.import_module(module), attribute, None)
    trainer = made() if callable(made) else None
    if not isinstance(trainer, Trainer):
        raise TunewrightError(f"'{target}' is not a trainer", remedy="See trainers/contract.py for what one has.")
    return trainer
