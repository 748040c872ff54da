"""What no run can tell from a config tried before is not proposed again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.search.catalog import proposer
from agent.search.draws import settle, unseen
from agent.study.nouns import Draft, Source
from agent.study.suggested import Suggested
from tests.agent.search.growing import fresh, grow, ran
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, SearchSpace

SPACE = SearchSpace(
    [
        FloatParameter(name="C", low=1e-3, high=1e3, log=True),
        FloatParameter(name="gamma", low=1e-5, high=1.0, log=True),
        FloatParameter(name="tol", low=0.0, high=1.0),
        IntParameter(name="k", low=1, high=100_000),
        CategoricalParameter(name="kernel", choices=("rbf", "poly")),
    ]
)
TRIED = {"C": 33.2, "gamma": 0.000122, "tol": 0.0093, "k": 7, "kernel": "rbf"}
FAR = {**TRIED, "C": 1.0}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"gamma": 0.0001219}, True),
        ({"gamma": 0.0001219, "tol": 0.0094}, True),
        ({"gamma": 0.000124}, False),
        ({"gamma": 0.0001219, "tol": 0.0103}, False),
        ({"gamma": 0.0001219, "k": 8}, False),
        ({"gamma": 0.0001219, "kernel": "poly"}, False),
    ],
)
@pytest.mark.parametrize("waits", [True, False])
def test_within_a_two_thousandth_of_every_range_is_the_same(change: Config, same: bool, waits: bool) -> None:
    draft = Draft(source=Source.PERSON, params=TRIED)
    history = fresh(SPACE).after(draft) if waits else ran(fresh(SPACE), draft, 0.5)
    other = {**TRIED, **change}
    assert unseen(history, [other, FAR]) == settle(SPACE, FAR if same else other)
    assert (unseen(history, [other], strictly=True) is None) is same
    assert unseen(history, [other]) is not None  # where nothing else is left


def test_a_portfolio_s_config_is_passed_over_where_the_person_tried_as_good_as_it() -> None:
    history = ran(fresh(SPACE), Draft(source=Source.PERSON, params=TRIED), 0.5)
    near = SPACE.canonical({**TRIED, "gamma": 0.0001219})
    history = replace(history, portfolio=(Suggested(params=near, origin="on 12 tables"),))
    _, drafts = grow(history, lambda c: c["tol"], "guided", 3)
    assert Source.PORTFOLIO not in [d.source for d in drafts]


@pytest.mark.parametrize("search", ["random", "gp", "cmaes"])
def test_a_line_can_be_searched_beyond_its_resolution(search: str) -> None:
    line = SearchSpace([FloatParameter(name="x", low=0.0, high=1.0)])
    history = fresh(line)
    for number in range(2_001):
        history = ran(history, Draft(source=Source.RANDOM, params={"x": number / 2_000}), abs(number / 2_000 - 0.3))
    (draft,) = proposer(search).propose(history, 1)
    assert not history.seen(draft.params)
