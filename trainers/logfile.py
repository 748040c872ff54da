"""log.txt with a limit: the beginning as it comes, the end kept in memory until the trial ends."""

from __future__ import annotations

import os
import time
from collections import deque
from pathlib import Path
from typing import Protocol

from trainers.merge import Merge

HEAD_BYTES = 64 << 20
TAIL_BYTES = 1 << 20
STDERR_TAIL_BYTES = 64 << 10


class Tail:
    """The last `limit` bytes of a stream."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: deque[bytes] = deque()
        self._size = 0

    def add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        while self._size - len(self._chunks[0]) >= self._limit:
            self._size -= len(self._chunks.popleft())

    def bytes(self) -> bytes:
        return b"".join(self._chunks)[-self._limit :]


class Log(Protocol):
    """Where a trial's output goes."""

    def write(self, chunk: bytes, stream: int = 1) -> None:
        """Takes what came from a stream."""

    def look(self) -> None:
        """Does what has become due; call it often."""

    def close(self) -> None:
        """Ends writing."""


class LogFile:
    """Takes a trial's output, of one stream or of two. A write that fails (full disk) is dropped; the trial goes on."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._room = HEAD_BYTES
        self._tail = Tail(TAIL_BYTES)
        self._left_out = self._lost = 0
        self._merge = Merge()

    def write(self, chunk: bytes, stream: int = 1) -> None:
        self._keep(self._merge.take(stream, chunk, time.monotonic()))

    def look(self) -> None:
        """Writes what has waited for the other stream long enough; call it often."""
        self._keep(self._merge.waited(time.monotonic()))

    def _keep(self, chunk: bytes) -> None:
        head, rest = chunk[: self._room], chunk[self._room :]
        self._room -= len(head)
        if head:
            self._write(head)
        if rest:
            self._left_out += len(rest)
            self._tail.add(rest)

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError:
            self._lost += len(data)

    def close(self) -> None:
        """Appends the end of an output too long to be kept whole. Says what was left out, and what was lost."""
        self._keep(self._merge.rest())
        tail = self._tail.bytes()
        if tail:
            self._write(f"\n[tunewright: {self._left_out - len(tail):,} bytes left out]\n".encode() + tail)
        if self._lost:
            self._write(f"\n[tunewright: {self._lost:,} bytes lost while the disk was full]\n".encode())
        os.close(self._fd)
