"""Drives a study line by line, for a terminal that can show no more.

Type help for the verbs. A pipe works as well as a keyboard. Leaving leaves the trials running.
With --json the talk goes to stderr, and stdout gets what 'run' answers.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
from collections.abc import Sequence
from pathlib import Path

from agent.commands import overrides
from agent.commands.arguments import parser_of
from agent.plain import opening
from agent.plain.desk import Desk
from agent.plain.output import say
from agent.plain.verbs import Verb
from agent.repl import Repl
from agent.settings.defaults import stated
from agent.store.connection import open_store
from agent.study.spec import StudySpec
from agent.study.study_file import read_study_file

# Commands that are verbs too, with their usage and what they do; a study they take is the open one.
_HERE_TOO = {
    "compare": ("A B …", "trials side by side"),
    "samples": ("N [--all]", "what its model answered, beside the truth"),
    "look": ("PROPOSAL", "how sure the model was of each value"),
    "views": (
        "[parallel|importance|slices]",
        "the study as a whole",
    ),
    "plot": ("-o FILE", "curves as a picture"),
    "report": ("-o FILE", "the study as one HTML file"),
    "settings": ("[NAME [VALUE]]", "your settings"),
    "lessons": ("[search WORDS …]", "what past studies taught"),
    "models": ("", "the models at hand"),
    "doctor": ("", "what this machine has, and what is wrong with it"),
}
_BETWEEN = ("and", "with", "to", "vs")  # trials: compare 3 and 5
EXAMPLE = "printf 'approve\\napprove lr=1e-3\\nwait\\n' | tunewright repl my-study"


def configure(parser: argparse.ArgumentParser) -> None:
    what = "a study in the store (default: the newest), or a study file (*.toml), as 'run' takes it"
    parser.add_argument("study", metavar="STUDY|FILE", nargs="?", help=what)


def run(args: argparse.Namespace) -> int:
    verbs = {name: _verb(name, args.store) for name in _HERE_TOO}
    path = Path(args.study or "")
    is_file = path.suffix == ".toml" or path.is_file()
    spec = _read(path) if is_file else None  # a bad file is told before a store is made
    with open_store(args.store, create=is_file) as store:
        name = args.study
        if spec is not None:
            study, changes = opening.from_file(store, path, spec)
            name = study.name
            for change in changes:
                say(f"{name}: {change}")
        return Repl(store, as_json=args.json, commands=verbs).run(name)


def _read(path: Path) -> StudySpec:
    spec = read_study_file(path, say)
    return overrides.filled(spec, {}, stated(path.read_text(encoding="utf-8-sig")))


def _verb(name: str, store: Path) -> Verb:
    def does(desk: Desk, words: Sequence[str]) -> None:
        words = [w for w in words if w.lower() not in _BETWEEN] if name == "compare" else words
        desk.say(_said(name, store, desk.session.study.name, words).rstrip("\n"))

    return Verb(does, *_HERE_TOO[name])


def _said(name: str, store: Path, study: str, words: Sequence[str]) -> str:
    """What a command of the command line prints about this study, or about all where it takes none."""
    parser = parser_of(name)
    places = [action.dest for action in parser._actions if not action.option_strings]
    about = [study] if places[:1] == ["study"] else []
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.redirect_stderr(printed):
        try:
            args = parser.parse([*about, *words, "--store", str(store)])
            importlib.import_module(f"agent.commands.{name}").run(args)
        except SystemExit:  # --help has been printed
            pass
    return printed.getvalue()
