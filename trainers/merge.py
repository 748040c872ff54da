"""Two streams in one log, changed between at the ends of lines.

A script that prints unbuffered writes a line in pieces, and a word of stderr may come between two of them. What comes
from one stream in the middle of the other's line waits for the line's end, but not for long: a prompt or a progress bar
may leave a line open for minutes.
"""

from __future__ import annotations

PATIENCE = 0.2  # seconds
MOST = 64 << 10  # bytes that wait


class Merge:
    """Hands out what is to be written, in order. `now` is any clock that does not go back."""

    def __init__(self) -> None:
        self._open: int | None = None  # the stream in the middle of a line
        self._since = 0.0  # when that line was last added to
        self._held: tuple[int, bytes] = (0, b"")

    def take(self, fd: int, chunk: bytes, now: float) -> bytes:
        """What can be written now that `chunk` has come from stream `fd`."""
        if self._open is not None and self._open != fd:
            self._held = (fd, self._held[1] + chunk)
            return self.rest() if len(self._held[1]) > MOST else self.waited(now)
        self._open, self._since = (None if chunk.endswith((b"\n", b"\r")) else fd), now
        return chunk + (self.rest() if self._open is None else b"")

    def waited(self, now: float) -> bytes:
        """What has waited long enough."""
        return self.rest() if self._held[1] and now - self._since > PATIENCE else b""

    def rest(self) -> bytes:
        """All that waits."""
        (fd, data), self._held = self._held, (0, b"")
        if data:
            self._open = None if data.endswith((b"\n", b"\r")) else fd
        return data
