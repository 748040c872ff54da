"""How the store is, and the disk it lies on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import psutil

from agent.doctor.problem import Problem
from agent.runner.lock import runner_pid
from agent.store import trials
from agent.store.connection import Store, StoreError, open_store
from agent.study.nouns import TrialState

LITTLE_DISK = 2**30
# File systems on which SQLite's shared memory does not work between machines.
_REMOTE = ("nfs", "nfs4", "cifs", "smbfs", "smb3", "fuse.sshfs", "9p", "afs", "lustre", "beegfs")


def health(path: Path, problems: list[Problem]) -> dict[str, Any]:
    """Whether the store is there and sound, what it holds, and whether its runner is alive."""
    path = path.absolute()
    document: dict[str, Any] = {"path": str(path), "exists": path.exists(), "sound": None, **_disk(path, problems)}
    if not path.exists():
        return document
    try:
        with open_store(path, create=False) as store:
            return {**document, "sound": True, **_contents(store, problems)}
    except StoreError as error:
        problems.append(Problem("error", error.what, error.where or str(path), error.remedy))
        return {**document, "sound": False}


def _disk(path: Path, problems: list[Problem]) -> dict[str, Any]:
    folder = next(p for p in path.parents if p.exists())
    free = shutil.disk_usage(folder).free
    kind = file_system(folder)
    if free < LITTLE_DISK:
        what = f"only {free / 2**20:.0f} MiB are free"
        problems.append(Problem("warning", what, str(folder), "Free some space; checkpoints and reports need it."))
    if kind in _REMOTE:
        what = f"the store lies on a network file system ({kind})"
        remedy = "Give --store on a local disk; processes on several machines must not share one store."
        problems.append(Problem("warning", what, str(folder), remedy))
    return {"disk_free_bytes": free, "file_system": kind}


def file_system(folder: Path) -> str:
    """The type of the file system that holds `folder`; empty where it is not known."""
    real = folder.resolve()
    mounts = [m for m in psutil.disk_partitions(all=True) if real.is_relative_to(m.mountpoint)]
    return max(mounts, key=lambda m: len(m.mountpoint)).fstype if mounts else ""


def _contents(store: Store, problems: list[Problem]) -> dict[str, Any]:
    pid = runner_pid(store.path)
    open_trials = trials.in_state(store, TrialState.QUEUED, TrialState.RUNNING)
    if open_trials and pid is None:
        what = f"{len(open_trials)} trials are queued or running and no runner looks after them"
        problems.append(
            Problem("warning", what, str(store.path), "Open the app or 'tunewright run STUDY'; it starts one.")
        )
    counted = {f"{name}_count": _count(store, name) for name in ("study", "trial", "point")}
    wal = store.path.with_name(store.path.name + "-wal")
    return {
        "schema": store.conn.execute("PRAGMA user_version").fetchone()[0],
        "bytes": store.path.stat().st_size,
        "wal_bytes": wal.stat().st_size if wal.exists() else 0,
        "runner_pid": pid,
        "open_trials": len(open_trials),
        **counted,
    }


def _count(store: Store, table: str) -> int:
    return int(store.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
