"""The log of a trial: its end as it grows, any line by its number, whatever is in the file."""

from __future__ import annotations

import builtins
import os
from pathlib import Path
from typing import Any

import pytest

from agent.tui.back import logtail
from agent.tui.back.logtail import LogTail
from trainers.errors import TunewrightError


def test_a_file_that_is_not_there_yet_is_empty_and_may_come(tmp_path: Path) -> None:
    tail = LogTail(tmp_path / "log.txt")
    assert tail.end() == (1, [])
    assert tail.grown() == ([], "", None)
    tail.path.write_text("first\nsec")
    assert tail.grown() == (["first"], "sec", None)
    with tail.path.open("a") as file:
        file.write("ond\n")
    assert tail.grown() == (["second"], "", None)


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
    partial = tail.grown().partial
    assert lines == [] and first == 1
    assert partial.endswith("…+917,504 bytes") and len(partial) < 132 << 10
    assert LogTail(path).around(1)[1]


def test_bytes_that_are_no_text_are_spelt_out(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"a\xff\xfe\x00b\n")
    assert LogTail(path).end() == (1, ["a\\xff\\xfe\\x00b"])


class TestGrowing:
    def test_a_file_that_grows_faster_than_it_is_read_is_followed_at_its_end(self, tmp_path: Path) -> None:
        path = tmp_path / "log.txt"
        path.write_text("first\n")
        tail = LogTail(path)
        assert tail.end() == (1, ["first"])
        with path.open("a") as file:
            file.writelines(f"line {i}\n" for i in range(2, 1_000_001))
        grown = tail.grown()
        assert grown.first is not None and grown.first > 500_000
        assert grown.lines[0] == f"line {grown.first}"
        assert grown.lines[-1] == "line 1000000"
        assert tail.grown() == ([], "", None)

    def test_a_file_cut_to_nothing_is_read_from_its_start_again(self, tmp_path: Path) -> None:
        path = tmp_path / "log.txt"
        path.write_text("old one\nold two\n")
        tail = LogTail(path)
        tail.end()
        path.write_text("new\n")
        assert tail.grown() == (["new"], "", 1)
        assert tail.grown() == ([], "", None)

    def test_a_file_rewritten_in_place_and_longer_is_seen_to_be_another(self, tmp_path: Path) -> None:
        path = tmp_path / "log.txt"
        path.write_text("a\nb\n")
        tail = LogTail(path)
        tail.end()
        path.write_text("one\ntwo\nthree\n")
        assert tail.grown() == (["one", "two", "three"], "", 1)

    def test_a_rotated_file_is_left_for_the_one_that_took_its_place(self, tmp_path: Path) -> None:
        path = tmp_path / "log.txt"
        path.write_text("before\n")
        tail = LogTail(path)
        tail.end()
        path.rename(tmp_path / "log.txt.1")
        assert tail.grown() == ([], "", None)
        assert tail.problem == "the file is gone"
        path.write_text("after\n")
        assert tail.grown() == (["after"], "", 1)
        assert tail.problem == ""

    def test_what_cannot_be_read_says_why(self, tmp_path: Path) -> None:
        assert LogTail(tmp_path / "none").problem == "no such file"
        assert LogTail(tmp_path / "log.txt").problem == "nothing printed"
        assert LogTail(tmp_path).problem == "not a file"
        os.mkfifo(tmp_path / "pipe")
        pipe = LogTail(tmp_path / "pipe")  # opening it would wait for a writer
        assert pipe.end() == (1, []) and pipe.problem == "not a file"


