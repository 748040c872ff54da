"""A disk that fills up while a trial runs: everything waits, nothing acknowledged is lost."""

from __future__ import annotations

import contextlib
import subprocess
import time
from pathlib import Path

import pytest

from agent.store import points
from agent.store.connection import StoreError
from agent.study.nouns import TrialState
from tests.agent.runner.conftest import Bench


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of 12 MiB, if we may mount one."""
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("may not mount a small file system here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(folder: Path) -> Path:
    ballast = folder / "ballast"
    with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    return ballast


def test_reports_wait_for_space_and_then_all_arrive(small_disk):
    bench = Bench(small_disk)
    bench.make_study(options={"steps": 150, "pause": 0.02})
    (number,) = bench.queue()
    bench.wait(lambda: (bench.trial(number).last_step or 0) > 5)
    ballast = fill(small_disk)
    time.sleep(2.0)
    with pytest.raises(StoreError, match="disk is full"):
        for _ in range(200):  # small writes may still fit into pages that are there
            bench.queue()
    ballast.unlink()
    (trial,) = bench.wait_ended(number)
    assert trial.state is TrialState.COMPLETED
    assert points.curve(bench.store, trial.id, "loss").steps == list(range(150))
    bench.finish()
