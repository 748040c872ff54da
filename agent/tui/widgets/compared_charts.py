"""The curves of compared trials over each other, with the band of the noise about the best of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from agent.study.verdicts import verdicts
from agent.tui.charts import lens
from agent.tui.charts.curve import CurveData
from agent.tui.charts.looked import Looked
from agent.tui.charts.panes import Pane
from agent.tui.charts.plot import Series
from agent.tui.paging.compare_curves import CompareCurves
from agent.tui.paging.compare_text import Compared
from agent.tui.widgets.bar import Piece
from agent.tui.widgets.charts import Charts

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


class ComparedCharts(Charts):
    """The first trial lies on top."""

    picture_name = "compare"

    def __init__(self, read: CompareCurves) -> None:
        super().__init__("compare-curves")
        self._read = read
        self._of: Compared | None = None

    def show(self, now: Looked, of: Compared) -> None:
        """Draws anew."""
        self._of = of
        self.draw(now)

    def _series(
        self, now: Looked, metric: str, curves: Mapping[int, CurveData], looked_at: lens.Window | None
    ) -> tuple[Series, ...]:
        assert self._of is not None
        drawn = super()._series(now, metric, curves, looked_at)
        band = self._read.band(self._of, metric, drawn)
        edges = [Series(label, "faint", self._buckets(now, c, looked_at), dashed=True) for label, c in band]
        return (*edges, *drawn)

    def _title(self) -> list[Piece]:
        return [Piece(" CURVES ", "title", "", 9)]

    def _below(self, now: Looked, picked: Pane) -> list[Piece]:
        if now.chart.cursor is not None:
            return super()._below(now, picked)
        key = cast("TunewrightApp", self.app).key_name("cursor")
        return [Piece(f" ←→ or {key} for the values at one place", "faint", "cursor", 9)]

    def _notes(self, now: Looked) -> list[str]:
        assert self._of is not None
        return [v.text for v in verdicts(self._of.trials, self._of.noise, self._of.objective)]
