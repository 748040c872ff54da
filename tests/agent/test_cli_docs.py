"""docs/cli.md is complete, and says nothing that is not so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agent import cli
from agent.commands.arguments import parser_of
from agent.commands.overrides import POLICIES
from agent.exports import FORMATS
from agent.plain.verbs import VERBS
from agent.study.spec import SEARCHES
from tests.agent.schemas import SCHEMAS, Schema, checked

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
SECTIONS = {part.splitlines()[0].strip(): part for part in re.split(r"^## ", DOCS, flags=re.M)[1:]}
EVERYWHERE = {"--help", "-h", "--store", "--json"}


def flags(name: str) -> set[str]:
    return {flag for action in parser_of(name)._actions for flag in action.option_strings} - EVERYWHERE


@pytest.mark.parametrize("name", cli.COMMANDS)
class TestEachCommand:
    def test_its_summary_is_the_one_of_help(self, name: str) -> None:
        assert f"| [`{name}`](#{name}) | {cli.COMMANDS[name]} |" in DOCS

    def test_every_flag_is_there(self, name: str) -> None:
        assert {flag for flag in flags(name) if f"`{flag}" not in SECTIONS[name]} == set()

    def test_no_flag_is_invented(self, name: str) -> None:
        written = set(re.findall(r"`(--?[a-z][a-z-]*)", SECTIONS[name]))
        assert written - flags(name) - EVERYWHERE - {"--name", "--task"} == set()

    def test_every_argument_is_there(self, name: str) -> None:
        usage = SECTIONS[name].split("\n    ")[1].splitlines()[0]
        places = [a.metavar for a in parser_of(name)._actions if not a.option_strings]
        assert usage.startswith(f"tunewright {name}")
        assert all(str(place) in usage for place in places)

    def test_every_field_of_its_json_is_there(self, name: str) -> None:
        text = SECTIONS[name] + SECTIONS["run" if name in ("demo", "repl") else "list" if name == "show" else "show"]
        assert {
            field for field in fields(SCHEMAS[name]) if f'"{field}"' not in text and f"`{field}`" not in text
        } == set()


def fields(schema: Schema) -> set[str]:
    """Every field name a schema requires, at any depth."""
    found = set(schema.get("required", ()))
    for inner in (*schema.get("properties", {}).values(), *schema.get("anyOf", ()), schema.get("items")):
        if isinstance(inner, dict):
            found |= fields(inner)
    return found


def test_flags_of_all_commands_are_there() -> None:
    assert {flag for flag in EVERYWHERE - {"-h"} if f"`{flag}" not in SECTIONS["What every command has"]} == set()


@pytest.mark.parametrize(
    ("words", "section"), [(POLICIES, "run"), (SEARCHES, "run"), (FORMATS, "export"), (VERBS, "repl")]
)
def test_every_word_that_may_be_said_is_there(words: tuple[str, ...], section: str) -> None:
    assert [word for word in words if not re.search(rf"`{word}[ `\[]", SECTIONS[section])] == []


def test_every_exit_code_is_there() -> None:
    codes = set(re.findall(r"^\| (\d+) \|", SECTIONS["What every command has"], flags=re.M))
    assert codes == {"0", str(cli.FAILED), str(cli.WRONG), str(cli.INTERRUPTED)}


PARTIAL = ("show", "compare")  # their examples leave out what stands elsewhere on the page


@pytest.mark.parametrize("name", [name for name in SECTIONS if "```json" in SECTIONS[name]])
def test_every_example_is_what_the_command_answers(name: str) -> None:
    for block in re.findall(r"```json\n(.*?)```", SECTIONS[name], flags=re.S):
        if name in PARTIAL:
            json.loads(block)
        else:
            checked(block, "error" if name not in SCHEMAS else name)
