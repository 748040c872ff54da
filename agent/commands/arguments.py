"""What every command's arguments share: the parser, its errors, its value types."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from trainers.errors import TunewrightError, nearest

DEFAULT_STORE = "store.sqlite"
_DIGITS = 9  # the longest number anybody means


class Parser(argparse.ArgumentParser):
    """argparse whose errors are ours: one sentence, the nearest flag, exit code 2."""

    def __init__(self, **options: object) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        raise TunewrightError(message, remedy=f"See '{self.prog} --help'.")

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """Raises TunewrightError naming the nearest flag for one it does not know."""
        args, unknown = self.parse_known_args(self._own(words))
        if unknown:
            flags = [flag for action in self._actions for flag in action.option_strings if flag.startswith("--")]
            word = unknown[0].partition("=")[0]
            remedy = nearest(word, flags) if word.startswith("-") else f"See '{self.prog} --help'."
            raise TunewrightError(f"{self.prog} does not know '{word}'", remedy=remedy)
        if self.get_default("words") is not None:
            args.words = list(words[len(self._own(words)) + 1 :])
        return args

    def _own(self, words: Sequence[str]) -> Sequence[str]:
        """What stands before `--`, for a command that hands on what stands after it (its default `words`)."""
        hands_on = self.get_default("words") is not None and "--" in words
        return words[: words.index("--")] if hands_on else words


def parser_of(name: str) -> Parser:
    """The parser of a command: its module's docstring is its description."""
    module = importlib.import_module(f"agent.commands.{name}")
    parser = Parser(prog=f"tunewright {name}", description=module.__doc__, epilog=f"example:\n  {module.EXAMPLE}")
    module.configure(parser)
    add_common(parser)
    return parser


def add_common(parser: argparse.ArgumentParser) -> None:
    """The two flags every command has."""
    parser.add_argument(
        "--store",
        type=Path,
        default=Path(DEFAULT_STORE),
        metavar="PATH",
        help=f"the store (default: {DEFAULT_STORE} here)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else there")


def one_of(what: str, known: Iterable[str]) -> Callable[[str], str]:
    """An argparse type: one of `known` words; the message names the nearest."""
    words = tuple(str(word) for word in known)

    def parse(text: str) -> str:
        if text not in words:
            raise argparse.ArgumentTypeError(f"there is no {what} '{text}'. {nearest(text, words)}".strip().rstrip("."))
        return text

    return parse


def is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def whole(lowest: int) -> Callable[[str], int]:
    """An argparse type: a whole number from `lowest` up."""

    def parse(text: str) -> int:
        if not is_whole(text):
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of at most {_DIGITS} digits")
        if int(text) < lowest:
            raise argparse.ArgumentTypeError(f"{int(text)} is below {lowest}")
        return int(text)

    return parse


def trial_number(text: str) -> int:
    """An argparse type: `3`, or `t3` as the screens write it."""
    digits = text.removeprefix("t")
    if not is_whole(digits):
        raise argparse.ArgumentTypeError(f"'{text}' is not a trial number such as 3 or t3")
    return int(digits)
