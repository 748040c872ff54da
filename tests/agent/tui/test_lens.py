"""Looking closer: a stretch of a curve shows every extreme of its own points, and moves as it is told."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.scales import Scale
from agent.tui.charts import lens
from agent.tui.charts.curve import RELATIVE, STEP, TIME, CurveData
from agent.tui.charts.plot import Series, View, frame
from agent.tui.charts.window import stretch

numbers = st.floats(-1e6, 1e6, allow_nan=False)
values = st.one_of(numbers, st.sampled_from([math.nan, math.inf, -math.inf, 0.0]))


def curve(points: list[tuple[int, float]]) -> CurveData:
    data = CurveData()
    data.extend([s for s, _ in points], [v for _, v in points], [1000.0 + 0.5 * i for i in range(len(points))])
    return data


class TestStretch:
    @settings(max_examples=150, deadline=None)
    @given(st.lists(values, min_size=1, max_size=300), st.integers(0, 320), st.integers(1, 320), st.integers(3, 40))
    def test_it_is_what_looking_at_every_point_gives(
        self, ys: list[float], start: int, size: int, columns: int
    ) -> None:
        xs = list(range(len(ys)))
        found = stretch(xs, ys, start, start + size, columns=columns)
        inside = [(x, y) for x, y in zip(xs, ys, strict=True) if start <= x <= start + size]
        finite = [y for _, y in inside if math.isfinite(y)]
        buckets = [b for b in found if start <= b.x_first <= start + size]
        assert len(buckets) <= max(columns, 1)
        if finite:
            assert (found.low, found.high) == (min(finite), max(finite))
            assert found.not_positive == sum(y <= 0 for y in finite)
        for bucket in buckets:
            those = [y for x, y in inside if bucket.x_first <= x <= bucket.x_last]
            good = [y for y in those if math.isfinite(y)]
            assert bucket.gap == (len(good) < len(those))
            if good:
                assert (bucket.low, bucket.high) == (min(good), max(good))
                assert (bucket.first, bucket.last) == (good[0], good[-1])
        assert sum(1 for x, _ in inside for b in buckets if b.x_first <= x <= b.x_last) == len(inside)
        gap = next(((x, y) for x, y in inside if not math.isfinite(y)), None)
        assert found.gap == gap or (gap is not None and found.gap is not None and found.gap[0] == gap[0])

    @settings(max_examples=40, deadline=None)
    @given(st.lists(values, min_size=200, max_size=500), st.integers(60, 150), st.integers(1, 40), st.integers(20, 50))
    def test_a_stretch_that_follows_is_as_true_as_one_made_anew(
        self, ys: list[float], size: int, growth: int, columns: int
    ) -> None:
        data = CurveData()
        for start in range(0, len(ys), growth):
            new = ys[start : start + growth]
            data.extend(range(start, start + len(new)), new, [float(start)] * len(new))
            high = len(data.steps) - 1
            found = data.stretch(STEP, 0.0, high - size, high, columns=columns)
            fresh = stretch(data.steps, data.values, high - size, high, columns=columns)
            assert (found.low, found.high, found.last, found.gap is None) == (
                fresh.low, fresh.high, fresh.last, fresh.gap is None,
            )  # fmt: skip
            inside = [b for b in found if high - size <= b.x_first]
            assert len(inside) <= columns + 1 or len(inside) == size + 1
            for bucket in inside:
                those = [y for y in ys[int(bucket.x_first) : int(bucket.x_last) + 1] if math.isfinite(y)]
                assert not those or (bucket.low, bucket.high) == (min(those), max(those))
            covered = [x for b in inside for x in range(int(b.x_first), int(b.x_last) + 1)]
            assert covered == list(range(max(high - size, 0), high + 1))

    def test_a_spike_too_fine_for_the_whole_is_alone_when_looked_at_closely(self) -> None:
        data = curve([(i, 9.0 if i == 54_321 else 1.0) for i in range(100_000)])
        close = data.stretch(STEP, 0.0, 54_300, 54_340)
        [spike] = [b for b in close if b.high == 9.0]
        assert (spike.x_first, spike.x_last) == (54_321, 54_321)

    def test_one_point_more_on_each_side_lets_the_line_run_to_the_edges(self) -> None:
        data = curve([(i, float(i)) for i in range(100)])
        found = list(data.stretch(STEP, 0.0, 40.5, 50.5))
        assert (found[0].x_first, found[-1].x_first) == (40, 51)
        assert data.stretch(STEP, 0.0, 40.5, 50.5).low == 41

    def test_between_two_points_the_line_is_still_there(self) -> None:
        data = curve([(0, 1.0), (1_000_000, 2.0)])
        shown = Series("t1", "curve:0", data.stretch(STEP, 0.0, 400_000, 400_010))
        drawn = frame([shown], 60, 10, View(log=False, x_window=(400_000, 400_010)))
        assert any("\u2801" <= c <= "\u28ff" for row in drawn.rows for text, _ in row for c in text)

    def test_it_is_kept_until_something_in_it_changes(self) -> None:
        data = curve([(i, float(i)) for i in range(1_000)])
        before = data.stretch(STEP, 0.0, 100, 200)
        data.extend([1_000], [5.0], [9_999.0])
        assert data.stretch(STEP, 0.0, 100, 200) is before
        at_the_end = data.stretch(STEP, 0.0, 900, 1_100)
        data.extend([1_001], [7_777.0], [9_999.5])
        assert data.stretch(STEP, 0.0, 900, 1_100).high == 7_777.0 != at_the_end.high

    def test_steps_that_begin_anew_are_put_in_order(self) -> None:
        data = curve([(0, 1.0), (10, 2.0), (20, 3.0), (5, 9.0), (15, 8.0)])
        assert [b.x_first for b in data.stretch(STEP, 0.0, 4, 16)] == [0, 5, 10, 15, 20]
        assert data.stretch(STEP, 0.0, 4, 16).high == 9.0

    def test_smoothing_and_relative_time_are_those_of_the_whole_curve(self) -> None:
        rng = random.Random(1)
        data = curve([(i, rng.random()) for i in range(500)])
        _, smoothed = data.points(RELATIVE, 0.9)
        found = data.stretch(RELATIVE, 0.9, 100.0, 110.0)
        inside = [y for x, y in zip(*data.points(RELATIVE, 0.9), strict=True) if 100 <= x <= 110]
        assert (found.low, found.high) == (min(inside), max(inside))
        assert len(smoothed) == 500

    def test_columns_of_a_logarithm_are_equal_in_ratio(self) -> None:
        xs = list(range(1, 10_001))
        found = list(stretch(xs, [float(x) for x in xs], 1, 10_000, log=True, columns=40))
        ratios = [b.x_first / a.x_first for a, b in pairwise(found[20:])]
        assert max(ratios) / min(ratios) < 1.1


class TestNearest:
    @given(st.lists(st.integers(0, 1000), min_size=1, max_size=60, unique=True), st.floats(-50, 1050))
    def test_it_is_the_closest_point_there_is(self, steps: list[int], at: float) -> None:
        data = curve([(s, float(s)) for s in sorted(steps)])
        found = data.nearest(STEP, 0.0, at)
        assert found is not None
        assert abs(found[0] - at) == min(abs(s - at) for s in steps)
        assert found[1] == found[2] == found[0]

    def test_it_tells_the_raw_value_and_the_smoothed_one(self) -> None:
        data = curve([(0, 1.0), (1, 3.0)])
        assert data.nearest(STEP, 0.5, 0.9) == (1.0, 3.0, pytest.approx(7 / 3))
        assert data.nearest(TIME, 0.0, 1000.2) == (1000.0, 1.0, 1.0)
        assert CurveData().nearest(STEP, 0.0, 1.0) is None


windows = st.tuples(st.floats(0, 999), st.floats(0.001, 1000)).map(lambda w: (w[0], min(w[0] + w[1], 1000.0)))
windows = windows.filter(lambda w: w[1] - w[0] > 1e-3)
WHOLE = (0.0, 1000.0)


class TestMoving:
    @given(windows, st.floats(0.2, 5), st.floats(0, 1))
    def test_zooming_keeps_the_place_where_it_is_and_stays_within_the_whole(
        self, window: lens.Window, factor: float, share: float
    ) -> None:
        at = window[0] + share * (window[1] - window[0])
        found = lens.zoomed(window, WHOLE, factor, at)
        if found is None:
            assert (window[1] - window[0]) / factor >= 999.999
            return
        assert -1e-6 <= found[0] < found[1] <= 1000 + 1e-6
        assert found[1] - found[0] == pytest.approx((window[1] - window[0]) / factor)
        if factor > 1:
            assert (at - found[0]) / (found[1] - found[0]) == pytest.approx(share, abs=1e-6)

    @given(windows, st.floats(-2, 2))
    def test_panning_keeps_the_size_and_stops_at_the_ends(self, window: lens.Window, share: float) -> None:
        found = lens.panned(window, WHOLE, share)
        assert found is not None
        assert found[1] - found[0] == pytest.approx(window[1] - window[0])
        assert found[0] >= -1e-6 and found[1] <= 1000 + 1e-6

    def test_all_of_it_does_not_move(self) -> None:
        assert lens.panned(None, WHOLE, 0.5) is None

    def test_closer_and_closer_ends_somewhere(self) -> None:
        window: lens.Window | None = None
        for _ in range(500):
            window = lens.zoomed(window, WHOLE, 2.0, 333.0)
        assert window is not None and window[0] < window[1]
        assert window[0] <= 333.0 <= window[1]

    def test_the_right_edge_follows_what_is_new(self) -> None:
        assert lens.is_at_end((900, 1000), WHOLE) and not lens.is_at_end((800, 900), WHOLE)
        assert lens.following((900.0, 1000.0), (0.0, 1100.0)) == (1000.0, 1100.0)
        assert lens.following((900.0, 1000.0), WHOLE) == (900.0, 1000.0)

    def test_on_a_logarithm_steps_are_ratios(self) -> None:
        found = lens.zoomed((1.0, 10_000.0), (1.0, 10_000.0), 2.0, 100.0, log=True)
        assert found is not None and (pytest.approx(found[0]), pytest.approx(found[1])) == (10.0, 1000.0)

    @given(st.floats(-5, 5), st.booleans())
    def test_a_scale_gives_back_what_it_was_given(self, unit: float, log: bool) -> None:
        of = Scale(0.5, 80.0, log)
        assert of.unit(of.value(unit)) == pytest.approx(unit, abs=1e-9)
