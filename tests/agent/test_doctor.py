"""doctor tells what is there, names no secret, and turns what is wrong into a problem with a remedy."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from agent import cli
from agent.doctor import Problem, checkup, devices
from agent.doctor import store as store_check
from agent.runner.lock import RunnerLock
from tests.agent.schemas import checked
from tests.agent.stores import toy_store
from tests.agent.terminals import Terminal

MI300 = """{"card0": {"Card Series": "AMD Instinct MI300X", "VRAM Total Memory (B)": "206141652992",
 "VRAM Total Used Memory (B)": "297791488"}, "system": {"Driver version": "6.8.5"}}"""


def doctor(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert cli.main(["doctor", "--json", *words]) == code
    return checked(capsys.readouterr().out, "doctor")


class TestThisMachine:
    def test_it_is_as_it_is(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        found = doctor(capsys, "--store", str(tmp_path / "none.sqlite"))
        assert found["python"] == ".".join(map(str, sys.version_info[:3]))
        assert found["packages"]["textual"] and found["packages"]["torch"]
        assert found["devices"]["cpus"] >= 1 and found["devices"]["memory_bytes"] > 2**28
        assert (found["store"]["exists"], found["store"]["sound"]) == (False, None)
        assert not [p for p in found["problems"] if p["level"] == "error"]
        assert list(tmp_path.iterdir()) == []

    def test_keys_are_named_and_never_shown(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
        monkeypatch.setenv("MISTRAL_API_KEY", "")
        for words in (["--json"], []):
            assert cli.main(["doctor", "--store", str(tmp_path / "s.sqlite"), *words]) == 0
            shown = capsys.readouterr()
            assert "OPENAI_API_KEY" in shown.out
            assert "secret" not in shown.out + shown.err
        found = checkup(tmp_path / "s.sqlite")["keys"]
        assert (found["OPENAI_API_KEY"], found["MISTRAL_API_KEY"]) == (True, False)

    def test_nothing_heavy_is_imported(self, tmp_path: Path) -> None:
        import subprocess

        code = (
            "import sys\nfrom pathlib import Path\nfrom agent.doctor import checkup\ncheckup(Path('x.sqlite'))\n"
            "print([m for m in ('torch', 'litellm', 'textual', 'optuna', 'sklearn') if m in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
        assert done.stdout == "[]\n"


class TestStore:
    def test_a_sound_one(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        store = toy_store(tmp_path / "s.sqlite")
        found = doctor(capsys, "--store", str(store))
        assert (found["store"]["sound"], found["store"]["trial_count"], found["store"]["runner_pid"]) == (True, 7, None)
        assert "2 trials are queued or running" in found["problems"][0]["what"]

    def test_its_runner(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        store = toy_store(tmp_path / "s.sqlite")
        lock = RunnerLock(store)
        assert lock.acquire()
        found = doctor(capsys, "--store", str(store))
        assert found["store"]["runner_pid"] == os.getpid()
        assert found["problems"] == []

    def test_a_damaged_one_is_an_error_and_left_alone(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        store = toy_store(tmp_path / "s.sqlite")
        store.write_bytes(store.read_bytes()[:10_000])
        found = doctor(capsys, "--store", str(store), code=1)
        [problem] = found["problems"]
        assert (problem["level"], found["store"]["sound"]) == ("error", False)
        assert "damaged" in problem["what"] and problem["remedy"]

    def test_a_disk_that_is_nearly_full(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(store_check, "LITTLE_DISK", 2**60)
        problems: list[Problem] = []
        store_check.health(tmp_path / "s.sqlite", problems)
        assert "MiB are free" in problems[0].what

    def test_the_file_system_is_known(self) -> None:
        assert store_check.file_system(Path("/proc")) == "proc"


class TestDevices:
    def test_nvidia_smi_is_read(self) -> None:
        text = "0, NVIDIA H200, 143771, 143000, 570.86.15\n1, NVIDIA GB10, [N/A], [N/A], 580.1\n"
        first, second = devices.nvidia(text)
        assert (first["name"], first["memory_bytes"], first["driver"]) == ("NVIDIA H200", 143771 * 2**20, "570.86.15")
        assert (second["index"], second["memory_bytes"]) == ("1", None)

    def test_rocm_smi_is_read(self) -> None:
        [gpu] = devices.rocm(MI300)
        assert (gpu["index"], gpu["name"]) == ("0", "AMD Instinct MI300X")
        assert gpu["free_bytes"] == 206141652992 - 297791488

    def test_output_of_another_kind_is_no_gpu(self) -> None:
        assert devices.nvidia("No devices were found\n") == []
        assert devices.rocm("WARNING: not JSON") == []

    def test_a_driver_that_fails_is_a_problem(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tool = tmp_path / "nvidia-smi"
        tool.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed' >&2\nexit 9\n")
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        problems: list[Problem] = []
        assert devices.devices(problems)["gpus"] == []
        assert problems[0].what == "nvidia-smi failed: NVIDIA-SMI has failed"

    def test_a_gpu_that_this_torch_cannot_use_is_a_problem(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tool = tmp_path / "nvidia-smi"
        tool.write_text("#!/bin/sh\necho '0, NVIDIA A100, 40960, 40000, 550.1'\n")
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        monkeypatch.setattr(devices, "_torch", lambda: "2.13.0+cpu")
        problems: list[Problem] = []
        assert devices.devices(problems)["gpus"][0]["free_bytes"] == 40000 * 2**20
        assert "built for CPUs only" in problems[0].what


class TestTerminal:
    def test_a_small_and_a_dumb_one_are_told(self, tmp_path: Path) -> None:
        terminal = Terminal("doctor", cwd=tmp_path, size=(60, 20), env={"TERM": "dumb", "LANG": "C.UTF-8"})
        try:
            assert terminal.wait() == 0
        finally:
            terminal.close()
        assert "the terminal is 60x20" in terminal.seen
        assert "use 'tunewright repl'" in terminal.seen

    def test_colours_are_told(self, tmp_path: Path) -> None:
        terminal = Terminal("doctor", cwd=tmp_path, env={"TERM": "xterm-256color", "COLORTERM": "truecolor"})
        try:
            terminal.expect("100x30, TERM=xterm-256color, colours: truecolor")
        finally:
            terminal.close()
