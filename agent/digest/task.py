"""What a study tunes: the trainer in its own words, or the person's script in its."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from pathlib import Path

from agent.digest.text import shorten
from agent.store.studies import Study
from trainers import catalog
from trainers.errors import TunewrightError

_LONGEST_SCRIPT = 1 << 20  # bytes: a larger file is no training script
_MOST = 800  # characters of what a trainer or script says of itself
_LONGEST_WORDS = 2_000  # characters of what the person says


@dataclass(frozen=True)
class Task:
    """`about` is what the trainer's author or the script's says; `description` the person's own words."""

    trainer: str
    task: str
    about: str
    command: str
    description: str


def task(study: Study) -> Task:
    """Reads the script's docstring where the study runs one. What cannot be read is left empty."""
    spec = study.spec
    words = [str(word) for word in spec.options.get("command", ())]
    about = _script(words, study) if words else _trainer(spec.trainer)
    command = shorten(" ".join(words), 400)
    return Task(spec.trainer, spec.task, shorten(about, _MOST), command, shorten(spec.agent.about, _LONGEST_WORDS))


def _trainer(name: str) -> str:
    """What its class and its `run` say of themselves."""
    try:
        made = type(catalog.load(name))
    except (TunewrightError, ImportError):
        return ""
    told = (inspect.getdoc(made), inspect.getdoc(made.run))
    return " ".join(text.split("`options`")[0] for text in told if text)


def _script(words: list[str], study: Study) -> str:
    """The docstring of the first Python file that the command names."""
    folder = Path(study.spec.options.get("cwd") or study.folder)
    for word in words:
        if not word.endswith(".py"):
            continue
        path = folder / word
        try:
            if path.stat().st_size <= _LONGEST_SCRIPT:
                return ast.get_docstring(ast.parse(path.read_bytes())) or ""
        except (OSError, ValueError, SyntaxError, RecursionError):
            return ""  # the trial will say what is wrong with it
    return ""
