"""Writes a space back into the study file it came from, with the file's comments and order as they are."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.study.space_edit import differences
from agent.study.spec import StudySpec
from agent.study.study_file import parse_study, read_study_file
from trainers.errors import TunewrightError
from trainers.space import SearchSpace

FILE = "study.toml"


@dataclass(frozen=True)
class StudyFile:
    """The file of a study, and what writing the study's space into it would change."""

    path: Path
    changes: tuple[str, ...]


def study_file(spec: StudySpec, folder: Path) -> StudyFile | None:
    """The study file of a script study in the folder the study was made in; None where there is none of that name."""
    path = folder / FILE
    if spec.trainer != "script" or not path.is_file():
        return None
    try:
        written = read_study_file(path)
    except TunewrightError:
        return None  # another study's, or half written: not ours to touch
    return StudyFile(path, tuple(differences(written.space, spec.space))) if written.name == spec.name else None


def write_space(spec: StudySpec, file: StudyFile) -> None:
    """Replaces what differs in the file; whole or not at all. Raises TunewrightError when that cannot be done."""
    text = rewritten(file.path.read_text(encoding="utf-8"), spec, file.path)
    beside = file.path.with_name(f".{file.path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        os.chmod(beside, file.path.stat().st_mode & 0o777)
        beside.replace(file.path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        remedy = "Check its permissions."
        raise TunewrightError(f"it cannot be written ({error.strerror})", where=str(file.path), remedy=remedy) from None


def rewritten(text: str, spec: StudySpec, path: Path) -> str:
    """`text` with the space, constraints and defaults of `spec`. Raises TunewrightError when it would not read back."""
    import tomlkit  # needed by writing only

    document = tomlkit.parse(text)
    if "space" not in document:
        document["space"] = tomlkit.table()
    table = document["space"]
    wanted = spec.space.to_dict()
    for name in [n for n in table if n not in wanted["parameters"]]:
        del table[name]
    for name, described in wanted["parameters"].items():
        if name not in table:
            made = tomlkit.inline_table()
            made.update(described)
            table.append(tomlkit.key([name]), made)
        else:
            _update(table[name], described)
    _constraints(document, wanted["constraints"])
    if "defaults" in document:
        for name in [n for n in document["defaults"] if n not in (spec.defaults or {})]:
            del document["defaults"][name]
    made_text = tomlkit.dumps(document)
    _check(made_text, spec.space, path)
    return made_text


def _update(table: MutableMapping[str, Any], described: Mapping[str, Any]) -> None:
    for key in [k for k in table if k not in described]:
        if key != "log" or table[key]:  # log = false says what leaving it out says
            del table[key]
    for key, value in described.items():
        if table.get(key) != value:
            table[key] = value


def _constraints(document: MutableMapping[str, Any], wanted: list[str]) -> None:
    holder = document if "constraints" in document else document["study"]
    if list(holder.get("constraints", [])) == wanted:
        return
    if wanted:
        holder["constraints"] = wanted
    elif "constraints" in holder:
        del holder["constraints"]


def _check(text: str, space: SearchSpace, path: Path) -> None:
    if (again := parse_study(text, path).space) != space:
        apart = "; ".join(differences(space, again))
        remedy = "Change [space] in it by hand."
        raise TunewrightError(f"the space would not read back from it ({apart})", where=str(path), remedy=remedy)