class TestLarge:
    def test_of_a_file_of_5_gigabytes_only_the_end_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "log.txt"
        with path.open("wb") as file:
            file.truncate(5 << 30)  # a hole takes no room
            file.seek(0, os.SEEK_END)
            file.write(b"\nlast but one\nlast\n")
        read: list[int] = []
        plain = builtins.open

        def counting(*args: Any, **options: Any) -> Any:
            file = plain(*args, **options)
            return Counting(file, read) if args[0] == path else file

        monkeypatch.setattr(builtins, "open", counting)
        tail = LogTail(path)
        first, lines = tail.end()
        assert (first, lines[-2:]) == (2, ["last but one", "last"])
        assert not tail.counted
        assert tail.find("last", 1, 1) is None
        with pytest.raises(TunewrightError, match="too far into the file"):
            tail.around(4_000_000)
        assert 0 < sum(read) < 300 << 20

    def test_what_is_added_to_it_is_followed(self, tmp_path: Path) -> None:
        path = tmp_path / "log.txt"
        with path.open("wb") as file:
            file.truncate(1 << 30)
        tail = LogTail(path)
        tail.end()
        with path.open("ab") as file:
            file.write(b"\nmore\n")
        assert tail.grown().lines[-1] == "more"


class TestLines:
    def test_a_line_of_100000_columns_is_kept_and_a_longer_one_cut_with_a_count(self, tmp_path: Path) -> None:
        path = tmp_path / "log.txt"
        path.write_text("a" * 100_000 + "\n" + "b" * 900_000 + "\nc\n")
        for _, lines in (LogTail(path).end(), LogTail(path).around(2)):
            assert lines[0] == "a" * 100_000
            assert lines[1] == "b" * 131_072 + " …+768,928 bytes"
            assert lines[2] == "c"

    def test_a_progress_bar_shows_its_last_state_however_long_it_runs(self, tmp_path: Path) -> None:
        path = tmp_path / "log.txt"
        path.write_text("begin\n")
        tail = LogTail(path)
        tail.end()
        for start in range(0, 200_000, 20_000):
            with path.open("a") as file:
                file.write("".join(f"step {i} of 200000\r" for i in range(start, start + 20_000)))
            assert tail.grown() == ([], f"step {start + 19_999} of 200000", None)
        with path.open("a") as file:
            file.write("done\n")
        assert tail.grown() == (["done"], "", None)

    def test_a_character_that_is_half_written_is_waited_for(self, tmp_path: Path) -> None:
        path = tmp_path / "log.txt"
        path.write_bytes("ab█".encode()[:-1])
        tail = LogTail(path)
        tail.end()
        assert tail.grown().partial == "ab"
        with path.open("ab") as file:
            file.write("█".encode()[-1:] + b"c")
        assert tail.grown().partial == "ab█c"


class TestFinding:
    def test_the_nearest_line_after_or_before_and_round_the_ends(self, tmp_path: Path) -> None:
        path = tmp_path / "log.txt"
        path.write_text("".join(f"line {i}{' Error' if i % 400_000 == 7 else ''}\n" for i in range(1, 1_000_001)))
        tail = LogTail(path)
        assert [tail.find("error", at, 1) for at in (1, 7, 400_007, 800_007)] == [7, 400_007, 800_007, 7]
        assert [tail.find("ERROR", at, -1) for at in (1_000_000, 800_007, 8, 7)] == [800_007, 400_007, 7, 800_007]
        assert tail.find("nowhere", 1, 1) is None

    def test_a_word_in_colours_is_found(self, tmp_path: Path) -> None:
        path = tmp_path / "log.txt"
        path.write_bytes(b"x\n\x1b[31mEr\x1b[1mror\x1b[0m\n")
        assert LogTail(path).find("error", 1, 1) == 2


class Counting:
    """A file that counts the bytes read from it."""

    def __init__(self, file: Any, read: list[int]) -> None:
        self._file, self._read = file, read

    def read(self, *args: int) -> bytes:
        return self._counted(self._file.read(*args))

    def readline(self, *args: int) -> bytes:
        return self._counted(self._file.readline(*args))

    def _counted(self, data: bytes) -> bytes:
        self._read.append(len(data))
        return data

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
