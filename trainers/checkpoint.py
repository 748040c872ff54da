"""Checkpoints that go on exactly where they were made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from trainers.errors import TunewrightError
from trainers.space import Config

STATE = "state.pt"  # everything needed to go on
MODEL = "model.pt"  # the best model, written when the trial ends


def save(path: Path, content: dict[str, Any]) -> None:
    """Writes whole or not at all, even when the process is killed."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(temporary, "wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def load(path: Path, device: str) -> dict[str, Any]:
    """Tensors and plain values only: a checkpoint can run no code."""
    content: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    return content


def check_same(saved: Config, config: Config, where: Path) -> None:
    """Raises TunewrightError, before anything is trained, when the checkpoint at `where` is one of another config."""
    for name in sorted(config.keys() | saved.keys()):
        if saved.get(name) != config.get(name):
            raise TunewrightError(
                f"the checkpoint has {name} {saved.get(name)} and the trial {config.get(name)}",
                where=str(where),
                remedy="Begin the trial anew, without this checkpoint.",
            )


def random_state() -> dict[str, Any]:
    """Of torch's generators, CUDA's where it is in use."""
    state: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available() and torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def set_random_state(state: dict[str, Any]) -> None:
    torch.set_rng_state(state["cpu"].cpu())
    if "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"].cpu())
