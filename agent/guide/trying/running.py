"""Runs a script for some seconds as a trial would run it, and watches. No process and no folder of ours is left."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.guide import interpreter, outputs
from agent.guide.nouns import Reading, Tried
from agent.guide.trying import conclude, folder, names
from agent.guide.trying.detector import Detector
from agent.guide.trying.device import DeviceWatch
from agent.guide.trying.speed import rate
from trainers import processes, rundir
from trainers.contract import Limits, Objective, RunConfig
from trainers.engines import devices
from trainers.memory import MemoryWatch
from trainers.script.lines import LineBuffer

SECONDS = 30.0
ENOUGH = 3  # steps at which the objective was seen, after which a try may end
_ENOUGH_UNSURE = 10.0  # seconds before a try ends for a metric that is not measured on held-out data
_GRACE = 2.0
_EVERY = 0.1
_READ, _BEHIND = 2 << 20, 8 << 20  # bytes read at one look; further behind, the middle is passed over
_TAIL = 200  # lines of output that are kept
NOBODY = "\0tunewright\0"  # an objective that no script prints


@dataclass(frozen=True)
class Glimpse:
    """A metric while the try goes on: its newest value, and how often it was seen."""

    name: str
    value: float
    count: int


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How a try stands. Memory in bytes, of the script and all it started."""

    seconds: float
    of: float
    last_line: str = ""
    metrics: tuple[Glimpse, ...] = ()
    memory: int | None = None
    steps_per_second: float | None = None


class Try:
    """One try. Call `poll` some ten times a second until `ended`; then `result`. `cancel` ends it early.

    Not on a screen's thread: each look reads what the script has printed.
    """

    def __init__(
        self,
        reading: Reading,
        seconds: float = SECONDS,
        *,
        python: str = "",
        words: Sequence[str] = (),
        early: bool = True,
    ) -> None:
        self.reading, self._limit, self._early = reading, seconds, early
        self.cwd = reading.script.resolve().parent
        command, self.interpreter = interpreter.with_interpreter(reading.command, self.cwd, python)
        self.redirected = outputs.folders(reading)
        self.command = (*command, *words, *outputs.redirected(self.redirected))
        self.detector = Detector()
        self.reason = ""  # why it was ended: seen, cancelled, or empty
        self.memory, self.device = MemoryWatch(None), DeviceWatch()
        self._buffer, self._offset = LineBuffer(), 0
        self._pids: list[int] = []

    def start(self) -> None:
        """Begins. Raises OSError where no temporary folder can be made."""
        self.before = folder.snapshot(self.cwd)
        self.run_dir = Path(tempfile.mkdtemp(prefix="tunewright-try-"))
        config = RunConfig(
            study="try",
            trial=0,
            trainer="script",
            params={},
            objective=Objective(NOBODY),
            options={"command": list(self.command), "cwd": str(self.cwd), "metrics": {}, "env": {}, "params": []},
            limits=Limits(seconds=self._limit, grace=_GRACE),
            gpus=tuple(gpu.id for gpu in devices.gpus()[:1]),
        )
        rundir.create(self.run_dir, config)
        self._worker = subprocess.Popen(
            [sys.executable, "-P", "-m", "trainers.worker", str(self.run_dir)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._mark = processes.mark_of(self._worker.pid)
        self.started = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def ended(self) -> bool:
        return self._worker.poll() is not None

    def poll(self) -> Progress:
        """Reads what is new; ends the try when enough was seen."""
        now = self.seconds
        self._read(now)
        self._measure()
        if self._early and not self.reason and self._enough(now):
            self._stop("seen")
        counts = self.detector.counts
        return Progress(
            seconds=now,
            of=self._limit,
            last_line=self.detector.last_line,
            metrics=tuple(
                Glimpse(t.name, t.seen[-1][1], len(t.seen))
                for t in self.detector.tracks.values()
                if names.known(t.name)
            ),
            memory=self.memory.peak or None,
            steps_per_second=next((r for w in ("step", "round", "bar", "epoch") if (r := rate(counts.get(w)))), None),
        )

    def cancel(self) -> None:
        """Ends it, gently first; `result` then tells what was seen."""
        if not self.reason:
            self._stop("cancelled")

    def _stop(self, reason: str) -> None:
        self.reason = reason
        rundir.write_json_once(self.run_dir / rundir.STOP, {"reason": reason})

    def _enough(self, now: float) -> bool:
        if (held_out := self.detector.objective_steps()) > 0:
            return held_out >= ENOUGH  # it comes: worth the rest of the time
        known = [t for t in self.detector.tracks.values() if names.known(t.name)]
        return now >= _ENOUGH_UNSURE and any(len(t.seen) >= ENOUGH for t in known)

    def _read(self, now: float, *, last: bool = False) -> None:
        with contextlib.suppress(FileNotFoundError), open(self.run_dir / rundir.LOG, "rb") as log:
            size = os.fstat(log.fileno()).st_size
            if size - self._offset > _BEHIND:
                self._buffer, self._offset = LineBuffer(), size - _READ
            log.seek(self._offset)
            chunk = log.read(_READ)
            self._offset += len(chunk)
            self.detector.feed(self._buffer.feed(chunk), now)
        if last:
            self.detector.feed(self._buffer.rest(), now)

    def _measure(self) -> None:
        """Memory of the script and its descendants; ours, between it and us, is left out."""
        family = processes.descendants(self._worker.pid)
        ours = {
            p.pid for p in family if p.parent == self._worker.pid and p.name == processes.run_name(str(self.run_dir))
        }
        script = next((p for p in family if p.parent in ours), None)
        if script is not None:
            self.memory.is_over(script.pid, time.monotonic())
            self.device.look((p.pid for p in family), time.monotonic())

    def result(self) -> Tried:
        """What was found, once it has ended."""
        seconds, before = self.seconds, -1
        while self._offset != before:  # what is left in the log
            before = self._offset
            self._read(seconds)
        self._read(seconds, last=True)
        return conclude.conclude(self, seconds, tail=_TAIL)

    def close(self) -> None:
        """Ends everything that still runs, and removes our folder. Whatever happened before."""
        self.device.close()
        if not self.ended:
            self._stop(self.reason or "cancelled")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._worker.wait(_GRACE + 3.0)
        if not self.ended:
            self._worker.kill()
            self._worker.wait()
        processes.reap_remains(str(self.run_dir), (self._worker.pid, self._mark or ""))
        shutil.rmtree(self.run_dir, ignore_errors=True)


def run_try(
    reading: Reading,
    seconds: float = SECONDS,
    *,
    python: str = "",
    words: Sequence[str] = (),
    early: bool = True,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Tried:
    """A whole try. `on_progress` is told about ten times a second; `cancelled` is asked as often. It blocks."""
    trying = Try(reading, seconds, python=python, words=words, early=early)
    trying.start()
    try:
        while not trying.ended:
            progress = trying.poll()
            if on_progress is not None:
                on_progress(progress)
            if cancelled is not None and cancelled():
                trying.cancel()
            time.sleep(_EVERY)
        return trying.result()
    finally:
        trying.close()
