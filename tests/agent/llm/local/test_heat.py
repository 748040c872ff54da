"""Attention as lines of text and as a picture."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from agent.llm.attention import Recording
from agent.llm.heat import heat_strip, png, spark
from agent.llm.picture import Picture


def recording(lines: int, reply: int, seed: int = 0) -> Recording:
    """Two tokens a line."""
    rng = np.random.default_rng(seed)
    mean_QK = rng.random((reply, 2 * lines), np.float32) / (4 * lines)
    heads_QLHN = rng.random((reply, 1, 1, lines + 1), np.float32)
    line_of = tuple(k // 2 for k in range(2 * lines))
    return Recording((0,), (0,), tuple(f"t{i}" for i in range(lines)), line_of, ("x",) * reply, 1, mean_QK, heads_QLHN)


def pixels(data: bytes) -> np.ndarray:
    """Decodes a PNG by the standard, checking every checksum."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
        chunks[kind] = body
        at += 12 + size
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, colour, rest) == (8, 2, [0, 0, 0])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3)


class TestText:
    def test_a_block_a_share_and_the_line(self) -> None:
        assert heat_strip(["one", "two\n", "three"], [0.125, 0.625, 0.25], 40) == [
            "▄  12%  one",
            "█  62%  two",
            "▆  25%  three",
        ]

    def test_only_the_heaviest_and_how_much_lies_between(self) -> None:
        weights = [0.05, 0.4, 0.05, 0.05, 0.35, 0.1]
        assert heat_strip(list("abcdef"), weights, 40, 2) == [
            "    5%  … 1 line …",
            "█  40%  b",
            "   10%  … 2 lines …",
            "█  35%  e",
            "   10%  … 1 line …",
        ]

    @given(st.lists(st.tuples(st.text(max_size=40), st.floats(0, 1)), max_size=12), st.integers(12, 60))
    def test_never_wider_than_asked(self, rows: list[tuple[str, float]], width: int) -> None:
        shown = heat_strip([line for line, _ in rows], [weight for _, weight in rows], width, 5)
        assert all(cell_len(row) <= max(width, 20) for row in shown)

    def test_wide_letters_are_cut_by_cells(self) -> None:
        [row] = heat_strip(["学习率" * 20], [1.0], 30)
        assert cell_len(row) <= 30 and row.endswith("…")

    def test_spark_shows_every_peak_however_narrow(self) -> None:
        assert spark([0.0, 0.5, 1.0], 10) == "▁▆█"
        assert spark([0.0] * 99 + [1.0], 10) == "▁" * 9 + "█"
        assert spark([], 10) == "" and spark([0.0, 0.0], 2) == "▁▁"


class TestPicture:
    def test_letters(self) -> None:
        picture = Picture(30, 12)
        picture.write(1, 1, "l-☃")
        found = pixels(picture.png())[..., 0] < 128
        expected = ["1.....", "1.....", "1..111", "1.....", "111..."]
        for row, line in enumerate(expected):
            for column, sign in enumerate(line):
                x = 1 + 2 * (column + (column >= 3))  # a letter has a free column after it
                assert found[1 + 2 * row, x] == (sign == "1")

    def test_the_largest_share_glows_and_the_rest_is_darker(self) -> None:
        kept = recording(lines=5, reply=3)
        shares = [0.0, 0.1, 1.0, 0.2, 0.0]
        image = pixels(png(kept, [("lr", shares)], "title")).astype(int)
        row = image[12 + 28 + 4]  # within the strip
        cells = [row[12 + 2 * 8 + 12 + 12 * i + 6].sum() for i in range(5)]
        assert cells[2] == max(cells) > 600 and cells[0] == cells[4] < 20
        assert cells[0] < cells[1] < cells[3] < cells[2]

    @pytest.mark.parametrize(("lines", "reply"), [(1, 1), (900, 40), (3, 2_500), (3_000, 1)])
    def test_any_size_fits(self, lines: int, reply: int) -> None:
        kept = recording(lines, reply)
        image = pixels(png(kept, [("a_long_name", kept.weights([0])), ("all", kept.weights(range(reply)))], "x" * 50))
        assert image.shape[0] < 1_100 and image.shape[1] < 1_900

    def test_a_peak_survives_being_made_small(self) -> None:
        kept = recording(lines=2_000, reply=1_500)
        kept.mean_QK[1_234, 3_210] = 1.0
        assert (pixels(png(kept, [], "")) == (252, 255, 164)).all(-1).any()  # the brightest of the scale
