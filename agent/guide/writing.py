"""Writes a plan as a commented study.toml: each field says where it is from, and what is not tuned waits behind a `#`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.guide import command
from agent.guide.launcher import write_launcher
from agent.guide.nouns import FoundMetric, Style, Tunable
from agent.guide.plan import Plan
from agent.guide.trying.names import known
from agent.study.study_file import parse_study, to_toml
from agent.study.study_notes import Aside, StudyNotes
from trainers.errors import TunewrightError

FILE = "study.toml"


def text_of(plan: Plan, path: Path) -> str:
    """The study file as it will stand at `path`. Raises TunewrightError where the plan is no study yet."""
    return to_toml(plan.spec(), path.absolute().parent, _notes(plan))


def write(plan: Plan, path: Path, *, force: bool = False) -> Path:
    """Writes the file, and the launcher beside it where the script's own constants are tuned; returns its path.

    Raises TunewrightError where there is a file already, unless `force`; where it cannot be written; and, which would be
    a fault of ours, where it would not read back as the plan without a warning.
    """
    text = text_of(plan, path)
    if not force and path.exists():
        raise TunewrightError(
            "there is a study file already",
            where=str(path),
            remedy=f"Give --output {free(path).name} for another one, or --force to replace it.",
        )
    if command.in_script(t.option for t in plan.chosen):
        write_launcher(plan.folder)
    _check(plan, text, path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        if force:
            os.replace(temporary, path)
        else:
            os.link(temporary, path)
    except FileExistsError:
        raise TunewrightError("there is a study file already", where=str(path), remedy="Give --force.") from None
    except OSError as error:
        what = f"it cannot be written ({error.strerror})"
        raise TunewrightError(what, where=str(path), remedy="Give another place with --output.") from None
    finally:
        temporary.unlink(missing_ok=True)
    return path


def free(path: Path) -> Path:
    """`path`, or `study-2.toml` and so on where that is taken."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


def _check(plan: Plan, text: str, path: Path) -> None:
    warnings: list[str] = []
    spec, wanted = parse_study(text, path, warnings.append), plan.spec()
    if warnings:
        raise TunewrightError(warnings[0], where=str(path), remedy="Choose other parameters, or write the file by hand.")
    if spec.to_dict() != wanted.to_dict():
        raise TunewrightError("it would not read back as it was meant", where=str(path), remedy="Report this, please.")


# -- what it says ------------------------------------------------------------------------------------------------------


def _notes(plan: Plan) -> StudyNotes:
    waiting = [t for t in plan.tunables if not t.chosen]
    about = {
        "study.name": "from the folder's name",
        "study.command": f"{plan.interpreter}. A word in braces is a parameter of [space].",
        "study.objective": _objective(plan),
        "study.budget": plan.why.get("budget", ""),
        "study.jobs": "one at a time: trials that run at once would write the same files",
        **{f"space.{t.parameter.name}": _about(t) for t in plan.chosen},
        **{f"metrics.{m.name}": _seen(m) for m in plan.read_from()},
    }
    heads = {"space": "What is tuned. A ? marks a guess of ours: check it."}
    if waiting:
        heads["space"] += " To tune one more, remove the # here and, where it has words there, in the command."
    return StudyNotes(
        head=_head(plan),
        about=about,
        heads=heads,
        asides={
            "space": [Aside(t.parameter.name, _as_dict(t), _about(t)) for t in waiting],
            "metrics": _other_metrics(plan),
        },
        command=_command(plan, waiting),
    )


def _head(plan: Plan) -> list[str]:
    lines = [
        f"A Tunewright study of {plan.reading.script.name}. Run it with: tunewright run study.toml",
        f"Read without running it{_tried(plan)}.",
    ]
    return lines + [f"Note: {note}" for note in plan.notes if not note.startswith("Interpreter")]


def _tried(plan: Plan) -> str:
    if plan.tried is None:
        return ", and not tried"
    how = "to its end" if plan.tried.ended and not plan.tried.problem else f"for {plan.tried.seconds:.0f} s"
    failed = f", which failed: {plan.tried.problem}" if plan.tried.problem else ""
    return f", then run {how}{failed}"


def _objective(plan: Plan) -> str:
    mark = "" if plan.objective.sure else " ?"
    others = [m.name for m in plan.metrics if m.name != plan.objective.name and known(m.name)]
    also = f"; also seen: {', '.join(others[:6])}" if others else ""
    return f"{plan.why.get('objective', plan.objective.where)}{mark}{also}"


def _about(tunable: Tunable) -> str:
    option = tunable.option
    default = "no default" if option.default is None else f"default {option.default}"
    return f"{option.origin}, {default}; {tunable.why}{'' if tunable.sure else ' ?'}"


def _seen(metric: FoundMetric) -> str:
    values = ", ".join(f"{value:.4g}" for _, value in metric.seen[:3])
    return f"{metric.where}{': ' + values if values else ''}{'' if metric.sure else ' ?'}"


def _other_metrics(plan: Plan) -> Sequence[Aside]:
    """Metrics with an entry that stands behind a `#`, since the objective is read without any."""
    if plan.read_from():
        return ()
    return [Aside(m.name, dict(m.spec), _seen(m)) for m in plan.metrics if m.spec]


def _command(plan: Plan, waiting: Sequence[Tunable]) -> list[tuple[tuple[str, ...], bool]]:
    lines = [(line, True) for line in plan.command_lines()]
    variables = [((f"{t.option.variable or t.option.name}={{{t.parameter.name}}}",), False) for t in waiting if _is_variable(t)]
    off = [(words, False) for t in waiting if not _is_variable(t) and (words := command.words_of(t.option))]
    return [*lines[:1], *variables, *lines[1:], *off]


def _is_variable(tunable: Tunable) -> bool:
    return tunable.option.origin.style is Style.ENVIRONMENT


def _as_dict(tunable: Tunable) -> dict[str, Any]:
    return {key: value for key, value in tunable.parameter.to_dict().items() if value is not None}
