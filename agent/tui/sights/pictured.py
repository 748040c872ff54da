"""The three views of one study with one way to be drawn: on a screen, on stdout, into a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.tui.sights import bars, parallel, slices
from agent.tui.sights.bars import Known
from agent.tui.sights.parallel import Brush
from agent.tui.sights.placed import LEGEND, ROLES, Placed
from agent.tui.text import Part

if TYPE_CHECKING:
    from agent.tui.ink.colours import Colours
    from agent.tui.pictures import Svg

VIEWS = ("parallel", "importance", "slices")
_REACH = 8  # dots from a click to the dot it is meant for


@dataclass(frozen=True)
class Sight:
    """What is shown: the trials in their places, the importances as far as they are known, what the person chose."""

    study: str
    placed: Placed
    known: Known
    chosen: str = ""
    selected: int | None = None
    brushes: Mapping[str, Brush] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The parameters, the most important first; in the space's order until that is known."""
        ranked = [share.parameter for share in self.known.weights.shares]
        ours = [axis.name for axis in self.placed.axes]
        return [n for n in ranked if n in ours] + [n for n in ours if n not in ranked]

    def rows(self, view: str, width: int, height: int) -> list[list[Part]]:
        """Rows for `view`, at most `height`, the last of them the legend where there are lines or dots."""
        if view == "importance":
            return bars.draw(self.known, width, height, self.chosen)
        drawn = self._parallel(width, height - 1) if view == "parallel" else self._slices(width, height - 1)
        return [*drawn, legend(width, sliced=view == "slices")]

    def _parallel(self, width: int, height: int) -> list[list[Part]]:
        look = parallel.Look(self.names, self.chosen, self.brushes, self.selected)
        return parallel.draw(self.placed, look, width, height)

    def sliced(self) -> slices.Sliced:
        shares = {share.parameter: share.share for share in self.known.weights.shares}
        return slices.Sliced(self.names, self.chosen, self.selected, shares)

    def _slices(self, width: int, height: int) -> list[list[Part]]:
        return slices.draw(self.placed, self.sliced(), width, height)

    def picture(self, view: str, ink: Colours, width: int, height: int) -> Svg:
        from agent.tui.pictures import cells

        return cells(self.rows(view, width, height), ink, title=f"{self.study} · {view}")


def legend(width: int, *, sliced: bool = False) -> list[Part]:
    """What the colours and marks say, in words."""
    shades = [(ROLES[shade], f"━ {words}") for shade, words in LEGEND]
    if sliced:  # what has no value has no height
        shades = [(role, text.replace("━", "•")) for role, text in shades[:4]]
        shades += [("best", "⠤ best of each stretch"), ("muted", "⠄ middle half")]
    shades.append(("strong", "● chosen"))
    parts: list[Part] = []
    used = 0
    for role, piece in shades:
        if used + len(piece) + 2 > width:
            break
        mark, _, said = piece.partition(" ")
        parts += [(f" {mark} ", role), (f"{said} ", "muted")]
        used += len(piece) + 2
    return parts


def nearest_trial(sight: Sight, view: str, width: int, height: int, x: int, y: int) -> tuple[str, int | None]:
    """What lies near a cell: the name of the axis or panel, and of a slice's dots the number of the nearest."""
    if view == "parallel":
        return _axis_at(sight, width, x), None
    if view != "slices" or not sight.placed.ranked:
        return "", None
    look = sight.sliced()
    for panel in slices.panels(look, width, height - 1):
        if panel.left <= x < panel.left + panel.width and panel.top <= y < panel.top + panel.height:
            order, xs, ys = slices.dots(sight.placed, panel)
            apart = (xs - (2 * x + 1)) ** 2 + (ys - (4 * y + 2)) ** 2
            if len(order):
                at = int(apart.argmin())
                near = int(apart[at]) <= _REACH**2
                return panel.name, int(sight.placed.numbers[order[at]]) if near else None
            return panel.name, None
    return "", None


def _axis_at(sight: Sight, width: int, x: int) -> str:
    shown = parallel.page(sight.placed, sight.names, sight.chosen, width)
    columns = parallel.axis_columns(len(shown), width)
    return min(zip(columns, shown, strict=True), key=lambda pair: abs(pair[0] - x))[1]
