"""Bytes from a terminal: keys pass as they are, pastes come plain, and nothing raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.tui.terminal.pasted import END, START, TypedText


def read(*chunks: bytes) -> str:
    decoder = TypedText()
    return "".join(decoder.decode(chunk) for chunk in chunks) + decoder.decode(b"", final=True)


def bracketed(pasted: bytes) -> bytes:
    return START.encode() + pasted + END.encode()


@pytest.mark.parametrize(
    ("pasted", "shown"),
    [
        (b"plain \xc3\xa9", "plain é"),
        (b"\x1b[31mred\x1b[0m a", "red a"),
        (b"one\rtwo\r\nthree\nfour\tfive", "one\ntwo\nthree\nfour\tfive"),
        (b"\xff\xfe\x80", "\ufffd\ufffd\ufffd"),
        (b"bell\x07 null\x00 ^q\x11 esc\x1b", "bell null ^q esc"),
        (b"\x1b[200~again", "again"),
    ],
)
def test_a_paste_is_plain_however_its_bytes_arrive(pasted: bytes, shown: str) -> None:
    whole = b"ab\x1b" + bracketed(pasted) + b"\x07c"
    expected = "ab\x1b" + START + shown + END + "\x07c"
    assert read(whole) == expected
    for cut in range(len(whole)):
        inside_a_sequence = b"\x1b[31" in pasted or pasted.startswith(b"\x1b[200")
        if not inside_a_sequence:
            assert read(whole[:cut], whole[cut:]) == expected


@pytest.mark.parametrize(
    "keys", [b"\x1b", b"\x1b[A", b"\x1b[20~", b"\x1b[13;2u", b"\x1b[<0;3;4M", "é語".encode(), b"\x1b[200"]
)
def test_keys_pass_at_once_and_as_they_are(keys: bytes) -> None:
    assert TypedText().decode(keys) == keys.decode()
    assert read(*(bytes([byte]) for byte in keys)) == keys.decode()


@given(st.lists(st.binary(max_size=40), max_size=6), st.data())
def test_nothing_in_a_paste_is_a_key(chunks: list[bytes], data: st.DataObject) -> None:
    pasted = b"".join(chunks).replace(END.encode(), b"")
    whole = bracketed(pasted) + b"x"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    parts = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    said = read(*parts)
    assert said.startswith(START) and said.endswith(END + "x")
    inside = said[len(START) : -len(END) - 1]
    assert not any(c < " " and c not in "\n\t" for c in inside)
