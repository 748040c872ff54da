"""The JSON Schema and the docs say what the reader does."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from agent.study.study_file import parse_study
from agent.study.study_schema import TABLES, json_schema
from trainers.parameters import KINDS
from trainers.script.declared import KEYS as METRIC_KEYS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "study-file.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "examples").glob("*/study.toml"))
VALIDATOR = Draft202012Validator(json_schema())


def errors_of(data: Any) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(data)]


def test_the_schema_is_one():
    Draft202012Validator.check_schema(json_schema())


def test_the_schema_in_the_docs_is_the_one_the_code_makes():
    assert json.loads((ROOT / "docs" / "study.schema.json").read_text()) == json_schema()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_schema_and_the_reader_accept_the_examples(path):
    text = path.read_text()
    assert errors_of(tomllib.loads(text)) == []
    warnings: list[str] = []
    parse_study(text, path, warnings.append)
    assert warnings == []


def test_the_pages_own_examples_are_accepted():
    study, metrics = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert errors_of(tomllib.loads(study)) == []
    parse_study(study, Path("/somewhere/study.toml"))
    both = study.split("[metrics]")[0] + metrics
    assert errors_of(tomllib.loads(both)) == []
    parse_study(both, Path("/somewhere/study.toml"))


@pytest.mark.parametrize(
    "change",
    [
        {"study": {"nam": 1}},
        {"study": {"command": "python"}},
        {"study": {"name": "x", "budget": {"trial_time": "soon"}}},
        {"study": {"name": "x", "policy": "akk"}},
        {"study": {"name": "x", "seed": -1}},
        {"study": {"name": "x"}, "space": {"lr": {"type": "float", "low": 0}}},
        {"study": {"name": "x"}, "space": {"lr": {"type": "int", "low": 0, "high": 1, "choices": [1]}}},
        {"study": {"name": "x"}, "metrics": {"a": {"csv": "x", "tag": "y"}}},
        {"study": {"name": "x"}, "env": {"A": 1}},
        {"spaec": {}},
        {},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(change):
    assert errors_of(change)


def keys() -> list[str]:
    named = [name for table in TABLES.values() if table for name in table]
    parameters = [key for kind in KINDS.values() for key in kind.keys]
    metrics = [key for known in METRIC_KEYS.values() for key in known]
    return sorted({*named, *parameters, *metrics, "default", "when", "type"})


@pytest.mark.parametrize("key", keys())
def test_every_key_is_on_the_page(key):
    assert f"`{key}`" in PAGE or f"`[{key}]`" in PAGE or f"## [{key}]" in PAGE


@pytest.mark.parametrize(
    "word", [c for table in TABLES.values() if table for key in table.values() for c in key.choices]
)
def test_every_choice_is_on_the_page(word):
    assert f"`{word}`" in PAGE
