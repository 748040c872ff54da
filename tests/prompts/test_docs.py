"""docs/agent.md names every variable that a template is given, and none that it is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, meta

from agent.digest import Digest
from prompts.render import purposes

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "agent.md").read_text(encoding="utf-8")
_SECTION = DOCS.split("\n## Prompts\n")[1].split("\n## ")[0]
_TABLES = re.findall(r"(?:^\|.*\n)+", _SECTION, flags=re.M)


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|\n ").split("|")] for line in table.splitlines()[2:]]


COMMON = {name for row in rows(_TABLES[0]) for name in re.findall(r"`(\w+)`", row[0])}
OWN = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[2])) for row in rows(_TABLES[1])}
ONLY = {row[0].strip("`") for row in rows(_TABLES[1]) if row[2].endswith("only")}


def used(purpose: str) -> set[str]:
    """Variables that a template or one of its parts reads."""
    environment = Environment(loader=FileSystemLoader(ROOT / "prompts"))
    environment.filters |= {"fence": str, "g": str}  # by name only: nothing is rendered
    waiting, seen, found = [f"{purpose}.j2"], set(), set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        assert environment.loader is not None
        tree = environment.parse(environment.loader.get_source(environment, name)[0])
        found |= meta.find_undeclared_variables(tree)
        waiting += [part for part in meta.find_referenced_templates(tree) if part and part not in seen]
    return found


def test_every_purpose_has_its_line() -> None:
    assert set(OWN) == set(purposes())


@pytest.mark.parametrize("purpose", purposes())
def test_every_variable_is_named(purpose: str) -> None:
    known = OWN[purpose] | {"language"} | (set() if purpose in ONLY else COMMON)
    assert used(purpose) <= known
    assert OWN[purpose] <= used(purpose)


def test_the_digest_is_listed_whole() -> None:
    assert COMMON - {"language"} == set(Digest.__dataclass_fields__)
