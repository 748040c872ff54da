"""The run folder: every whole report is read once, claims have one winner, files are whole or not there."""

from __future__ import annotations

import errno
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainers.runs import make_run
from trainers import rundir
from trainers.rundir import ReportWriter, decode_report, encode_report, read_lines

metrics = st.dictionaries(st.text(min_size=1, max_size=8), st.floats(), max_size=4)


@given(st.integers(-(2**63) + 1, 2**63 - 1), metrics, st.floats(0, 4e9))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_report_survives_its_line_nan_and_infinities_too(step, values, at):
    line = encode_report(step, values, at)
    assert line.count(b"\n") == 1 and line.endswith(b"\n") and line.isascii()
    json.loads(line, parse_constant=pytest.fail)  # strict JSON: no bare NaN
    back = decode_report(line)
    assert back is not None
    assert (back.step, back.at) == (step, pytest.approx(at, abs=1e-3))
    assert list(back.metrics) == [name.encode("utf-8", "replace").decode() for name in values]
    for told, value in zip(back.metrics.values(), values.values(), strict=True):
        assert told == value or (math.isnan(told) and math.isnan(value))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b'{"step": 3, "at": 1.0, "metr',
        b"null",
        b"[]",
        b"3",
        b'"step"',
        b"\x00\xff\xfe garbage",
        b'{"step": 1}',
        b'{"step": 1, "at": 1.0, "metrics": [1]}',
        b'{"step": 1, "at": 1.0, "metrics": {"loss": null}}',
        b'{"step": 1, "at": 1.0, "metrics": {"loss": "low"}}',
        b'{"step": 1, "at": 1.0, "metrics": {"loss": {}}}',
        b'{"step": NaN, "at": 1.0, "metrics": {}}',
        b'{"step": 1, "at": 1.0, "metrics": {}}{"step": 2, "at": 1.0, "metrics": {}}',
        b'{"step": 1, "at": 1.0, "metrics": {}}]',
        b'{"step": 1e999, "at": 1.0, "metrics": {}}',
        b'{"step": 9223372036854775808, "at": 1.0, "metrics": {}}',
        b'{"step": 1, "at": NaN, "metrics": {}}',
        b'{"step": 1, "at": 1.0, "metrics": {"loss": ' + b"9" * 400 + b"}}",
        b'{"step": ' + b"9" * 5000 + b', "at": 1.0, "metrics": {}}',
        b'{"step": 1, "at": 1.0, "metrics": ' + b"[" * 100_000,
    ],
)
def test_a_line_that_is_no_report_is_skipped(line):
    assert decode_report(line) is None


def test_half_a_surrogate_in_a_name_does_not_reach_the_store():
    report = decode_report(b'{"step": 1, "at": 1.0, "metrics": {"loss \\ud83d": 1.0}}')
    assert list(report.metrics) == ["loss ?"]


def test_blanks_around_a_report_do_no_harm():
    assert decode_report(b' \t{"step": 1, "at": 1.0, "metrics": {"a": 2}}  \r') == (1, 1.0, {"a": 2.0})


def test_odd_but_clear_numbers_are_taken():
    report = decode_report(b'{"step": "7", "at": "1.5", "metrics": {"a": true, "b": "1e999", "c": "-inf", "d": 1e999}}')
    assert report == (7, 1.5, {"a": 1.0, "b": math.inf, "c": -math.inf, "d": math.inf})


# -- reading by offset -------------------------------------------------------------


def test_no_file_yet_means_no_lines(tmp_path):
    assert read_lines(tmp_path / "none", 0) == ([], 0)


def test_a_line_is_left_until_it_is_whole(tmp_path):
    path = tmp_path / "reports"
    path.write_bytes(b"one\ntw")
    lines, offset = read_lines(path, 0)
    assert (lines, offset) == ([b"one"], 4)
    assert read_lines(path, offset) == ([], 4)
    with open(path, "ab") as file:
        file.write(b"o\nthree\n")
    assert read_lines(path, offset) == ([b"two", b"three"], 14)


def test_a_file_that_shrank_gives_nothing_and_goes_nowhere(tmp_path):
    path = tmp_path / "reports"
    path.write_bytes(b"one\n")
    assert read_lines(path, 100) == ([], 100)


