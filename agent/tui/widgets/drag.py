"""A mouse that is drawn over a plot: it marks a stretch to look at, or moves what is seen."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from agent.tui.charts.panes import Placed
from agent.tui.widgets.plot_told import Boxed, Panned

_LEAST = 2  # cells; a mark narrower than that is as wide as the plot, or as high
_MARKED = Style(reverse=True)


class Drag:
    """From where the button went down, on one plot, to where the mouse is."""

    def __init__(self, on: Placed, x: int, y: int, *, moves: bool) -> None:
        self.on, self.moves = on, moves
        self._from, self.x, self.y = (x, y), x, y
        self._by = (0, 0)  # cells since the last look
        self.begun = False  # it has left the cell where it began

    def goes_to(self, x: int, y: int) -> bool:
        """Whether that is another place."""
        if (x, y) == (self.x, self.y):
            return False
        self._by = x - self.x, y - self.y
        self.x, self.y, self.begun = x, y, True
        return True

    def panned(self) -> Panned:
        """What the last step moved."""
        frame = self.on.frame
        return Panned(-self._by[0] / max(frame.width, 1), self._by[1] / max(frame.height, 1), self.on.pane.name)

    def box(self) -> Boxed | None:
        """What is marked; None while that is too little to be meant."""
        (x0, y0), x1, y1 = self._from, self.x, self.y
        x = _between(self.on.x_at(x0), self.on.x_at(x1)) if abs(x1 - x0) >= _LEAST else None
        y = _between(self.on.y_at(y0), self.on.y_at(y1)) if abs(y1 - y0) >= _LEAST else None
        return Boxed(self.on.pane.name, x, y) if x is not None or y is not None else None

    def over(self, drawn: Strip, row: int) -> Strip:
        """The row with what is marked reversed."""
        (x0, y0), on, frame = self._from, self.on, self.on.frame
        wide, high = abs(self.x - x0) >= _LEAST, abs(self.y - y0) >= _LEAST
        top = on.top + bool(on.pane.title)
        first, last = sorted((y0, self.y)) if high else (top, top + frame.height - 1)
        if self.moves or not (wide or high) or not max(first, top) <= row <= min(last, top + frame.height - 1):
            return drawn
        edge = on.left + frame.left
        left, right = sorted((x0, self.x)) if wide else (edge, edge + frame.width - 1)
        left, right = max(left, edge), min(right, edge + frame.width - 1) + 1
        if left >= right:
            return drawn
        before, within, after = drawn.divide([left, right, drawn.cell_length])
        marked = [Segment(s.text, (s.style or Style.null()) + _MARKED) for s in within]
        return Strip.join([before, Strip(marked), after])


def _between(one: float | None, other: float | None) -> tuple[float, float] | None:
    return (min(one, other), max(one, other)) if one is not None and other is not None and one != other else None
