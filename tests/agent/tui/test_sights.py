"""Views of a study: every trial lands where its values say, the best lies on top, and what cannot be said is not."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from rich.cells import cell_len

from agent.importance import Share, Weights, importances, weights
from agent.study.nouns import Source, Trial, TrialState
from agent.tui.sights import bars, parallel, slices
from agent.tui.sights.bars import Known
from agent.tui.sights.field import Field
from agent.tui.sights.parallel import Brush, Look
from agent.tui.sights.pictured import VIEWS, Sight, nearest_trial
from agent.tui.sights.placed import BAD, BEST, MUTED, Placed, Placer
from agent.tui.sights.slices import Sliced
from tests.agent.stores import GOOD, OOM, SPACE
from tests.agent.tui.test_plot import dots
from trainers.contract import Objective
from trainers.parameters import CategoricalParameter, FloatParameter
from trainers.space import SearchSpace

LOSS = Objective("loss")
NAMES = list(SPACE.parameters)


def trial(number: int, params: dict[str, Any], value: float | None) -> Trial:
    state = TrialState.COMPLETED if value is not None else TrialState.FAILED
    failure = OOM if value is None else None
    return Trial(
        id=number, study_id=1, number=number, proposal_id=1, source=Source.GP, params=params, seed=0, state=state,
        value=value, failure=failure,
    )  # fmt: skip


def study(count: int, seed: int = 0) -> list[Trial]:
    rng = random.Random(seed)
    out = []
    for number in range(count):
        params = SPACE.sample(rng)
        value = 0.3 * abs(math.log10(params["lr"]) + 3) + 0.05 * params["layers"] + 0.1 * rng.random()
        out.append(trial(number, params, None if rng.random() < 0.1 else value))
    return out


def placed(trials: list[Trial], objective: Objective = LOSS, space: SearchSpace = SPACE) -> Placed:
    return Placer(space, objective).place(trials)


def texts(rows: list[list[tuple[str, str]]]) -> list[str]:
    return ["".join(text for text, _ in row) for row in rows]


def known(trials: list[Trial]) -> Known:
    return Known(weights(trials, SPACE, LOSS), {}, len(trials))


class TestPlaces:
    def test_a_logarithmic_parameter_lies_by_its_logarithm_a_choice_on_its_level(self) -> None:
        found = placed([trial(0, {**GOOD, "lr": 1e-3}, 0.5)])
        assert found.column("lr")[0] == pytest.approx(0.5)
        assert found.column("opt")[0] == 0.25
        assert found.column("warm")[0] == pytest.approx(5 / 6)

    def test_a_parameter_that_does_not_apply_or_is_no_longer_a_choice_has_no_place(self) -> None:
        other = {"lr": 1e-3, "opt": "adam", "layers": 2, "warm": "gone"}
        found = placed([trial(0, other, 0.5)])
        assert np.isnan(found.column("momentum")[0])
        assert np.isnan(found.column("warm")[0])

    def test_the_best_is_drawn_last_and_failures_first(self) -> None:
        for objective, best in ((LOSS, 1), (Objective("acc", "maximize"), 2)):
            found = placed(
                [trial(0, GOOD, None), trial(1, GOOD, 0.1), trial(2, GOOD, 0.9), trial(3, GOOD, 0.5)], objective
            )
            assert [int(found.numbers[i]) for i in (found.order[0], found.order[-1])] == [0, best]
            assert found.shades.tolist()[0] == BAD and found.shades.tolist()[best] == BEST
            assert found.ranked[0] == best

    def test_an_exploded_loss_lies_at_the_end_and_leaves_room_for_the_others(self) -> None:
        values = [0.30 + 0.01 * i for i in range(20)] + [1e12]
        found = placed([trial(i, GOOD, v) for i, v in enumerate(values)])
        assert found.heights[20] == pytest.approx(max(found.heights))
        assert found.heights[19] - found.heights[0] > 0.2
        assert any(text.startswith("≥") for _, text in found.objective.marks)

    def test_values_that_are_not_finite_are_none(self) -> None:
        found = placed([trial(0, GOOD, math.nan), trial(1, GOOD, math.inf), trial(2, GOOD, 0.5)])
        assert found.ranked == (2,)
        assert np.isnan(found.heights[:2]).all()

    def test_placing_again_gives_the_same_and_takes_new_ones_in(self) -> None:
        placer, trials = Placer(SPACE, LOSS), study(40)
        placer.place(trials[:20])
        again, fresh = placer.place(trials), placed(trials)
        assert np.array_equal(again.units, fresh.units, equal_nan=True)
        assert again.ranked == fresh.ranked


class TestField:
    def test_lines_are_where_a_plain_drawing_has_them_and_the_last_gives_the_colour(self) -> None:
        field = Field(10, 4, ("a", "b"))
        field.lines(0, 19, np.array([0, 15]), np.array([0, 0]), np.array([0, 1]))
        rows = field.rows()
        found = dots(texts(rows))
        assert {(x, 0) for x in range(20)} <= found
        assert {x for x, _ in found} == set(range(20))
        assert rows[0][-1][1] == "b"

    @settings(max_examples=30, deadline=None)
    @given(some.lists(some.tuples(some.integers(0, 47), some.integers(0, 47)), min_size=1, max_size=60))
    def test_both_ends_of_every_line_are_drawn_and_none_has_a_hole(self, ends: list[tuple[int, int]]) -> None:
        field = Field(15, 12, ("a",))
        y0, y1 = (np.array(side) for side in zip(*ends, strict=True))
        field.lines(0, 29, y0, y1, np.zeros(len(ends), dtype=np.int64))
        found = dots(texts(field.rows()))
        assert {(0, int(y)) for y in y0} <= found and {(29, int(y)) for y in y1} <= found
        for a, b in ends:
            assert all(any((x, y) in found for y in range(min(a, b), max(a, b) + 1)) for x in range(30))

    def test_letters_stand_over_dots(self) -> None:
        field = Field(6, 1, ("a",))
        field.lines(0, 11, np.array([0]), np.array([0]), np.array([0]))
        field.put(2, 0, "xy", "b")
        assert texts(field.rows()) == ["⠉⠉xy⠉⠉"]


class TestParallel:
    def test_a_known_picture(self) -> None:
        space = SearchSpace(
            [FloatParameter(name="a", low=0.0, high=1.0), CategoricalParameter(name="b", choices=("x", "y"))]
        )
        trials = [trial(0, {"a": 0.0, "b": "x"}, 1.0), trial(1, {"a": 1.0, "b": "y"}, 0.0)]
        rows = texts(parallel.draw(placed(trials, space=space), Look(["a", "b"]), 34, 9))
        assert rows == [
            "      a            b         loss ",
            "     1┤⠑⠒⠤⢄⣀       │           1┤ ",
            "    .8┤     ⠉⠉⠒⠢⠤⣀⡀│        ⢀⠔.8┤ ",
            "      │           y┤⠢⡀    ⢀⠔⠁   │ ",
            "    .6┤            │ ⠈⠑⢄⡠⠊⠁   .6┤ ",
            "    .4┤            │ ⢀⡠⠊⠑⢄⡀   .4┤ ",
            "      │           x┤⠔⠁    ⠈⠢⡀   │ ",
            "    .2┤     ⣀⣀⠤⠔⠒⠉⠁│        ⠈⠢.2┤ ",
            "     0┤⡠⠤⠒⠊⠉       │           0┤ ",
        ]

    @settings(max_examples=25, deadline=None)
    @given(some.integers(0, 10_000), some.integers(12, 40))
    def test_every_line_begins_on_the_row_of_its_value(self, seed: int, height: int) -> None:
        [one] = study(1, seed)
        found = placed([one])
        rows = texts(parallel.draw(found, Look(NAMES), 70, height))
        columns = parallel.axis_columns(6, 70)
        high = 4 * (height - 3) if np.isnan(found.units).any() or one.value is None else 4 * (height - 1)
        drawn = dots(rows[1:])
        for i, name in enumerate(NAMES):
            place = found.column(name)[0]
            row = 4 * (height - 1) - 2 if math.isnan(place) else round((1 - place) * (high - 1))
            assert any((2 * columns[i] + 2, y) in drawn for y in range(row - 14, row + 15))

    def test_the_chosen_trial_is_marked_on_every_axis(self) -> None:
        trials = study(30)
        rows = texts(parallel.draw(placed(trials), Look(NAMES, selected=3), 80, 20))
        assert sum(row.count("●") for row in rows) == len(NAMES) + 1

    def test_what_does_not_apply_lies_on_a_level_of_its_own(self) -> None:
        rows = texts(parallel.draw(placed(study(30)), Look(NAMES), 80, 20))
        assert rows[-1].count("–") + rows[-1].count("●") == len(NAMES) + 1
        whole = [trial(i, {**GOOD, "lr": 10 ** -(2 + i / 10)}, 0.1 * i + 0.1) for i in range(9)]
        assert "–" not in "".join(texts(parallel.draw(placed(whole), Look(NAMES), 80, 20)))

    def test_a_brush_keeps_only_its_trials_lit(self) -> None:
        trials = study(200)
        found = placed(trials)
        low, high = SPACE.parameters["lr"].unit(1e-4), SPACE.parameters["lr"].unit(1e-2)
        bright = parallel.lit(found, {"lr": Brush(low, high), "opt": Brush(0.2, 0.3)})
        expected = [1e-4 <= t.params["lr"] <= 1e-2 and t.params["opt"] == "sgd" for t in trials]
        assert bright.tolist() == expected
        rows = parallel.draw(found, Look(NAMES, "lr", {"lr": Brush(2, 3)}), 80, 20)
        assert {role for row in rows[1:] for text, role in row if 0x2800 < ord(text[0]) < 0x2900} == {"faint"}

    def test_many_parameters_are_turned_page_by_page(self) -> None:
        space = SearchSpace([FloatParameter(name=f"p{i}", low=0.0, high=1.0) for i in range(20)])
        trials = [trial(i, dict.fromkeys(space.parameters, i * 7 % 10 / 10), 0.1 * i) for i in range(9)]
        names, found = list(space.parameters), placed(trials, space=space)
        seen = set()
        for name in names:
            heading = texts(parallel.draw(found, Look(names, name), 80, 20))[0]
            assert name in heading.split() and "loss" in heading.split()
            seen |= set(heading.split())
        assert seen >= set(names)

    @pytest.mark.parametrize(
        "trials", [[], [trial(0, GOOD, None)], [trial(0, GOOD, 0.5)]], ids=["none", "failed", "one"]
    )
    def test_little_is_drawn_and_nothing_is_said(self, trials: list[Trial]) -> None:
        rows = texts(parallel.draw(placed(trials), Look(NAMES), 80, 20))
        assert len(rows) == 20 and all(cell_len(row) == 80 for row in rows)
        assert ("no trials yet" in "".join(rows)) == (not trials)


class TestSlices:
    def test_every_dot_lies_at_its_value(self) -> None:
        trials = study(50)
        found = placed(trials)
        panel = slices.Panel("lr", 0, 0, 60, 20)
        order, xs, ys = slices.dots(found, panel)
        for i, x, y in zip(order, xs, ys, strict=True):
            place = SPACE.parameters["lr"].unit(trials[int(i)].params["lr"])
            assert x == pytest.approx(14 + place * 101, abs=0.6)
            assert y == pytest.approx(4 + (1 - found.heights[i]) * 71, abs=0.6)
        assert len(order) == sum(t.value is not None for t in trials)

    def test_choices_are_strips_that_do_not_touch(self) -> None:
        found = placed(study(300))
        order, xs, _ = slices.dots(found, slices.Panel("opt", 0, 0, 60, 20))
        is_sgd = found.column("opt")[order] < 0.5
        assert max(xs[is_sgd]) < min(xs[~is_sgd]) - 10

    def test_the_best_of_each_stretch_is_a_line_at_its_value(self) -> None:
        found = placed([trial(i, {**GOOD, "opt": ("sgd", "adam")[i % 2]}, 0.1 + 0.1 * (i % 7)) for i in range(200)])
        rows = texts(slices.draw(found, Sliced(["opt"], "opt"), 60, 20))
        drawn = dots(rows)
        _, _, ys = slices.dots(found, slices.Panel("opt", 0, 0, 60, 20))
        bottom = max(y for y in ys)
        assert {(x, int(bottom)) for x in range(14, 62)} <= drawn

    def test_panels_are_as_many_as_have_room_and_follow_the_chosen_one(self) -> None:
        look = Sliced([f"p{i}" for i in range(20)], "p13")
        shown = slices.panels(look, 80, 24)
        assert 1 <= len(shown) <= 4 and "p13" in [p.name for p in shown]
        assert all(p.left + p.width <= 80 and p.top + p.height <= 24 for p in shown)

    def test_the_nearest_dot_is_found_under_a_click(self) -> None:
        trials = study(40)
        sight = Sight("s", placed(trials), known(trials), "lr")
        [panel] = [p for p in slices.panels(sight.sliced(), 120, 39) if p.name == "lr"]
        order, xs, ys = slices.dots(sight.placed, panel)
        for at in range(0, len(order), 7):
            name, number = nearest_trial(sight, "slices", 120, 40, int(xs[at]) // 2, int(ys[at]) // 4)
            assert name == "lr" and number is not None
            place = np.flatnonzero(sight.placed.numbers[order] == number)[0]
            assert abs(xs[place] - xs[at]) <= 4 and abs(ys[place] - ys[at]) <= 6

    def test_nothing_to_show_is_said(self) -> None:
        assert "no trials yet" in "".join(texts(slices.draw(placed([]), Sliced(NAMES), 80, 20)))
        assert "no trial has a value yet" in "".join(
            texts(slices.draw(placed([trial(0, GOOD, None)]), Sliced(NAMES), 80, 20))
        )


class TestBars:
    def test_shares_have_their_uncertainty_and_are_those_of_the_room(self) -> None:
        trials = study(80)
        found = weights(trials, SPACE, LOSS)
        assert {s.parameter: s.share for s in found.shares} == importances(trials, SPACE, LOSS)
        assert sum(s.share for s in found.shares) == pytest.approx(1)
        assert all(s.deviation >= 0 for s in found.shares) and found.shares[0].deviation > 0
        assert 0 < found.alone <= 1 and found.trials == sum(t.value is not None for t in trials)

    def test_a_bar_is_as_long_as_its_share(self) -> None:
        found = Known(Weights((Share("a", 0.75, 0.1), Share("b", 0.25, 0.0)), 0.6, 30), {}, 30)
        rows = texts(bars.draw(found, 80, 20))
        assert [row.count("█") for row in rows[:2]] == [36, 12]
        assert "75% ±10" in rows[0] and "┤" in rows[0]
        said = " ".join(rows)
        assert "on 30 trials" in said and "explain 60%" in said and "40% lie in how parameters act together" in said

    def test_too_few_trials_are_said(self) -> None:
        assert "3 trials with different values fit the present space, 8 are needed" in " ".join(
            texts(bars.draw(Known(usable=3), 80, 20))
        )
        assert "being worked out" in " ".join(texts(bars.draw(Known(pending=True), 80, 20)))
        few = Known(Weights((Share("a", 1.0, 0.1),), 1.0, 9), {}, 9)
        assert "take the order as a hint" in " ".join(texts(bars.draw(few, 80, 20)))

    def test_where_there_is_no_room_the_rest_is_counted(self) -> None:
        many = Known(Weights(tuple(Share(f"p{i}", 0.05, 0.01) for i in range(20)), 0.9, 50), {}, 50)
        rows = texts(bars.draw(many, 80, 14))
        assert len(rows) <= 14
        shown = sum(row.startswith(" p") for row in rows)
        assert f" and {20 - shown} more" in rows


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("size", [(40, 10), (80, 22), (180, 48), (30, 6)])
def test_no_view_leaves_its_room(view: str, size: tuple[int, int]) -> None:
    trials = study(60)
    sight = Sight("s", placed(trials), known(trials), "lr", 3, {"lr": Brush(0.2, 0.7)})
    rows = texts(sight.rows(view, *size))
    assert len(rows) <= size[1]
    assert max(cell_len(row) for row in rows) <= size[0]


def test_shades_are_by_rank_not_by_number() -> None:
    found = placed([trial(i, GOOD, 1.0 - 0.01 * i) for i in range(100)])
    assert found.shades[99] == BEST and found.shades[0] == MUTED
    assert int((found.shades == BEST).sum()) == 10
