"""What trials may run on: GPUs as their own tools report them, CPUs, memory. No torch is imported."""

from __future__ import annotations

import csv
import json
import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import psutil

from agent.doctor.problem import Problem

_TOOL_SECONDS = 20.0
_NVIDIA = [
    "nvidia-smi",
    "--query-gpu=index,name,memory.total,memory.free,driver_version",
    "--format=csv,noheader,nounits",
]
_ROCM = ["rocm-smi", "--showproductname", "--showmeminfo", "vram", "--json"]


def devices(problems: list[Problem]) -> dict[str, Any]:
    """GPUs with their memory in bytes, the CPUs this process may use, the host's memory in bytes."""
    gpus = nvidia(_ask(_NVIDIA, problems)) + rocm(_ask(_ROCM, problems)) + _apple()
    if any(gpu["kind"] != "mps" for gpu in gpus) and _torch().endswith("+cpu"):
        what, remedy = (
            "there is a GPU, but this torch is built for CPUs only",
            "Install torch from https://pytorch.org for your GPU.",
        )
        problems.append(Problem("warning", what, "devices", remedy))
    memory = psutil.virtual_memory()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {
        "gpus": gpus,
        "visible": os.environ.get("CUDA_VISIBLE_DEVICES"),
        "cpus": usable,
        "memory_bytes": memory.total,
        "memory_free_bytes": memory.available,
    }


def _ask(command: list[str], problems: list[Problem]) -> str:
    """What the tool prints; nothing when there is no such tool or it fails (then with a problem)."""
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_TOOL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        problems.append(
            Problem("warning", f"{command[0]} gave no answer ({error})", "devices", "Check the GPU driver.")
        )
        return ""
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[:1]
        problems.append(Problem("warning", f"{command[0]} failed: {''.join(said)}", "devices", "Check the GPU driver."))
        return ""
    return done.stdout


def nvidia(text: str) -> list[dict[str, Any]]:
    """Reads nvidia-smi's CSV; memory there is in MiB, and "[N/A]" where it is not known."""
    found = []
    for row in csv.reader(text.splitlines(), skipinitialspace=True):
        if len(row) == 5:
            index, name, total, free, driver = row
            found.append(
                {
                    "kind": "cuda",
                    "index": index,
                    "name": name,
                    "memory_bytes": _mebibytes(total),
                    "free_bytes": _mebibytes(free),
                    "driver": driver,
                }
            )
    return found


def _mebibytes(text: str) -> int | None:
    return int(float(text) * 2**20) if text.replace(".", "", 1).isdigit() else None


def rocm(text: str) -> list[dict[str, Any]]:
    """Reads rocm-smi's JSON, whose keys differ between releases in their case only."""
    try:
        cards = json.loads(text or "{}")
    except json.JSONDecodeError:
        return []
    found = []
    for card, fields in sorted(cards.items()):
        lower = {str(k).lower(): v for k, v in fields.items()} if isinstance(fields, dict) else {}
        total, used = (lower.get(f"vram total {what}memory (b)") for what in ("", "used "))
        if card.startswith("card") and total is not None:
            free = None if used is None else int(total) - int(used)
            name = lower.get("card series") or lower.get("card model") or "AMD GPU"
            index = card.removeprefix("card")
            found.append(
                {
                    "kind": "rocm",
                    "index": index,
                    "name": name,
                    "memory_bytes": int(total),
                    "free_bytes": free,
                    "driver": None,
                }
            )
    return found


def _apple() -> list[dict[str, Any]]:
    if platform.system() != "Darwin" or platform.machine() != "arm64":
        return []
    return [
        {"kind": "mps", "index": "0", "name": "Apple GPU", "memory_bytes": None, "free_bytes": None, "driver": None}
    ]


def _torch() -> str:
    try:
        return version("torch")
    except PackageNotFoundError:
        return ""
