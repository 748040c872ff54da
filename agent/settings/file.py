"""settings.toml: read whatever of it can be used, say what cannot, write one value and leave the rest as it stands."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.settings.setting import Setting, flattened
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.study.problems import Problem

_HEAD = "Tunewright's settings: `tunewright settings` lists what there is, with defaults and what each means."
_LARGEST = 1 << 20  # bytes


def settings_file() -> Path:
    """Beside keys.toml, in the configuration folder (XDG_CONFIG_HOME is honoured)."""
    from platformdirs import user_config_path

    return user_config_path("tunewright") / "settings.toml"


@dataclass(frozen=True)
class Written:
    """What a file holds, by dotted name and unchecked; `unreadable` says why it holds nothing."""

    path: Path
    text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    unreadable: str = ""


def read_file(path: Path) -> Written:
    """Never fails: a file that cannot be read says so, one that is not there is empty."""
    import tomllib

    text = ""
    try:
        data = path.read_bytes()
        if len(data) > _LARGEST:
            return Written(path, unreadable="it is too large for a file of settings")
        text = data.decode("utf-8-sig")
        return Written(path, text, flattened(tomllib.loads(text)))
    except (FileNotFoundError, NotADirectoryError):
        return Written(path)
    except OSError as error:
        return Written(path, unreadable=f"it cannot be read ({error.strerror})")
    except UnicodeDecodeError:
        return Written(path, unreadable="it is not UTF-8 text")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Written(path, text, unreadable=f"it is not TOML ({error})")


def problems(written: Written) -> tuple[Problem, ...]:
    """Everything that is wrong with the file, by line."""
    from agent.settings import schema
    from agent.settings.values import from_toml
    from agent.study.problems import Problem, Problems
    from trainers.errors import nearest

    if written.unreadable:
        return (Problem(str(written.path), 0, "", written.unreadable, "The defaults are used."),)
    known = {s.name: s for s in schema.OF_PERSON}
    found = Problems(str(written.path), written.text)
    for name, value in written.values.items():
        at = tuple(name.split("."))
        if name in known:
            try:
                from_toml(known[name], value)
            except TunewrightError as error:
                found.take(at, error)
        elif name in schema.BY_NAME:
            found.error(at, "this belongs to one study", "Put it in the study file, or change it in the app.")
        else:
            found.error(at, f"there is no setting '{name}'", nearest(name, known))
    return tuple(sorted(found.errors, key=lambda problem: problem.line))


def said(problem: Problem) -> str:
    """One sentence: file, line, key, what and remedy."""
    if problem.line:
        return str(problem)
    return str(TunewrightError(problem.what, where=problem.file, remedy=problem.remedy))


def write(path: Path, setting: Setting, value: Any, *, unset: bool = False) -> None:
    """Puts one value into the file, or takes it out; comments and everything else stay as they are.

    Raises TunewrightError when the file is not TOML (it is not written then) or cannot be written.
    """
    import tomlkit

    from agent.settings.values import to_toml

    before = read_file(path)
    if before.unreadable:
        raise TunewrightError(before.unreadable, where=str(path), remedy="Correct or remove it first.")
    document = tomlkit.parse(before.text)
    if not before.text.strip():
        document.add(tomlkit.comment(_HEAD))
        document.add(tomlkit.nl())
    if setting.table not in document:
        document[setting.table] = tomlkit.table()
    table = document[setting.table]
    if not isinstance(table, MutableMapping):
        raise TunewrightError(f"'{setting.table}' is no table", where=str(path), remedy="Correct it first.")
    table.pop(setting.short, None) if unset else table.update({setting.short: to_toml(setting, value)})
    if not table:
        document.remove(setting.table)
    _replace(path, tomlkit.dumps(document))


def _replace(path: Path, text: str) -> None:
    """Whole or not at all, through a link if it is one."""
    real = path.resolve()
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        mode = real.stat().st_mode & 0o777 if real.exists() else 0o644
        handle, temporary = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(temporary, mode)
            os.replace(temporary, real)
        except OSError:
            os.unlink(temporary)
            raise
    except OSError as error:
        what = f"it cannot be written ({error.strerror})"
        raise TunewrightError(what, where=str(path), remedy="Check the folder's permissions.") from None
