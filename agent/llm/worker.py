"""A model's own thread: what it generates there, read piece by piece in the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from agent.llm.backend import Piece

Put = Callable[[Piece], None]
Generate = Callable[[threading.Event, Put], None]


class Worker:
    """One thread, so one piece of work at a time; the next waits. A model is only ever touched in it."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._stops: set[threading.Event] = set()

    async def stream(self, generate: Generate) -> AsyncIterator[Piece]:
        """What `generate` puts. Closing the iterator sets the event it was given, which it looks at often.

        Pieces that came while the reader was busy are read as one.
        """
        stop, mailbox = threading.Event(), _Mailbox(asyncio.get_running_loop())
        self._stops.add(stop)
        work = self._pool.submit(_run, generate, stop, mailbox)
        try:
            async for pieces in mailbox:
                yield pieces[0] if len(pieces) == 1 else merged(pieces)
            work.result()  # raises what it raised
        finally:
            stop.set()
            work.cancel()  # if it has not begun
            self._stops.discard(stop)

    async def close(self, free: Callable[[], None]) -> None:
        """Breaks off what is under way, then calls `free` in the thread and ends it."""
        for stop in self._stops:
            stop.set()
        await asyncio.wrap_future(self._pool.submit(free))
        self._pool.shutdown(wait=False)


def merged(pieces: Sequence[Piece]) -> Piece:
    """Several pieces as one; of what only the last one knows, the last word."""
    last = pieces[-1]
    return Piece(
        text="".join(p.text for p in pieces),
        thought="".join(p.thought for p in pieces),
        tool_calls=tuple(call for p in pieces for call in p.tool_calls),
        tokens=tuple(token for p in pieces for token in p.tokens),
        finish=last.finish,
        usage=last.usage,
        cost=last.cost,
        extra=last.extra,
        waiting=all(p.waiting for p in pieces),
    )


class _Mailbox:
    """From the thread to the event loop; the loop is woken once for all that has come since it last looked."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._ready = loop, asyncio.Event()
        self._waiting: deque[Piece | None] = deque()  # None: the end
        self._called = False

    def put(self, piece: Piece | None) -> None:
        self._waiting.append(piece)
        if not self._called:
            self._called = True
            try:
                self._loop.call_soon_threadsafe(self._ready.set)
            except RuntimeError:
                pass  # the loop is closed: nobody waits any more

    async def __aiter__(self) -> AsyncIterator[list[Piece]]:
        while True:
            await self._ready.wait()
            self._ready.clear()
            self._called = False  # before looking: what comes after the look calls again
            pieces: list[Piece] = []
            while self._waiting:
                if (piece := self._waiting.popleft()) is None:
                    if pieces:
                        yield pieces
                    return
                pieces.append(piece)
            if pieces:
                yield pieces


def _run(generate: Generate, stop: threading.Event, mailbox: _Mailbox) -> None:
    try:
        generate(stop, mailbox.put)
    finally:
        mailbox.put(None)
