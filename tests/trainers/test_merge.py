"""Two streams in one log: nothing is lost, nothing waits long, lines stay whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trainers.merge import MOST, PATIENCE, Merge

CHUNKS = st.lists(st.tuples(st.sampled_from([1, 2]), st.sampled_from([b"a", b"bc", b"\n", b"d\n", b"e\r", b"f\ng"])))


def test_a_line_in_pieces_is_not_broken_by_the_other_stream():
    merge = Merge()
    assert merge.take(1, b"lr is", 0.0) == b"lr is"
    assert merge.take(2, b"bye\n", 0.0) == b""
    assert merge.take(1, b" 0.1\n", 0.1) == b" 0.1\nbye\n"


def test_an_open_line_does_not_hold_up_the_other_stream_for_long():
    merge = Merge()
    merge.take(1, b"10%", 0.0)
    assert merge.take(2, b"careful\n", 0.1) == b""
    assert merge.waited(PATIENCE) == b""
    assert merge.waited(PATIENCE + 0.01) == b"careful\n"


def test_what_waits_is_bounded():
    merge = Merge()
    merge.take(1, b"open", 0.0)
    assert merge.take(2, b"x" * (MOST + 1), 0.0) == b"x" * (MOST + 1)


@given(CHUNKS)
def test_each_stream_comes_whole_and_in_order(chunks):
    merge, out, mine = Merge(), b"", {1: b"", 2: b""}
    for fd, chunk in chunks:
        marked = chunk.upper() if fd == 2 else chunk
        mine[fd] += marked
        out += merge.take(fd, marked, 0.0)
    out += merge.rest()
    for fd, is_mine in ((1, bytes.islower), (2, bytes.isupper)):
        letters = bytes(c for c in out if is_mine(bytes([c])))
        assert letters == bytes(c for c in mine[fd] if is_mine(bytes([c])))
    assert len(out) == len(mine[1]) + len(mine[2])


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.sampled_from(["aa", "bb", "cc"]), st.integers(1, 2))))
def test_lines_that_are_finished_in_time_stay_whole(lines):
    """Each line is written in pieces of `cut` letters, the streams taking turns piece by piece."""
    merge, out = Merge(), b""
    pieces = {1: [], 2: []}
    for fd, word, cut in lines:
        pieces[fd] += [word[:cut], word[cut:] + "\n"]
    while pieces[1] or pieces[2]:
        for fd in (1, 2):
            if pieces[fd]:
                out += merge.take(fd, pieces[fd].pop(0).encode(), 0.0)
    out += merge.rest()
    assert sorted(out.decode().split()) == sorted(word for _, word, _ in lines)
