"""Processes are told apart, found and ended, however they hide."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.trainers.runs import wait_for
from trainers import processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def sleeper(**popen):
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], **popen)


def test_a_process_is_itself_and_no_later_one_with_its_pid():
    process = sleeper()
    mark = processes.mark_of(process.pid)
    assert processes.is_alive(process.pid, mark)
    assert not processes.is_alive(process.pid, str(int(mark) + 1))
    assert not processes.is_alive(process.pid, None)
    process.kill()
    wait_for(lambda: not processes.is_alive(process.pid, mark))  # a zombie now: we have not waited for it
    assert processes.look(process.pid) is None
    process.wait()
    assert processes.mark_of(process.pid) is None


def test_names_with_brackets_and_spaces_do_not_confuse_it():
    name = "a) S 1 (b"
    code = f"import ctypes, time; ctypes.CDLL(None).prctl(15, {name.encode()!r}); print(flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    process.stdout.readline()
    seen = processes.look(process.pid)
    process.kill()
    process.wait()
    assert (seen.parent, seen.name) == (os.getpid(), name)


def test_both_ways_to_find_descendants_agree():
    code = """if True:
        import subprocess, sys, time
        for _ in range(2):
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print(flush=True)
        time.sleep(60)
    """
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    process.stdout.readline()
    quick = processes.descendants(process.pid)
    slow = processes.descendants(process.pid, processes.everything())
    processes.kill(slow, hard=True)
    process.kill()
    process.wait()
    assert {p.pid for p in quick} == {p.pid for p in slow}
    assert len(slow) == 2


def test_children_of_any_thread_count():
    code = """if True:
        import subprocess, sys, threading, time
        def start():
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
            print(flush=True)
            time.sleep(60)
        threading.Thread(target=start).start()
    """
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    process.stdout.readline()
    found = processes.descendants(process.pid)
    processes.kill(found, hard=True)
    process.kill()
    process.wait()
    assert len(found) == 1


def test_a_run_is_known_by_its_variable_and_by_its_name(tmp_path):
    run_dir = str(tmp_path / "a run\nof ours")
    ours = sleeper(env={**os.environ, processes.RUN_DIR_VARIABLE: run_dir})
    similar = sleeper(env={**os.environ, processes.RUN_DIR_VARIABLE: run_dir + "2"})
    name = processes.run_name(run_dir)
    code = f"""if True:
        import os, time
        from trainers import processes
        processes.take_name({name!r})
        if os.fork() == 0:
            os.setsid()
        time.sleep(60)
    """
    forked = subprocess.Popen([sys.executable, "-c", code])
    wait_for(lambda: len(processes.of_run(run_dir)) == 3)
    found = {p.pid for p in processes.of_run(run_dir)}
    assert {ours.pid, forked.pid} < found and similar.pid not in found
    processes.reap_remains(run_dir, None)
    assert processes.of_run(run_dir) == []
    similar.kill()
    for process in (ours, similar, forked):
        process.wait()


def test_reaping_waits_for_a_supervisor_that_is_still_dying(tmp_path):
    """Only when it is gone does the kernel end its trainer, and only then can its session be looked through."""
    code = """if True:
        import subprocess, sys, time
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print(flush=True)
        time.sleep(60)
    """
    leader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    leader.stdout.readline()
    mark = processes.mark_of(leader.pid)
    os.kill(leader.pid, signal.SIGKILL)
    processes.reap_remains(str(tmp_path), (leader.pid, mark))
    assert not [p for p in processes.everything() if p.session == leader.pid]
    leader.wait()


def test_kill_leaves_a_stranger_with_the_pid_alone():
    process = sleeper()
    seen = processes.look(process.pid)
    assert processes.kill([seen._replace(mark="1")], hard=True) == 0
    time.sleep(0.1)
    assert process.poll() is None
    assert processes.kill([seen], hard=False) == 1
    assert process.wait(10) == -signal.SIGTERM
    assert processes.kill([seen], hard=True) == 0


def test_a_process_never_kills_itself_this_way():
    assert processes.kill([processes.look(os.getpid())], hard=True) == 0


def test_every_process_is_listed_once():
    pids = [p.pid for p in processes.everything()]
    assert os.getpid() in pids and len(set(pids)) == len(pids)
