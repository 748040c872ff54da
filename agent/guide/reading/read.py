"""Reads a training script: its options in whatever style it has them, without running it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agent.guide.nouns import Option, Reading
from agent.guide.reading.absl_options import read_absl
from agent.guide.reading.argparse_options import read_argparse
from agent.guide.reading.class_options import read_classes
from agent.guide.reading.click_options import read_click
from agent.guide.reading.constants import read_constants
from agent.guide.reading.environment_options import read_environment
from agent.guide.reading.files_read import read_files
from agent.guide.reading.found import Found, without_repeats
from agent.guide.reading.hydra_options import read_hydra
from agent.guide.reading.project import Project
from agent.guide.reading.pydantic_options import read_pydantic
from agent.guide.reading.rules import is_hyperparameter
from agent.guide.reading.shell_script import read_shell
from agent.guide.reading.source import read_text
from agent.guide.reading.typer_options import read_typer
from agent.guide.reading.usage import with_choices
from trainers.errors import TunewrightError

_READERS: tuple[Callable[[Project], Found], ...] = (
    read_argparse,
    read_click,
    read_typer,
    read_classes,
    read_pydantic,
    read_hydra,
    read_absl,
    read_files,
    read_environment,
)


def read_script(path: Path) -> Reading:
    """Raises TunewrightError where there is no script to be read; whatever else is unclear is in the notes."""
    try:
        return read_shell(path, _python) if _is_shell(path) else _python(path)
    except RecursionError:
        raise TunewrightError("its expressions are nested too deeply to be read", where=str(path)) from None


def _is_shell(path: Path) -> bool:
    if path.suffix in (".sh", ".bash"):
        return True
    return path.suffix == "" and read_text(path)[:80].startswith(("#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env bash"))


def _python(path: Path) -> Reading:
    project = Project(path)
    found = [reader(project) for reader in _READERS]
    options = without_repeats(option for one in found for option in one.options)
    covered = tuple(line for one in found for line in one.covered)
    notes = [note for one in found for note in one.notes if not note.startswith(covered)]
    if not any(is_hyperparameter(option.name) for option in options):
        constants = read_constants(project, is_hyperparameter)
        options = without_repeats([*options, *constants.options])
        notes += constants.notes
    options = with_choices(project, options)
    subcommand = next((one.subcommand for one in found if one.subcommand), ())
    return Reading(
        script=path,
        command=("python", path.name, *subcommand),
        options=tuple(options),
        notes=(*project.notes, *dict.fromkeys(notes), *_requirements(options)),
    )


def _requirements(options: list[Option]) -> list[str]:
    missing = [
        o.words[0] if o.words and o.words[0] != "{}" else o.name for o in options if o.required and o.default is None
    ]
    return [f"the script asks for {', '.join(missing)}: the command must give it"] if missing else []
