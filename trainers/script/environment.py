"""What a script is told about its trial: variables, and the files they name."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainers.contract import RunContext
from trainers.processes import RUN_DIR_VARIABLE, THREAD_VARIABLES
from trainers.script import command
from trainers.space import Config

PARAMS_FILE, REPORTS_FILE, SAMPLES_FILE = "params.json", "script-reports.jsonl", "script-samples.jsonl"


def built_in(ctx: RunContext) -> dict[str, Any]:
    """The values of `command.BUILT_IN`."""
    return {
        "seed": ctx.seed,
        "run_dir": str(ctx.run_dir.absolute()),
        "checkpoint": str(ctx.checkpoint_dir.absolute()),
        "accumulation": ctx.accumulation,
    }


def build(config: Config, ctx: RunContext) -> dict[str, str]:
    """Our environment, the variables below, and the study file's `[env]`, the later before the earlier.
    Writes the files that the variables name."""
    run_dir = ctx.run_dir.absolute()
    (run_dir / PARAMS_FILE).write_text(command.params_json(config), encoding="utf-8")
    (run_dir / REPORTS_FILE).touch()
    env = dict(os.environ) | dict.fromkeys(THREAD_VARIABLES, str(ctx.threads))
    env |= {
        RUN_DIR_VARIABLE: str(run_dir),
        "TUNEWRIGHT_CONFIG": str(run_dir / PARAMS_FILE),
        "TUNEWRIGHT_REPORTS": str(run_dir / REPORTS_FILE),
        "TUNEWRIGHT_SAMPLES": str(run_dir / SAMPLES_FILE),
        "TUNEWRIGHT_SEED": str(ctx.seed),
        "TUNEWRIGHT_ACCUMULATION": str(ctx.accumulation),
        "TUNEWRIGHT_CHECKPOINT": str(ctx.checkpoint_dir.absolute()),
        "PYTHONUNBUFFERED": "1",  # so that metrics arrive when they are printed
    }
    env.pop("TUNEWRIGHT_RESUME", None)
    if ctx.resume_from is not None:
        env["TUNEWRIGHT_RESUME"] = str(Path(ctx.resume_from).absolute())
    return env | {name: str(value) for name, value in ctx.options.get("env", {}).items()}


def pattern(path: str, cwd: Path, values: Mapping[str, Any]) -> str:
    """A path of the study file as a glob pattern; what stands in for a placeholder is taken literally.
    Empty, so matching nothing, where it names a parameter that is inactive in this trial."""
    quoted = {name: glob.escape(command.format_value(value)) for name, value in values.items()}
    if any(name not in quoted for name in command.placeholders(path)):
        return ""
    return os.path.join(glob.escape(str(cwd)), command.fill(path, quoted))
