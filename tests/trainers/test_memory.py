"""The kernel's count of kills for lack of memory, as the versions of control groups tell it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.trainers import runs
from trainers import processes
from trainers.memory import MemoryWatch, OomKills, find_counter

V1 = "oom_kill_disable 0\nunder_oom 0\noom_kill {}\n"
V2 = "low 0\nhigh 0\nmax 12\noom 3\noom_kill {}\noom_group_kill 0\n"
VMSTAT = "nr_free_pages 100\noom_kill {}\ndrop_pagecache 0\n"


def _write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("cgroup", "files", "found"),
    [
        ("0::/user.slice/job\n", {"sys/fs/cgroup/user.slice/job/memory.events": V2, "proc/vmstat": VMSTAT}, 0),
        ("0::/host/path/of/container\n", {"sys/fs/cgroup/memory.events": V2, "proc/vmstat": VMSTAT}, 0),
        (
            "5:cpu:/a\n4:memory:/job\n0::/\n",
            {"sys/fs/cgroup/memory/job/memory.oom_control": V1, "proc/vmstat": VMSTAT},
            0,
        ),
        ("4:cpu,memory:/docker/1\n", {"sys/fs/cgroup/memory/memory.oom_control": V1, "proc/vmstat": VMSTAT}, 0),
        ("0::/\n", {"proc/vmstat": VMSTAT}, 0),
        (None, {"proc/vmstat": VMSTAT}, 0),
        ("0::/\n", {"proc/vmstat": "nr_free_pages 1\n"}, None),
        (None, {}, None),
    ],
)
def test_the_nearest_counter_is_found(tmp_path, cgroup, files, found):
    if cgroup is not None:
        _write(tmp_path, "proc/self/cgroup", cgroup)
    paths = [_write(tmp_path, path, text.format(7)) for path, text in files.items()]
    counter = find_counter(tmp_path)
    assert counter == (None if found is None else paths[found])
    kills = OomKills(tmp_path)
    kills.look(1.0)
    assert kills.rose_at == float("-inf")
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text.format(8))
    kills.look(2.0)
    kills.look(3.0)
    assert kills.rose_at == (float("-inf") if found is None else 2.0)


def test_this_machine_has_one():
    if sys.platform != "linux":
        pytest.skip("Linux only")
    counter = find_counter(OomKills.__init__.__defaults__[0])
    assert counter is not None


def test_a_process_holds_what_it_holds_for_itself_and_its_children_count():
    hold = "import sys, time\nhoard = bytearray(b'x') * (64 << 20)\nprint(flush=True)\ntime.sleep(60)"
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {hold!r}])"
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline()
        watch = MemoryWatch(32 << 20)
        now = runs.time.monotonic() + 1.0
        assert watch.is_over(process.pid, now)
        assert 64 << 20 < watch.peak < 200 << 20
        assert not watch.is_over(process.pid, now)  # not so soon again
        child = processes.descendants(process.pid)[0]
        assert processes.memory_bytes(child.pid) <= processes.resident_bytes(child.pid)
        assert not MemoryWatch(1 << 40).is_over(process.pid, now)
    finally:
        for left in processes.descendants(process.pid):
            os.kill(left.pid, 9)
        process.kill()
        process.wait()
    assert processes.memory_bytes(process.pid) == processes.resident_bytes(process.pid) == 0