@given(st.lists(st.integers(0, 60), max_size=60), st.integers(70, 200), st.booleans())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_whatever_the_chunks_every_line_comes_once(tmp_path_factory, sizes, chunk, whole):
    path = tmp_path_factory.mktemp("lines") / "reports"
    lines = [b"%d:" % n + b"x" * size for n, size in enumerate(sizes)]
    path.write_bytes(b"".join(line + b"\n" for line in lines) + (b"" if whole else b"cut of"))
    patch = pytest.MonkeyPatch()
    patch.setattr(rundir, "READ_CHUNK", chunk)
    try:
        offset, found, more = 0, [], True
        while more:
            read, after = read_lines(path, offset)
            found += read
            more, offset = after != offset, after
    finally:
        patch.undo()
    assert found == lines
    assert offset == sum(len(line) + 1 for line in lines)


def test_a_line_without_end_is_passed_over_and_the_next_report_read(tmp_path):
    path = tmp_path / rundir.REPORTS
    good = encode_report(1, {"loss": 1.0}, 2.0)
    path.write_bytes(good + b"x" * (2 * rundir.READ_CHUNK + 5) + b"\n" + good)
    assert [r.step for r in rundir.all_reports(tmp_path)] == [1, 1]


def test_reports_are_read_while_they_are_written(tmp_path):
    writer = ReportWriter(tmp_path)

    def write():
        for step in range(3000):
            writer.write(step, {"loss": float(step)})

    thread = threading.Thread(target=write)
    thread.start()
    offset, steps = 0, []
    while thread.is_alive() or read_lines(tmp_path / rundir.REPORTS, offset)[1] != offset:
        lines, offset = read_lines(tmp_path / rundir.REPORTS, offset)
        steps += [decode_report(line).step for line in lines]
    assert steps == list(range(3000))


