"""`python -m trainers.pack_speed`: measures what a pack gains, in a process of its own.

Reads `{trainer, params, task, options, gpus, sizes}` from stdin, and prints seconds a step by size, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from trainers import catalog, processes
from trainers.context import device_of
from trainers.contract import PackingTrainer

NICENESS = 5  # it may take its time: trials run beside it


def measure(asked: Mapping[str, Any]) -> dict[int, float]:
    """Seconds a step of each size in `asked`, on the device its GPUs say."""
    trainer = catalog.load(asked["trainer"])
    if not isinstance(trainer, PackingTrainer):
        return {}
    device = device_of(asked["gpus"])
    found = trainer.step_seconds(asked["params"], asked["task"], asked["options"], device, asked["sizes"])
    return {int(size): float(seconds) for size, seconds in found.items()}


def command() -> list[str]:
    # -P: a person's folder may well hold a trainers/ of its own.
    return [sys.executable, "-P", "-m", "trainers.pack_speed"]


def environment(gpus: Sequence[str]) -> dict[str, str]:
    """One numeric thread, and no other GPU than those."""
    hidden = dict.fromkeys(("CUDA_VISIBLE_DEVICES", *({"HIP_VISIBLE_DEVICES"} & os.environ.keys())), ",".join(gpus))
    return {**os.environ, **dict.fromkeys(processes.THREAD_VARIABLES, "1"), **hidden}


def main() -> int:
    answer = os.dup(1)
    os.dup2(2, 1)  # what a trainer prints is no answer
    os.nice(NICENESS)
    found = measure(json.load(sys.stdin))
    os.write(answer, json.dumps(found).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
