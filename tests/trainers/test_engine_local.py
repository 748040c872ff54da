"""The local engine: the promises of every engine, its fork server, and who gets which GPU."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainers import runs
from tests.trainers.engine_conformance import EngineConformance
from trainers import processes, rundir
from trainers.contract import FailureKind
from trainers.engines import JobStatus, Slot, devices, doubts
from trainers.engines.local import LocalEngine, usable_cpus
from trainers.engines.slots import Slots


class TestLocalEngine(EngineConformance):
    def make_engine(self) -> LocalEngine:
        return LocalEngine()


# -- the fork server ---------------------------------------------------------------


@pytest.fixture
def engine():
    engine = LocalEngine()
    yield engine
    engine.close()


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    for run_dir in tmp_path.iterdir():
        runs.kill_all(run_dir)


def _server(engine: LocalEngine) -> subprocess.Popen[bytes]:
    (server,) = engine._servers.values()
    return server


def _ended(engine: LocalEngine, run_dir: Path) -> dict:
    runs.wait_for(lambda: engine.status(run_dir) is JobStatus.ENDED)
    return runs.ended(run_dir)


def test_a_killed_fork_server_is_started_again_and_its_trials_live_on(engine, folder):
    engine.launch(folder / "0", runs.make_run(folder / "0", "slow"))
    runs.wait_reports(folder / "0")
    first = _server(engine)
    first.kill()
    first.wait()
    assert engine.status(folder / "0") is JobStatus.RUNNING
    engine.launch(folder / "1", runs.make_run(folder / "1"))
    assert _ended(engine, folder / "1")["state"] == "completed"
    assert _server(engine).pid != first.pid
    engine.stop(folder / "0", "enough")
    assert _ended(engine, folder / "0")["state"] == "stopped"


def test_a_run_given_to_a_fork_server_that_dies_is_lost_or_runs_but_is_known(engine, folder):
    engine.warm("quick", 1)
    server = _server(engine)
    server.kill()
    for n in range(3):
        engine.launch(folder / str(n), runs.make_run(folder / str(n)))
    for n in range(3):
        runs.wait_for(lambda n=n: engine.status(folder / str(n)) in (JobStatus.LOST, JobStatus.ENDED))


def test_the_fork_server_ends_with_its_engine_and_the_trial_does_not(engine, folder):
    engine.launch(folder / "0", runs.make_run(folder / "0", options={"steps": 40, "pause": 0.02}))
    runs.wait_reports(folder / "0")
    server = _server(engine)
    engine.close()
    assert server.wait(10) == 0
    assert _ended(LocalEngine(), folder / "0")["state"] == "completed"


def test_one_server_serves_all_trials_of_a_trainer_and_thread_count(engine, folder):
    for n in range(4):
        engine.launch(folder / str(n), runs.make_run(folder / str(n)))
    engine.launch(folder / "4", runs.make_run(folder / "4", threads=2))
    for n in range(5):
        _ended(engine, folder / str(n))
    assert len(engine._servers) == 2


def test_folders_with_odd_names_reach_the_worker(engine, folder):
    run_dir = folder / "new\nline, 日本 and \udcff"
    engine.launch(run_dir, runs.make_run(run_dir))
    assert _ended(engine, run_dir)["state"] == "completed"


def test_the_persons_own_modules_do_not_stand_in_for_ours(engine, folder, monkeypatch):
    project = folder / "project"
    (project / "trainers").mkdir(parents=True)
    (project / "trainers" / "__init__.py").write_text("raise SystemExit('theirs')")
    (project / "random.py").write_text("raise SystemExit('theirs')")
    monkeypatch.chdir(project)
    engine.launch(folder / "0", runs.make_run(folder / "0"))
    assert _ended(engine, folder / "0")["state"] == "completed"


@pytest.mark.parametrize(
    ("preloaded", "kind"),
    [
        ("import os; os._exit(3)", FailureKind.NONZERO_EXIT),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", FailureKind.SIGNAL),
        ("import sys; sys.exit('not today')", FailureKind.EXCEPTION),
        ("raise ImportError('no licence')", FailureKind.IMPORT_ERROR),
        ("import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()", None),
    ],
)
def test_imports_that_end_the_server_or_start_threads_fail_the_trial_at_most(folder, monkeypatch, preloaded, kind):
    """What a trainer preloads is a third party's: nothing it does may keep the trial from its own end."""
    (folder / "modules").mkdir()
    (folder / "modules" / "preloaded.py").write_text(preloaded)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder / "modules"), os.environ["PYTHONPATH"]]))
    engine = LocalEngine()
    end = None
    for attempt in range(3):  # the runner launches again what never started
        run_dir = folder / str(attempt)
        engine.launch(run_dir, runs.make_run(run_dir, trainer="preloader"))
        runs.wait_for(lambda run_dir=run_dir: engine.status(run_dir) in (JobStatus.ENDED, JobStatus.LOST))
        if engine.status(run_dir) is JobStatus.ENDED:
            end = runs.ended(run_dir)
            break
    engine.close()
    assert end is not None
    assert (end["failure"] and end["failure"]["kind"]) == kind


