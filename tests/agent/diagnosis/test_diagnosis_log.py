"""Logs are read within bounds, and line numbers are the ones an editor shows."""

from __future__ import annotations

from pathlib import Path

from agent.diagnosis import log as logs
from agent.diagnosis.log import Log
from agent.diagnosis.trace import last_exception


def test_lines_count_from_one_and_a_last_line_needs_no_newline() -> None:
    log = Log.of_text("first\nsecond\nthird")
    assert [(line.number, line.text) for line in log.lines] == [(1, "first"), (2, "second"), (3, "third")]
    assert log.total == 3


def test_huge_log_keeps_both_ends_with_true_numbers(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    with open(path, "w") as file:
        file.writelines(f"line {n}\n" for n in range(1, 400_001))
        file.write("ValueError: the end\n")
    log = Log.of_path(path)
    assert log.total == 400_001
    assert sum(len(line.text) for line in log.lines) < logs.HEAD_BYTES + logs.TAIL_BYTES
    assert log.lines[0].text == "line 1"
    assert all(line.text == f"line {line.number}" for line in log.lines[:-1])
    assert log.lines[-1].text == "ValueError: the end"
    assert log.lines[-1].number == 400_001


def test_huge_log_without_a_newline(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"x" * (logs.HEAD_BYTES + logs.TAIL_BYTES + 5))
    log = Log.of_path(path)
    assert [line.number for line in log.lines] == [1]
    assert log.total == 1


def test_of_a_line_drawn_over_the_last_state_is_kept() -> None:
    log = Log.of_text("\x1b[32m10%\x1b[0m\r 50%\r100%|####|RuntimeError: late\nnext")
    assert log.lines[0].text == "100%|####|RuntimeError: late"
    assert log.lines[1].number == 2


def test_binary_is_no_obstacle() -> None:
    log = Log.of_text("\x00\x01abc\x07\n\ufffd")
    assert log.lines[0].text == "abc"


def test_missing_file_is_an_empty_log(tmp_path: Path) -> None:
    assert Log.of_path(tmp_path / "none").total == 0


TRACE = """starting
Traceback (most recent call last):
  File "/project/data.py", line 4, in load
    open(path)
FileNotFoundError: [Errno 2] No such file or directory: 'a.csv'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/project/train.py", line 9, in <module>
    load()
  File "/venv/lib/python3.11/site-packages/lib/x.py", line 1, in f
    raise error
RuntimeError: cannot build the data
more words
"""


def test_exception_has_its_line_its_own_frame_and_its_cause() -> None:
    raised = last_exception(Log.of_text(TRACE))
    assert raised is not None and raised.line is not None and raised.frame is not None
    assert (raised.name, raised.line.number, raised.frame.number) == ("RuntimeError", 14, 10)
    assert raised.cause is not None and raised.cause.line is not None
    assert (raised.cause.name, raised.cause.line.number) == ("FileNotFoundError", 5)


def test_traceback_kept_elsewhere_is_used_and_cites_no_line() -> None:
    raised = last_exception(Log.of_text("nothing here"), TRACE)
    assert raised is not None
    assert (raised.name, raised.line, raised.frame) == ("RuntimeError", None, None)
