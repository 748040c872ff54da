"""Runs a study: a new one from its file, or one that is in the store.

In a terminal it opens the app on it; elsewhere, or with --headless or --json, it goes on without
one, with its progress on stderr and its result on stdout.

A flag wins over the file, the file over the store, and every change is told. --trials counts the
trials of the study, so that running it again with the same number adds nothing.
Ctrl-C stops the trials of this run and waits for them; a second one leaves at once. SIGTERM and
SIGHUP leave the trials running.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.commands import overrides
from agent.commands.app import open_app
from agent.plain import opening
from agent.plain.demos import is_unfinished
from agent.plain.driving import drive, headless_wanted
from agent.plain.output import say
from agent.settings.defaults import stated
from agent.store import studies
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.spec import StudySpec
from agent.study.study_file import parse_study, read_study_file
from trainers.errors import TunewrightError

EXAMPLE = "tunewright run study.toml --trials 20 --policy auto --budget 3min --json"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY|FILE", help="a study in the store, or a study file (*.toml)")
    parser.add_argument(
        "--task", metavar="TASK", help="run a study file on another task of its trainer, as a study of its own"
    )
    overrides.add_flags(parser)


def run(args: argparse.Namespace) -> int:
    path = Path(args.study)
    is_file = path.suffix == ".toml" or path.is_file()
    spec = _read(path, args) if is_file else None  # a bad file is told before a store is made
    with open_store(args.store, create=is_file) as store:
        study, changes = _from_store(store, args) if spec is None else opening.from_file(store, path, spec)
        for change in changes:
            say(f"{study.name}: {change}")
        if headless_wanted(args.headless, args.json):
            if spec is None and is_unfinished(store, study, study.spec):
                opening.check_data(study)  # of a file that was done when it was read
            return drive(store, study, as_json=args.json)
    return open_app(args, study.name)


def _read(path: Path, args: argparse.Namespace) -> StudySpec:
    spec = read_study_file(path, say) if args.task is None else with_task(path, args.task)
    return overrides.apply(spec, args, stated(path.read_text(encoding="utf-8-sig")))


def with_task(path: Path, task: str) -> StudySpec:
    """The study that `path` would describe with another task; named after it, unless it is the file's own."""
    import tomlkit

    written = read_study_file(path, say)
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    document["study"]["task"] = task
    spec = parse_study(tomlkit.dumps(document), path)
    return spec if spec.task == written.task else spec.replace(name=f"{spec.name}-{spec.task}")


def _from_store(store: Store, args: argparse.Namespace) -> tuple[Study, list[str]]:
    if args.task is not None:
        raise TunewrightError("--task is for a study file", remedy="A study in the store keeps its task.")
    study = studies.get(store, args.study)
    return opening.update(store, study, overrides.apply(study.spec, args), who="run")