def test_threads_are_set_where_libraries_look(engine, folder):
    engine.launch(folder / "0", runs.make_run(folder / "0", "environment", threads=3))
    _ended(engine, folder / "0")
    environment = _environment(folder / "0")
    assert {environment[name] for name in processes.THREAD_VARIABLES} == {"3"}
    assert environment[processes.RUN_DIR_VARIABLE] == str(folder / "0")


def _environment(run_dir: Path) -> dict[str, str]:
    lines = (run_dir / rundir.LOG).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


# -- GPUs ----------------------------------------------------------------------------

UUIDS = ["GPU-1111aaaa-0000", "GPU-2222bbbb-0000", "GPU-3333cccc-0000", "GPU-3333dddd-0000"]


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A function that gives this machine GPUs: an nvidia-smi that answers as the real one does."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]]))
    (tmp_path / "bin").mkdir()

    def answer(text: str, code: int = 0) -> None:
        program = tmp_path / "bin" / "nvidia-smi"
        program.write_text(f"#!/bin/sh\ncat <<'EOF'\n{text}\nEOF\nexit {code}\n")
        program.chmod(program.stat().st_mode | stat.S_IEXEC)

    return answer


def _lines(count: int, memory: str = "81559, 80000") -> str:
    return "\n".join(f"{n}, {UUIDS[n]}, NVIDIA H100 80GB HBM3, {memory}" for n in range(count))


def test_gpus_are_found_with_their_memory(machine):
    machine(_lines(2))
    first, second = devices.gpus()
    assert (first.id, first.uuid, first.name) == ("0", UUIDS[0], "NVIDIA H100 80GB HBM3")
    assert (first.memory_total, first.memory_free) == (81559 << 20, 80000 << 20)
    assert second.id == "1"


def test_a_gpu_that_was_lost_gets_no_trial_until_the_driver_lists_it_again(machine, monkeypatch):
    monkeypatch.setattr(doubts, "FIRST", 0.0)
    machine(_lines(2))
    engine = LocalEngine(threads=4)
    first = engine.reserve(1.0, 1)
    assert first is not None and first.gpus == ("0",)
    engine.release(first)
    machine("No devices were found")
    engine.lost(first)
    assert engine.gpus() == 2  # there are as many, so no trial is placed on the CPU instead
    for _ in range(20):
        other = engine.reserve(1.0, 1)
        assert other is not None and other.gpus == ("1",)
        engine.release(other)
        time.sleep(0.01)
    machine(_lines(2))
    until = time.monotonic() + 10
    while (slot := engine.reserve(2.0, 1)) is None and time.monotonic() < until:
        time.sleep(0.01)
    assert slot is not None and set(slot.gpus) == {"0", "1"}


def test_a_gpu_that_is_lost_again_and_again_is_set_aside_for_longer(machine):
    machine(_lines(1))
    engine = LocalEngine(threads=4)
    slot = Slot(("0",), 1.0, 1)
    assert [engine.lost(slot) for _ in range(7)] == [60, 120, 240, 480, 960, 1800, 1800]
    engine.worked(slot)
    assert engine.lost(slot) == 60


def test_a_board_that_shares_the_hosts_memory_says_not_available(machine):
    machine(_lines(1, "[N/A], [N/A]"))
    assert [(g.id, g.memory_total, g.memory_free) for g in devices.gpus()] == [("0", 0, 0)]


