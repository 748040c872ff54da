"""A remedy names the nearest word, or a list that a person can read."""

from __future__ import annotations

from trainers.errors import nearest


def test_the_nearest_word_is_named_or_those_there_are() -> None:
    assert nearest("targt", ["path", "target"]) == "Did you mean 'target'?"
    assert nearest("zzz", ["path", "target"]) == "Known: path, target."
    assert nearest("zzz", []) == ""


def test_of_many_words_the_first_are_listed() -> None:
    many = [f"task-{number}" for number in range(100)]
    assert nearest("zzz", many) == f"Known: {', '.join(many[:24])} and 76 more."
    assert nearest("task-99x", many) == "Did you mean 'task-99'?"
