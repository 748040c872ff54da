"""The run folder: the files by which a trial and its runner speak to each other.

They need no socket, work over NFS and outlive both ends. JSON here is strict: values that are
not finite travel as the texts "nan", "inf" and "-inf".
"""

from __future__ import annotations

import contextlib
import errno
import functools
import json
import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from trainers.contract import RunConfig

CONFIG, REPORTS, LOG, CHECKPOINT = "config.json", "reports.jsonl", "log.txt", "checkpoint"
STARTED, STOP, EXIT = "started.json", "stop.json", "exit.json"
USAGE, PLAN = "usage.jsonl", "plan.json"
PACK = "pack.json"  # in the first of several runs that train as one: where the others are
READ_CHUNK = 4 << 20
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)  # FAT and some network file systems
_JSON = json.JSONDecoder()
_Result = TypeVar("_Result")


class ReportLine(NamedTuple):
    """One line of reports.jsonl."""

    step: int
    at: float
    metrics: dict[str, float]


def create(run_dir: Path, config: RunConfig) -> None:
    """Makes the folder (0700) with its config.json. Raises OSError."""
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    (run_dir / CHECKPOINT).mkdir(exist_ok=True)
    write_json(run_dir / CONFIG, config.to_dict())


def read_config(run_dir: Path) -> RunConfig:
    return RunConfig.from_dict(json.loads((run_dir / CONFIG).read_text()))


def wait_for_space(action: Callable[[], _Result], patience: float) -> _Result:
    """Does `action`, again and again while the disk is full. Raises its OSError after `patience` seconds."""
    until = time.monotonic() + patience
    while True:
        try:
            return action()
        except OSError as error:
            if error.errno not in DISK_FULL or time.monotonic() > until:
                raise
        time.sleep(0.2)


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Writes whole or not at all, even when the power goes: a temporary file, synced, renamed."""
    temporary = _temporary(path)
    try:
        _write_new(temporary, data, sync=True)
        os.replace(temporary, path)
    except BaseException:  # an interrupt too must leave no half file behind; it goes on to the caller
        temporary.unlink(missing_ok=True)
        raise


def write_json_once(path: Path, data: Mapping[str, Any]) -> bool:
    """Writes whole, and only if `path` does not exist; False when it does. Atomic between processes and hosts."""
    temporary = _temporary(path)
    try:
        _write_new(temporary, data)
        os.link(temporary, path)
    except FileExistsError:
        # NFS may say so though it was our own link, whose first answer was lost on the way.
        return temporary.stat().st_nlink == 2
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _write_exclusively(path, data)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _write_exclusively(path: Path, data: Mapping[str, Any]) -> bool:
    """Where there are no hard links: as atomic, but a reader may for a moment find the file empty."""
    try:
        _write_new(path, data)
    except FileExistsError:
        return False
    return True


def _temporary(path: Path) -> Path:
    """A name no other writer has: pids repeat between hosts, and between starts of a container."""
    return path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")


def _write_new(path: Path, data: Mapping[str, Any], *, sync: bool = False) -> None:
    with open(path, "x", encoding="utf-8") as file:
        json.dump(data, file)
        if sync:
            file.flush()
            os.fsync(file.fileno())


def read_json(path: Path) -> dict[str, Any] | None:
    """The file's content, None when it is not there (yet). Raises ValueError when it is not a JSON object."""
    try:
        data = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except RecursionError:
        raise ValueError(f"{path} is nested too deeply") from None
    if not isinstance(data, dict):
        raise ValueError(f"{path} does not hold a JSON object")
    return data


def planned_steps(run_dir: Path) -> int | None:
    """At which step the trial says it is to end; None while, or where, it does not say."""
    try:
        steps = (read_json(run_dir / PLAN) or {}).get("steps")
    except (ValueError, OSError):
        return None  # a foreign hand's
    return steps if isinstance(steps, int) and not isinstance(steps, bool) and 0 < steps < 2**63 else None


def supervisor_of(run_dir: Path) -> dict[str, Any] | None:
    """Who claimed the run: `{pid, mark, host, at}`; None when nobody has yet.

    Empty for a run that was fenced off, and for a claim that a power cut left unreadable: then
    too there is no process to find.
    """
    try:
        who = read_json(run_dir / STARTED)
    except ValueError:
        return {}
    return who if who is None or {"pid", "mark"} <= who.keys() else {}


