"""The command line: finds the command, imports it alone, turns errors into messages and exit codes."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from agent.commands import person_flags
from agent.commands.arguments import Parser, add_common, parser_of
from trainers.errors import TunewrightError, nearest

COMMANDS = {
    "demo": "a study on a built-in task, no key, no network",
    "init": "from a training script to its study file: reads it, tries it, writes study.toml",
    "run": "run a study file, or go on with a study",
    "repl": "the same commands, line by line, for a dumb terminal",
    "list": "the studies in the store",
    "study": "rename, put away, copy or delete a study",
    "show": "a study and its trials",
    "why": "what happened to a trial, with the evidence",
    "ask": "a question about a study, answered with citations",
    "compare": "trials side by side",
    "confirm": "the best configs again with new seeds, and what of them was luck",
    "views": "a whole study as text: parallel coordinates, importances, slices",
    "samples": "what a trial's model answered, beside the truth",
    "look": "how sure the model was of each proposed value, and where it looked",
    "plot": "the curves of trials as a picture, PNG or SVG",
    "space": "the search space of a study, and changes of it",
    "stop": "stop a trial, or all of them",
    "resume": "take a pruned or stopped trial up again",
    "export": "the best config or all trials, in a format of your choice",
    "report": "a study as one HTML file, to read, send and print",
    "lessons": "what past studies taught: search, add, edit and share it",
    "ledger": "what the calls of models have used",
    "models": "the models at hand for the agent",
    "serve": "the app in a browser, on this machine",
    "settings": "your settings and a study's: show and change them",
    "data": "fetch the data of a built-in task, or make it",
    "doctor": "what this machine has, and what is wrong with it",
}
_VALUED = ("--store", *(s.flag for s in person_flags.FLAGGED))  # what takes a word, before the command
FAILED, WRONG, INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0 done, 1 the work failed, 2 the request is wrong, 130 interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that knows no '–' shows '?', not a traceback
            stream.reconfigure(errors="replace")
    try:
        return _dispatch(words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe has gone: `tunewright show … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except TunewrightError as error:
        return _report(error, as_json="--json" in words)
    except Exception as error:  # noqa: BLE001 – the last line of defence: a sentence for the person, the log the traceback
        return _report(_unexpected(error), as_json="--json" in words)


def _dispatch(words: list[str]) -> int:
    head, name, tail = split(words)
    if name is None:
        return _open_app(top_parser().parse(head))
    if name not in COMMANDS:
        remedy = f"Did you mean 'tunewright run {name}'?" if os.path.isfile(name) else nearest(name, COMMANDS)
        raise TunewrightError(f"there is no command '{name}'", remedy=remedy)
    return int(command(name).run(parser_of(name).parse(head + tail)))


def split(words: Sequence[str]) -> tuple[list[str], str | None, list[str]]:
    """Options before the command, the command (None without one), and what follows it."""
    for index, word in enumerate(words):
        if not word.startswith("-") and (index == 0 or words[index - 1] not in _VALUED):
            return list(words[:index]), word, list(words[index + 1 :])
    return list(words), None, []


def command(name: str) -> ModuleType:
    return importlib.import_module(f"agent.commands.{name}")


def top_parser() -> Parser:
    listed = "\n".join(f"  {name:<9} {what}" for name, what in COMMANDS.items())
    parser = Parser(
        prog="tunewright",
        usage="tunewright [--store PATH] [COMMAND …]",
        description="Tune models from a terminal. Without a command: the app.",
        epilog=f"commands:\n{listed}\n\n'tunewright COMMAND --help' says more.\n\nexample:\n  tunewright demo",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    person_flags.add_flags(parser)
    add_common(parser)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"tunewright {version('tunewright')}")
        parser.exit()


def _open_app(args: argparse.Namespace) -> int:
    from agent.plain.terminal import app_possible

    if args.json or not app_possible():
        raise TunewrightError(
            "the app needs a terminal", remedy="Use 'tunewright run', 'demo' or 'repl'; see 'tunewright --help'."
        )
    from agent.commands.app import open_app

    return open_app(args)


def _report(error: TunewrightError, *, as_json: bool) -> int:
    from agent.plain.output import emit, say

    if as_json:
        emit({"error": {"what": error.what, "where": error.where, "remedy": error.remedy}})
    say(f"tunewright: {error}")
    return error.exit_code


class _UnexpectedError(TunewrightError):
    exit_code = FAILED


def _unexpected(error: Exception) -> TunewrightError:
    """A bug, in words."""
    from agent import faults

    if isinstance(error, ModuleNotFoundError):
        return _UnexpectedError(f"the package '{error.name}' is not installed", remedy=f"pip install '{error.name}'.")
    return _UnexpectedError(f"unexpected {type(error).__name__}: {error}", remedy=faults.keep(error))
