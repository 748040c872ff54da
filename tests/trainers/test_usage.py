"""What a trial uses is sampled while it runs, stays small, and never stands in the trial's way."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trainers import runs
from trainers import processes, rundir, usage
from trainers.contract import Limits
from trainers.gpus_used import amd, amd_cards
from trainers.usage import UsageLog, merged, parsed

TREE = """
import subprocess, sys, time
child = "hoard = bytearray(b'x') * (64 << 20)\\nprint(flush=True)\\nwhile True: pass"
subprocess.run([sys.executable, '-c', child])
"""


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Gives this machine an nvidia-smi that answers with a shell script."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]]))

    def install(script: str) -> Path:
        program = tmp_path / "bin" / "nvidia-smi"
        program.write_text(f"#!/bin/sh\necho \"$@\" >> '{tmp_path}/asked'\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
        return tmp_path / "asked"

    return install


def samples(run_dir: Path) -> list[dict]:  # type: ignore[type-arg]
    return [line for line in parsed((run_dir / rundir.USAGE).read_bytes()) if "limits" not in line]


def look_until(log: UsageLog, holds: Callable[[], object], pid: int | None = None) -> None:
    """Looks as the supervisor does, its clock running faster."""
    now, end = time.monotonic(), time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        now += usage.EVERY
        log.look(os.getpid() if pid is None else pid, now)
        time.sleep(0.02)


class TestHost:
    def test_memory_and_cpu_of_the_whole_tree_are_counted(self, tmp_path: Path) -> None:
        process = subprocess.Popen([sys.executable, "-c", TREE], stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None and process.stdout.readline()  # the child holds its memory
            config = runs.make_run(tmp_path / "run", limits=Limits(memory_bytes=1 << 30))
            log = UsageLog(tmp_path / "run", config)
            start = time.monotonic()
            log.look(process.pid, start)
            time.sleep(0.6)
            log._next = 0.0
            log.look(process.pid, start + 0.6)
            first, second = samples(tmp_path / "run")
            assert 64 << 20 < first["host"] < 400 << 20
            assert "cpu" not in first and 5 < second["cpu"] <= 400
            [head] = [x for x in parsed((tmp_path / "run" / rundir.USAGE).read_bytes()) if "limits" in x]
            assert head["limits"]["host"] == 1 << 30 and head["limits"]["cpus"] >= 1
        finally:
            for left in processes.descendants(process.pid):
                os.kill(left.pid, 9)
            process.kill()
            process.wait()

    def test_a_trial_that_is_really_run_leaves_its_samples_and_no_more_than_it_used(self, tmp_path: Path) -> None:
        outcome = runs.run(tmp_path / "run")
        assert outcome["state"] == "completed"
        assert samples(tmp_path / "run")[0]["host"] > 1 << 20

    def test_a_folder_that_is_gone_or_full_stands_in_nobodys_way(self, tmp_path: Path) -> None:
        log = UsageLog(tmp_path / "gone", runs.make_run(tmp_path / "run"))
        log.look(os.getpid(), time.monotonic() + 5)
        assert not (tmp_path / "gone").exists()


class TestGpus:
    def test_memory_and_utilisation_are_told(self, tmp_path: Path, driver: Callable[[str], Path]) -> None:
        asked = driver("echo '2048, 81559, 83'; echo '[N/A], [N/A], 7'")
        log = UsageLog(tmp_path / "run", runs.make_run(tmp_path / "run", gpus=("1", "GPU-3333")))
        look_until(log, lambda: any("gpus" in s for s in samples(tmp_path / "run")))
        assert samples(tmp_path / "run")[-1]["gpus"] == [
            {"id": "1", "memory": 2048 << 20, "total": 81559 << 20, "busy": 83},
            {"id": "GPU-3333", "busy": 7},
        ]
        assert "--id=1,GPU-3333" in asked.read_text()

    def test_a_trial_on_the_cpu_asks_no_driver(self, tmp_path: Path, driver: Callable[[str], Path]) -> None:
        asked = driver("echo '2048, 81559, 83'")
        log = UsageLog(tmp_path / "run", runs.make_run(tmp_path / "run"))
        look_until(log, lambda: len(samples(tmp_path / "run")) > 5)
        assert not asked.exists()

    def test_one_that_fails_is_asked_a_few_times_and_then_no_more(
        self, tmp_path: Path, driver: Callable[[str], Path]
    ) -> None:
        asked = driver("echo 'NVIDIA-SMI has failed'; exit 9")
        log = UsageLog(tmp_path / "run", runs.make_run(tmp_path / "run", gpus=("0",)))
        look_until(log, lambda: len(samples(tmp_path / "run")) > 40)
        assert len(asked.read_text().splitlines()) == usage._GPU_FAILURES
        assert not any("gpus" in s for s in samples(tmp_path / "run"))

    def test_one_that_hangs_holds_up_neither_the_trial_nor_its_end(
        self, tmp_path: Path, driver: Callable[[str], Path]
    ) -> None:
        driver("exec sleep 600")
        runs.make_run(tmp_path / "run", gpus=("0",))
        worker = runs.start(tmp_path / "run")
        assert worker.wait(60) == 0
        outcome = runs.ended(tmp_path / "run")
        assert outcome["state"] == "completed" and outcome["wall_seconds"] < 30

    def test_without_a_driver_there_is_nothing_and_no_fuss(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        log = UsageLog(tmp_path / "run", runs.make_run(tmp_path / "run", gpus=("0",)))
        look_until(log, lambda: len(samples(tmp_path / "run")) > 3)
        assert not any("gpus" in s for s in samples(tmp_path / "run"))


class TestNvml:
    @pytest.fixture
    def pynvml(self, monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
        """NVML as the package gives it, of a machine with a GPU and a slice of another."""

        class NVMLError(Exception):
            pass

        def busy(handle: object) -> types.SimpleNamespace:
            if handle == "slice":
                raise NVMLError("Not Supported")
            return types.SimpleNamespace(gpu=83)

        fake = types.SimpleNamespace(
            NVMLError=NVMLError,
            nvmlInit=lambda: None,
            nvmlDeviceGetHandleByIndex=lambda index: f"gpu {index}",
            nvmlDeviceGetHandleByUUID=lambda uuid: "slice",
            nvmlDeviceGetMemoryInfo=lambda handle: types.SimpleNamespace(used=2 << 30, total=80 << 30),
            nvmlDeviceGetUtilizationRates=busy,
        )
        monkeypatch.setitem(sys.modules, "pynvml", fake)
        return fake

    def test_memory_and_utilisation_are_told_and_what_a_slice_does_not_tell_is_left_out(
        self, tmp_path: Path, driver: Callable[[str], Path], pynvml: types.SimpleNamespace
    ) -> None:
        asked = driver("echo '2048, 81559, 83'")
        log = UsageLog(tmp_path / "run", runs.make_run(tmp_path / "run", gpus=("1", "MIG-4444")))
        look_until(log, lambda: any("gpus" in s for s in samples(tmp_path / "run")))
        assert samples(tmp_path / "run")[-1]["gpus"] == [
            {"id": "1", "memory": 2 << 30, "total": 80 << 30, "busy": 83},
            {"id": "MIG-4444", "memory": 2 << 30, "total": 80 << 30},
        ]
        assert not asked.exists()
        log.close()

    def test_where_it_fails_nvidia_smi_stands_in(
        self, tmp_path: Path, driver: Callable[[str], Path], pynvml: types.SimpleNamespace
    ) -> None:
        def lost(handle: object) -> None:
            raise pynvml.NVMLError("GPU is lost")

        pynvml.nvmlDeviceGetMemoryInfo = lost
        driver("echo '2048, 81559, 83'")
        log = UsageLog(tmp_path / "run", runs.make_run(tmp_path / "run", gpus=("0",)))
        look_until(log, lambda: any("gpus" in s for s in samples(tmp_path / "run")))
        assert samples(tmp_path / "run")[-1]["gpus"][0]["memory"] == 2048 << 20


class TestAmd:
    def test_the_kernels_files_tell_of_the_cards_that_have_memory_of_their_own(self, tmp_path: Path) -> None:
        for number, files in {
            0: {},  # an integrated one
            1: {"mem_info_vram_used": "1024", "mem_info_vram_total": "4096", "gpu_busy_percent": "7"},
            10: {"mem_info_vram_used": "2048", "mem_info_vram_total": "4096"},
        }.items():
            folder = tmp_path / f"card{number}" / "device"
            folder.mkdir(parents=True)
            (tmp_path / f"card{number}-HDMI-1").mkdir()
            for name, text in files.items():
                (folder / name).write_text(f"{text}\n")
        cards = amd_cards(tmp_path)
        assert amd(["1", "0", "2"], cards) == [
            {"id": "1", "memory": 2048, "total": 4096},
            {"id": "0", "memory": 1024, "total": 4096, "busy": 7},
        ]


class TestSize:
    def test_a_long_night_fits_into_a_small_file_that_keeps_its_peaks(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(usage, "MOST_LINES", 100)
        path = tmp_path / "run" / rundir.USAGE
        log = UsageLog(tmp_path / "run", runs.make_run(tmp_path / "run"))
        for i in range(1_000):
            log._append({"at": float(i), "host": 9_999 if i == 333 else 10 + i % 3, "cpu": i % 100})
        kept = samples(tmp_path / "run")
        assert len(kept) <= 100 and path.stat().st_size < 20_000
        assert max(s["host"] for s in kept) == 9_999
        times = [s["at"] for s in kept]
        assert times == sorted(times) and times[-1] == 999
        assert times[1] - times[0] > times[-1] - times[-2]  # what is long ago is coarser
        assert [line for line in parsed(path.read_bytes()) if "limits" in line]

    def test_of_two_the_larger_of_each_number_stays(self) -> None:
        gpu = {"id": "0", "memory": 5, "busy": 90}
        assert merged(
            {"at": 1, "host": 7, "cpu": 2, "gpus": [gpu]},
            {"at": 2, "host": 3, "gpus": [{"id": "0", "memory": 9, "busy": 10}]},
        ) == {"at": 2, "host": 7, "cpu": 2, "gpus": [{"id": "0", "memory": 9, "busy": 90}]}

    def test_half_a_line_and_foreign_words_are_passed_over(self) -> None:
        data = json.dumps({"at": 1, "host": 2}).encode() + b'\n[1]\n\xff\n{"at": 3, "ho'
        assert parsed(data) == [{"at": 1, "host": 2}]