def last_sign(run_dir: Path) -> float | None:
    """When the run last gave a sign of life, in Unix seconds, to some 15 s; None for a folder without files."""
    times = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(run_dir):
            with contextlib.suppress(OSError):
                times.append(entry.stat().st_mtime)
    return max(times, default=None)


def encode_report(step: int, metrics: Mapping[str, float], at: float) -> bytes:
    # Put together here: json.dumps of the whole takes three times as long.
    told = ", ".join([f"{_quoted(name)}: {_number(value)}" for name, value in metrics.items()])
    return f'{{"step": {step:d}, "at": {at:.4f}, "metrics": {{{told}}}}}\n'.encode()


@functools.lru_cache(maxsize=256)
def _quoted(name: str) -> str:
    return json.dumps(name)


def _number(value: float) -> str:
    return repr(float(value)) if math.isfinite(value) else f'"{float(value)}"'


def decode_report(line: bytes) -> ReportLine | None:
    """None for a line that is not a report: a cut-off write, or a foreign hand."""
    try:
        text = line.strip().decode()
        data, end = _JSON.raw_decode(text)  # half of what json.loads takes
        if end != len(text):
            return None
        metrics = {name if name.isascii() else _name(name): float(value) for name, value in data["metrics"].items()}
        step, at = int(data["step"]), float(data["at"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    # SQLite's integers have 64 bits; a step beyond them is a foreign hand's too.
    return ReportLine(step, at, metrics) if abs(step) < 2**63 and math.isfinite(at) else None


def _name(name: str) -> str:
    r"""Half of a surrogate pair, which JSON can spell ("\ud83d"), cannot be stored anywhere."""
    return name.encode("utf-8", "replace").decode()


class ReportWriter:
    """Appends reports, from any thread. A full disk is waited out: lines are kept in memory and
    written, in order, with the next report or by `flush`. `waiting` are lines that another writer
    could not write, the first of them perhaps in part."""

    def __init__(self, run_dir: Path, waiting: bytes = b"") -> None:
        self._path = run_dir / REPORTS
        self._fd: int | None = None
        self._waiting = bytearray(waiting)
        self._lock = threading.Lock()
        self._drain()

    def write(self, step: int, metrics: Mapping[str, float]) -> None:
        line = encode_report(step, metrics, time.time())
        with self._lock:
            self._waiting += line
            self._drain()

    def _drain(self) -> bool:
        """Writes what waits; whether that was all. The file, too, is made as soon as there is space for it."""
        try:
            if self._fd is None:
                self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            while self._waiting:
                written = os.write(self._fd, self._waiting)
                del self._waiting[:written]
        except OSError as error:
            if error.errno not in DISK_FULL:
                raise
        return not self._waiting

    def flush(self, patience: float) -> bool:
        """Tries for `patience` seconds to write what waits for space; whether all is written."""
        until = time.monotonic() + patience
        while not self._drain():
            if time.monotonic() > until:
                return False
            time.sleep(0.2)
        return True

    def close(self) -> bytes:
        """Ends writing; returns what could not be written, for another writer to try."""
        with self._lock:
            with contextlib.suppress(OSError):
                self._drain()
            if self._fd is not None:
                os.close(self._fd)
            self._fd = None
        return bytes(self._waiting)


def read_lines(path: Path, offset: int) -> tuple[list[bytes], int]:
    """Whole lines from byte `offset` on, at most about 4 MiB of them, and the offset after them.

    A last line without its newline is left for later. No file yet means no lines.
    """
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
        file.seek(offset)
        chunk = file.read(READ_CHUNK)
        end = chunk.rfind(b"\n") + 1
        if end == 0 and len(chunk) == READ_CHUNK:  # one endless line: skip what cannot be a report
            return [chunk], offset + len(chunk)
        return chunk[:end].splitlines(), offset + end
    return [], offset


def all_reports(run_dir: Path) -> Iterator[ReportLine]:
    """Every readable report of a run, in order."""
    offset = 0
    while True:
        lines, after = read_lines(run_dir / REPORTS, offset)
        yield from (report for line in lines if (report := decode_report(line)) is not None)
        if after == offset:
            return
        offset = after
