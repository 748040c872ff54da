"""Numbers and times as the screens show them; text wrapped without losing any."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from agent.tui.text import config, fit, number, param, seconds, signed, steps, wrap


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.3121, ".3121"),
        (0.0, "0"),
        (1.0, "1.000"),
        (12.3456, "12.35"),
        (12345.6, "12346"),
        (1.5e-7, "1.50e-7"),
        (2e9, "2.00e9"),
        (-0.05, "-.0500"),
        (0.0004, ".0004"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (None, "–"),
    ],
)
def test_measured_values(value: float | None, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1e-3, "1e-3"),
        (6e-4, "6e-4"),
        (0.25, ".25"),
        (64, "64"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "none"),
        (0.0, "0"),
    ]
    + [("adam", "adam"), (12000.0, "1.2e4"), (0.00123456, "1.23e-3"), (9999.0, "9999"), ("a\x1b[1mb\nc", "ab c")],
)
def test_values_of_parameters(value: object, shown: str) -> None:
    assert param(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.4, ".4s"), (0.0, "0s"), (2.94, "2.9s"), (61.0, "61s"), (240.0, "4m"), (4680.0, "78m"), (28_800.0, "8h")]
    + [(5500.0, "1.5h"), (200_000.0, "2.3d"), (None, "")],
)
def test_durations(value: float | None, shown: str) -> None:
    assert seconds(value) == shown


def test_steps_and_differences() -> None:
    assert [steps(s) for s in (None, 0, 412, 9999, 12_300, 2_500_000)] == ["", "0", "412", "9999", "12.3k", "2.5M"]
    assert [signed(v) for v in (0.022, -0.0042, 0.0)] == ["+.022", "−.004", "±0"]


def test_a_config_on_one_line() -> None:
    assert config({"lr": 1e-3, "opt": "adam"}) == "lr 1e-3  opt adam"


@given(st.text(alphabet="ab cü漢\u00a0", max_size=200), st.integers(4, 40))
def test_wrapping_loses_nothing_but_spaces_and_fits(text: str, width: int) -> None:
    lines = ["".join(part for part, _ in line) for line in wrap([(text, "text")], width)]
    assert all(cell_len(line.rstrip()) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.text(max_size=40), st.integers(0, 20), st.booleans())
def test_fitted_text_has_exactly_its_width(text: str, width: int, right: bool) -> None:
    shown = fit("".join(c for c in text if c.isprintable()), width, right=right)
    assert cell_len(shown) == width
