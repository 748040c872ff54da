"""What did well elsewhere, in the words, kinds and ranges of another study's space."""

from __future__ import annotations

import pytest

from agent.search.portfolio.suggest import suggested
from agent.study.suggested import Suggested
from tests.agent.search.portfolio.kit import (
    FOREST,
    GOOD,
    NETWORK,
    ask,
    conditions,
    floating,
    of_study,
    one_of,
    portfolio,
    whole,
)
from trainers.expressions import Expression
from trainers.space import SearchSpace


def values(found: tuple[Suggested, ...], name: str) -> list[object]:
    return [one.params[name] for one in found]


def test_the_same_space_gets_the_same_configs_in_their_order():
    found = ask(*NETWORK)
    assert [one.params for one in found] == [SearchSpace(NETWORK).canonical(config) for config in GOOD]
    assert [one.origin for one in found] == [f"number {n} of the cover" for n in (1, 2, 3)]


def test_other_names_for_the_same_are_known():
    found = ask(
        floating("optimizer.learning_rate", 1e-5, 1.0, log=True),
        floating("weightDecay", 1e-8, 1.0, log=True),
        whole("bs", 4, 256, log=True),
        whole("hidden_size", 16, 1024, log=True),
        whole("num_layers", 1, 3),
    )
    assert [list(one.params.values()) for one in found] == [list(config.values()) for config in GOOD]


def test_a_value_outside_a_narrower_range_comes_to_its_edge():
    found = ask(*NETWORK[:2], whole("batch_size", 16, 128, log=True), *NETWORK[3:])
    assert values(found, "batch_size") == [64, 101, 16]
    assert [" moved into the range" in one.origin for one in found] == [False, False, True]
    assert found[2].origin.endswith("; batch_size moved into the range")


def test_what_lies_within_the_ranges_is_tried_before_what_does_not():
    found = ask(floating("lr", 3e-3, 1e-1, log=True), *NETWORK[1:])
    assert [one.origin[:8] for one in found] == ["number 2", "number 1", "number 3"]


def test_other_scales_and_kinds_are_converted():
    found = ask(
        floating("log10_lr", -5, 0),
        *NETWORK[1:2],
        one_of("batch_size", 32, 64, 128, 256),
        whole("width", 64, 1024, step=64),
        one_of("depth", 1, 2, 3),
    )
    assert values(found, "log10_lr") == pytest.approx([-3.3, -2.22, -4.4], abs=0.02)
    assert values(found, "batch_size") == [64, 128, 32]
    assert values(found, "width") == [256, 128, 640]
    assert values(found, "depth") == [2, 3, 1]


def test_what_the_portfolio_does_not_know_stays_as_in_the_first_config_and_is_named():
    found = ask(*NETWORK, floating("dropout", 0.0, 0.5, default=0.1))
    assert values(found, "dropout") == [0.1] * 3
    assert all(one.origin.endswith("; dropout as in the first config") for one in found)


def test_a_parameter_that_is_missing_here_is_done_without():
    found = ask(*NETWORK[:3])
    assert [set(one.params) for one in found] == [{"lr", "alpha", "batch_size"}] * 3


def test_a_space_that_hardly_overlaps_gets_nothing():
    assert ask(whole("batch_size", 4, 256), floating("temperature", 0, 1), floating("margin", 0, 1)) == ()


def test_what_matters_more_counts_more():
    space = (NETWORK[0], NETWORK[2])
    others = {"alpha": 0.1, "width": 0.1, "depth": 0.1}
    assert ask(*space, lessons=(portfolio(weights={"lr": 1.0, "batch_size": 0.1, **others}),))
    assert not ask(*space, lessons=(portfolio(weights={"lr": 0.1, "batch_size": 0.1, "alpha": 1.0, **others}),))


@pytest.mark.parametrize("words", ["random forest", "svm", "gradient boosting"])
def test_another_kind_of_model_gets_nothing(words):
    assert ask(*FOREST, words=words) == ()
    same_names = SearchSpace([floating("lr", 1e-5, 1.0, log=True), *FOREST])
    assert suggested(same_names, same_names.default(), conditions(same_names, words), (portfolio(),)) == ()


def test_another_kind_of_network_gets_nothing_from_one_on_tables():
    assert ask(*NETWORK, words="gpt transformer language model") == ()


def test_rates_of_adam_are_not_proposed_to_momentum_on_half_a_match():
    adam = portfolio((*NETWORK, one_of("optimizer", "adam")), tuple({**c, "optimizer": "adam"} for c in GOOD))
    space = (*NETWORK[:4], floating("power_t", 0.1, 0.9))
    assert ask(*space, lessons=(adam,))
    assert not ask(*space, floating("momentum", 0.0, 0.99), lessons=(adam,))


