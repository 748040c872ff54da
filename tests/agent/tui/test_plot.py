"""Curves: spikes survive decimation, logarithms have round ticks, what is not finite breaks the line."""

from __future__ import annotations

import math
import random

import pytest

from agent.scales import Scale, scale, ticks
from agent.tui.charts.braille import Canvas
from agent.tui.charts.buckets import Buckets
from agent.tui.charts.curve import RELATIVE, STEP, TIME, CurveData
from agent.tui.charts.plot import Series, View, draw, is_log


def curve(values: list[float], start: int = 0) -> CurveData:
    data = CurveData()
    data.extend(list(range(start, start + len(values))), values, [float(i) for i in range(len(values))])
    return data


def series(values: list[float], label: str = "t1", **options: object) -> Series:
    return Series(label, "curve:0", curve(values).buckets(STEP, 0.0), **options)  # type: ignore[arg-type]


def picture(*shown: Series, width: int = 60, height: int = 12, view: View | None = None) -> list[str]:
    return ["".join(text for text, _ in row) for row in draw(shown, width, height, view or View(log=False))]


def dots(rows: list[str]) -> set[tuple[int, int]]:
    """(column, row) of every dot drawn."""
    bits = ((0, 0, 1), (0, 1, 2), (0, 2, 4), (1, 0, 8), (1, 1, 16), (1, 2, 32), (0, 3, 64), (1, 3, 128))
    return {
        (2 * x + dx, 4 * y + dy)
        for y, row in enumerate(rows)
        for x, char in enumerate(row)
        if 0x2800 < ord(char) < 0x2900
        for dx, dy, bit in bits
        if (ord(char) - 0x2800) & bit
    }


class TestBuckets:
    @pytest.mark.parametrize("count", [10, 1_000, 1_025, 50_000])
    def test_the_number_of_buckets_is_bounded_and_every_extreme_is_kept(self, count: int) -> None:
        rng = random.Random(count)
        values = [rng.gauss(0, 1) for _ in range(count)]
        buckets = Buckets(capacity=1024)
        for x, value in enumerate(values):
            buckets.add(x, value)
        assert len(buckets) <= 1024
        assert (buckets.low, buckets.high) == (min(values), max(values))
        assert min(b.low for b in buckets) == min(values)
        assert max(b.high for b in buckets) == max(values)
        assert buckets.last == values[-1]

    def test_one_spike_among_a_million_is_kept_where_it_is(self) -> None:
        buckets = Buckets(capacity=512)
        for x in range(100_000):
            buckets.add(x, 50.0 if x == 77_777 else 1.0)
        [bucket] = [b for b in buckets if b.high == 50.0]
        assert bucket.x_first <= 77_777 <= bucket.x_last

    def test_values_that_are_not_finite_are_gaps(self) -> None:
        buckets = Buckets()
        for x, value in enumerate([1.0, math.nan, 2.0, math.inf]):
            buckets.add(x, value)
        assert [b.gap for b in buckets] == [False, True, False, True]
        assert buckets.gap is not None and buckets.gap[0] == 1

    def test_alternating_gaps_do_not_grow_without_bound(self) -> None:
        buckets = Buckets(capacity=64)
        for x in range(10_000):
            buckets.add(x, math.nan if x % 2 else 1.0)
        assert len(buckets) <= 64

    def test_x_that_stands_still_or_falls_is_taken_in(self) -> None:
        buckets = Buckets(capacity=8)
        for x in [0, 0, 5, 3, 3, 9, 1]:
            buckets.add(x, float(x))
        assert sum(1 for _ in buckets) <= 8
        assert (buckets.x_low, buckets.x_high) == (0, 9)


class TestCurve:
    def test_smoothing_starts_at_the_first_value_and_is_the_same_piecewise(self) -> None:
        rng = random.Random(0)
        values = [rng.random() for _ in range(300)]
        whole, pieces = curve(values), curve(values[:100])
        whole_view = whole.buckets(STEP, 0.9)
        pieces.buckets(STEP, 0.9)
        pieces.extend(list(range(100, 300)), values[100:], [float(i) for i in range(100, 300)])
        first = next(iter(whole_view))
        assert first.first == pytest.approx(values[0])
        assert pieces.buckets(STEP, 0.9).last == whole_view.last

    def test_smoothing_passes_over_what_is_not_finite(self) -> None:
        data = curve([1.0, math.nan, 1.0])
        assert data.buckets(STEP, 0.9).last == pytest.approx(1.0)

    def test_time_is_that_of_the_day_or_since_the_trial_began(self) -> None:
        data = CurveData(began=498.0)
        data.extend([0, 10, 20], [1.0, 2.0, 3.0], [500.0, 501.5, 504.0])
        assert data.buckets(TIME, 0.0).x_high == 504.0
        assert data.buckets(RELATIVE, 0.0).x_high == 6.0
        assert data.buckets(STEP, 0.0).x_high == 20.0

    def test_without_a_beginning_or_with_a_later_one_time_counts_from_the_first_report(self) -> None:
        for began in (None, 501.0):
            data = CurveData(began)
            data.extend([0, 10], [1.0, 2.0], [500.0, 501.5])
            assert data.buckets(RELATIVE, 0.0).x_low == 0.0


