"""How a person has arranged the study's screen: remembered in the store, restored after a crash."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from agent.tui.charts.xaxis import KINDS

SIDES = ("curves", "trials", "log")
PARTS = ("why", "config", "origin", "files", "curves", "samples", "log")  # of a trial's page
SMOOTHINGS = (0.0, 0.6, 0.9)
_OPTIONAL: dict[str, Any] = {"selected": int, "log_y": bool, "cursor": (int, float), "mark": int}  # None unless told
_CHOICES: dict[str, tuple[str, ...]] = {"axis": KINDS, "part": PARTS, "answers": ("wrong", "all")}


@dataclass
class ChartView:
    """How the charts of one place are looked at. Axes, scales and smoothing are the same for all, and stand below."""

    metric: str = ""  # the one that keys are about; none: the objective's
    grid: bool = False  # every metric in a plot of its own
    x_window: list[float] = field(default_factory=list)  # from and to; empty: all of it
    y_windows: dict[str, list[float]] = field(default_factory=dict)  # from and to, by metric; none: all of it
    follows: bool = False  # the right edge of `x_window` stays at the newest point
    cursor: float | None = None  # the x it stands at; None while it is off

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Takes what it knows and of the right type; a view from another version must not break the screen."""
        view = cls()
        if isinstance(data, dict):
            for one in fields(cls):
                value, default = data.get(one.name), getattr(view, one.name)
                if isinstance(default, ChartView):
                    setattr(view, one.name, type(default).from_dict(value))
                elif isinstance(value, _OPTIONAL.get(one.name, type(default))) and _is_sound(one.name, value):
                    setattr(view, one.name, value)
        return view

    def see_all(self) -> None:
        """Every curve from end to end, and all its values."""
        self.x_window, self.y_windows, self.follows = [], {}, False

    def forget_window(self) -> None:
        """Looks at all of it again, as another axis makes necessary."""
        self.see_all()
        self.cursor = None


@dataclass
class PageView(ChartView):
    """The charts of a trial's page. `mark` is the step that a piece of evidence has pointed at."""

    grid: bool = True
    mark: int | None = None

    def see_all(self) -> None:
        super().see_all()
        self.mark = None


@dataclass
class ViewState(ChartView):
    """`selected` None follows the newest running trial; `log_y` None lets the values choose the scale.

    `pinned` and `hidden` are trial numbers whose curves the person added or took away, `marked` those to be
    compared; `colours` gives each trial that was ever drawn its colour for good.
    """

    side: str = "trials"  # which panel shows where there is room for one
    front: str = "chat"  # on a narrow screen: the chat, or the side
    zoomed: bool = False
    selected: int | None = None
    sort: str = "#"
    descending: bool = True
    filter: str = ""
    log_y: bool | None = None
    smooth: float = 0.0
    axis: str = "step"
    log_x: bool = False
    sight: str = "parallel"  # the view of the whole study shown last
    pinned: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    runs: bool = False  # the table lists every run of a config, not one line for all of them
    marked: list[int] = field(default_factory=list)
    colours: dict[str, int] = field(default_factory=dict)
    page: int = -1  # the trial whose page is open
    page_charts: PageView = field(default_factory=PageView)
    part: str = "why"
    part_scroll: int = 0
    answers: str = "wrong"  # which samples are shown
    sample: int = 1  # the one under the cursor

    def forget_window(self) -> None:
        """Those of a trial's page share the axis."""
        super().forget_window()
        self.page_charts.forget_window()


def _is_sound(name: str, value: Any) -> bool:
    if name == "x_window":
        return not value or _is_stretch(value)
    if name == "y_windows":
        return all(_is_stretch(window) for window in value.values())
    return value in _CHOICES[name] if name in _CHOICES else True


def _is_stretch(value: Any) -> bool:
    numbers = isinstance(value, list) and len(value) == 2 and all(isinstance(v, int | float) for v in value)
    return numbers and value[0] < value[1]
