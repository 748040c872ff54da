"""What a running trial uses, sampled every two seconds into `usage.jsonl`: memory and CPU, and what its GPUs do.

The first line tells the limits, each later one what was used at a moment. The file stays small however long a trial
runs: when it has many lines, neighbours become one that keeps the larger of each number, so that no peak is lost and
what is long ago is coarser. A sample that cannot be taken or written is left out: the trial matters more.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trainers import processes, rundir
from trainers.contract import RunConfig
from trainers.gpus_used import GpusUsed

EVERY = 2.0  # seconds between samples
MOST_LINES = 2_000  # some 300 KB
_GPU_EVERY = 6.0  # seconds between questions to the driver
_GPU_PATIENCE = 20.0  # seconds; a busy driver can take several
_GPU_FAILURES = 3  # in a row, after which it is asked no more
_FIELDS = "memory.used,memory.total,utilization.gpu"


class UsageLog:
    """Takes samples of one trial. Call `look` often: it looks every two seconds."""

    def __init__(self, run_dir: Path, config: RunConfig) -> None:
        self._path = run_dir / rundir.USAGE
        self._next = time.monotonic()
        self._lines = 0
        self._cpu: dict[int, float] = {}  # seconds each process had used when last looked at
        self._then = self._next
        self._gpus = GpusUsed(config.gpus, _NvidiaSmi(config.gpus))
        limit = config.limits.memory_bytes
        self._append({"limits": {"host": limit, "machine": _machine_bytes(), "cpus": os.cpu_count() or 1}})

    def look(self, pid: int, now: float) -> None:
        """Samples the process and its descendants when it is time to."""
        if now < self._next:
            return
        self._next = now + EVERY
        pids = [pid, *(p.pid for p in processes.descendants(pid))]
        sample: dict[str, Any] = {"at": round(time.time(), 2), "host": sum(map(processes.resident_bytes, pids))}
        if (share := self._cpu_share(pids, now)) is not None:
            sample["cpu"] = round(share)
        if gpus := self._gpus.look(now):
            sample["gpus"] = gpus
        self._append(sample)

    def owns(self, pid: int) -> bool:
        """Whether a process that ended was one of ours, not the trial's."""
        return self._gpus.owns(pid)

    def close(self) -> None:
        self._gpus.close()

    def _cpu_share(self, pids: Sequence[int], now: float) -> float | None:
        """Percent of one CPU since the last look; None where the kernel does not tell."""
        used = {p: s for p in pids if (s := processes.cpu_seconds(p)) is not None}
        spent = sum(max(s - self._cpu.get(p, 0.0), 0.0) for p, s in used.items())
        passed, first = now - self._then, not self._cpu
        self._cpu, self._then = used, now
        return None if not used or first or passed <= 0 else 100 * spent / passed

    def _append(self, line: Mapping[str, Any]) -> None:
        with contextlib.suppress(OSError):
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, separators=(",", ":")) + "\n")
            self._lines += 1
            if self._lines > MOST_LINES:
                self._thin()

    def _thin(self) -> None:
        lines = list(parsed(self._path.read_bytes()))
        head, samples = [li for li in lines if "limits" in li], [li for li in lines if "limits" not in li]
        pairs = [samples[i : i + 2] for i in range(0, len(samples), 2)]
        kept = [*head, *(merged(*pair) if len(pair) == 2 else pair[0] for pair in pairs)]
        made = self._path.with_name(f".{self._path.name}")
        made.write_text("".join(json.dumps(li, separators=(",", ":")) + "\n" for li in kept), encoding="utf-8")
        os.replace(made, self._path)
        self._lines = len(kept)


def merged(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    """One sample of two neighbours: the time of the later, the larger of each number."""
    found = {**a, **b}
    for name in ("host", "cpu"):
        if name in a and name in b:
            found[name] = max(a[name], b[name])
    if a.get("gpus") and b.get("gpus") and len(a["gpus"]) == len(b["gpus"]):
        found["gpus"] = [
            {key: max(one[key], other[key]) if key in one else other[key] for key in other}
            for one, other in zip(a["gpus"], b["gpus"], strict=True)
        ]
    return found


def parsed(data: bytes) -> list[dict[str, Any]]:
    """The lines that can be read: a process that died in the middle of a word leaves half a one."""
    found = []
    for line in data.splitlines():
        with contextlib.suppress(ValueError):
            value = json.loads(line)
            if isinstance(value, dict):
                found.append(value)
    return found


class _NvidiaSmi:
    """Asks nvidia-smi now and then, where NVML is not, without waiting for it. Nothing where it is not, or fails."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = tuple(ids)
        self._tool = shutil.which("nvidia-smi") if self._ids else None
        self._asked: subprocess.Popen[bytes] | None = None
        self._asked_at = float("-inf")
        self._failures = 0
        self._pids: set[int] = set()
        self._known: list[dict[str, Any]] = []

    def owns(self, pid: int) -> bool:
        return pid in self._pids

    def look(self, now: float) -> list[dict[str, Any]]:
        """What was told last; an answer that has come is taken in, and the next question asked when it is time."""
        if self._tool is None:
            return []
        if self._asked is not None:
            self._take(self._asked, now)
        if self._asked is None and now - self._asked_at >= _GPU_EVERY and self._failures < _GPU_FAILURES:
            self._ask(self._tool, now)
        return self._known

    def _ask(self, tool: str, now: float) -> None:
        query = [tool, f"--query-gpu={_FIELDS}", "--format=csv,noheader,nounits", f"--id={','.join(self._ids)}"]
        self._asked_at = now
        try:
            self._asked = subprocess.Popen(
                query, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError:
            self._failures = _GPU_FAILURES
            return
        self._pids.add(self._asked.pid)
        if self._asked.stdout is not None:
            os.set_blocking(self._asked.stdout.fileno(), False)

    def _take(self, asked: subprocess.Popen[bytes], now: float) -> None:
        if asked.poll() is None:
            if now - self._asked_at > _GPU_PATIENCE:
                self.close()
                self._failures += 1
            return
        with asked:
            text = (asked.stdout.read() or b"") if asked.stdout is not None else b""
        self._asked = None
        rows = [row for line in text.decode("utf-8", "replace").splitlines() if (row := _row(line)) is not None]
        found = [{"id": name, **row} for name, row in zip(self._ids, rows, strict=False)]
        self._failures = 0 if found else self._failures + 1
        self._known = found

    def close(self) -> None:
        """Waits for nothing: a process that hangs in the driver cannot be killed. Whoever reaps finds it."""
        if self._asked is not None:
            self._asked.kill()
            if self._asked.stdout is not None:
                self._asked.stdout.close()
            self._asked = None


def _row(line: str) -> dict[str, Any] | None:
    """Bytes and percent; what a board does not tell ("[N/A]") is left out."""
    words = [word.strip() for word in line.split(",")]
    if len(words) != 3:
        return None
    numbers = {n: int(w) for n, w in zip(("memory", "total", "busy"), words, strict=True) if w.isdigit()}
    return {n: v << 20 if n != "busy" else v for n, v in numbers.items()} or None


def _machine_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None
