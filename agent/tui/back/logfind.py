"""Finds a text in a file, a few MiB at a time, and tells the line it is on."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_CHUNK = 4 << 20
_COLOURS = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")


def opened(path: Path) -> BinaryIO:
    """Raises OSError for what is no file: opening a pipe would wait for its writer."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError("not a file")
    return open(path, "rb")


def find(path: Path, needle: str, line: int, by: int) -> int | None:
    """The nearest line after (`by` > 0) or before `line` that holds `needle`, or else the first from the other end."""
    wanted = needle.lower().encode()
    return _after(path, wanted, line) if by > 0 else _before(path, wanted, line)


def _chunks(path: Path) -> Iterator[tuple[int, bytes]]:
    """The number of its first line, and a stretch of whole lines in lower case, without colours."""
    number = 1
    try:
        with opened(path) as file:
            while chunk := file.read(_CHUNK):
                chunk += file.readline(_CHUNK)
                plain = _COLOURS.sub(b"", chunk) if b"\x1b" in chunk else chunk
                yield number, plain.lower()
                number += chunk.count(b"\n")
    except OSError:
        return


def _after(path: Path, wanted: bytes, line: int) -> int | None:
    first = None
    for number, chunk in _chunks(path):
        if first is None and (place := chunk.find(wanted)) >= 0:
            first = number + chunk.count(b"\n", 0, place)
        start = _start_of(chunk, line + 1 - number)
        if start is not None and (place := chunk.find(wanted, start)) >= 0:
            return number + chunk.count(b"\n", 0, place)
    return first


def _before(path: Path, wanted: bytes, line: int) -> int | None:
    nearest = last = None
    for number, chunk in _chunks(path):
        if (place := chunk.rfind(wanted)) >= 0:
            last = number + chunk.count(b"\n", 0, place)
        if number < line:
            end = _start_of(chunk, line - number)
            place = chunk.rfind(wanted, 0, len(chunk) if end is None else end)
            nearest = number + chunk.count(b"\n", 0, place) if place >= 0 else nearest
    return nearest or last


def _start_of(chunk: bytes, lines: int) -> int | None:
    """Where the line begins that has `lines` lines before it; None beyond the chunk."""
    at = 0
    for _ in range(lines):
        at = chunk.find(b"\n", at) + 1
        if at == 0:
            return None
    return at
