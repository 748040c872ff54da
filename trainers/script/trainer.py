"""The script trainer: a person's command, run as it is.

The script needs nothing of ours. It finds its parameters on its command line, and as JSON in the
file named by TUNEWRIGHT_CONFIG; docs/study-file.md tells how its metrics are read.

`options`: `command` (argv template), `cwd` (the study file's folder), `metrics` (the study file's
table), `env`, `params` (the names of all parameters, active or not), `accumulates` (the parameter whose batch the
script works through in `accumulation` micro-batches; None where it cannot).
"""

from __future__ import annotations

from trainers.contract import Failure, Objective, RunContext, TrialFailed
from trainers.errors import TunewrightError
from trainers.failures import from_exit, metric_like_lines, no_metric
from trainers.script.run import Run
from trainers.space import Config, SearchSpace


class ScriptTrainer:
    """Runs `options["command"]` once a trial. Space and objective stand in the study file."""

    name = "script"
    preload: tuple[str, ...] = ()

    def tasks(self) -> tuple[str, ...]:
        return ()

    def space(self, task: str) -> SearchSpace:
        raise _in_study_file("search space")

    def objective(self, task: str) -> Objective:
        raise _in_study_file("objective")

    def defaults(self, task: str) -> Config:
        raise _in_study_file("defaults")

    def run(self, config: Config, ctx: RunContext) -> None:
        """Runs the script to its end. Raises TrialFailed, saying why it failed or that its metric never came."""
        run = Run(config, ctx)
        code = run.to_the_end()
        if run.stopping:
            return
        if code != 0:
            exit_code, signal = (None, -code) if code < 0 else (code, None)
            raise TrialFailed(from_exit(exit_code, signal, run.printed(2), run.printed(1)))
        if ctx.objective.metric not in run.recorder.seen:
            raise TrialFailed(_never_came(run, ctx.objective))


def _never_came(run: Run, objective: Objective) -> Failure:
    """Says what was found instead: metrics, columns and tags of the files, lines that look like metrics."""
    seen = dict(run.recorder.seen) | dict.fromkeys(sorted(run.recorder.others - run.recorder.seen.keys()), 0)
    return no_metric(objective, seen, metric_like_lines(run.printed(1)) or metric_like_lines(run.printed(2)))


def _in_study_file(what: str) -> TunewrightError:
    return TunewrightError(f"a script's {what} stands in its study file", remedy="tunewright init train.py makes one.")
