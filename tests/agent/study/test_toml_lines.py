"""On which line each key of a TOML document stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from agent.study.toml_lines import KeyPath, key_lines

DOCUMENT = '''# a comment with [brackets] and = signs
top = 1

[study] # another
name = "a # no comment \\" [x]"
command = [
    "python", # first
    "train.py",

    # between
    "]",
]
objective = { metric = "v", deep = { er = [1, 2] } }
text = """
[not.a.table]
key = 1
"""
raw = \'\'\'
x = '
\'\'\'
"quoted.key" . 'inner' = 1979-05-27T07:32:00Z

[space . "a.b"]
low = 1
[[many]]
x = 1
[[many]]
x = 2
'''


def paths(data: Any, at: KeyPath = ()) -> Iterator[KeyPath]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*at, key)
        yield from paths(value, (*at, key))


def test_every_key_and_item_has_its_line():
    lines = key_lines(DOCUMENT)
    assert set(lines) == set(paths(tomllib.loads(DOCUMENT)))
    for path, line in [
        (("top",), 2), (("study",), 4), (("study", "name"), 5), (("study", "command"), 6), (("study", "command", 0), 7),
        (("study", "command", 1), 8), (("study", "command", 2), 11), (("study", "objective", "deep", "er", 1), 13),
        (("study", "text"), 14), (("study", "raw"), 18), (("study", "quoted.key", "inner"), 21),
        (("space", "a.b", "low"), 24), (("many", 0, "x"), 26), (("many", 1, "x"), 28),
    ]:  # fmt: skip
        assert lines[path] == line, path


def test_a_document_cut_anywhere_breaks_nothing():
    for end in range(len(DOCUMENT)):
        found = key_lines(DOCUMENT[:end])
        assert all(1 <= line <= DOCUMENT.count("\n") for line in found.values())


values = st.recursive(
    st.one_of(st.integers(-9, 9), st.booleans(), st.text(max_size=8), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=6), values, max_size=5))
def test_no_key_of_any_document_is_lost(data):
    text = tomlkit.dumps(data)
    assert set(paths(tomllib.loads(text))) <= set(key_lines(text))
