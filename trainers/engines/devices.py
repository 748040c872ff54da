"""The GPUs of this machine, found without importing torch or touching them."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

_QUERY = ["nvidia-smi", "--query-gpu=index,uuid,name,memory.total,memory.free", "--format=csv,noheader,nounits"]
_TIMEOUT = 20.0  # seconds; a busy driver can take several


@dataclass(frozen=True)
class Gpu:
    """One GPU. `id` is what CUDA_VISIBLE_DEVICES takes; memory in bytes."""

    id: str
    name: str
    uuid: str
    memory_total: int
    memory_free: int


def gpus() -> list[Gpu]:
    """NVIDIA GPUs this process may use, honouring CUDA_VISIBLE_DEVICES; none without a driver."""
    try:
        answer = subprocess.run(_QUERY, capture_output=True, text=True, timeout=_TIMEOUT, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    found = [gpu for line in answer.splitlines() if (gpu := _parse(line)) is not None]
    return _visible(found, os.environ.get("CUDA_VISIBLE_DEVICES"))


def _parse(line: str) -> Gpu | None:
    fields = [field.strip() for field in line.split(",")]
    if len(fields) != 5 or not fields[0].isdigit():
        return None
    total, free = (int(f) << 20 if f.isdigit() else 0 for f in fields[3:])  # "[N/A]" on shared-memory boards
    return Gpu(fields[0], fields[2], fields[1], total, free)


def _visible(found: list[Gpu], wanted: str | None) -> list[Gpu]:
    if wanted is None:
        return found
    by_name = {gpu.id: gpu for gpu in found} | {gpu.uuid: gpu for gpu in found}
    chosen = []
    for name in (w.strip() for w in wanted.split(",")):
        if name not in by_name:  # as CUDA does: an unknown device hides those after it
            break
        chosen.append(by_name[name])
    return chosen
