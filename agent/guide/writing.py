"""Writes a plan as a commented study.toml: each field says where it is from; what is not tuned is behind a `#`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.guide import command
from agent.guide.launcher import write_launcher
from agent.guide.nouns import FoundMetric, Tunable
from agent.guide.plan import Plan, told_seconds
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

    Raises TunewrightError where there is a file already, unless `force`; where it cannot be written; and where it would
    not read back as the plan without a warning, which would be a fault of ours.
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
        raise TunewrightError(
            warnings[0], where=str(path), remedy="Choose other parameters, or write the file by hand."
        )
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
        **{f"metrics.{m.name}": _values(plan, m) for m in plan.read_from()},
    }
    heads = {"space": ["What is tuned. A ? marks a guess of ours: check it."]}
    if waiting:
        heads["space"].append(
            "To tune one more, remove the # before it, and before its words in the command if it has any."
        )
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
    how = "to its end" if plan.tried.ended and not plan.tried.problem else f"for {told_seconds(plan.tried.seconds)}"
    failed = f", which failed: {plan.tried.problem}" if plan.tried.problem else ""
    return f", then run {how}{failed}"


def _objective(plan: Plan) -> str:
    mark = "" if plan.objective.sure else " ?"
    others = [m.name for m in plan.metrics if m.name != plan.objective.name and known(m.name)]
    also = f"; also seen: {', '.join(others[:6])}" if others else ""
    return f"{seen(plan, plan.objective)}{mark}{also}"


def _about(tunable: Tunable) -> str:
    option, more = tunable.option, ""
    if option.early:
        more = f"; in the command: {' '.join(command.words_of(option))} right after the script"
    elif option.place is not None:
        more = f"; in the command: {{{option.name}}} in place of the word that is its value now"
    return f"{option.origin.style}: {tunable.why}{'' if tunable.sure else ' ?'}{'' if tunable.chosen else more}"


def _values(plan: Plan, metric: FoundMetric) -> str:
    values = ", ".join(f"{value:.4g}" for _, value in metric.seen[:3])
    return f"{seen(plan, metric)}{': ' + values if values else ''}{'' if metric.sure else ' ?'}"


def seen(plan: Plan, metric: FoundMetric) -> str:
    """Where a metric is from, in words."""
    if metric.name == plan.objective.name and plan.why.get("objective", "").startswith(("as asked", "said by")):
        return plan.why["objective"]
    if metric.seen and plan.tried is not None:
        return f"seen on {metric.where} of a try of {told_seconds(plan.tried.seconds)}"
    return f"a guess from {metric.where}" if metric.where.startswith("the text") else f"a guess: {metric.where}"


def _other_metrics(plan: Plan) -> Sequence[Aside]:
    """Metrics with an entry that stands behind a `#`, since the objective is read without any."""
    if plan.read_from():
        return ()
    return [Aside(m.name, dict(m.spec), _values(plan, m)) for m in plan.metrics if m.spec]


def _command(plan: Plan, waiting: Sequence[Tunable]) -> list[tuple[tuple[str, ...], bool]]:
    lines = [(line, True) for line in plan.command_lines()]
    variables = [((f"{t.option.variable}={{{t.parameter.name}}}",), False) for t in waiting if _is_variable(t)]
    off = [(words, False) for t in waiting if _is_late(t) and (words := command.words_of(t.option))]
    return [*lines[:1], *variables, *lines[1:], *off]


def _is_late(tunable: Tunable) -> bool:
    """Whether its words stand at the end of the command."""
    option = tunable.option
    return not (option.variable or option.early or option.place is not None)


def _is_variable(tunable: Tunable) -> bool:
    return bool(tunable.option.variable)


def _as_dict(tunable: Tunable) -> dict[str, Any]:
    return {key: value for key, value in tunable.parameter.to_dict().items() if value is not None}
