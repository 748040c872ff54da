"""What a study file says about a script: its command, [metrics] and [env]."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.study.problems import Problems
from agent.study.toml_lines import KeyPath
from trainers.contract import Objective
from trainers.errors import TunewrightError, nearest
from trainers.script.command import check_placeholders, placeholders
from trainers.script.declared import CsvMetric, RegexMetric, TensorboardMetric, parse_metric
from trainers.space import SearchSpace

_LOOKED_AT = 4 << 20  # bytes of a script in which TUNEWRIGHT_CONFIG is looked for


def script_options(
    tables: Mapping[str, Any],
    study: Mapping[str, Any],
    space: SearchSpace,
    objective: Objective | None,
    folder: Path,
    problems: Problems,
) -> dict[str, Any]:
    """The script trainer's options. `folder` is where the study file stands."""
    cwd = (folder / study.get("cwd", ".")).resolve()
    command = _command(study, space, problems)
    paths = _metrics(tables.get("metrics", {}), space, objective, problems)
    env = _env(tables.get("env", {}), problems)
    if not problems.errors:
        _warn_of_unused(command, paths.values(), space, cwd, problems)
        _warn_of_shared_files(paths, study.get("jobs", tables.get("engine", {}).get("jobs")), problems)
    options = {"command": command, "metrics": dict(tables.get("metrics", {})), "cwd": str(cwd)}
    accumulates = _accumulates(study, space, problems)
    return {**options, "env": env, "params": list(space.parameters), **accumulates}


def _accumulates(study: Mapping[str, Any], space: SearchSpace, problems: Problems) -> dict[str, str]:
    """The parameter that the script can take in micro-batches, if it says so."""
    name = study.get("accumulates")
    if name is None:
        return {}
    if name not in space.parameters:
        problems.error(("study", "accumulates"), f"'{name}' is no parameter", nearest(name, space.parameters))
    return {"accumulates": name}


def _command(study: Mapping[str, Any], space: SearchSpace, problems: Problems) -> list[str]:
    key: KeyPath = ("study", "command")
    command = list(study.get("command", []))
    if "command" not in study:
        problems.error(
            key, "'command' is missing", 'Write for example command = ["python", "train.py", "--lr", "{lr}"].'
        )
    elif not command or not command[0]:
        problems.error(key, "it names no program", 'Write for example ["python", "train.py"].')
    for i, word in enumerate(command):
        _check_names((*key, i), word, space, problems)
    return command


def _check_names(key: KeyPath, text: str, space: SearchSpace, problems: Problems) -> None:
    try:
        check_placeholders(text, list(space.parameters))
    except TunewrightError as error:
        problems.take(key, error)


def _metrics(
    given: Mapping[str, Any], space: SearchSpace, objective: Objective | None, problems: Problems
) -> dict[KeyPath, str]:
    """Checks [metrics]; the paths of files to be read, by their key."""
    paths: dict[KeyPath, str] = {}
    for name, spec in given.items():
        try:
            metric = parse_metric(name, spec)
        except TunewrightError as error:
            rest = error.where.removeprefix(f"metrics.{name}").strip(".")
            problems.take(("metrics", name, rest) if rest else ("metrics", name), error)
            continue
        match metric:
            case CsvMetric(path=path):
                paths["metrics", name, "csv"] = path
            case TensorboardMetric(path=path):
                paths["metrics", name, "tensorboard"] = path
            case RegexMetric():
                pass
    for key, path in paths.items():
        _check_names(key, path, space, problems)
    if given and objective is not None and objective.metric not in given:
        what = f"'{objective.metric}' is not in [metrics]"
        problems.error(("study", "objective", "metric"), what, nearest(objective.metric, given))
    return paths


def _env(given: Mapping[str, Any], problems: Problems) -> dict[str, str]:
    for name, value in given.items():
        if not isinstance(value, str):
            problems.error(("env", name), f"{value!r} is not text", f'Quote it: {name} = "{value}".')
        elif not name or "=" in name or "\0" in name + value:
            problems.error(("env", name), "no variable can be called or hold this", "Correct it.")
    return dict(given)


def _warn_of_unused(command: Sequence[str], paths: Any, space: SearchSpace, cwd: Path, problems: Problems) -> None:
    for name in unused(command, paths, space, cwd):
        what = f"the command never uses '{name}'"
        problems.warn(("space", name), what, f'Add "{{{name}}}" to it, or read TUNEWRIGHT_CONFIG in the script.')


def unused(command: Sequence[str], paths: Iterable[str], space: SearchSpace, cwd: Path) -> list[str]:
    """Parameters that neither command nor paths name, unless the script reads them from TUNEWRIGHT_CONFIG."""
    used = {name for text in (*command, *paths) for name in placeholders(text)}
    found = [name for name in space.parameters if name not in used]
    return [] if found and any(_reads_config(cwd / word) for word in command) else found


def _reads_config(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"TUNEWRIGHT_CONFIG" in file.read(_LOOKED_AT)
    except (OSError, ValueError):
        return False  # an option or a program, not a file


def _warn_of_shared_files(paths: Mapping[KeyPath, str], jobs: int | None, problems: Problems) -> None:
    for key, path in paths.items():
        if jobs != 1 and not placeholders(path):
            what = f"trials that run at once would all write '{path}', and each read the others' values"
            problems.warn(key, what, "Have the script write under {run_dir}, or set jobs = 1.")
