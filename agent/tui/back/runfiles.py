"""The files of a run folder, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_LISTED = 50
_LOOKED_AT = 2_000


def files_in(folder: Path) -> tuple[tuple[tuple[Path, int], ...], int]:
    """Files with their sizes in bytes, those at the top first, and how many more there are (of those looked at)."""
    found = sorted(islice(_files(folder), _LOOKED_AT), key=lambda item: (len(item[0].parts), item[0]))
    return tuple(found[:_LISTED]), max(len(found) - _LISTED, 0)


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    """One that goes meanwhile is passed over, and so is a folder that cannot be read."""
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                yield path, path.stat().st_size
        except OSError:
            continue