def test_writers_in_several_threads_do_not_mix_their_lines(tmp_path):
    writer = ReportWriter(tmp_path)
    threads = [
        threading.Thread(target=lambda: [writer.write(s, {"loss": 1.0, "pad" * 50: 2.0}) for s in range(500)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.close() == b""
    assert len(list(rundir.all_reports(tmp_path))) == 2000


# -- a full disk -------------------------------------------------------------------


@pytest.fixture
def disk(monkeypatch):
    """The system calls of a disk with so many bytes left, since not everybody may mount a small one."""

    class Disk:
        left = 10**9

    real = os.write

    def write(fd, data):
        if Disk.left <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = real(fd, bytes(data[: Disk.left]))
        Disk.left -= written
        return written

    monkeypatch.setattr(os, "write", write)
    return Disk


def test_a_write_cut_short_by_a_full_disk_goes_on_where_it_stopped(tmp_path, disk):
    writer = ReportWriter(tmp_path)
    for step in range(50):
        disk.left = 30 if step % 3 else 0  # less than a line
        writer.write(step, {"loss": 1.0})
    assert len((tmp_path / rundir.REPORTS).read_bytes()) < 50 * 50
    disk.left = 10**9
    assert writer.flush(1.0)
    assert [r.step for r in rundir.all_reports(tmp_path)] == list(range(50))


def test_what_is_left_is_handed_to_another_writer(tmp_path, disk):
    writer = ReportWriter(tmp_path)
    disk.left = 75
    for step in range(10):
        writer.write(step, {"loss": 1.0})
    rest = writer.close()
    assert rest
    assert not ReportWriter(tmp_path, rest).flush(0.3)
    disk.left = 10**9
    assert ReportWriter(tmp_path, rest).flush(1.0)
    assert [r.step for r in rundir.all_reports(tmp_path)] == list(range(10))


def test_waiting_for_space_ends(tmp_path):
    calls = []

    def full():
        calls.append(1)
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    with pytest.raises(OSError, match="quota"):
        rundir.wait_for_space(full, 0.5)
    assert len(calls) > 1

    def broken():
        calls.clear()
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        rundir.wait_for_space(broken, 60.0)


# -- whole files -------------------------------------------------------------------


_REWRITER = """
import sys
from pathlib import Path
from trainers import rundir
path, n = Path(sys.argv[1]), 0
while True:
    n += 1
    rundir.write_json(path, {"n": n, "pad": "x" * 100_000, "again": n})
"""


def test_a_file_is_whole_whenever_its_writer_is_killed(tmp_path):
    path = tmp_path / "exit.json"
    seen = set()
    for round_ in range(8):
        writer = subprocess.Popen([sys.executable, "-c", _REWRITER, str(path)])
        while not path.exists() or rundir.read_json(path)["n"] < 2:
            time.sleep(0.002)
        time.sleep(0.003 * round_)
        for _ in range(20):
            data = rundir.read_json(path)
            assert data["n"] == data["again"]
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        data = rundir.read_json(path)
        assert data["n"] == data["again"] and len(data["pad"]) == 100_000
        seen.add(data["n"])
        path.unlink()
    assert seen


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "exit.json"
    rundir.write_json(path, {"n": 1})
    with pytest.raises(TypeError):
        rundir.write_json(path, {"n": object()})
    assert rundir.read_json(path) == {"n": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["exit.json"]


_CLAIMER = """
import os, sys, time
from pathlib import Path
from trainers import rundir
until = float(sys.argv[2])
won = 0
for n in range(100):
    while time.time() < until + n * 0.004:
        pass
    won += rundir.write_json_once(Path(sys.argv[1]) / f"{n}.json", {"pid": os.getpid(), "pad": "x" * 5000})
print(won)
"""


def test_of_eight_processes_one_makes_each_claim(tmp_path):
    start = str(time.time() + 1.0)
    command = [sys.executable, "-c", _CLAIMER, str(tmp_path), start]
    claimers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    won = [int(claimer.communicate(timeout=60)[0]) for claimer in claimers]
    assert sum(won) == 100
    assert all(len(rundir.read_json(tmp_path / f"{n}.json")["pad"]) == 5000 for n in range(100))
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_a_leftover_of_a_dead_process_with_our_pid_is_not_written_through(tmp_path):
    """It may be linked to the very claim that its writer made just before it died."""
    path = tmp_path / "started.json"
    assert rundir.write_json_once(path, {"pid": "theirs"})
    os.link(path, tmp_path / f".started.json.{os.getpid()}")
    assert not rundir.write_json_once(path, {"pid": "ours"})
    assert rundir.read_json(path) == {"pid": "theirs"}


def test_a_claim_whose_first_answer_nfs_lost_is_ours(tmp_path, monkeypatch):
    real = os.link

    def link(source, target):
        real(source, target)
        raise FileExistsError(errno.EEXIST, "File exists")  # the answer to the request sent again

    monkeypatch.setattr(os, "link", link)
    assert rundir.write_json_once(tmp_path / "started.json", {"pid": 1})
    assert rundir.read_json(tmp_path / "started.json") == {"pid": 1}
    monkeypatch.undo()
    assert not rundir.write_json_once(tmp_path / "started.json", {"pid": 2})


def test_a_file_system_without_links_has_claims_too(tmp_path, monkeypatch):
    def link(source, target):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    assert rundir.write_json_once(tmp_path / "started.json", {"pid": 1})
    assert not rundir.write_json_once(tmp_path / "started.json", {"pid": 2})
    assert rundir.read_json(tmp_path / "started.json") == {"pid": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["started.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_said_and_a_claim_of_it_is_nobodys(tmp_path, content):
    (tmp_path / rundir.STARTED).write_bytes(content)
    with pytest.raises(ValueError):
        rundir.read_json(tmp_path / rundir.STARTED)
    assert rundir.supervisor_of(tmp_path) == {}


def test_who_supervises(tmp_path):
    assert rundir.supervisor_of(tmp_path) is None
    assert rundir.supervisor_of(tmp_path / "gone") is None
    rundir.write_json_once(tmp_path / rundir.STARTED, {"abandoned": True})
    assert rundir.supervisor_of(tmp_path) == {}


def test_the_config_comes_back_as_it_went(tmp_path):
    config = make_run(tmp_path / "a", options={"env": {"A": "ü"}}, gpus=("0", "GPU-1"), resume_from="/x")
    assert rundir.read_config(tmp_path / "a") == config
    rundir.create(tmp_path / "a", config)  # a runner that was killed in between makes it again


def test_the_last_sign_of_life_is_the_newest_file(tmp_path):
    assert rundir.last_sign(tmp_path) is None
    assert rundir.last_sign(tmp_path / "gone") is None
    for name, at in (("log.txt", 1000.0), ("reports.jsonl", 2000.0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (at, at))
    assert rundir.last_sign(tmp_path) == 2000.0
