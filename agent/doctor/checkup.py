"""Asks each part of the house in turn."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.doctor import devices, packages, store, terminal
from agent.doctor.problem import Problem

# The names litellm reads. Whether one is set is told, never what it holds.
KEYS = (
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GEMINI_API_KEY",
    "MISTRAL_API_KEY",
    "DEEPSEEK_API_KEY",
    "GROQ_API_KEY",
    "XAI_API_KEY",
    "COHERE_API_KEY",
    "OPENROUTER_API_KEY",
    "TOGETHERAI_API_KEY",
    "AZURE_API_KEY",
    "AWS_ACCESS_KEY_ID",
    "HF_TOKEN",
)


def checkup(store_path: Path) -> dict[str, Any]:
    """One JSON-ready document; `problems` is empty on a machine where all is well. Raises nothing."""
    problems: list[Problem] = []
    document = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": packages.required(problems),
        "extras": packages.extras(),
        "devices": devices.devices(problems),
        "keys": {name: bool(os.environ.get(name)) for name in KEYS},
        "store": store.health(store_path, problems),
        "terminal": terminal.terminal(problems),
    }
    return {**document, "problems": [asdict(p) for p in problems]}
