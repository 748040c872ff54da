"""One run of a script: its process, and everything that is read while it lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trainers.contract import RunContext
from trainers.failures import TAIL_BYTES
from trainers.logfile import Tail
from trainers.script import command, environment, sampled
from trainers.script.declared import CsvMetric, DeclaredMetric, RegexMetric, TensorboardMetric, parse_metric
from trainers.script.files import CsvFiles, ReportsFile
from trainers.script.lines import LineBuffer, LineScanner
from trainers.script.process import Script
from trainers.script.recorder import Recorder
from trainers.script.tensorboard import EventFiles
from trainers.space import Config


class Run:
    """Starts the script. `stopping` tells whether it was asked to end; `recorder` what it reported."""

    def __init__(self, config: Config, ctx: RunContext) -> None:
        self._ctx = ctx
        self.stopping = False
        self.recorder = Recorder(ctx)
        self._tails = {1: Tail(TAIL_BYTES), 2: Tail(TAIL_BYTES)}
        self._buffers = {1: LineBuffer(), 2: LineBuffer()}
        values = environment.built_in(ctx) | config
        cwd = Path(ctx.options.get("cwd") or ".").absolute()
        metrics = [parse_metric(name, spec) for name, spec in ctx.options.get("metrics", {}).items()]
        argv = command.build(ctx.options["command"], values, ctx.options.get("params", list(config)))
        env = environment.build(config, ctx)
        self._scanner = LineScanner(
            [metric for metric in metrics if isinstance(metric, RegexMetric)],
            frozenset(metric.name for metric in metrics),
            ctx.objective.metric,
            self.recorder,
        )
        self._files = [
            ReportsFile(ctx.run_dir / environment.REPORTS_FILE, self.recorder),
            *self._followed(metrics, cwd, values),
        ]
        self._script = Script(argv, cwd, env)

    def to_the_end(self) -> int:
        """Waits for the script and reads what it writes; returns its exit code, negative for a signal."""
        code = self._script.run(self._take_output, self._tick)
        for buffer in self._buffers.values():
            self._scanner.scan(buffer.rest())
        for file in self._files:
            file.poll(last=True)
        sampled.collect(self._ctx.run_dir / environment.SAMPLES_FILE, self._ctx.run_dir)
        return code

    def printed(self, fd: int) -> str:
        """The end of what the script printed, on 1 or 2."""
        return self._tails[fd].bytes().decode("utf-8", "replace")

    def _followed(
        self, metrics: Sequence[DeclaredMetric], cwd: Path, values: Mapping[str, Any]
    ) -> list[CsvFiles | EventFiles]:
        tables: dict[str, list[CsvMetric]] = {}
        boards: dict[str, list[TensorboardMetric]] = {}
        for metric in metrics:
            if isinstance(metric, CsvMetric):
                tables.setdefault(environment.pattern(metric.path, cwd, values), []).append(metric)
            elif isinstance(metric, TensorboardMetric):
                boards.setdefault(environment.pattern(metric.path, cwd, values), []).append(metric)
        return [
            *(CsvFiles(found, pattern, self.recorder) for pattern, found in tables.items()),
            *(EventFiles(found, pattern, self.recorder) for pattern, found in boards.items()),
        ]

    def _take_output(self, fd: int, chunk: bytes) -> None:
        self._tails[fd].add(chunk)
        self._scanner.scan(self._buffers[fd].feed(chunk))

    def _tick(self) -> None:
        for file in self._files:
            file.poll()
        if not self.stopping and self._ctx.should_stop():
            self.stopping = True
            self._script.terminate()
