"""What happens on a GPU whose memory runs out: the failure with its numbers, the second try, what was sampled.

    python -m benchmarks.gpu.memory

A script has a twentieth of the GPU to itself and takes a 32nd of that for a sample, so that a batch of 64 does not fit
and a quarter of it does. It runs as any trial does: a store, a runner, an engine. Says so where there is no GPU.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from agent.runner.client import RunnerClient
from agent.store import proposals, studies, trials
from agent.store.connection import Store, open_store
from agent.study.nouns import Draft, Source, Trial
from agent.study.sizes import rough_size
from agent.study.spec import StudySpec
from trainers import rundir
from trainers.contract import Objective
from trainers.space import IntParameter, SearchSpace

PATIENCE = 300.0  # seconds
_SCRIPT = """
import os, sys, time, torch
batch, pieces = int(sys.argv[1]), int(sys.argv[2])
total = torch.cuda.get_device_properties(0).total_memory
torch.cuda.set_per_process_memory_fraction(0.05)
sample = int(total * 0.05 / 32)  # half of a batch of 64 would just fit
for step in range(pieces):
    held = [torch.ones(sample, dtype=torch.uint8, device="cuda") for _ in range(batch // pieces)]
    torch.cuda.synchronize()
    time.sleep(3)  # long enough to be sampled
    del held
print("loss", 1 / pieces)
"""


def study() -> StudySpec:
    script = _SCRIPT.replace("{", "{{").replace("}", "}}")
    return StudySpec(
        name="gpu memory",
        trainer="script",
        space=SearchSpace([IntParameter(name="batch_size", low=1, high=64)]),
        objective=Objective("loss"),
        options={
            "command": [sys.executable, "-c", script, "{batch_size}", "{accumulation}"],
            "metrics": {"loss": {"regex": r"loss (\S+)"}},
            "params": ["batch_size"],
            "accumulates": "batch_size",
        },
    )


def run(store: Store) -> Trial:
    made = studies.create(store, study(), store.folder)
    [proposal] = proposals.add(store, made.id, [Draft(source=Source.PERSON, params={"batch_size": 64})])
    number = proposals.approve(store, proposal, actor="person")
    client, until = RunnerClient(store.path), time.monotonic() + PATIENCE
    while not (trial := trials.get(store, made.id, number)).state.ended and time.monotonic() < until:
        client.ensure()
        time.sleep(0.2)
    return trial


def row(store: Store, attempt: dict[str, Any]) -> str:
    outcome = attempt["outcome"] or {}
    failure = outcome.get("failure") or {}
    numbers = failure.get("details", {})
    known = {name: numbers.get(f"{name}_bytes") for name in ("asked", "free", "used")}
    told = ", ".join(f"{name} {rough_size(size)}" for name, size in known.items() if size is not None) or "–"
    lines = (store.folder / attempt["run_dir"] / rundir.USAGE).read_text().splitlines()
    seen = [gpu for line in lines for gpu in json.loads(line).get("gpus", [])]
    peak = max((gpu.get("memory", 0) for gpu in seen), default=0)
    said = failure.get("kind", outcome.get("state", "running"))
    pieces = outcome.get("accumulation", 1)
    return f"{attempt['number']:7d}  {pieces:12d}  {said:20s}  {told:48s}  {len(seen):7d}  {rough_size(peak)}"


def main() -> None:
    if not torch.cuda.is_available():
        print("no GPU here")
        return
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store.sqlite") as store:
        trial = run(store)
        print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
        print(f"attempt  accumulation  {'ended':20s}  {'numbers':48s}  samples  peak")
        for attempt in trials.attempts(store, trial.id):
            print(row(store, attempt))
        print(f"the trial: {trial.state}, {trial.device_seconds or 0:.1f} GPU-s, {trial.cpu_seconds or 0:.1f} CPU-s")


if __name__ == "__main__":
    main()
