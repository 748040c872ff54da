"""One config as the words of a command line."""

from __future__ import annotations

import shlex

from agent.study.nouns import Trial
from agent.study.spec import StudySpec


def as_args(trial: Trial, spec: StudySpec) -> str:
    """A line for a POSIX shell that repeats `trial`.

    For a script: its command with the values filled in, without the arguments that name the trial's
    own folders (`{run_dir}`, `{checkpoint}`). For any other trainer: `--name value` pairs, without
    the parameters that are None.
    """
    from trainers.script.command import build, format_value

    if spec.trainer == "script":
        values = {"seed": trial.seed, **trial.params}
        return shlex.join(build(spec.options["command"], values, tuple(spec.space.parameters))) + "\n"
    pairs = ((f"--{name}", format_value(value)) for name, value in trial.params.items() if value is not None)
    return shlex.join(word for pair in pairs for word in pair) + "\n"
