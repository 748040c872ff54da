"""A GPU that disappears takes one trial with it, not the queue."""

from __future__ import annotations

import os
import stat
import time

import pytest

from agent.store import events, trials
from agent.study.nouns import TrialState
from trainers.contract import FailureKind


@pytest.fixture
def one_gpu(tmp_path, monkeypatch):
    """An nvidia-smi that lists one GPU, for the runner too."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    program = tmp_path / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho '0, GPU-1111aaaa-0000, NVIDIA H100 80GB HBM3, 81559, 80000'\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", os.pathsep.join([str(program.parent), os.environ["PATH"]]))


def test_the_queue_waits_while_the_gpu_is_set_aside(one_gpu, bench):
    study = bench.make_study("lost_device", gpus_per_trial=1)
    first, *others = bench.queue(4)
    bench.wait(lambda: trials.attempts(bench.store, bench.trial(first).id)[-1:] and bench.trial(first).failure)
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        bench.client.ensure()
        time.sleep(0.05)
    assert [bench.trial(n).attempts for n in (first, *others)] == [1, 0, 0, 0]
    assert bench.trial(first).state is TrialState.QUEUED  # it will run again
    failure = trials.attempts(bench.store, bench.trial(first).id)[0]["outcome"]["failure"]
    assert (failure["kind"], failure["details"]) == (FailureKind.DEVICE_LOST, {"gpus": ["0"]})
    said = [e.data["text"] for e in events.since(bench.store, study.id, 0) if e.kind is events.EventKind.ADVISED]
    assert len(said) == 1 and "t0 lost its device" in said[0] and "GPU 0 gets no trial for 60 s" in said[0]
    for number in (first, *others):
        trials.request_stop(bench.store, bench.trial(number), "enough")


def test_a_trial_without_a_gpu_cannot_lose_one(bench):
    bench.make_study("lost_device")
    (trial,) = bench.wait_ended(*bench.queue())
    assert (trial.failure.kind, trial.attempts) == (FailureKind.EXCEPTION, 1)
    assert trial.failure.message.endswith("no CUDA-capable device is detected (it was given no GPU)")