class TestAxis:
    @pytest.mark.parametrize("low,high", [(0, 1), (0.31, 0.45), (-5, 3), (0, 12345), (1e-9, 2e-9), (0.1, 0.1)])
    @pytest.mark.parametrize("most", [2, 4, 9])
    def test_linear_ticks_are_few_round_and_inside(self, low: float, high: float, most: int) -> None:
        of = scale(low, high)
        found = ticks(of, most)
        assert 1 <= len(found) <= most
        assert all(of.low <= v <= of.high for v in found)
        assert found == sorted(set(found))

    @pytest.mark.parametrize("low,high", [(1e-5, 1e-1), (0.3, 2.4), (1, 1e12), (0.31, 0.33), (2, 2)])
    @pytest.mark.parametrize("most", [2, 4, 9])
    def test_logarithmic_ticks_are_few_and_inside(self, low: float, high: float, most: int) -> None:
        of = scale(low, high, log=True)
        found = ticks(of, most)
        assert len(found) <= most
        assert all(of.low <= v <= of.high for v in found)
        if high / low >= 100:
            assert all(v == float(f"{v:.1g}") for v in found)

    def test_equal_factors_are_equal_distances(self) -> None:
        of = Scale(1e-4, 1.0, log=True)
        assert of.unit(1e-2) == pytest.approx(0.5)
        assert of.unit(0.0) is None
        assert of.unit(-1.0) is None


class TestDrawing:
    def test_a_spike_of_one_point_reaches_the_top(self) -> None:
        values = [1.0] * 20_000
        values[13_000] = 9.0
        rows = picture(series(values))
        highest = min(y for _, y in dots(rows))
        assert highest <= 2
        columns = {x for x, y in dots(rows) if y <= 4}
        assert len(columns) <= 2

    def test_a_line_has_no_holes(self) -> None:
        rows = picture(series([math.sin(i / 9) for i in range(120)]))
        columns = {x for x, _ in dots(rows)}
        assert columns == set(range(min(columns), max(columns) + 1))

    def test_nan_breaks_the_line_and_is_marked(self) -> None:
        values = [1.0 + i / 100 for i in range(50)] + [math.nan] * 50
        rows = picture(series(values, mark="✗"), series([1.0] * 100, "t2"))
        assert any("✗" in row for row in rows)
        middle = max(row.index("✗") for row in rows if "✗" in row)
        above = [x for x, y in dots(rows[:-4]) if x > 2 * middle + 2]
        assert not above

    def test_a_curve_of_nothing_finite_is_blank_and_breaks_nothing(self) -> None:
        assert not dots(picture(series([math.nan] * 10)))

    def test_what_a_logarithm_cannot_show_is_left_out(self) -> None:
        rows = picture(series([0.0, -1.0, 1.0, 10.0, 100.0]), view=View(log=True))
        assert dots(rows)
        assert any("100" in row for row in rows)

    def test_the_scale_is_logarithmic_by_itself_where_values_span_much(self) -> None:
        assert is_log([series([2.3, 0.1])], View())
        assert not is_log([series([2.3, 1.9])], View())
        assert not is_log([series([-1.0, 100.0])], View())
        assert not is_log([series([-1.0, -2.0])], View(log=True))

    def test_each_curve_is_named_at_its_end(self) -> None:
        rows = picture(series([1.0, 2.0], "t1"), series([1.0, 1.0], "t2"), series([1.0, 1.01], "t33"))
        ends = [row.split()[-1] for row in rows if row.rstrip().endswith(("t1", "t2", "t33"))]
        assert sorted(ends) == ["t1", "t2", "t33"]

    def test_a_dashed_curve_has_gaps(self) -> None:
        solid, dashed = (picture(series([1.0 + i for i in range(200)], dashed=d)) for d in (False, True))
        assert len(dots(dashed)) < 0.8 * len(dots(solid))

    @pytest.mark.parametrize("width,height", [(0, 0), (5, 2), (23, 12), (24, 3), (200, 60)])
    def test_every_row_has_the_width_asked_for(self, width: int, height: int) -> None:
        rows = picture(series([1.0, 2.0, 3.0]), width=width, height=height)
        assert len(rows) == height
        assert {len(row) for row in rows} <= {width}

    @pytest.mark.parametrize("values", [[1.0], [0.0], [5.0, 5.0], [1e308, -1e308], [1e-320, 1e-310], [-3.0] * 9])
    @pytest.mark.parametrize("log", [False, True, None])
    def test_odd_values_draw_something_and_raise_nothing(self, values: list[float], log: bool | None) -> None:
        assert len(picture(series(values), view=View(log=log))) == 12

    def test_one_report_is_seen(self) -> None:
        assert any("•" in row for row in picture(series([0.5])))


class TestCanvas:
    def test_dots_are_where_braille_has_them(self) -> None:
        for x in range(2):
            for y in range(4):
                canvas = Canvas(1, 1)
                canvas.dot(x, y, "a")
                assert dots([canvas.rows()[0][0][0]]) == {(x, y)}

    def test_what_is_outside_is_ignored(self) -> None:
        canvas = Canvas(2, 2)
        for x, y in ((-1, 0), (4, 0), (0, 8), (0, -1)):
            canvas.dot(x, y, "a")
            canvas.column(x, y, y, "a")
        canvas.line(-5, -5, 20, 20, "a")
        assert len(canvas.rows()) == 2

    def test_a_cell_has_the_colour_of_the_last_curve(self) -> None:
        canvas = Canvas(1, 1)
        canvas.dot(0, 0, "first")
        canvas.dot(1, 1, "second")
        assert canvas.rows()[0][0][1] == "second"
