"""From approving a proposal to the first step of its trial, with the runner warm.

Peer: a fresh `python` that imports torch and takes one training step. Our trial imports torch too:
bracket, whose first report follows its first steps, would blur the figure, so the trial here is a
third-party trainer (tests/plugin) that preloads torch and reports its first step at once.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.harness import Figure, median, seconds

_PEER = "import torch; m = torch.nn.Linear(8, 1); m(torch.randn(4, 8)).sum().backward()"
_PLUGIN = Path(__file__).resolve().parents[1] / "tests" / "plugin"


def figures(*, quick: bool) -> list[Figure]:
    repeats = 3 if quick else 15
    peer = median(lambda: seconds(lambda: subprocess.run([sys.executable, "-c", _PEER], check=True)), 1 if quick else 5)
    ours = _ours(repeats)
    name = "approve → first step, warm"
    return [
        Figure(
            name,
            ours,
            peer,
            "s",
            "fresh python with torch",
            "≤ 0.2 s and ≥ 10×",
            ours <= 0.2 and peer >= 10 * ours,
            repeats,
        )
    ]


def _ours(repeats: int) -> float:
    """Median seconds from the call to approve until the trainer takes its first step."""
    sys.path.insert(0, str(_PLUGIN))
    os.environ["PYTHONPATH"] = os.pathsep.join([str(_PLUGIN), os.environ.get("PYTHONPATH", "")])
    from agent.runner.client import RunnerClient
    from agent.store import points, proposals, studies, trials
    from agent.store.connection import open_store
    from agent.study.nouns import Draft, Source
    from agent.study.spec import StudySpec
    from trainers import catalog

    trainer = catalog.load("torch-step")
    delays = []
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store.sqlite") as store:
        spec = StudySpec(name="bench", trainer=trainer.name, space=trainer.space(""), objective=trainer.objective(""))
        study = studies.create(store, spec, store.folder)
        drafts = [Draft(source=Source.RANDOM, params={"lr": i / repeats}) for i in range(repeats + 1)]
        client = RunnerClient(store.path)
        for i, proposal in enumerate(proposals.add(store, study.id, drafts)):
            client.ensure()
            time.sleep(8.0 if i == 0 else 0.3)  # the first warms up, as while a person reads the proposal
            start = time.time()
            number = proposals.approve(store, proposal, actor="person")
            while not trials.get(store, study.id, number).state.ended:
                time.sleep(0.01)
            curve = points.curve(store, trials.get(store, study.id, number).id, "loss")
            delays.append(curve.ats[0] - start)
        _end_runner(store.path)
    return statistics.median(delays[1:])


def _end_runner(path: Path) -> None:
    import signal

    from agent.runner.lock import runner_pid

    if pid := runner_pid(path):
        os.kill(pid, signal.SIGTERM)
        while runner_pid(path) is not None:
            time.sleep(0.02)
