"""Whether the trainer of a study can do with a space: what it needs, what it does not know, what it never reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agent.study.space_draft import Fault
from agent.study.spec import StudySpec
from agent.study.study_script import unused
from trainers import catalog
from trainers.errors import TunewrightError, nearest
from trainers.script.command import BUILT_IN, placeholders
from trainers.space import SearchSpace


def misfits(spec: StudySpec, space: SearchSpace) -> list[Fault]:
    """What keeps the study's trainer from running configs of `space`."""
    return list(_of_a_script(spec, space) if spec.trainer == "script" else _of_a_trainer(spec, space))


def unread(spec: StudySpec, space: SearchSpace) -> list[str]:
    """Parameters of `space` that a script's command never uses, as far as one can see from outside."""
    if spec.trainer != "script":
        return []
    metrics = spec.options.get("metrics", {}).values()
    paths = [m[kind] for m in metrics for kind in ("csv", "tensorboard") if kind in m]
    return unused(spec.options["command"], paths, space, Path(spec.options.get("cwd", ".")))


def _of_a_script(spec: StudySpec, space: SearchSpace) -> Iterator[Fault]:
    wanted = [name for word in spec.options["command"] for name in placeholders(word)]
    for name in dict.fromkeys(wanted):
        if name not in space.parameters and name not in BUILT_IN:
            yield Fault(name, "name", f"the command needs {{{name}}}: low = high fixes a parameter")


def _of_a_trainer(spec: StudySpec, space: SearchSpace) -> Iterator[Fault]:
    try:
        own = catalog.load(spec.trainer).space(spec.task).parameters
    except (ImportError, TunewrightError):
        return  # a trainer this machine lacks: its studies can be looked at, and nothing is known of its space
    for name in space.parameters:
        if name not in own and name not in spec.space.parameters:
            yield Fault(name, "name", f"{spec.trainer} has no parameter '{name}'. {nearest(name, own)}".strip())
    for name in spec.space.parameters:
        if name in own and name not in space.parameters:
            yield Fault(name, "name", f"{spec.trainer} needs '{name}': low = high fixes a parameter")
