"""What a plot tells of keys and mouse; whoever holds the view does it, and draws anew."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message


@dataclass
class Zoomed(Message):
    """Closer by `factor`; `at` stays where it is, where the mouse says where. In x, or at the values of a metric."""

    factor: float
    at: float | None = None
    values_of: str | None = None


@dataclass
class Panned(Message):
    """Moved by shares of what is seen; values move in the plot of a metric, or else in the one that is picked."""

    x: float
    y: float = 0.0
    name: str = ""


@dataclass
class Boxed(Message):
    """A stretch of x was drawn, one of the values of a metric, or both."""

    name: str
    x: tuple[float, float] | None
    y: tuple[float, float] | None


@dataclass
class ShownWhole(Message):
    """All of it again; the cursor stands where it did."""

    cursor: float | None


@dataclass
class CursorMoved(Message):
    """By so many cells, or to an x."""

    cells: int = 0
    to: float | None = None


@dataclass
class Picked(Message):
    """A plot of the grid; `alone` when it should be the only one."""

    name: str
    alone: bool = False
