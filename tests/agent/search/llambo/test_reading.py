"""Whatever stands around configs and numbers in a reply, they are found; what is none is not made up."""

from __future__ import annotations

import json
import math

import pytest

from agent.llm.call import Token
from agent.search.llambo.reading import configs, labels_shape, numbers
from agent.search.llambo.surrogate import probabilities

NAMES = ("lr", "width", "opt")
ONE, TWO = {"lr": 0.01, "width": 64, "opt": "adam"}, {"lr": 0.1, "width": 8, "opt": "sgd"}
WHOLE = json.dumps({"configurations": [ONE, TWO]})


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        f"Sure! Here they are:\n```json\n{WHOLE}\n```\nGood luck.",
        json.dumps([ONE, TWO]),
        f"<think>lr must fall</think>{WHOLE}",
        f"Configurations({WHOLE})",
        WHOLE[:-1],
    ],
)
def test_every_config_is_found(text: str) -> None:
    assert configs(text, NAMES) == [ONE, TWO]


def test_of_a_reply_that_breaks_off_what_there_is() -> None:
    found = configs(WHOLE[: WHOLE.index('"width": 8')], NAMES)
    assert found[0] == ONE and found[1] == {"lr": 0.1}


def test_plain_lines_are_configs_too() -> None:
    text = "I suggest:\n## lr: 0.01, width: 64, opt: adam ##\n- lr = 0.1, width = 8, opt = 'sgd'\nlr matters most."
    assert configs(text, NAMES) == [
        {"lr": "0.01", "width": "64", "opt": "adam"},
        {"lr": "0.1", "width": "8", "opt": "sgd"},
    ]
    assert configs("I would lower the rate.", NAMES) == []


LABELS = ("c1", "c2", "c3")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"c1": 0.1, "c2": 0.2, "c3": 3e-1}', (0.1, 0.2, 0.3)),
        ('Well: {"c1": "0.1", "c2": 0.2, "c3": 0.3} I think', (0.1, 0.2, 0.3)),
        ('{"predictions": {"c1": 0.1, "c2": 0.2, "c3": 0.3}}', (0.1, 0.2, 0.3)),
        ("c1: 0.1\n**c2**: .2\nc3 = 0.3 or so", (0.1, 0.2, 0.3)),
        ("[0.1, 0.2, 0.3]", (0.1, 0.2, 0.3)),
        ('{"c1": 0.1, "c2": NaN, "c3": 0.3}', (0.1, None, 0.3)),
        ('{"c1": 0.1, "c2": "high"}', (0.1, None, None)),
        ('{"c1": 0.1, "c2": 0.', (0.1, None, None)),
        ('{"c3": 0.3, "c9": 0.9}', (None, None, 0.3)),
        ("[0.1, 0.2]", (None, None, None)),  # of whom?
        ("Infinity", (None, None, None)),
        ("", (None, None, None)),
    ],
)
def test_numbers_by_their_labels(text: str, found) -> None:
    assert numbers(text, LABELS) == {n: v for n, v in zip(LABELS, found, strict=True) if v is not None}


def test_a_bare_number_answers_one_label_only() -> None:
    assert numbers(" 0.25 ", ("c1",)) == {"c1": 0.25}
    assert numbers("0.25", LABELS) == {}


def test_c1_is_not_c12() -> None:
    names = tuple(f"c{i}" for i in range(1, 13))
    assert numbers("c12: 0.5", names) == {"c12": 0.5}


def test_the_schema_holds_a_model_to_every_label() -> None:
    schema = labels_shape(("c1", "c2"), (0, 1)).model_json_schema()
    assert schema["required"] == ["c1", "c2"] and schema["additionalProperties"] is False
    assert schema["properties"]["c2"]["enum"] == [0, 1]


def tokens(*pieces: tuple[str, dict[str, float]]) -> list[Token]:
    return [Token(t, math.log(top.get(t, 1.0)), 0.0, {k: math.log(v) for k, v in top.items()}) for t, top in pieces]


def test_probabilities_are_those_of_the_two_classes_in_the_place_of_the_class() -> None:
    said = tokens(
        ('{"c', {}), ('1": ', {}), ("1", {"1": 0.6, "0": 0.2, "7": 0.2}), (', "c2":', {}), (" 0", {" 0": 0.9, "1": 0.1}),
        ("}", {}),
    )  # fmt: skip
    found = probabilities(said, ("c1", "c2"))
    assert found == {"c1": pytest.approx(0.75), "c2": pytest.approx(0.1)}


def test_without_alternatives_there_are_no_probabilities() -> None:
    assert probabilities(tokens(('{"c1": ', {}), ("1", {}), ("}", {})), ("c1",)) == {}
    assert probabilities([], ("c1",)) == {}
