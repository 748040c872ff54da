"""Values of settings as people type them and as the screens show them."""

from __future__ import annotations

import math
from typing import Any

from agent.settings.setting import Setting
from agent.study.durations import format_duration, parse_duration
from agent.study.key import bounds, fault
from agent.study.sizes import format_size, parse_size
from trainers.errors import TunewrightError, nearest

NONE = ("none", "no", "unlimited", "default")
_SWITCH = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
_DIGITS = 9  # the longest number anybody means


def read(setting: Setting, text: str) -> Any:
    """The value in `text`: seconds of a time, bytes of a size; None for "none" where the setting may have no value.

    Raises TunewrightError with one clause and, where there is one, a remedy.
    """
    key, word = setting.key, text.strip()
    if setting.default is None and word.lower() in NONE:
        return None
    match key.kind:
        case "integer":
            return _whole(setting, word)
        case "number":
            return _number(setting, word)
        case "switch":
            if word.lower() not in _SWITCH:
                raise TunewrightError(f"'{text}' is neither on nor off")
            return _SWITCH[word.lower()]
        case "duration":
            return parse_duration(word)
        case "size":
            return parse_size(word)
    if key.choices and word not in key.choices:
        raise TunewrightError(f"there is no {setting.short} '{word}'", remedy=nearest(word, key.choices))
    if "\0" in word:
        raise TunewrightError("it holds a zero byte")
    return word


def _whole(setting: Setting, word: str) -> int:
    digits = word.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS + 1):
        raise TunewrightError(f"'{word[:20]}' is not a whole number of at most {_DIGITS} digits")
    return int(_within(setting, int(word)))


def _number(setting: Setting, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise TunewrightError(f"'{word[:20]}' is not a number")
    return _within(setting, value)


def _within(setting: Setting, value: float) -> float:
    low, high = setting.key.minimum, setting.key.maximum
    if low is not None and value < low:
        raise TunewrightError(f"{value:.10g} is below {low:g}", remedy=bounds(setting.key))
    if high is not None and value > high:
        raise TunewrightError(f"{value:.10g} is above {high:g}", remedy=bounds(setting.key))
    return value


def from_toml(setting: Setting, value: Any) -> Any:
    """A value as it stands in a TOML file. Raises TunewrightError when it does not fit."""
    if (found := fault(setting.key, value)) is not None:
        raise TunewrightError(found[0], remedy=found[1])
    return read(setting, value) if setting.key.kind in ("duration", "size") else value


def to_toml(setting: Setting, value: Any) -> Any:
    """The other way round."""
    match setting.key.kind:
        case "duration":
            return format_duration(value)
        case "size":
            return format_size(value)
        case "text":
            return str(value)
    return value


def shown(setting: Setting, value: Any) -> str:
    """As it is typed: `on`, `20min`, `none`."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float) and setting.key.kind == "number":
        return f"{value:g}"
    return str(to_toml(setting, value))


def choices(setting: Setting) -> tuple[str, ...]:
    """The words it may be, where they can be listed."""
    return ("on", "off") if setting.key.kind == "switch" else setting.key.choices


def expected(setting: Setting) -> str:
    """What may be typed, in words."""
    key = setting.key
    if choices(setting):
        return ", ".join(choices(setting))
    said = {"integer": "a whole number", "number": "a number", "duration": "a time such as 20min"}.get(key.kind, "text")
    if key.kind == "size":
        said = "an amount such as 8GiB"
    if key.minimum is not None:
        said += f" from {key.minimum:.10g}" + ("" if key.maximum is None else f" to {key.maximum:.10g}")
    return said + (", or none" if setting.default is None else "")
