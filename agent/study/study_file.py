"""Reads a study file: study.toml, as docs/study-file.md describes it.

Everything that is wrong with a file is told at once, each with its line, key and remedy.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agent.study.agent_spec import AgentSpec
from agent.study.llambo_spec import LlamboSpec
from agent.study.policy import Policy
from agent.study.problems import Problem, Problems, StudyFileError
from agent.study.spec import Budget, EngineSpec, StudySpec
from agent.study.stopping_spec import StoppingSpec
from agent.study.study_notes import StudyNotes
from agent.study.study_options import trainer_options
from agent.study.study_script import script_options
from agent.study.study_space import read_defaults, read_space
from agent.study.study_tables import read_table
from trainers import catalog
from trainers.contract import Objective, Trainer
from trainers.errors import TunewrightError, nearest
from trainers.space import SearchSpace

_LARGEST = 4 << 20  # bytes; a study file has a few thousand
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_study_file(path: Path, warn: Callable[[str], None] | None = None) -> StudySpec:
    """The study that `path` describes. `warn` is told what is odd but no error.

    Raises StudyFileError with every problem, and TunewrightError when the file cannot be read.
    """
    return parse_study(_text(path), path, warn)


def parse_study(text: str, path: Path, warn: Callable[[str], None] | None = None) -> StudySpec:
    """As `read_study_file`, of a text that stands, or will stand, at `path`."""
    problems = Problems(str(path), text)
    tables = read_table("", _load(text, path), problems)
    if "study" not in tables:
        problems.raise_any()
    spec = _spec(tables, tables["study"], path, problems)
    problems.raise_any()
    for warning in problems.warnings if warn else ():
        warn(str(warning))  # type: ignore[misc]
    assert spec is not None  # whatever prevented it has been raised
    return spec


def to_toml(spec: StudySpec, folder: Path | None = None, notes: StudyNotes | None = None) -> str:
    """A commented study file that reads back as `spec`; see agent.study.study_writer."""
    from agent.study import study_writer  # tomlkit is needed by writing only

    return study_writer.to_toml(spec, folder, notes)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except IsADirectoryError:
        raise TunewrightError("this is a folder", where=str(path), remedy="Name the study file in it.") from None
    except FileNotFoundError:
        remedy = "tunewright init train.py makes one for your script."
        raise TunewrightError("there is no such file", where=str(path), remedy=remedy) from None
    except OSError as error:
        what = f"it cannot be read ({error.strerror})"
        raise TunewrightError(what, where=str(path), remedy="Check its permissions.") from None
    try:
        if len(data) > _LARGEST:
            raise TunewrightError("it is too large for a study file", where=str(path), remedy="Name another file.")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StudyFileError([Problem(str(path), line, "", "this is not UTF-8 text", "Save it as UTF-8.")]) from None


def _load(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        where = _AT.search(str(error))
        line = int(where[1]) if where and where[1] else text.rstrip().count("\n") + 1
        what = _AT.sub("", str(error)) or "nested too deeply"
        what += f" at column {where[2]}" if where and where[2] else ""
        problem = Problem(str(path), line, "", f"this is not TOML: {what}", "docs/study-file.md shows how to write it.")
        raise StudyFileError([problem]) from None


def _spec(tables: Mapping[str, Any], study: Mapping[str, Any], path: Path, problems: Problems) -> StudySpec | None:
    trainer = _trainer(study, problems)
    task = _task(study, trainer, problems)
    space = read_space(tables, study, trainer, task, problems)
    objective = _objective(study, trainer, task, problems)
    is_script = trainer is not None and trainer.name == "script"
    _refuse_others_tables(is_script, tables, study, trainer, problems)
    folder = path.absolute().parent
    if is_script and space is not None:
        options = script_options(tables, study, space, objective, folder, problems)
    else:
        options = trainer_options(tables, trainer, task, space, folder, problems)
    engine = _engine(tables.get("engine", {}), study, problems)
    agent = _agent(tables.get("agent", {}), folder, problems)
    stopping = _stopping(tables.get("stopping", {}), space, problems)
    defaults = read_defaults(tables.get("defaults"), space, trainer, task, problems)
    if problems.errors or trainer is None or space is None or objective is None:
        return None
    return StudySpec(
        name=study["name"],
        trainer=trainer.name,
        task=task,
        space=space,
        objective=objective,
        options=options,
        defaults=defaults,
        budget=_budget(study.get("budget", {})),
        policy=_policy(study.get("policy", {})),
        engine=engine,
        agent=agent,
        stopping=stopping,
        llambo=LlamboSpec(**tables.get("llambo", {})),
        search=study.get("search", "guided"),
        use_portfolio=study.get("portfolio", True),
        seed=study.get("seed", 0),
        seeds=study.get("seeds", 1),
    )


def _budget(given: Mapping[str, Any]) -> Budget:
    names = {"trial_time": "trial_seconds", "total": "total_seconds"}
    return Budget(**{names.get(key, key): value for key, value in given.items()})


def _agent(given: Mapping[str, Any], folder: Path, problems: Problems) -> AgentSpec:
    """`given` with its folder of templates made absolute: the study outlives the folder it was started in."""
    if prompts := given.get("prompts"):
        path = (folder / prompts).resolve()
        if not path.is_dir():
            problems.error(("agent", "prompts"), f"there is no folder {path}", "Give one that holds *.j2 templates.")
        given = {**given, "prompts": str(path)}
    return AgentSpec(**given)


def _stopping(given: Mapping[str, Any], space: SearchSpace | None, problems: Problems) -> StoppingSpec:
    """`steps` is checked here: it may name a parameter of this study."""
    spec = StoppingSpec(**given)
    if spec.steps and space is not None and spec.steps not in space.parameters and spec.planned({}) is None:
        remedy = nearest(spec.steps, space.parameters) or "Write a number."
        problems.error(("stopping", "steps"), f"'{spec.steps}' is neither a number nor a parameter", remedy)
    return spec


def _trainer(study: Mapping[str, Any], problems: Problems) -> Trainer | None:
    name = study.get("trainer", "script")
    if "command" in study and name != "script":
        problems.error(("study", "trainer"), "command and trainer exclude each other", "Drop one of them.")
        return None
    try:
        return catalog.load(name)
    except ImportError as error:
        problems.error(("study", "trainer"), f"'{name}' needs a package that is missing ({error})", "Install it.")
    except TunewrightError as error:
        problems.take(("study", "trainer"), error)
    return None


def _task(study: Mapping[str, Any], trainer: Trainer | None, problems: Problems) -> str:
    tasks = trainer.tasks() if trainer is not None else ()
    task = str(study.get("task", tasks[0] if tasks else ""))
    if trainer is not None and task not in tasks and (tasks or task):
        remedy = nearest(task, tasks) or "A script has none: drop the key."
        problems.error(("study", "task"), f"'{task}' is no task of {trainer.name}", remedy)
    return task


def _objective(study: Mapping[str, Any], trainer: Trainer | None, task: str, problems: Problems) -> Objective | None:
    given = study.get("objective")
    if given is not None:
        return Objective(**given) if "metric" in given else None
    if trainer is not None and trainer.name == "script":
        remedy = 'Write objective = { metric = "val_loss", direction = "minimize" }.'
        problems.error(("study", "objective"), "'objective' is missing", remedy)
        return None
    return trainer.objective(task) if trainer is not None and task in trainer.tasks() else None


def _refuse_others_tables(
    is_script: bool, tables: Mapping[str, Any], study: Mapping[str, Any], trainer: Trainer | None, problems: Problems
) -> None:
    """A script's keys beside a built-in trainer, and the other way round."""
    if trainer is None:
        return
    if is_script and "options" in tables:
        problems.error(("options",), "[options] is for built-in trainers", "A script has command, [metrics] and [env].")
    for key in () if is_script else (("metrics",), ("env",), ("study", "cwd"), ("study", "accumulates")):
        if key[-1] in (tables if len(key) == 1 else study):
            problems.error(key, f"'{key[-1]}' is for scripts, and {trainer.name} is none", "Drop it.")


def _policy(given: Mapping[str, Any]) -> Policy:
    never = {"failures": None} if given.get("failures") == 0 else {}
    return Policy(**{**given, **never})


def _engine(given: Mapping[str, Any], study: Mapping[str, Any], problems: Problems) -> EngineSpec:
    gpus = given.get("gpus_per_trial")
    if gpus is not None and gpus > 1 and gpus != int(gpus):
        problems.error(
            ("engine", "gpus_per_trial"), f"{gpus} is neither a part of a GPU nor a whole number", "Round it."
        )
    if "jobs" in study and given.get("jobs", study["jobs"]) != study["jobs"]:
        problems.error(("engine", "jobs"), "jobs is given twice, and not the same", "Keep the one in [study].")
    names = {"memory": "memory_bytes", "grace": "grace_seconds"}
    fields = {names.get(key, key): value for key, value in given.items()}
    return EngineSpec(**{**fields, "jobs": study.get("jobs", given.get("jobs"))})
