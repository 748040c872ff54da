"""log.txt: the beginning and the end of any output, and no word about what is missing left unsaid."""

from __future__ import annotations

import errno
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainers import logfile
from trainers.logfile import LogFile, Tail


@given(st.lists(st.binary(max_size=30), max_size=40), st.integers(1, 50))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_tail_is_the_last_bytes(chunks, limit):
    tail = Tail(limit)
    for chunk in chunks:
        if chunk:
            tail.add(chunk)
    assert tail.bytes() == b"".join(chunks)[-limit:]


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=30))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_beginning_and_end_are_kept_and_the_gap_is_counted(tmp_path_factory, chunks):
    path = tmp_path_factory.mktemp("log") / "log.txt"
    patch = pytest.MonkeyPatch()
    patch.setattr(logfile, "HEAD_BYTES", 100)
    patch.setattr(logfile, "TAIL_BYTES", 50)
    try:
        log = LogFile(path)
        for chunk in chunks:
            log.write(chunk)
        log.close()
    finally:
        patch.undo()
    printed, kept = b"".join(chunks), path.read_bytes()
    if len(printed) <= 100:
        assert kept == printed
        return
    rest = printed[100:]
    note = f"\n[tunewright: {max(len(rest) - 50, 0)} bytes left out]\n".encode()
    assert kept == printed[:100] + note + rest[-50:]


def test_what_a_full_disk_swallowed_is_counted(tmp_path, monkeypatch):
    log, real, room = LogFile(tmp_path / "log.txt"), os.write, [5]

    def write(fd, data):
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = real(fd, data[: room[0]])
        room[0] -= written
        return written

    monkeypatch.setattr(os, "write", write)
    log.write(b"0123456789")
    log.write(b"abc")
    room[0] = 10**6
    log.write(b"xyz")
    log.close()
    assert (tmp_path / "log.txt").read_bytes() == b"01234xyz\n[tunewright: 8 bytes lost while the disk was full]\n"


def test_the_log_is_for_its_owner_only_and_never_starts_over(tmp_path):
    path = tmp_path / "log.txt"
    for text in (b"one\n", b"two\n"):
        log = LogFile(path)
        log.write(text)
        log.close()
    assert path.read_bytes() == b"one\ntwo\n"
    assert path.stat().st_mode & 0o777 == 0o600
