"""The run folder: the files by which a trial and its runner speak to each other.

They need no socket, work over NFS and outlive both ends. JSON here is strict: values that are
not finite travel as the texts "nan", "inf" and "-inf".
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from trainers.contract import RunConfig

CONFIG, REPORTS, LOG, CHECKPOINT = "config.json", "reports.jsonl", "log.txt", "checkpoint"
STARTED, STOP, EXIT = "started.json", "stop.json", "exit.json"
READ_CHUNK = 4 << 20
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


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


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Writes whole or not at all, even when the power goes: a temporary file, synced, renamed."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(data, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def write_json_once(path: Path, data: Mapping[str, Any]) -> bool:
    """Writes whole, and only if `path` does not exist; False when it does. Atomic between processes."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(data), encoding="utf-8")
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    return True


def read_json(path: Path) -> dict[str, Any] | None:
    """The file's content, None when it is not there (yet). Raises ValueError when it is not JSON."""
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    if not isinstance(data, dict):
        raise ValueError(f"{path} does not hold a JSON object")
    return data


def encode_report(step: int, metrics: Mapping[str, float], at: float) -> bytes:
    values = {name: value if math.isfinite(value) else str(float(value)) for name, value in metrics.items()}
    return json.dumps({"step": step, "at": round(at, 4), "metrics": values}).encode() + b"\n"


def decode_report(line: bytes) -> ReportLine | None:
    """None for a line that is not a report: a cut-off write, or a foreign hand."""
    try:
        data = json.loads(line)
        metrics = {str(name): float(value) for name, value in data["metrics"].items()}
        step, at = int(data["step"]), float(data["at"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
    # SQLite's integers have 64 bits; a step beyond them is a foreign hand's too.
    return ReportLine(step, at, metrics) if abs(step) < 2**63 and math.isfinite(at) else None


class ReportWriter:
    """Appends reports. A full disk is waited out: lines are kept in memory and written, in order,
    with the next report or by `flush`."""

    def __init__(self, run_dir: Path) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._fd = os.open(run_dir / REPORTS, flags, 0o600)
        self._waiting = bytearray()

    def write(self, step: int, metrics: Mapping[str, float]) -> None:
        self._waiting += encode_report(step, metrics, time.time())
        self._drain()

    def _drain(self) -> bool:
        try:
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

    def close(self) -> None:
        os.close(self._fd)


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
