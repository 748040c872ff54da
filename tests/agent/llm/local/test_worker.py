"""A model's own thread, read from the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import aclosing

import pytest

from agent.llm.backend import Piece
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.worker import Put, Worker, merged


def count(most: int, pause: float = 0.0):
    def generate(stop: threading.Event, put: Put) -> None:
        for i in range(most):
            if stop.is_set():
                return
            put(Piece(text=f"{i} "))
            time.sleep(pause)
        put(Piece(finish="stop", usage=(1, most)))

    return generate


async def test_everything_arrives_in_order_however_slow_the_reader() -> None:
    worker = Worker("test")
    for pause in (0.0, 0.002):
        pieces = []
        async for piece in worker.stream(count(300)):
            pieces.append(piece)
            await asyncio.sleep(pause)
        assert "".join(piece.text for piece in pieces).split() == [str(i) for i in range(300)]
        assert (pieces[-1].finish, pieces[-1].usage) == ("stop", (1, 300))
    assert len(pieces) < 300  # what came while the reader slept was read as one
    await worker.close(lambda: None)


async def test_an_error_comes_after_what_was_said_before_it() -> None:
    def generate(stop: threading.Event, put: Put) -> None:
        put(Piece(text="so far"))
        raise LLMError(LLMErrorKind.SERVER, "broken")

    worker, seen = Worker("test"), []
    with pytest.raises(LLMError, match="broken"):
        async for piece in worker.stream(generate):
            seen.append(piece.text)
    assert seen == ["so far"]
    assert [piece.finish async for piece in worker.stream(count(1))][-1] == "stop"  # it goes on working
    await worker.close(lambda: None)


async def test_closing_the_stream_ends_the_work() -> None:
    worker, ended = Worker("test"), threading.Event()

    def generate(stop: threading.Event, put: Put) -> None:
        while not stop.wait(0.001):
            put(Piece(text="x"))
        ended.set()

    async with aclosing(worker.stream(generate)) as stream:
        assert (await anext(stream)).text.startswith("x")
    assert await asyncio.to_thread(ended.wait, 30)
    await worker.close(lambda: None)


async def test_the_next_request_waits_and_one_given_up_before_its_turn_never_begins() -> None:
    worker, begun, go = Worker("test"), [], threading.Event()

    def first(stop: threading.Event, put: Put) -> None:
        begun.append("first")
        put(Piece(text="a"))
        go.wait(30)

    def never(stop: threading.Event, put: Put) -> None:
        begun.append("never")

    one = worker.stream(first)
    assert (await anext(one)).text == "a"
    given_up = asyncio.ensure_future(anext(worker.stream(never)))
    await asyncio.sleep(0.01)
    given_up.cancel()
    third = asyncio.ensure_future(anext(worker.stream(count(1))))
    await asyncio.sleep(0.01)
    assert begun == ["first"] and not third.done()
    go.set()
    assert (await third).text == "0 "
    assert begun == ["first"]
    await worker.close(lambda: None)


async def test_closing_breaks_off_what_is_under_way_and_frees_the_model_in_its_thread() -> None:
    worker, freed = Worker("named"), []
    stream = worker.stream(count(10**9, 0.001))
    await anext(stream)
    await worker.close(lambda: freed.append(threading.current_thread().name))
    assert freed[0].startswith("named")


def test_pieces_as_one() -> None:
    pieces = [Piece(waiting=True), Piece(text="a"), Piece(text="b", finish="length", usage=(3, 2), cost=0.0)]
    assert merged(pieces) == Piece(text="ab", finish="length", usage=(3, 2), cost=0.0)
    assert merged([Piece(waiting=True), Piece(waiting=True)]).waiting
