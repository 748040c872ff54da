"""The worker: every way a trial can end is told in exit.json, and no process outlives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from tests.trainers import runs
from trainers import processes, rundir
from trainers.contract import Failure, FailureKind, Limits, Objective
from trainers.logfile import HEAD_BYTES, TAIL_BYTES

SLACK = 3.0  # seconds that a busy machine may add to what is promised


@pytest.fixture
def run_dir(tmp_path):
    folder = tmp_path / "runs" / "0"
    yield folder
    runs.kill_all(folder)


# -- how it ends -----------------------------------------------------------------


def test_a_good_trial_completes_and_tells_what_it_took(run_dir):
    end = runs.run(run_dir, options={"pause": 0.03})
    assert end["format"] == 1
    assert (end["state"], end["cut_short"], end["code"], end["signal"], end["failure"]) == (
        "completed",
        False,
        0,
        None,
        None,
    )
    assert 0.6 < end["wall_seconds"] < 0.6 + SLACK
    assert 0 < end["cpu_seconds"] < end["wall_seconds"]
    assert 1 << 20 < end["peak_host_bytes"] < 1 << 30
    assert end["peak_device_bytes"] is None
    assert abs(end["ended_at"] - time.time()) < 10
    assert [r.step for r in rundir.all_reports(run_dir)] == list(range(20))
    assert (run_dir / rundir.LOG).read_text().splitlines()[:2] == ["step 0", "step 1"]


@pytest.mark.parametrize(
    ("task", "kind", "said"),
    [
        ("import", FailureKind.IMPORT_ERROR, "no_such_module"),
        ("raise", FailureKind.EXCEPTION, "shapes (3, 4) and (5,) do not match"),
        ("silent", FailureKind.NO_METRIC, "'loss' was never reported; there is lss (1). Did you mean 'lss'?"),
        ("nan", FailureKind.NON_FINITE, "loss became nan at step 3"),
        ("segv", FailureKind.SIGNAL, "SIGSEGV"),
        ("killed", FailureKind.SIGNAL, "SIGKILL"),
        ("quits_badly", FailureKind.NONZERO_EXIT, "code 7"),
        ("stranger", FailureKind.EXCEPTION, "of a kind nobody knows"),
        ("closes_streams", FailureKind.EXCEPTION, "nobody hears me"),
        ("bad_value", FailureKind.EXCEPTION, "could not convert string to float"),
        ("no such task", FailureKind.EXCEPTION, "_no such task"),
    ],
)
def test_a_failure_has_its_kind_and_says_why(run_dir, task, kind, said):
    end = runs.run(run_dir, task)
    failure = Failure.from_dict(end["failure"])
    assert end["state"] == "failed"
    assert failure.kind is kind
    assert said in failure.message
    assert failure.transient is (task == "killed")


def test_an_unknown_trainer_is_a_bad_argument(run_dir):
    end = runs.run(run_dir, trainer="quack")
    assert end["failure"]["kind"] == FailureKind.BAD_ARGUMENT
    assert "there is no trainer 'quack'" in end["failure"]["message"]


def test_a_trainer_that_calls_exit_has_ended_well(run_dir):
    assert runs.run(run_dir, "quits")["state"] == "completed"


def test_a_traceback_stands_in_the_log(run_dir):
    runs.run(run_dir, "raise")
    log = (run_dir / rundir.LOG).read_text()
    assert log.count("ValueError: shapes (3, 4) and (5,) do not match") == 1
    assert "quick_trainer.py" in log


def test_what_was_printed_before_a_kill_is_in_the_log(run_dir):
    runs.run(run_dir, "last_words")
    assert (run_dir / rundir.LOG).read_text() == "the last words\n"


def test_reports_of_several_threads_arrive_whole(run_dir):
    runs.run(run_dir, "threads")
    lines = (run_dir / rundir.REPORTS).read_bytes().splitlines()
    assert len(lines) == 2000
    assert all(rundir.decode_report(line) for line in lines)


def test_a_config_of_another_version_is_refused_with_its_reason(run_dir):
    runs.make_run(run_dir)
    config = json.loads((run_dir / rundir.CONFIG).read_text())
    (run_dir / rundir.CONFIG).write_text(json.dumps({**config, "invented_since": 1}))
    runs.start(run_dir).wait(30)
    end = runs.ended(run_dir)
    assert (end["state"], end["failure"]["kind"]) == ("failed", FailureKind.BAD_ARGUMENT)
    assert "invented_since" in end["failure"]["message"]


def test_a_folder_without_a_config_is_a_wrong_request(tmp_path):
    done = subprocess.run([sys.executable, "-m", "trainers.worker", str(tmp_path)], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"usage:" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["with space", "日本 é", 'quo"te', "new\nline", "-dash", "x" * 200])
def test_any_folder_name_will_do(tmp_path, name):
    assert runs.run(tmp_path / name)["state"] == "completed"


def test_what_is_written_is_for_its_owner_only(run_dir):
    runs.run(run_dir)
    assert run_dir.stat().st_mode & 0o777 == 0o700
    assert (run_dir / rundir.REPORTS).stat().st_mode & 0o777 == 0o600
    assert (run_dir / rundir.LOG).stat().st_mode & 0o777 == 0o600
    assert not [p for p in run_dir.iterdir() if p.name.startswith(".")]


# -- limits ----------------------------------------------------------------------


def test_the_time_limit_is_true_and_what_was_reached_counts(run_dir):
    end = runs.run(run_dir, "polite", limits=Limits(seconds=0.7, grace=5.0))
    assert (end["state"], end["cut_short"], end["failure"]) == ("completed", True, None)
    assert 0.7 <= end["wall_seconds"] < 0.7 + SLACK
    assert (run_dir / rundir.CHECKPOINT / "saved").exists()
    assert [r.step for r in rundir.all_reports(run_dir)] == [0, 1]


def test_a_trainer_that_sees_its_deadline_before_the_supervisor_is_cut_short_all_the_same(tmp_path):
    for n in range(8):
        run_dir = tmp_path / str(n)
        end = runs.run(run_dir, "early", limits=Limits(seconds=0.05 + 0.013 * n, grace=5.0))
        assert (end["state"], end["cut_short"]) == ("completed", True)


def test_a_trainer_that_leaves_itself_time_to_evaluate_is_cut_short_before_its_limit(run_dir):
    end = runs.run(run_dir, "careful", limits=Limits(seconds=60.0, grace=5.0), options={"reserve": 59.7})
    assert (end["state"], end["cut_short"], end["failure"]) == ("completed", True, None)
    assert [r.step for r in rundir.all_reports(run_dir)] == [0, 1]


def test_a_trial_without_a_limit_is_never_out_of_time(run_dir):
    runs.make_run(run_dir, "careful", options={"reserve": 1e9})
    worker = runs.start(run_dir)
    runs.wait_reports(run_dir)
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)
    assert [r.step for r in rundir.all_reports(run_dir)] == [0]


@pytest.mark.parametrize("task", ["hang", "deaf"])
def test_what_reports_nothing_in_time_is_a_timeout(run_dir, task):
    end = runs.run(run_dir, task, limits=Limits(seconds=0.5, grace=0.3))
    assert (end["state"], end["failure"]["kind"]) == ("failed", FailureKind.TIMEOUT)
    assert "time limit of 0.5 s" in end["failure"]["message"]
    assert 0.5 <= end["wall_seconds"] < 0.8 + SLACK
    assert end["signal"] == signal.SIGKILL


def test_a_nan_at_the_time_limit_is_a_diverged_trial_not_a_completed_one(run_dir):
    end = runs.run(run_dir, "nan", limits=Limits(seconds=0.0, grace=5.0))
    assert end["failure"]["kind"] == FailureKind.NON_FINITE


def test_the_memory_limit_ends_a_hog(run_dir):
    end = runs.run(run_dir, "hog", limits=Limits(memory_bytes=300 << 20, grace=5.0))
    assert (end["state"], end["failure"]["kind"]) == ("failed", FailureKind.HOST_OUT_OF_MEMORY)
    assert "its limit is 0.29 GiB" in end["failure"]["message"]
    assert end["failure"]["details"]["limit_bytes"] == 300 << 20
    assert end["peak_host_bytes"] > 300 << 20
    assert not end["failure"]["transient"]


def test_the_memory_of_the_trials_own_processes_counts(run_dir):
    end = runs.run(run_dir, "pool", limits=Limits(memory_bytes=150 << 20, grace=5.0))
    assert end["failure"]["kind"] == FailureKind.HOST_OUT_OF_MEMORY
    assert runs.living(run_dir) == []


# -- output ----------------------------------------------------------------------


def test_a_flood_is_kept_up_to_the_cap_with_its_end(run_dir):
    end = runs.run(run_dir, "flood")
    log = (run_dir / rundir.LOG).read_bytes()
    assert end["state"] == "completed"
    assert HEAD_BYTES + TAIL_BYTES < len(log) < HEAD_BYTES + TAIL_BYTES + 200
    left_out = 100_000_000 - HEAD_BYTES - TAIL_BYTES
    assert f"\n[tunewright: {left_out:,} bytes left out]\n".encode() in log
    assert log.endswith(b"x" * 99 + b"\n")


def test_binary_output_is_kept_as_it_is(run_dir):
    assert runs.run(run_dir, "binary")["state"] == "completed"
    assert (run_dir / rundir.LOG).stat().st_size == 1 << 20


def test_lines_without_end_are_no_trouble(run_dir):
    assert runs.run(run_dir, "long_lines")["state"] == "completed"
    assert (run_dir / rundir.LOG).stat().st_size == 20 << 16


# -- being asked to end ----------------------------------------------------------


@pytest.mark.parametrize(("stop", "state"), [({"reason": "enough"}, "stopped"), ({"prune": True}, "pruned")])
def test_a_stop_request_ends_it_gently(run_dir, stop, state):
    runs.make_run(run_dir, "polite", limits=Limits(grace=20.0))
    worker = runs.start(run_dir)
    runs.wait_reports(run_dir)
    rundir.write_json_once(run_dir / rundir.STOP, stop)
    worker.wait(15)
    end = runs.ended(run_dir)
    assert (end["state"], end["failure"]) == (state, None)
    assert (run_dir / rundir.CHECKPOINT / "saved").exists()


def test_a_trainer_that_sees_the_stop_before_the_supervisor_is_stopped_all_the_same(tmp_path):
    workers = []
    for n in range(6):
        runs.make_run(tmp_path / str(n), "early", limits=Limits(grace=20.0))
        workers.append(runs.start(tmp_path / str(n)))
    for n, worker in enumerate(workers):
        runs.wait_reports(tmp_path / str(n))
        rundir.write_json_once(tmp_path / str(n) / rundir.STOP, {"reason": "enough"})
        worker.wait(15)
        assert runs.ended(tmp_path / str(n))["state"] == "stopped"


def test_a_stop_that_was_asked_for_before_the_start_counts(run_dir):
    runs.make_run(run_dir, "slow")
    rundir.write_json_once(run_dir / rundir.STOP, {"reason": "changed my mind"})
    runs.start(run_dir).wait(15)
    assert runs.ended(run_dir)["state"] == "stopped"


def test_what_is_deaf_is_killed_after_the_grace_period(run_dir):
    runs.make_run(run_dir, "deaf", limits=Limits(grace=0.4))
    worker = runs.start(run_dir)
    pid = runs.child(run_dir)
    runs.wait_for(lambda: "SigIgn:\t0000000000000000" not in Path(f"/proc/{pid}/status").read_text())
    time.sleep(0.1)
    rundir.write_json_once(run_dir / rundir.STOP, {"reason": "enough"})
    asked = time.monotonic()
    worker.wait(15)
    end = runs.ended(run_dir)
    assert (end["state"], end["signal"]) == ("stopped", signal.SIGKILL)
    assert time.monotonic() - asked > 0.4


def test_sigterm_from_nobody_we_know_is_worth_another_try(run_dir):
    """As when the machine goes down: the trial was not stopped by anybody who meant it."""
    runs.make_run(run_dir, "polite", limits=Limits(grace=5.0))
    worker = runs.start(run_dir)
    runs.wait_reports(run_dir)
    worker.send_signal(signal.SIGTERM)
    worker.wait(15)
    failure = Failure.from_dict(runs.ended(run_dir)["failure"])
    assert (failure.kind, failure.signal, failure.transient) == (FailureKind.SIGNAL, signal.SIGTERM, True)
    assert (run_dir / rundir.CHECKPOINT / "saved").exists()


def test_sigterm_to_the_trainer_itself_does_not_pass_for_completion(run_dir):
    runs.make_run(run_dir, "polite", limits=Limits(grace=5.0))
    worker = runs.start(run_dir)
    runs.wait_reports(run_dir)
    os.kill(runs.child(run_dir), signal.SIGTERM)
    worker.wait(15)
    end = runs.ended(run_dir)
    assert (end["state"], end["failure"]["kind"]) == ("failed", FailureKind.SIGNAL)


def test_ctrl_c_stops_it(run_dir):
    runs.make_run(run_dir, "polite", limits=Limits(grace=5.0))
    worker = runs.start(run_dir)
    runs.wait_reports(run_dir)
    worker.send_signal(signal.SIGINT)
    worker.wait(15)
    assert runs.ended(run_dir)["state"] == "stopped"


def test_a_closed_terminal_does_not_reach_it(run_dir):
    runs.make_run(run_dir, options={"steps": 40, "pause": 0.02})
    worker = runs.start(run_dir)
    runs.wait_reports(run_dir)
    worker.send_signal(signal.SIGHUP)
    worker.wait(15)
    assert runs.ended(run_dir)["state"] == "completed"
    assert len(list(rundir.all_reports(run_dir))) == 40


@pytest.mark.parametrize("moment", range(6))
def test_a_signal_at_any_moment_of_the_start_leaves_an_exit_or_no_claim(run_dir, moment):
    runs.make_run(run_dir, "slow")
    worker = runs.start(run_dir)
    if moment:
        runs.wait_for(lambda: (run_dir / rundir.STARTED).exists())
        time.sleep(0.002 * (moment - 1))
    worker.send_signal(signal.SIGTERM)
    worker.wait(15)
    assert (run_dir / rundir.STARTED).exists() == (run_dir / rundir.EXIT).exists()
    assert runs.living(run_dir) == []


# -- no process is left behind ---------------------------------------------------


def test_children_that_hide_are_found_and_ended(run_dir):
    before = {p.pid for p in processes.everything()}
    end = runs.run(run_dir, "children", limits=Limits(grace=0.3))
    assert end["state"] == "completed"
    assert runs.living(run_dir) == []
    assert not [p for p in processes.everything() if p.pid not in before and p.name == processes.run_name(str(run_dir))]


def test_orphans_are_reaped_while_the_trial_runs_and_ended_with_it(run_dir):
    runs.make_run(run_dir, "orphans", limits=Limits(grace=0.3), options={"pause": 1.0})
    worker = runs.start(run_dir)
    runs.wait_reports(run_dir)
    time.sleep(0.4)
    assert _zombies(worker.pid) == []
    worker.wait(15)
    assert runs.ended(run_dir)["state"] == "completed"
    assert runs.living(run_dir) == []


def _zombies(parent: int) -> list[str]:
    stats = [Path(f"/proc/{name}/stat") for name in os.listdir("/proc") if name.isdigit()]
    found = []
    for stat in stats:
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] == "Z" and int(fields[1]) == parent:
            found.append(stat.parent.name)
    return found


@pytest.mark.parametrize("task", ["slow", "children", "deaf", "orphans"])
def test_the_trainer_goes_with_a_supervisor_that_is_killed(run_dir, task):
    runs.make_run(run_dir, task, options={"pause": 60.0})
    worker = runs.start(run_dir)
    pid = runs.child(run_dir)
    if task != "deaf":
        runs.wait_reports(run_dir)
    who = rundir.supervisor_of(run_dir)
    worker.kill()
    worker.wait()
    runs.wait_for(lambda: processes.look(pid) is None)
    processes.reap_remains(str(run_dir), (who["pid"], who["mark"]))
    assert runs.living(run_dir) == []
    assert not (run_dir / rundir.EXIT).exists()


def test_a_second_worker_on_the_folder_ends_at_once_and_touches_nothing(run_dir):
    runs.make_run(run_dir, "slow")
    first = runs.start(run_dir)
    runs.wait_reports(run_dir)
    second = runs.start(run_dir)
    assert second.wait(15) == 0
    assert runs.supervisor(run_dir) == first.pid
    assert first.poll() is None
    rundir.write_json_once(run_dir / rundir.STOP, {"reason": "enough"})
    first.wait(15)
    third = runs.start(run_dir)
    assert third.wait(15) == 0
    assert runs.ended(run_dir)["state"] == "stopped"


def test_of_eight_workers_on_one_folder_one_runs_it(run_dir):
    runs.make_run(run_dir)
    workers = [runs.start(run_dir) for _ in range(8)]
    for worker in workers:
        assert worker.wait(60) == 0
    assert runs.ended(run_dir)["state"] == "completed"
    assert [r.step for r in rundir.all_reports(run_dir)] == list(range(20))


# -- full disks ------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("may not mount a small file system here")
    yield place
    runs.kill_all(place / "0")
    subprocess.run(["umount", "-l", str(place)], check=True)


def _fill(folder: Path) -> Path:
    ballast = folder / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return ballast
    raise AssertionError("the disk did not fill up")


@pytest.mark.parametrize(("task", "state"), [("big", "completed"), ("big_then_raise", "failed")])
def test_reports_wait_for_space_and_none_is_lost(small_disk, task, state):
    run_dir = small_disk / "0"
    runs.make_run(run_dir, task, options={"steps": 6000}, limits=Limits(grace=0.2, seconds=None))
    worker = runs.start(run_dir)
    runs.wait_reports(run_dir, 500)  # 256 KiB take fewer than 6,000 of them
    runs.wait_for(lambda: not processes.descendants(worker.pid))
    time.sleep(0.3)
    assert worker.poll() is None and not (run_dir / rundir.EXIT).exists()
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    worker.wait(15)
    end = runs.ended(run_dir)
    assert end["state"] == state
    assert [r.step for r in rundir.all_reports(run_dir)] == list(range(6000))


def test_a_trial_that_starts_on_a_full_disk_waits_for_space(small_disk):
    run_dir = small_disk / "0"
    runs.make_run(run_dir)
    ballast = _fill(small_disk)
    worker = runs.start(run_dir)
    time.sleep(1.0)
    assert worker.poll() is None
    ballast.unlink()
    assert worker.wait(15) == 0
    assert runs.ended(run_dir)["state"] == "completed"
    assert not [p for p in run_dir.iterdir() if p.name.startswith(".")]


def test_a_folder_that_is_deleted_ends_the_trial_without_a_fuss(run_dir, capfd):
    import shutil

    runs.make_run(run_dir, options={"steps": 30, "pause": 0.02})
    worker = runs.start(run_dir)
    runs.wait_reports(run_dir)
    while run_dir.exists():  # the trial may write a file into it meanwhile
        shutil.rmtree(run_dir, ignore_errors=True)
    assert worker.wait(15) == 1
    assert "cannot write" in capfd.readouterr().err


# -- the kernel's own limit ------------------------------------------------------


@pytest.fixture
def small_group(tmp_path):
    """The list of members of a control group with 120 MiB of memory, if we may make one."""
    for root, limit in (
        (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
        (Path("/sys/fs/cgroup"), "memory.max"),
    ):
        group = root / f"tunewright-test-{os.getpid()}"
        try:
            group.mkdir()
            (group / limit).write_text(str(120 << 20))
        except OSError:
            continue
        members = group / "cgroup.procs"
        yield members
        runs.wait_for(partial(_is_empty, members))
        group.rmdir()
        return
    pytest.skip("may not make a control group here")


def _is_empty(members: Path) -> bool:
    return not members.read_text()


@pytest.mark.parametrize("task", ["hog", "pool"])
def test_a_trial_the_kernel_kills_for_lack_of_memory_is_out_of_memory(run_dir, small_group, task):
    runs.make_run(run_dir, task)
    worker = runs.start(run_dir, preexec_fn=lambda: small_group.write_text(str(os.getpid())))
    worker.wait(30)
    end = runs.ended(run_dir)
    if task == "pool":  # the kernel chose the child; the trial went on and ended well
        assert end["state"] == "completed"
        return
    assert end["signal"] == signal.SIGKILL
    failure = Failure.from_dict(end["failure"])
    assert failure.kind is FailureKind.HOST_OUT_OF_MEMORY
    assert "the kernel killed it for lack of memory" in failure.message
    assert not failure.transient


def test_a_kill_by_hand_is_no_lack_of_memory(run_dir):
    runs.make_run(run_dir, "slow")
    worker = runs.start(run_dir)
    runs.wait_reports(run_dir)
    os.kill(runs.child(run_dir), signal.SIGKILL)
    worker.wait(15)
    failure = Failure.from_dict(runs.ended(run_dir)["failure"])
    assert (failure.kind, failure.transient) == (FailureKind.SIGNAL, True)


def test_maximised_objectives_and_best_reports_are_judged_alike(run_dir):
    end = runs.run(run_dir, objective=Objective("loss", "maximize", at="best"))
    assert end["state"] == "completed"
