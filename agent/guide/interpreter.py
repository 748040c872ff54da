"""Which Python a script is run with: the person's own, never ours by accident, and always said."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

_PYTHONS = ("python", "python3")
_ENVIRONMENTS = (".venv", "venv", "env")  # where people keep a project's own


def with_interpreter(command: Sequence[str], folder: Path, python: str = "") -> tuple[tuple[str, ...], str]:
    """`command` with its Python settled, and a sentence that says which one it is and why.

    What was asked for (`python`), else the active environment's, else that of an environment in the folder or above
    it, else what `python` or `python3` is on the PATH. A command that names another program is left as it is.
    """
    at = next((i for i, word in enumerate(command) if word in _PYTHONS), None)
    if python and at is None:
        return tuple(command), f"{command[0]} chooses its own interpreter; --python does not change that"
    if at is None:
        return tuple(command), f"run by {command[0]}"
    word, why = (python, "as asked") if python else _own(folder)
    found = shutil.which(word, path=os.environ.get("PATH")) if "/" not in word else str(folder / word)
    told = f"{word} is {found}" if found and found != word else word
    return (*command[:at], word, *command[at + 1 :]), f"{told} ({why})"


def _own(folder: Path) -> tuple[str, str]:
    active = os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX")
    on_path = next((word for word in _PYTHONS if shutil.which(word)), "python")
    if active and (found := shutil.which(on_path)) and Path(found).is_relative_to(active):
        return on_path, f"the active environment, {Path(active).name}"
    if found_here := _environment(folder):
        return found_here, "the environment of this folder"
    resolved = shutil.which(on_path)
    if resolved and Path(resolved).parent == Path(sys.executable).parent:
        return on_path, "on the PATH; it is the one Tunewright is installed in"
    return on_path, "on the PATH"


def _environment(folder: Path) -> str:
    """The Python of a virtual environment in the folder or the one above, as seen from the folder; empty if none."""
    for prefix, place in (("", folder), ("../", folder.parent)):
        for name in _ENVIRONMENTS:
            if (place / name / "pyvenv.cfg").is_file() and (place / name / "bin" / "python").exists():
                return f"{prefix}{name}/bin/python"
    return ""
