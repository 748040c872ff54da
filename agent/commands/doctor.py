"""Tells what this machine has for tuning, and what is wrong with it.

Keys are told by name, never by value. The exit code is 1 when there is an error, 0 for warnings.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from agent.doctor import Problem, checkup
from agent.plain.output import clean, emit

EXAMPLE = "tunewright doctor --json"


def configure(parser: argparse.ArgumentParser) -> None:
    """`doctor` has no arguments of its own."""


def run(args: argparse.Namespace) -> int:
    found = checkup(args.store)
    if args.json:
        emit(found)
    else:
        for title, text in _lines(found):
            print(clean(f"{title:<10} {text}"))
    return 1 if any(p["level"] == "error" for p in found["problems"]) else 0


def _lines(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "python", f"{found['python']} on {found['platform']}"
    yield "packages", ", ".join(f"{name} {have or 'missing'}" for name, have in found["packages"].items())
    for extra, packages in found["extras"].items():
        yield f"[{extra}]", ", ".join(f"{name} {have or 'not installed'}" for name, have in packages.items())
    devices = found["devices"]
    for gpu in devices["gpus"]:
        yield f"gpu {gpu['index']}", f"{gpu['name']}, {_size(gpu['free_bytes'])} of {_size(gpu['memory_bytes'])} free"
    if not devices["gpus"]:
        yield "gpu", "none found; trials run on the CPU"
    memory = f"{_size(devices['memory_free_bytes'])} of {_size(devices['memory_bytes'])} memory free"
    yield "cpu", f"{devices['cpus']} usable, {memory}"
    present = [name for name, there in found["keys"].items() if there]
    yield "keys", ", ".join(present) or "none set; the built-in advisor needs none"
    yield "store", _store(found["store"])
    yield "terminal", _terminal(found["terminal"])
    for problem in found["problems"]:
        yield "problem", str(Problem(**problem))
    if not found["problems"]:
        yield "problems", "none"


def _store(store: dict[str, Any]) -> str:
    disk = f"{_size(store['disk_free_bytes'])} free on the disk"
    if not store["exists"]:
        return f"none yet at {store['path']}; {disk}"
    if not store["sound"]:
        return f"{store['path']} cannot be used, see below; {disk}"
    runner = (
        f"runner {store['runner_pid']} alive" if store["runner_pid"] else "no runner (one starts when there is work)"
    )
    held = f"{store['study_count']} studies, {store['trial_count']} trials, {store['point_count']:,} points"
    return f"{store['path']}, schema {store['schema']}, {_size(store['bytes'])}: {held}; {runner}; {disk}"


def _terminal(seen: dict[str, Any]) -> str:
    if not seen["tty"]:
        return "stdout is not a terminal"
    colors = "no colours" if seen["no_color"] else f"colours: {seen['colors'] or 'none'}"
    return f"{seen['columns']}x{seen['rows']}, TERM={seen['term']}, {colors}, {seen['encoding']}"


def _size(count: int | None) -> str:
    if count is None:
        return "?"
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"
