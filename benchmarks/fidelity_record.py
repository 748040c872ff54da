"""Records whole learning curves of random configs, for benchmarks.fidelity to replay.

    python -m benchmarks.fidelity_record bracket --configs 80 --minutes 5

Goes on where it was left, a config at a time, for at most `--minutes`. What is recorded is what a trial reports of its
objective, the CPU seconds it had used by then, and what it cost in all: real training on one CPU thread.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.study.space_edit import edited
from trainers import catalog, rundir
from trainers.context import WorkerContext
from trainers.contract import RunConfig
from trainers.errors import TunewrightError
from trainers.space import SearchSpace

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Recorded:
    """What is recorded under a name: a trainer's task, its space made narrower so that 80 trials cost minutes."""

    trainer: str
    task: str
    narrower: dict[str, dict[str, Any]]
    protocol: tuple[int, ...] = ()  # rows of training, validation and test, of the ETT file in $TUNEWRIGHT_ETT

    def options(self) -> dict[str, Any]:
        if not self.protocol:
            return {}
        path = Path(os.environ.get("TUNEWRIGHT_ETT", "../shared/data")) / "ETTh1.csv"
        return {"path": str(path.resolve()), "protocol": list(self.protocol)}

    def space(self) -> SearchSpace:
        return edited(catalog.load(self.trainer).space(self.task), self.narrower)


SMALL = {
    "epochs": {"low": 5, "high": 20},
    "units": {"high": 128},
    "embedding": {"high": 64},
    "layers": {"high": 2},
}
SHORT = {
    "epochs": {"low": 8, "high": 16, "default": 10},
    "batch_size": {"low": 64, "high": 256, "default": 64},
    "seq_len": {"high": 96, "default": 48},
    "label_len": {"high": 48, "default": 24},
    "d_model": {"high": 32, "default": 32},
    "n_heads": {"high": 4, "default": 4},
    "d_ff": {"high": 64, "default": 64},
    "e_layers": {"high": 2, "default": 2},
    "d_layers": {"high": 1, "default": 1},
    "lr": {"default": 1e-3},
}
TASKS = {
    "bracket": Recorded("bracket", "gru-small", SMALL),
    "informer": Recorded("informer", "etth1-24-s", SHORT, (1200, 400, 100)),
}


class _Watching(WorkerContext):
    """A run's surroundings that remember when the objective was reported."""

    def __init__(self, run_dir: Path, config: RunConfig) -> None:
        super().__init__(run_dir, config, math.inf)
        self.began = time.process_time()
        self.points: list[tuple[int, float, float]] = []

    def report(self, step: int, **metrics: float) -> None:
        super().report(step, **metrics)
        if (value := metrics.get(self.objective.metric)) is not None:
            self.points.append((step, round(value, 5), round(time.process_time() - self.began, 3)))


def trial(recorded: Recorded, number: int, folder: Path) -> dict[str, Any]:
    """The curve of the `number`-th random config; number 0 is the default."""
    trainer = catalog.load(recorded.trainer)
    space = recorded.space()
    params = space.default() if number == 0 else space.sample(random.Random(number))
    config = RunConfig(
        study="record",
        trial=number,
        trainer=recorded.trainer,
        task=recorded.task,
        params=params,
        objective=trainer.objective(recorded.task),
        options=recorded.options(),
        seed=number,
    )
    rundir.create(folder, config)
    ctx = _Watching(folder, config)
    trainer.run(params, ctx)
    ctx.close()
    steps, values, seconds = zip(*ctx.points, strict=True)
    values = [v if math.isfinite(v) else None for v in values]
    spent = round(time.process_time() - ctx.began, 3)
    return {"params": params, "steps": steps, "values": values, "seconds": seconds, "spent": spent}


def at_hand() -> list[str]:
    """The names under which curves were recorded."""
    return [name for name in TASKS if (DATA / f"fidelity-{name}.json").exists()]


def load(name: str) -> list[dict[str, Any]]:
    """What was recorded. Raises TunewrightError when nothing was."""
    try:
        found: list[dict[str, Any]] = json.loads((DATA / f"fidelity-{name}.json").read_text())["trials"]
    except FileNotFoundError:
        remedy = f"python -m benchmarks.fidelity_record {name}"
        raise TunewrightError(f"no curves of {name} were recorded", where=str(DATA), remedy=remedy) from None
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=TASKS)
    parser.add_argument("--configs", type=int, default=80)
    parser.add_argument("--minutes", type=float, default=5.0)
    args = parser.parse_args()
    os.environ |= {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    recorded = TASKS[args.name]
    for module in catalog.load(recorded.trainer).preload:
        importlib.import_module(module)
    path, until = DATA / f"fidelity-{args.name}.json", time.monotonic() + 60 * args.minutes
    trials = load(args.name) if path.exists() else []
    while len(trials) < args.configs and time.monotonic() < until:
        with tempfile.TemporaryDirectory() as folder:
            trials.append(trial(recorded, len(trials), Path(folder)))
        lines = ",\n".join(json.dumps(t, separators=(",", ":")) for t in trials)
        DATA.mkdir(exist_ok=True)
        head = json.dumps(
            {
                "trainer": recorded.trainer,
                "task": recorded.task,
                "narrower": recorded.narrower,
                "protocol": recorded.protocol,
            }
        )[1:-1]
        path.write_text(f'{{{head}, "trials": [\n{lines}\n]}}\n')
        print(f"{len(trials)}: {trials[-1]['spent']:.1f} CPU-s, last {trials[-1]['values'][-1]}", file=sys.stderr)
    return 0 if len(trials) >= args.configs else 1


if __name__ == "__main__":
    sys.exit(main())