def test_a_name_with_a_comma_is_a_name(machine):
    machine(f"0, {UUIDS[0]}, NVIDIA A100, 80GB, 81559, 80000")
    assert devices.gpus()[0].name == "NVIDIA A100, 80GB"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9),
        ("No devices were found", 0),
        ("", 0),
        ("0, GPU-1", 0),
    ],
)
def test_without_a_working_driver_there_are_no_gpus(machine, text, code):
    machine(text, code)
    assert devices.gpus() == []
    assert LocalEngine().gpus() == 0


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("2", ["2"]),
        ("3,1", ["3", "1"]),
        (" 1 , 0 ", ["1", "0"]),
        ("0,9,1", ["0"]),
        ("1,1,2", ["1"]),
        (UUIDS[1], ["1"]),
        ("GPU-2222", ["1"]),
        ("GPU-3333", []),
        ("GPU-3333d,0", ["3", "0"]),
        ("MIG-aaaa,MIG-bbbb", ["MIG-aaaa", "MIG-bbbb"]),
    ],
)
def test_only_what_the_parent_may_see_is_handed_out(machine, monkeypatch, wanted, ids):
    machine(_lines(4))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", wanted)
    assert [g.id for g in devices.gpus()] == ids
    assert LocalEngine().gpus() == len(ids)


