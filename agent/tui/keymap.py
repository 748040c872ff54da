"""Keys of one's own: keys.toml in the config folder, `[keys]` with `command = "key"`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from agent.study.toml_lines import key_lines
from agent.tui.commands import BY_NAME, COMMANDS, SCOPES, overlap
from trainers.errors import TunewrightError, nearest

_NAMED = (
    "enter escape tab space backspace delete insert home end pageup pagedown up down left right "
    "slash question_mark comma full_stop minus plus " + " ".join(f"f{n}" for n in range(1, 25))
).split()
_KEY = re.compile(r"((ctrl|alt|shift|super)\+)*([A-Za-z0-9]|" + "|".join(_NAMED) + r")\Z")


def keys_file() -> Path:
    from platformdirs import user_config_path

    return user_config_path("tunewright") / "keys.toml"


def template() -> str:
    """A keys.toml with every command that has a key, commented out, by the place where it acts."""
    lines = [
        '# Keys of your own. Take the # from a line and write another key: "ctrl+y", "f7", "a", "shift+left".',
        "# What acts everywhere needs ctrl, alt or a function key. `tunewright settings --keys` wrote this file.",
        "",
        "[keys]",
    ]
    for scope, title in SCOPES.items():
        here = [c for c in COMMANDS if c.key and c.scope == scope]
        lines += ["", f"# {title}"] if here else []
        lines += [f'# {c.name} = "{c.key}"  # {c.title}' for c in here]
    return "\n".join(lines) + "\n"


def write_template(path: Path) -> bool:
    """Writes the template where there is no file yet; whether it did. Raises TunewrightError when it cannot."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(template())
    except FileExistsError:
        return False
    except OSError as error:
        what = f"it cannot be written ({error.strerror})"
        raise TunewrightError(what, where=str(path), remedy="Check the folder's permissions.") from None
    return True


def load(path: Path) -> dict[str, str]:
    """Key by command. Empty when there is no such file.

    Raises TunewrightError naming the file, the line and the entry that is wrong: not TOML, an unknown command,
    a key that is none, one key for two commands of one place.
    """
    import tomllib

    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TunewrightError(f"cannot be read ({error})", where=str(path)) from error
    for name in data:
        if name != "keys":
            raise TunewrightError(f"unknown table '{name}'", where=str(path), remedy="There is only [keys].")
    entries = data.get("keys", {})
    if not isinstance(entries, dict):
        raise TunewrightError("'keys' is not a table", where=str(path), remedy='Write [keys], then command = "key".')
    lines = key_lines(text)
    where = {name: f"{path}:{lines.get(('keys', name), 1)}: keys.{name}" for name in entries}
    found = {name: _key(where[name], name, value) for name, value in entries.items()}
    _check_clashes(where, found)
    return found


def _key(where: str, name: str, value: object) -> str:
    if name not in BY_NAME:
        raise TunewrightError(f"there is no command '{name}'", where=where, remedy=nearest(name, BY_NAME))
    if not BY_NAME[name].key:
        raise TunewrightError("this command has no key to change", where=where, remedy=f"Use /{name} or the palette.")
    if not isinstance(value, str) or not _KEY.match(value):
        raise TunewrightError(f"{value!r} is not a key", where=where, remedy='Write for example "ctrl+y", "f7" or "a".')
    key = value.removeprefix("shift+").upper() if re.fullmatch(r"shift\+[a-z]", value) else value
    if BY_NAME[name].scope == "everywhere" and len(key) == 1:
        raise TunewrightError(
            f"'{key}' would be taken from everything you write", where=where, remedy='Use a key with ctrl, or "f7".'
        )
    return key


def _check_clashes(where: Mapping[str, str], found: Mapping[str, str]) -> None:
    """A key may mean one thing on each panel, and one that acts everywhere nothing else at all."""
    keys = {c.name: found.get(c.name, c.key) for c in COMMANDS if found.get(c.name, c.key)}
    for name in found:
        for other, key in keys.items():
            if other != name and key == keys[name] and overlap(BY_NAME[name], BY_NAME[other]):
                remedy = f"Give '{other}' another key as well, or choose another."
                raise TunewrightError(f"'{key}' is already the key of '{other}'", where=where[name], remedy=remedy)
