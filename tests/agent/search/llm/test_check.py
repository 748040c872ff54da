"""What a model writes, taken as far as it fits: each kind of mistake, and what is told of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from agent.search import wire
from agent.search.history import History
from agent.search.llm.check import Checked, Checker
from agent.search.llm.evidence import Facts
from agent.search.llm.reply import Proposals, Proposed, params_schema, shape
from agent.study.nouns import Draft, Source, TrialState
from tests.agent.search import growing
from tests.agent.search.growing import fresh, ran
from trainers.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace

GOOD = {"lr": 3e-3, "dropout": 0.1, "width": 64, "layers": 4, "optimizer": "adam"}


def checker(history: History | None = None, lessons: tuple[int, ...] = ()) -> Checker:
    past = fresh(growing.mixed()) if history is None else history
    return Checker(past, Facts(None, past.trials), lessons)


def check(params: Any, history: History | None = None, **said: Any) -> Checked:
    return checker(history).check(Proposed.model_validate({"params": params, "rationale": "Because.", **said}))


def tried(*values: float) -> History:
    """A history of `mixed` with one trial a value; t0 the defaults, then others."""
    history = fresh(growing.mixed())
    configs = [growing.mixed().default(), GOOD, {**GOOD, "width": 128}]
    for config, value in zip(configs, values, strict=False):
        history = ran(history, Draft(source=Source.GP, params=config), value)
    return history


def test_what_fits_is_taken_as_it_is() -> None:
    found = check(GOOD)
    assert found.draft is not None and found.notes == ()
    assert (found.draft.params, found.draft.source, found.draft.rationale) == (GOOD, Source.LLM, "Because.")
    assert found.draft.insight == {}


@pytest.mark.parametrize(
    ("name", "given", "taken", "note"),
    [
        ("lr", "3e-3", 3e-3, ""),
        ("lr", 1e-3 * (1 + 1e-12), 1e-3, ""),
        ("lr", 1.05, 1.0, "lr 1.05 → 1, the end of its range"),
        ("dropout", 0.23, 0.2, "dropout 0.23 → 0.2, the nearest it can take"),
        ("dropout", 0.30000000000000004, 0.3, ""),
        ("width", 64.0, 64, ""),
        ("width", 99.6, 100, "width 99.6 → 100, the nearest it can take"),
        ("width", 515, 512, "width 515 → 512, the end of its range"),
        ("layers", 4.6, 4, "layers 4.6 → 4, the nearest it can take"),
        ("optimizer", "ADAM", "adam", ""),
        ("optimizer", "null", None, ""),
        ("optimizer", None, None, ""),
    ],
)
def test_values_are_read_leniently_and_snapped(name: str, given: Any, taken: Any, note: str) -> None:
    found = check({**GOOD, name: given})
    assert found.draft is not None, found.problem
    assert found.draft.params[name] == taken and type(found.draft.params[name]) is type(taken)
    assert found.notes == ((note,) if note else ())


@pytest.mark.parametrize(
    ("name", "given", "problem"),
    [
        ("lr", 1e9, "lr = 1000000000 is outside its range of 1e-5 to 1"),
        ("lr", -1, "lr = -1 is outside its range of 1e-5 to 1"),
        ("lr", 0, "lr = 0 is outside its range of 1e-5 to 1"),
        pytest.param("lr", 10**400, "is not finite", id="lr-huge"),
        ("lr", float("nan"), "is not finite"),
        ("lr", "nan", "is not finite"),
        ("lr", "small", 'lr = "small" is not a number'),
        ("lr", True, "lr = true is not a number"),
        ("lr", [1e-3], "is not a number"),
        ("lr", {"value": 1e-3}, "is not a number"),
        ("width", 600, "width = 600 is outside its range of 16 to 512"),
        ("optimizer", "lion", 'optimizer = "lion" is not one of "adam", "sgd", null'),
        ("optimizer", ["adam"], "is not one of"),
        ("optimizer", 1, "is not one of"),
    ],
)
def test_values_that_mean_nothing_allowed_are_told(name: str, given: Any, problem: str) -> None:
    found = check({**GOOD, name: given})
    assert found.draft is None
    assert problem in found.problem


def test_numeric_choices_take_the_nearest_between_their_ends() -> None:
    space = SearchSpace([CategoricalParameter(name="batch", choices=(64, 128, 256))])
    history = replace(fresh(space), first_config={"batch": 256})
    taken = check({"batch": 100}, history)
    assert taken.draft is not None and taken.draft.params == {"batch": 128}
    assert taken.notes == ("batch 100 → 128, the nearest choice",)
    assert check({"batch": "64"}, history).draft is not None
    assert "is not one of 64, 128, 256" in check({"batch": 4096}, history).problem


def test_true_and_one_are_two_choices() -> None:
    space = SearchSpace([CategoricalParameter(name="c", choices=(1, True, "1e0"))])
    for given in (1, True, "1e0"):
        found = check({"c": given}, fresh(space))
        assert found.draft is not None and found.draft.params["c"] is given


def test_names_are_found_again_and_unknown_ones_dropped() -> None:
    found = check({**{k.upper(): v for k, v in GOOD.items()}, "warmup": 100})
    assert found.draft is not None and found.draft.params == GOOD
    assert found.notes == ("warmup dropped: the space has no such parameter",)


def test_what_is_left_out_comes_from_the_best_trial_or_else_the_defaults() -> None:
    given = {k: v for k, v in GOOD.items() if k not in ("width", "optimizer")} | {"lr": 0.01}
    by_default = check(given)
    assert by_default.draft is not None
    assert by_default.draft.params == {**growing.mixed().default(), **given}
    assert by_default.notes == ("width was left out: 89, its default", 'optimizer was left out: "adam", its default')
    from_best = check(given, tried(0.5, 0.2, 0.3))
    assert from_best.draft is not None and from_best.draft.params["width"] == 64
    assert "width was left out: 64, as in t1" in from_best.notes


def test_a_config_that_names_nothing_of_the_space_is_none() -> None:
    for params in ({}, {"learning_rate": 0.1}, None, [0.1], "lr=0.1", 3):
        assert check(params).draft is None
    assert "name no parameter of the space, which has lr, dropout" in check({"rate": 1}).problem
    assert check(None).problem == "it has no params"


def test_conditional_parameters_come_and_go() -> None:
    history = fresh(growing.conditional())
    adam = check({"optimizer": "adam", "lr": 0.01, "momentum": 0.9, "damping": 7}, history)
    assert adam.draft is not None and adam.draft.params == {"optimizer": "adam", "lr": 0.01}
    assert "momentum dropped: it exists only when optimizer == 'sgd'" in adam.notes
    sgd = check({"optimizer": "sgd", "lr": 0.01, "nesterov": False}, history)
    assert sgd.draft is not None and list(sgd.draft.params) == ["optimizer", "lr", "momentum", "nesterov", "damping"]
    assert any(note.startswith("momentum was left out") for note in sgd.notes)
    assert "damping = 7" in check({"optimizer": "sgd", "nesterov": False, "damping": 7}, history).problem
    assert check({"optimizer": "adam", "lr": 0.02, "momentum": None}, history).notes == ()


def test_broken_constraints_are_repaired_and_said() -> None:
    config = {"seq_len": 96, "label_len": 168, "batch": 32, "a": 0.1, "b": 0.1}
    found = check(config, fresh(growing.constrained()))
    assert found.draft is not None and growing.constrained().allows(found.draft.params)
    kept = {name: found.draft.params[name] for name in ("a", "b")}
    assert kept == {"a": 0.1, "b": 0.1}
    assert any("because constraint label_len < seq_len is broken" in note for note in found.notes)
    assert found.draft.insight["checked"] == list(found.notes)
    again = check(config, fresh(growing.constrained()))
    assert again == found  # the same every time


def test_nothing_is_proposed_twice() -> None:
    history = tried(0.5, 0.2)
    assert check(GOOD, history).problem == "it is the config of t1 again (loss 0.2)"
    assert check({**GOOD, "lr": 3e-3 * (1 + 1e-13)}, history).draft is None
    failed = ran(history, Draft(source=Source.GP, params={**GOOD, "layers": 8}), None)
    assert check({**GOOD, "layers": 8}, failed).problem == "it is the config of t2 again (failed)"
    waiting = history.after(Draft(source=Source.GP, params={**GOOD, "layers": 6}))
    assert check({**GOOD, "layers": 6}, waiting).problem == "it waits for a decision already"
    refused = replace(waiting, pending=())
    assert check({**GOOD, "layers": 6}, refused).problem == "it was proposed before and turned down"
    running = ran(history, Draft(source=Source.GP, params={**GOOD, "layers": 2}), None, TrialState.RUNNING)
    assert check({**GOOD, "layers": 2}, running).problem == "it is the config of t2 again (running)"


def test_of_one_reply_each_config_counts_once() -> None:
    one = checker()
    assert one.check(Proposed(params=GOOD)).draft is not None
    assert (
        one.check(Proposed(params={**GOOD, "dropout": 0.12})).problem
        == "it is the same as another proposal made just now"
    )
    assert one.check(Proposed(params={**GOOD, "dropout": 0.2})).draft is not None


def test_evidence_that_points_at_nothing_is_dropped_and_counted() -> None:
    given = [
        {"trial": 1, "metric": None, "step": None, "text": "the best"},
        {"trial": "t0", "text": "the defaults"},
        {"trial": 99, "text": "made up"},
        {"trial": 1, "metric": "loss", "step": 5, "text": "no such curve"},
        "[t1]",
        0,
        "nonsense",
        {"text": "no trial"},
    ]
    found = check({**GOOD, "layers": 6}, tried(0.5, 0.2), evidence=given)
    assert found.draft is not None
    assert [(e.kind, e.trial, e.text) for e in found.draft.evidence] == [
        ("trial", 1, "the best"),
        ("trial", 0, "the defaults"),
    ]
    assert found.notes == ("4 of its references pointed at nothing and were left out",)


def test_citations_in_a_rationale_must_exist_too() -> None:
    found = check({**GOOD, "layers": 6}, tried(0.5, 0.2), rationale="As [t1] and [t99] show; see [t1 loss@3], [t0 x].")
    assert found.draft is not None
    assert found.draft.rationale == "As [t1] and t99 show; see t1 loss@3, [t0]."
    assert found.notes == ("2 of its references pointed at nothing and were left out",)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"low": 0.1, "high": 0.2}, (0.1, 0.2)),
        ({"low": 0.2, "high": 0.1}, (0.1, 0.2)),
        ([0.1, "0.2"], (0.1, 0.2)),
        ({"low": 0.1}, None),
        ({"low": float("-inf"), "high": 1}, None),
        ("0.1 to 0.2", None),
        (0.15, None),
        ({}, None),
    ],
)
def test_expected_intervals(given: Any, taken: Any) -> None:
    found = check(GOOD, expected=given)
    assert found.draft is not None and found.draft.expected == taken
    assert bool(found.notes) is (taken is None)
    assert check(GOOD, expected=None).notes == ()


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (0.7, 0.7),
        ("0.7", 0.7),
        (70, 0.7),
        ("70%", 0.7),
        (1, 1.0),
        (0, 0.0),
        (-1, None),
        (101, None),
        ("high", None),
        (True, None),
    ],
)
def test_confidence(given: Any, taken: Any) -> None:
    found = check(GOOD, confidence=given)
    assert found.draft is not None and found.draft.confidence == taken


def test_reasons_of_any_kind_are_kept_short_and_clean() -> None:
    found = check(GOOD, rationale="Ein\x1b[2J \u202egegen\nden Strom. " + "sehr " * 2_000)
    assert found.draft is not None
    assert found.draft.rationale.startswith("Ein [2J gegen den Strom.")
    assert len(found.draft.rationale) <= 1_200
    for nothing in (None, 3, ["because"], ""):
        without = check(GOOD, rationale=nothing)
        assert without.draft is not None and without.draft.rationale == ""
        assert without.notes == ("no reason was given",)
    for language in ("Ниже скорость обучения.", "学习率更低。", "学習率を下げる。"):
        kept = check(GOOD, rationale=language)
        assert kept.draft is not None and kept.draft.rationale == language


def test_lessons_and_entropy_are_kept_with_the_draft() -> None:
    said = Proposed.model_validate({"params": GOOD, "rationale": "So.", "lessons": [2, 7, 2, "1", True]})
    found = checker(lessons=(41, 42)).check(said, call_id=9, entropy={"lr": 0.123456, "warmup": 1.0})
    assert found.draft is not None
    assert found.draft.insight == {"entropy": {"lr": 0.1235}, "lessons": [42]}
    assert found.draft.call_id == 9
    assert json.loads(json.dumps(wire.draft_to_dict(found.draft), allow_nan=False))["insight"]["lessons"] == [42]


# -- the shape of a reply ------------------------------------------------------------


@pytest.mark.parametrize("given", [[{"params": GOOD}], {"params": GOOD}, {"proposals": [{"params": GOOD}]}])
def test_a_bare_list_and_a_bare_config_mean_the_same(given: Any) -> None:
    assert Proposals.model_validate(given).proposals[0].params == GOOD


def test_what_is_no_object_counts_as_one_without_params() -> None:
    found = Proposals.model_validate({"proposals": ["lr=0.1", None, {"params": GOOD}]})
    assert [p.params for p in found.proposals] == [None, None, GOOD]


def test_the_schema_names_every_parameter_with_its_values() -> None:
    schema = shape(growing.conditional(), 3).model_json_schema()
    item = schema["properties"]["proposals"]["items"]
    params = item["properties"]["params"]
    assert schema["properties"]["proposals"]["maxItems"] == 3
    assert params["properties"]["optimizer"] == {"enum": ["adam", "sgd"]}
    assert params["properties"]["lr"] == {"type": "number", "minimum": 1e-4, "maximum": 1.0}
    assert params["required"] == ["optimizer", "lr"]  # the others exist under conditions
    assert item["required"] == ["params", "rationale", "evidence", "expected", "confidence"]
    assert "lessons" not in item["properties"]
    assert (
        "lessons"
        in shape(growing.conditional(), 3, True).model_json_schema()["properties"]["proposals"]["items"]["properties"]
    )


def test_a_draft_of_any_space_is_valid_by_its_schema() -> None:
    import jsonschema

    space = SearchSpace([FloatParameter(name="a.b", low=0, high=1), IntParameter(name="n", low=1, high=3)])
    for one in (space, growing.mixed(), growing.constrained()):
        jsonschema.validate(one.default(), params_schema(one))
