"""Reads a shell script that starts a Python one: the options behind it, as far as the wrapper lets them through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from agent.guide.nouns import Option, Origin, Reading, Style
from agent.guide.reading.found import as_kind
from agent.guide.reading.shell_words import Variable, Wrapper, read_wrapper
from agent.guide.reading.source import read_text
from trainers.errors import TunewrightError


@dataclass(frozen=True)
class _Given:
    """What the wrapper gives an option: a variable of its own, or words."""

    text: str
    variable: Variable | None


def read_shell(path: Path, read_python: Callable[[Path], Reading]) -> Reading:
    """Raises TunewrightError where the wrapper starts no Python script that can be found and read."""
    text = read_text(path)
    wrapper = read_wrapper(text)
    script = _script(path.parent, wrapper)
    if script is None:
        what = "it starts no Python script that can be found"
        raise TunewrightError(what, where=str(path), remedy="Name the Python script that trains.")
    inner = read_python(script)
    given = _given(wrapper)
    options = [o for option in inner.options if (o := _through(option, path, wrapper, given)) is not None]
    shell = "sh" if text.startswith(("#!/bin/sh", "#!/usr/bin/env sh")) else "bash"
    command, options = _with_positions((shell, path.name), options, wrapper)
    notes = [f"{path.name} starts {script.name}: its options are those of {script.name}", *inner.notes]
    if fixed := [o.name for o in options if not _can_be_set(o) and o.kind in ("int", "float")]:
        what = f"{path.name} fixes {', '.join(fixed[:8])}" + (" and others" if len(fixed) > 8 else "")
        notes.append(f'{what}: end its command with "$@", or name {script.name} itself')
    return Reading(script=path, command=command, options=tuple(options), notes=tuple(n for n in notes if not _moot(n)))


def _moot(note: str) -> bool:
    return note.startswith("the script asks for ")  # the wrapper gives it


def _can_be_set(option: Option) -> bool:
    return bool(option.words or option.variable or option.place is not None)


def _script(folder: Path, wrapper: Wrapper) -> Path | None:
    words = wrapper.command
    names = [w for w in words if w.endswith(".py")]
    if not names and "-m" in words[:-1]:
        names = [words[words.index("-m") + 1].replace(".", "/") + ".py"]
    for name in names[:1]:
        for base in (folder / wrapper.folder, folder, folder.parent):
            try:
                if (base / name).is_file():
                    return base / name
            except (OSError, ValueError):
                return None
    return None


def _given(wrapper: Wrapper) -> dict[str, _Given]:
    """What the wrapper's command gives, by the option's word: `--lr` or `optim.lr`."""
    found: dict[str, _Given] = {}
    words = wrapper.command
    for i, word in enumerate(words):
        name, joined, value = word.partition("=")
        if joined and (name.startswith("-") or "." in name or name.isidentifier()):
            found[name] = _Given(value, wrapper.variable(value))
        elif word.startswith("-") and len(word) > 1:
            after = words[i + 1] if i + 1 < len(words) else ""
            is_value = not after.startswith("--") and not after.startswith("$@")
            found[word] = _Given(after if is_value else "", wrapper.variable(after) if is_value else None)
    return found


def _through(option: Option, path: Path, wrapper: Wrapper, given: Mapping[str, _Given]) -> Option | None:
    """The option as it is seen from outside the wrapper."""
    if option.origin.style is Style.CONSTANTS:
        return None  # only the launcher sets it, and the wrapper starts the script without
    if option.variable:
        return _from_environment(option, path, wrapper)
    mine = given.get(option.words[0].partition("=")[0]) if option.words else None
    if mine is None:
        return option if wrapper.forwards else replace(option, words=(), off="")
    variable = mine.variable
    if variable is None or variable.source == "":
        text = variable.default if variable is not None else mine.text
        line = variable.line if variable is not None else wrapper.line
        fixed = replace(
            option,
            default=_value(option, text),
            required=False,
            origin=Origin(path, line, Style.SHELL),
        )
        return fixed if wrapper.forwards else replace(fixed, words=(), off="")
    return replace(
        option,
        default=_value(option, variable.default),
        words=(),
        off="",
        required=False,
        variable="" if variable.source.isdigit() else variable.source,
        place=1 + int(variable.source) if variable.source.isdigit() else None,
        origin=Origin(path, variable.line, Style.SHELL),
    )


def _value(option: Option, text: str) -> object:
    if option.kind == "bool" and not text:
        return True  # a flag that is there
    if not text or "$" in text:
        return option.default
    value = as_kind(text, option.kind)
    return option.default if value is None else value


def _from_environment(option: Option, path: Path, wrapper: Wrapper) -> Option:
    """A variable that the Python script reads itself: the wrapper may give it another default, or fix it."""
    variable = wrapper.variables.get(option.variable)
    if variable is None:
        return option
    origin = Origin(path, variable.line, Style.SHELL)
    default = _value(option, variable.default)
    source = variable.source if not variable.source.isdigit() else ""
    return replace(option, default=default, origin=origin, variable=source)


def _with_positions(
    command: tuple[str, ...], options: list[Option], wrapper: Wrapper
) -> tuple[tuple[str, ...], list[Option]]:
    """The command with the arguments that the wrapper takes by position, each with its default."""
    by_place = {o.place: o for o in options if o.place is not None}
    others = {int(v.source) + 1: v for v in wrapper.variables.values() if v.source.isdigit()}
    last = max([*by_place, *others], default=len(command) - 1)
    words = list(command)
    for place in range(len(command), last + 1):
        if place in by_place:
            default = by_place[place].default
            words.append("" if default is None else str(default))
        else:
            words.append(others[place].default if place in others else "")
    return tuple(words), options