def test_a_trial_sees_the_gpus_it_was_given_and_a_cpu_trial_none(machine, folder, monkeypatch):
    machine(_lines(3))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,0")
    engine = LocalEngine()
    whole, none = engine.reserve(2, 1), engine.reserve(0, 1, force=True)
    for name, slot in (("whole", whole), ("none", none)):
        config = runs.make_run(folder / name, "environment", gpus=slot.gpus)
        engine.launch(folder / name, config)
        _ended(engine, folder / name)
    engine.close()
    assert set(_environment(folder / "whole")["CUDA_VISIBLE_DEVICES"].split(",")) == {"0", "2"}
    assert _environment(folder / "whole")["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert _environment(folder / "none")["CUDA_VISIBLE_DEVICES"] == ""


@pytest.fixture
def amd(tmp_path, monkeypatch):
    """Two processors and three GPUs, the second of which belongs to another container, as the kernel lists them."""
    for variable in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(devices, "_nvidia", list)
    monkeypatch.setattr(devices, "_KFD", tmp_path / "nodes")
    for number, gpu_id in enumerate(("0", "0", "4711", None, "815", "42")):
        (tmp_path / "nodes" / str(number)).mkdir(parents=True)
        (tmp_path / "nodes" / str(number) / "name").write_text("gfx942\n")
        properties = f"simd_count 304\nunique_id {0xABC0 + number}\n"
        (tmp_path / "nodes" / str(number) / "properties").write_text(properties)
        if gpu_id is not None:
            (tmp_path / "nodes" / str(number) / "gpu_id").write_text(gpu_id + "\n")


@pytest.mark.parametrize(
    ("environment", "ids"),
    [
        ({}, ["0", "1", "2"]),
        ({"CUDA_VISIBLE_DEVICES": "2,0"}, ["2", "0"]),
        ({"HIP_VISIBLE_DEVICES": "1", "CUDA_VISIBLE_DEVICES": "2"}, ["1"]),
        ({"ROCR_VISIBLE_DEVICES": "1,2"}, ["0", "1"]),
        ({"ROCR_VISIBLE_DEVICES": "2", "HIP_VISIBLE_DEVICES": "0"}, ["0"]),
        ({"ROCR_VISIBLE_DEVICES": "GPU-000000000000abc5,0"}, ["0", "1"]),
        ({"HIP_VISIBLE_DEVICES": ""}, []),
    ],
)
def test_amds_gpus_are_numbered_as_rocm_does(amd, monkeypatch, environment, ids):
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    assert [(g.id, g.name) for g in devices.gpus()] == [(i, "AMD gfx942") for i in ids]


def test_a_trial_sees_its_gpu_where_hip_has_its_own_variable(amd, folder, monkeypatch):
    monkeypatch.setenv("HIP_VISIBLE_DEVICES", "0,2")
    engine = LocalEngine()
    slot = engine.reserve(1, 1)
    engine.launch(folder / "0", runs.make_run(folder / "0", "environment", gpus=slot.gpus))
    _ended(engine, folder / "0")
    engine.close()
    assert {_environment(folder / "0")[f"{kind}_VISIBLE_DEVICES"] for kind in ("HIP", "CUDA")} == {slot.gpus[0]}


def test_fractions_pack_and_whole_gpus_wait_for_empty_ones(machine):
    machine(_lines(2))
    engine = LocalEngine(threads=64)
    halves = [engine.reserve(0.5, 1) for _ in range(2)]
    assert halves[0].gpus == halves[1].gpus
    whole = engine.reserve(1, 1)
    assert whole.gpus != halves[0].gpus
    assert engine.reserve(0.25, 1) is None
    engine.release(halves[0])
    assert engine.reserve(1, 1) is None
    assert engine.reserve(0.5, 1).gpus == halves[0].gpus


def test_ten_tenths_fit_on_one_gpu():
    slots = Slots(["0"], 99)
    taken = [slots.take(0.1, 1) for _ in range(10)]
    assert all(taken) and slots.take(0.1, 1) is None
    for slot in taken:
        slots.release(slot)
    assert slots.take(1, 1) is not None


@pytest.mark.parametrize("gpus", [1.5, 2.25, -1])
def test_a_part_of_more_than_one_gpu_is_refused(gpus):
    with pytest.raises(ValueError, match="GPUs a trial"):
        Slots(["0", "1", "2"], 8).take(gpus, 1)


def test_a_trial_of_more_threads_than_cpus_waits_for_all_of_them_but_not_for_ever():
    slots = Slots([], 4)
    small = slots.take(0, 1)
    assert slots.take(0, 16) is None
    slots.release(small)
    assert slots.take(0, 16) is not None
    assert slots.take(0, 1) is None


def test_by_default_there_are_as_many_slots_as_cpus():
    engine = LocalEngine()
    taken = 0
    while engine.reserve(0, 1) is not None:
        taken += 1
    assert taken == usable_cpus()


demands = st.tuples(st.sampled_from([0, 0.1, 0.25, 1 / 3, 0.5, 0.9, 1, 2, 3]), st.integers(1, 4))


@given(st.integers(0, 4), st.integers(1, 8), st.lists(st.one_of(demands, st.integers(0, 30)), max_size=40))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_no_gpu_and_no_thread_is_ever_given_out_twice(gpus, threads, moves):
    """A tuple asks for a slot, a number gives one of those held back."""
    slots, held = Slots([str(n) for n in range(gpus)], threads), list[Slot]()
    for move in moves:
        if isinstance(move, int):
            if held:
                slots.release(held.pop(move % len(held)))
            continue
        wanted, threads_wanted = move
        slot = slots.take(wanted, threads_wanted)
        if slot is not None:
            held.append(slot)
            assert len(slot.gpus) == len(set(slot.gpus)) == (1 if 0 < wanted < 1 else wanted)
        shares = Counter[str]()
        for one in held:
            for gpu in one.gpus:
                shares[gpu] += one.share
        assert all(share <= 1 + 1e-6 for share in shares.values())
        others = sum(s.threads for s in held) - max((s.threads for s in held), default=0)
        assert others < threads or len(held) == 1 or sum(s.threads for s in held) <= threads
    for slot in held:
        slots.release(slot)
    assert gpus == 0 or slots.take(gpus, 1) is not None
    assert gpus or slots.take(0, threads) is not None


def test_adopted_slots_count_even_when_their_gpu_has_gone():
    slots = Slots(["0", "1"], 8)
    slots.adopt(Slot(("0", "7"), 1.0, 2))
    assert slots.take(1, 1).gpus == ("1",)
    assert slots.take(1, 1) is None
    slots.release(Slot(("0", "7"), 1.0, 2))
    assert slots.take(1, 1).gpus == ("0",)


def test_a_supervisor_started_by_hand_and_one_by_the_engine_are_one(engine, folder):
    config = runs.make_run(folder / "0", "slow")
    worker = runs.start(folder / "0")
    runs.wait_reports(folder / "0")
    engine.launch(folder / "0", config)
    time.sleep(0.3)
    assert runs.supervisor(folder / "0") == worker.pid
    engine.stop(folder / "0", "enough")
    assert worker.wait(15) == 0
    assert _ended(engine, folder / "0")["state"] == "stopped"


def test_a_closed_engines_server_dies_with_sigterm_too(engine):
    engine.warm("quick", 1)
    server = _server(engine)
    server.send_signal(signal.SIGTERM)
    assert server.wait(10) in (-signal.SIGTERM, 0)
    assert sys.executable in server.args
