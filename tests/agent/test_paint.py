"""Colours only where a terminal shows them; growing markdown is printed by the paragraph."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.plain.log_verbs import sparkline
from agent.plain.paint import paragraphs
from tests.agent.scripts import workplace, write_study
from tests.agent.terminals import Terminal, tunewright


@given(
    st.lists(st.sampled_from(["word\n", "\n", "```\n", "  ```py\n", "- item\n", "x"]), max_size=30), st.integers(0, 200)
)
def test_what_has_been_printed_never_changes(lines: list[str], cut: int) -> None:
    text = "".join(lines)
    early, _ = paragraphs(text[:cut], whole=False)
    late, _ = paragraphs(text, whole=True)
    assert late[: len(early)] == early
    assert "".join("".join(late).split()) == "".join(text.split()), "nothing is lost"


def test_an_open_block_of_code_waits() -> None:
    assert paragraphs("a\n\n```py\nx = 1\n\ny = 2\n", whole=False) == (["a\n"], "```py\nx = 1\n\ny = 2\n")
    assert paragraphs("```py\nx = 1\n```\nb", whole=True)[0] == ["```py\nx = 1\n```\n", "b"]


class TestSparkline:
    def test_a_fall_falls(self) -> None:
        assert sparkline([4.0, 3.0, 2.0, 1.0], plain=False) == "█▆▃▁"

    def test_what_is_no_number_shows(self) -> None:
        assert sparkline([1.0, float("nan"), float("inf"), 2.0], plain=True) == "_!!#"

    @given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=500), st.booleans())
    def test_it_fits_a_line_whatever_was_reported(self, values: list[float], plain: bool) -> None:
        assert 1 <= len(sparkline(values, plain)) <= 48


@pytest.mark.parametrize(
    ("env", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=["a terminal", "NO_COLOR", "a dumb one"],
)
def test_colours_are_for_terminals_that_show_them(tmp_path: Path, env: dict[str, str], coloured: bool) -> None:
    with workplace(tmp_path) as folder:
        write_study(folder)
        tunewright("run", "study.toml", "--policy", "auto", "--trials", "1", "--headless", cwd=folder)
        terminal = Terminal("repl", cwd=folder, env=env)
        try:
            terminal.expect("tunewright> ")
            terminal.send("trials\n")
            at = terminal.expect("completed")
            assert ("\x1b[32mcompleted" in terminal.seen[:at]) is coloured
            terminal.send("quit\n")
            assert terminal.wait() == 0
        finally:
            terminal.close()