def test_shares_are_not_taken_for_counts():
    forest = portfolio(FOREST, ({"n_estimators": 300, "max_features": 0.5, "min_samples_leaf": 1},), "random forest")
    leaf = floating("min_samples_leaf", 0.01, 0.5, default=0.2)
    [found] = ask(*FOREST[:2], leaf, lessons=(forest,), words="random forest")
    assert found.params == {"n_estimators": 300, "max_features": 0.5, "min_samples_leaf": 0.2}


def test_choices_go_by_likeness():
    parameters = (*NETWORK[:3], one_of("optimizer", "adam", "sgd"), one_of("schedule", "cosine", "const"))
    good = (
        {**{name: GOOD[0][name] for name in ("lr", "alpha", "batch_size")}, "optimizer": "adam", "schedule": "const"},
    )
    [found] = ask(
        *NETWORK[:3],
        one_of("optim", "SGD", "AdamW"),
        one_of("lr_scheduler", "linear", "constant"),
        lessons=(portfolio(parameters, good),),
    )
    assert (found.params["optim"], found.params["lr_scheduler"]) == ("AdamW", "constant")
    assert found.origin == "number 1 of the cover"


def test_layers_that_are_numbered_share_what_is_said_of_all_and_the_other_way_round():
    found = ask(*NETWORK[:3], whole("n_units_l0", 16, 1024), whole("n_units_l1", 16, 1024), whole("layers", 1, 3))
    assert values(found, "n_units_l0") == values(found, "n_units_l1") == [256, 101, 645]
    numbered = (*NETWORK[:3], whole("units_1", 16, 512), whole("units_2", 16, 512))
    good = ({"lr": 1e-3, "alpha": 1e-4, "batch_size": 32, "units_1": 128, "units_2": 64},)
    lessons = (portfolio(numbered, good),)
    [found] = ask(*NETWORK[:4], lessons=lessons)
    assert found.params["width"] == 128
    [found] = ask(*NETWORK[:3], whole("hidden_1", 16, 512), whole("hidden_2", 16, 512), lessons=lessons)
    assert (found.params["hidden_1"], found.params["hidden_2"]) == (128, 64)


def test_constraints_are_met_with_as_little_change_as_can_be():
    constraints = ("width % depth == 0", "batch_size < 100")
    found = ask(*NETWORK, constraints=constraints)
    space = SearchSpace(NETWORK, constraints)
    assert len(found) == 3
    assert all(space.allows(one.params) for one in found)
    assert found[0].params == GOOD[0]
    assert [found[1].params[name] for name in ("lr", "alpha")] == [GOOD[1]["lr"], GOOD[1]["alpha"]]


def test_what_applies_to_some_configs_only_is_there_for_those_only():
    sgd = floating("momentum", 0.0, 0.99, when=Expression("optim == 'sgd'"), default=0.9)
    found = ask(*NETWORK, one_of("optim", "adam", "sgd"), sgd)
    assert all("momentum" not in one.params for one in found)
    found = ask(*NETWORK, one_of("optim", "sgd", "adam"), sgd)
    assert values(found, "momentum") == [0.9] * 3


def test_neither_the_default_nor_a_config_twice():
    first = SearchSpace([NETWORK[0].__class__(**{**vars(NETWORK[0]), "default": 5e-4}), *NETWORK[1:]])
    default = first.canonical({**GOOD[0], "batch_size": 65})
    found = suggested(first, default, conditions(first), (portfolio(), portfolio(uid="shipped:portfolio-again")))
    assert [one.params["batch_size"] for one in found] == [101, 6]


def test_a_study_of_the_same_task_goes_before_what_is_shipped():
    own = of_study(portfolio(good=({**GOOD[0], "lr": 2e-3},), uid="own", trainer="bracket", task="gru-small"))
    space = SearchSpace(NETWORK)
    mine = conditions(space, trainer="bracket", task="gru-small")
    shipped = portfolio(NETWORK[:4], tuple({k: c[k] for k in c if k != "depth"} for c in GOOD))
    found = suggested(space, space.default(), mine, (shipped, own))
    assert found[0].params["lr"] == 2e-3
    assert len(found) == 4


def test_what_another_version_wrote_is_passed_over():
    odd = portfolio(
        good=({"lr": "fast", "batch_size": float("nan"), "depth": 2}, GOOD[0]), weights={"lr": float("inf")}
    )
    assert [one.params for one in ask(*NETWORK, lessons=(odd,))] == [GOOD[0]]
    odd.conditions.parameters["lr"] = {"type": "complex"}  # type: ignore[index]
    found = ask(*NETWORK, lessons=(odd,))
    assert [one.origin for one in found] == ["number 2 of the cover; lr as in the first config"]
