"""The command as a template: `["python", "train.py", "--lr", "{lr}"]`. Never goes through a shell.

`{name}` becomes the parameter's value, `{{` and `}}` are literal braces. An argument that names a
parameter which is inactive in this trial is left out, and with it the option right before it, if
that is a plain one (`--momentum`, without `=` or a placeholder).

`{amp?--amp}` is `--amp` where the parameter is true and nothing where it is false; `{amp?--amp:--no-amp}` is one or the
other. An argument of which nothing is left is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from trainers.errors import TunewrightError, nearest

# What every trial has besides its parameters; a parameter of the same name goes first.
BUILT_IN = ("seed", "run_dir", "checkpoint", "accumulation")

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
_PLAIN_OPTION = re.compile(r"--?[A-Za-z][^={}]*\Z")


def placeholders(text: str) -> list[str]:
    """The names in `{}` in one argument. Raises TunewrightError for a brace that stands alone."""
    names = []
    for piece in _PIECE.finditer(text):
        if piece[0] in ("{{", "}}"):
            continue
        name = (piece[1] or "").partition("?")[0]
        if not _NAME.match(name):
            raise TunewrightError(
                f"'{piece[0]}' in {text!r} is no placeholder",
                remedy="Write {name} for a parameter, {{ and }} for literal braces.",
            )
        names.append(name)
    return names


def check_placeholders(text: str, declared: Sequence[str]) -> None:
    """Raises TunewrightError when `text` names what is neither a parameter nor built in."""
    for name in placeholders(text):
        if name not in declared and name not in BUILT_IN:
            raise TunewrightError(
                f"{{{name}}} in {text!r} names no parameter",
                remedy=nearest(name, (*declared, *BUILT_IN)),
            )


def fill(text: str, values: Mapping[str, Any]) -> str:
    """`text` with each `{name}` replaced. Raises KeyError for a name without a value."""

    def replace(piece: re.Match[str]) -> str:
        if piece[1] is None:
            return piece[0][0]
        name, is_flag, words = piece[1].partition("?")
        if not is_flag:
            return format_value(values[name])
        on, _, off = words.partition(":")
        return on if values[name] else off

    return _PIECE.sub(replace, text)


def format_value(value: Any) -> str:
    """As a command line wants it: floats so that they read back exactly, true/false, none."""
    if isinstance(value, bool) or value is None:
        return "none" if value is None else str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


def build(template: Sequence[str], values: Mapping[str, Any], declared: Sequence[str]) -> list[str]:
    """The arguments of one trial. `values` holds its active parameters and the built-in names.

    Raises TunewrightError for a placeholder that is neither declared nor built in.
    """
    argv: list[str] = []
    for i, argument in enumerate(template):
        check_placeholders(argument, declared)
        if all(name in values for name in placeholders(argument)):
            word = fill(argument, values)
            if word or "?" not in argument:
                argv.append(word)
        elif argv and _PLAIN_OPTION.match(template[i - 1]):
            argv.pop()
    return argv


def params_json(params: Mapping[str, Any]) -> str:
    """What stands in the file named by TUNEWRIGHT_CONFIG: the active parameters by name."""
    return json.dumps(dict(params), indent=2) + "\n"
