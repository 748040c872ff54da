"""A store or folder that is not as it should be: every command says so, and nothing is changed."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import cli
from tests.agent.schemas import checked
from tests.agent.scripts import write_study
from tests.agent.stores import toy_store
from tests.agent.terminals import COMMAND, environment

ON_A_STORE = [
    ["list"],
    ["show", "toy"],
    ["why", "toy", "0"],
    ["compare", "toy", "0", "1"],
    ["stop", "toy", "all"],
    ["export", "toy"],
    ["run", "toy", "--policy", "auto"],
    ["repl", "toy"],
]


def refused(capsys: pytest.CaptureFixture[str], words: list[str], store: Path) -> str:
    """What `words` on `store` are answered, having checked that it is an error that says what and where."""
    code = cli.main([*words, "--store", str(store), "--json"])
    shown = capsys.readouterr()
    error = checked(shown.out, "error")["error"]
    assert code == 1
    assert error["what"] in shown.err and "Traceback" not in shown.err
    assert str(store) in error["what"] + error["where"]
    assert error["remedy"]
    return str(error["what"])


@pytest.mark.parametrize("words", ON_A_STORE, ids=lambda words: words[0])
class TestEveryCommand:
    def test_no_store(self, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "there is no store at" in refused(capsys, words, tmp_path / "none.sqlite")
        assert list(tmp_path.iterdir()) == []

    def test_a_truncated_store(self, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        store = toy_store(tmp_path / "s.sqlite")
        data = store.read_bytes()
        store.write_bytes(data[: len(data) // 2])
        half = store.read_bytes()
        assert "damaged" in refused(capsys, words, store)
        assert store.read_bytes() == half

    def test_a_store_from_a_newer_version(
        self, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        store = toy_store(tmp_path / "s.sqlite")
        with sqlite3.connect(store) as conn:
            conn.execute("PRAGMA user_version = 99")
        conn.close()
        assert "schema 99" in refused(capsys, words, store)

    def test_another_program_s_database(
        self, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        store = tmp_path / "s.sqlite"
        with sqlite3.connect(store) as conn:
            conn.execute("CREATE TABLE t (x)")
        conn.close()
        assert "not a Tunewright store" in refused(capsys, words, store)

    def test_a_file_that_is_no_database(
        self, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        store = tmp_path / "s.sqlite"
        store.write_bytes(os.urandom(8192))
        refused(capsys, words, store)

    def test_a_folder_in_place_of_the_store(
        self, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = tmp_path / "s.sqlite"
        folder.mkdir()
        refused(capsys, words, folder)


def give_up_rights() -> None:
    """Root no longer reads and writes what its file modes forbid; without effect for anybody else."""
    prctl, drop_from_bounding_set = ctypes.CDLL(None).prctl, 24
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH; both gone at the next exec
        prctl(drop_from_bounding_set, capability)


def as_plain_user(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=give_up_rights,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    tmp_path.chmod(0o755)


@pytest.mark.skipif(sys.platform != "linux", reason="root gives up its rights in Linux's way")
class TestReadOnlyFolder:
    def test_a_new_store_cannot_be_made(self, folder: Path) -> None:
        write_study(folder)
        folder.chmod(0o555)
        done = as_plain_user("run", "study.toml", "--policy", "auto", cwd=folder)
        assert done.returncode == 1
        assert "cannot make the store (Permission denied)" in done.stderr and "--store" in done.stderr

    def test_a_store_in_it_is_refused(self, folder: Path) -> None:
        toy_store(folder / "store.sqlite")
        folder.chmod(0o555)
        done = as_plain_user("show", "toy", cwd=folder)
        assert done.returncode == 1
        assert "read-only" in done.stderr

    def test_an_export_into_it(self, folder: Path) -> None:
        toy_store(folder / "store.sqlite")
        (folder / "locked").mkdir(mode=0o555)
        done = as_plain_user("export", "toy", "-o", "locked/best.toml", cwd=folder)
        assert done.returncode == 1
        assert "locked/best.toml: cannot write the file (Permission denied)" in done.stderr

    def test_doctor_tells_it(self, folder: Path) -> None:
        toy_store(folder / "store.sqlite")
        folder.chmod(0o555)
        done = as_plain_user("doctor", "--json", cwd=folder)
        assert done.returncode == 1
        assert "read-only" in checked(done.stdout, "doctor")["problems"][0]["what"]


OPEN = """
import sys, time
from agent.store.connection import open_store
print("ready", flush=True)
start = float(sys.stdin.readline())
for number in range(20):
    while time.time() < start + number / 20:
        pass
    open_store(f"{sys.argv[1]}/{number}.sqlite").close()
"""


def test_programs_that_start_at_once_make_one_store(tmp_path: Path) -> None:
    words = [sys.executable, "-c", OPEN, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    runs = [subprocess.Popen(words, env=environment(), text=True, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    for run in runs:
        assert run.stdout.readline() == "ready\n"
    begin = f"{time.time() + 0.2}\n"
    for run in runs:
        run.stdin.write(begin)
        run.stdin.flush()
    said = [run.communicate(timeout=60)[1] for run in runs]
    assert said == ["", "", ""]
