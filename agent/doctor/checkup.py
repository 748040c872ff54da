"""Asks each part of the house in turn."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.doctor import devices, packages, store, terminal
from agent.doctor.problem import Problem
from agent.llm.keys import VARIABLES


def checkup(store_path: Path) -> dict[str, Any]:
    """One JSON-ready document; `problems` is empty on a machine where all is well. Raises nothing."""
    problems: list[Problem] = []
    document = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": packages.required(problems),
        "extras": packages.extras(),
        "devices": devices.devices(problems),
        "keys": {name: bool(os.environ.get(name)) for name in VARIABLES},
        "store": store.health(store_path, problems),
        "terminal": terminal.terminal(problems),
    }
    return {**document, "problems": [asdict(p) for p in problems]}
