"""The GPUs of this machine, found without importing torch or touching them.

NVIDIA's by nvidia-smi, AMD's by the kernel's list of them, Apple's by what the machine is.
"""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

_QUERY = ["nvidia-smi", "--query-gpu=index,uuid,name,memory.total,memory.free", "--format=csv,noheader,nounits"]
_KFD = Path("/sys/class/kfd/kfd/topology/nodes")
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
    """GPUs this process may use, honouring CUDA_VISIBLE_DEVICES and its like; none without a driver."""
    return _nvidia() or _amd(_KFD) or _apple()


def _nvidia() -> list[Gpu]:
    try:
        answer = subprocess.run(_QUERY, capture_output=True, text=True, timeout=_TIMEOUT, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    found = [gpu for line in answer.splitlines() if (gpu := _parse(line)) is not None]
    return _visible(found, os.environ.get("CUDA_VISIBLE_DEVICES"))


def _amd(nodes: Path) -> list[Gpu]:
    """As ROCm numbers them: processors have the id 0, and those of other containers cannot be read.

    ROCR_VISIBLE_DEVICES counts anew what it leaves; HIP_VISIBLE_DEVICES goes before CUDA's.
    """
    found: list[Gpu] = []
    with contextlib.suppress(OSError):
        for node in sorted(nodes.iterdir(), key=lambda path: int(path.name)):
            with contextlib.suppress(OSError):
                if int((node / "gpu_id").read_text() or 0):
                    name = (node / "name").read_text().strip()
                    found.append(Gpu(str(len(found)), f"AMD {name}".strip(), _amd_uuid(node), 0, 0))
    left = _visible(found, os.environ.get("ROCR_VISIBLE_DEVICES"))
    left = [replace(gpu, id=str(n)) for n, gpu in enumerate(left)]
    return _visible(left, os.environ.get("HIP_VISIBLE_DEVICES", os.environ.get("CUDA_VISIBLE_DEVICES")))


def _amd_uuid(node: Path) -> str:
    lines = (node / "properties").read_text().splitlines()
    return next((f"GPU-{int(line.split()[1]):016x}" for line in lines if line.startswith("unique_id ")), "")


def _apple() -> list[Gpu]:
    return [Gpu("0", "Apple GPU", "", 0, 0)] if sys.platform == "darwin" and platform.machine() == "arm64" else []


@cache
def count() -> int:
    """How many `gpus` there were when first asked for: the driver may take seconds to answer."""
    return len(gpus())


def _parse(line: str) -> Gpu | None:
    index, _, rest = line.partition(",")
    uuid, _, rest = rest.partition(",")
    name, *memory = rest.rsplit(",", 2)
    if len(memory) != 2 or not index.strip().isdigit():
        return None
    total, free = (int(m) << 20 if m.strip().isdigit() else 0 for m in memory)  # "[N/A]" on shared-memory boards
    return Gpu(index.strip(), name.strip(), uuid.strip(), total, free)


def _visible(found: list[Gpu], wanted: str | None) -> list[Gpu]:
    """Those that CUDA would show: by number, by UUID or the beginning of one, in the order given."""
    if wanted is None:
        return found
    chosen: list[Gpu] = []
    for word in (w.strip() for w in wanted.split(",")):
        gpu = _named(word, found)
        if gpu is None or gpu in chosen:  # as CUDA does: a device it cannot find hides those after it
            break
        chosen.append(gpu)
    return chosen


def _named(word: str, found: list[Gpu]) -> Gpu | None:
    if word.startswith("MIG-"):  # a slice of a GPU, which the list does not tell
        return Gpu(word, "MIG slice", word, 0, 0)
    by_uuid = [gpu for gpu in found if word.startswith("GPU-") and gpu.uuid.startswith(word)]
    if len(by_uuid) == 1:
        return by_uuid[0]
    return next((gpu for gpu in found if word == gpu.id), None)
