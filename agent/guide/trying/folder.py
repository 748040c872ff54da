"""What a run leaves in its folder: which files are new, and which are not what they were."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

_MOST = 20_000  # files looked at; a folder of data sets may hold millions
_PASSED_OVER = {
    ".git",
    ".hg",
    ".venv",
    "venv",
    "env",
    "node_modules",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".ipynb_checkpoints",
}

Snapshot = Mapping[str, tuple[int, int]]  # size and time of change by path, seen from the folder


def snapshot(folder: Path) -> Snapshot:
    """The files of a folder; the first 20,000 of a larger one."""
    found: dict[str, tuple[int, int]] = {}
    for path in _walk(str(folder)):
        try:
            status = os.stat(path, follow_symlinks=False)
        except OSError:
            continue  # gone meanwhile
        found[os.path.relpath(path, folder)] = (status.st_size, status.st_mtime_ns)
        if len(found) >= _MOST:
            break
    return found


def _walk(folder: str) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _PASSED_OVER)
        yield from (os.path.join(place, name) for name in sorted(files))


def differences(before: Snapshot, after: Snapshot) -> tuple[list[str], list[str]]:
    """The paths that are new, and those that have changed."""
    new = [path for path in after if path not in before] if len(before) < _MOST else []
    return new, [path for path, was in before.items() if path in after and after[path] != was]


def told(new: list[str], changed: list[str]) -> list[str]:
    """Sentences for the notes."""
    notes = []
    if new:
        notes.append(f"It wrote {_listed(new)} in its folder.")
    if changed:
        notes.append(f"It changed {_listed(changed)}, which stood there before.")
    return notes


def _listed(paths: list[str]) -> str:
    """Names, those of one folder as the folder."""
    tops = list(dict.fromkeys(p if os.sep not in p else p.partition(os.sep)[0] + os.sep for p in paths))
    return ", ".join(tops[:5]) + (f" and {len(tops) - 5} more" if len(tops) > 5 else "")
