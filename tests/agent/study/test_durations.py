"""Times and amounts of memory as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.study.durations import format_duration, parse_duration
from agent.study.sizes import format_size, parse_size
from trainers.errors import TunewrightError


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("90s", 90), ("20min", 1200), ("8h", 28800), ("2days", 172800), ("1h30min", 5400), ("1 hour 30 minutes", 5400),
        ("1.5h", 5400), ("0.25s", 0.25), ("10m", 600), ("1d2h3min4s", 93784), (" 3MIN ", 180), ("1day", 86400),
        ("1hour", 3600), ("6hours", 21600), ("1min", 60), (".5h", 1800), ("45sec", 45),
    ],
)  # fmt: skip
def test_times_are_read_as_written(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "90", "min", "1x", "0s", "-3min", "1h30", "nan s", "infs", "1e3s", "s1", "1min,2s", "9" * 400 + "d"]
)
def test_what_is_no_time_is_refused_with_an_example(text):
    with pytest.raises(TunewrightError, match="20min"):
        parse_duration(text)


@given(st.one_of(st.integers(1, 10**9).map(float), st.floats(1e-9, 1e9)))
def test_a_written_time_reads_back_exactly(seconds):
    assert parse_duration(format_duration(seconds)) == seconds


def test_a_time_is_written_in_its_largest_units():
    assert [format_duration(s) for s in (5400, 86400, 61, 0.5)] == ["1h30min", "1d", "1min1s", "0.5s"]


@pytest.mark.parametrize(
    "text, size", [("8GiB", 8 << 30), ("8 gib", 8 << 30), ("500MB", 500_000_000), ("1.5KiB", 1536), ("7B", 7)]
)
def test_memory_is_read_as_written(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "8", "8G", "GiB", "0B", "-1GiB", "8 apples", "9" * 400 + "GiB"])
def test_what_is_no_amount_of_memory_is_refused_with_an_example(text):
    with pytest.raises(TunewrightError, match="8GiB"):
        parse_size(text)


@given(st.integers(1, 1 << 50))
def test_a_written_amount_of_memory_reads_back_exactly(size):
    assert parse_size(format_size(size)) == size
