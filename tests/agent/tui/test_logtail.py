"""The log of a trial: its end as it grows, any line by its number, whatever is in the file."""

from __future__ import annotations

from pathlib import Path

from agent.tui import logtail
from agent.tui.logtail import LogTail


def test_a_file_that_is_not_there_yet_is_empty_and_may_come(tmp_path: Path) -> None:
    tail = LogTail(tmp_path / "log.txt")
    assert tail.end() == (1, [])
    assert tail.grown() == ([], "")
    tail.path.write_text("first\nsec")
    assert tail.grown() == (["first"], "sec")
    with tail.path.open("a") as file:
        file.write("ond\n")
    assert tail.grown() == (["second"], "")


def test_the_end_of_a_long_file_has_its_true_line_numbers(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("".join(f"line {i}\n" for i in range(1, 200_001)))
    first, lines = LogTail(path).end()
    assert first > 1
    assert lines[0] == f"line {first}"
    assert lines[-1] == "line 200000"


def test_any_line_can_be_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("".join(f"line {i}\n" for i in range(1, 50_001)))
    for wanted in (1, 42, 25_000, 50_000):
        first, lines = LogTail(path).around(wanted)
        assert lines[wanted - first] == f"line {wanted}"
        assert len(lines) <= 2 * logtail.LINES_AROUND + 1


def test_a_file_without_a_line_break_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"x" * (3 << 20))
    tail = LogTail(path)
    first, lines = tail.end()
    _, partial = tail.grown()
    assert lines == [] and first == 1
    assert 0 < len(partial) <= 32 << 10
    assert LogTail(path).around(1)[1]


def test_bytes_that_are_no_text_are_shown_as_marks(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"a\xff\xfe\x00b\n")
    assert LogTail(path).end() == (1, ["a��b"])
