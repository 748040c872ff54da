"""Settings that stand in the script itself: constants, dict entries, classes of defaults, arguments of calls."""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.guide.launch import Setting, settings
from agent.guide.nouns import Option, Origin, Style
from agent.guide.reading.found import Found, kind_of
from agent.guide.reading.project import Project

_HOLDER = re.compile(r"(?i).*(config|cfg|conf|hparam|hyper|param|arg|setting|option|default|hps|opts?)\w*$")


def read_constants(project: Project, is_known: Callable[[str], bool]) -> Found:
    """`is_known` says whether a name is that of a hyperparameter, which a lower-case one must be to count."""
    found = Found()
    module = project.main
    assert module is not None
    try:
        by_name = settings(module.tree)
    except RecursionError:  # an expression of thousands of terms
        found.notes.append(f"{module.path.name}: its constants are nested too deeply to be read")
        return found
    for name, setting in by_name.items():
        if setting.value is None or not _counts(setting, is_known(name)):
            continue
        found.options.append(
            Option(
                name=name,
                kind=kind_of(setting.value),
                default=setting.value,
                words=(),
                origin=Origin(module.path, setting.line, Style.CONSTANTS),
                help=_help(setting, name),
            )
        )
    return found


def _counts(setting: Setting, known: bool) -> bool:
    """Upper case, entries of what is called a config, and what has the name of a hyperparameter."""
    first, last = setting.path[0], setting.path[-1]
    if last.startswith("_"):
        return False
    match setting.kind:
        case "constant":
            return last.isupper() or (known and len(setting.places) == 1)
        case "class":
            return known or bool(_HOLDER.match(first)) or last.isupper()
        case "entry":
            return known or bool(_HOLDER.match(first)) or first.isupper()
    return known or first.endswith("TrainingArguments")


def _help(setting: Setting, name: str) -> str:
    path = ".".join(setting.path)
    return "" if path.lower() == name else f"{path} in the script"
