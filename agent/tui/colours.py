"""The two themes, the colour of each role, and the colours of curves (Okabe and Ito, 2008)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rich.style import Style
from textual.theme import Theme

DARK, LIGHT = "tunewright-dark", "tunewright-light"

# Roles every widget speaks of. Meaning first: `good`, `bad`, not green, red.
_DARK = {
    "text": "#d7dde3",
    "strong": "#f2f5f7",
    "muted": "#8d98a3",
    "faint": "#6f7a84",
    "primary": "#7cc0e8",
    "ask": "#f0b95a",
    "good": "#62c69b",
    "bad": "#f08a76",
    "run": "#7cc0e8",
    "best": "#f0d264",
    "link": "#9db8f2",
}
_LIGHT = {
    "text": "#262c33",
    "strong": "#0c1116",
    "muted": "#59636d",
    "faint": "#7f8890",
    "primary": "#1b6a9c",
    "ask": "#8f5400",
    "good": "#18714c",
    "bad": "#a8351e",
    "run": "#1b6a9c",
    "best": "#7a5d00",
    "link": "#3b52b4",
}
_BOLD = frozenset({"strong", "title"})

# Okabe and Ito's palette; those too pale for paper or too dark for a dark screen are shifted in lightness alone.
CURVES_DARK = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442", "#4C96D7", "#B8C0C8")
CURVES_LIGHT = ("#0072B2", "#D55E00", "#009E73", "#BF5F95", "#AE7800", "#2F8FC9", "#857400", "#000000")


@dataclass(frozen=True)
class Colours:
    """The colours of one theme. `curves` are indexed by a trial's own colour number."""

    roles: dict[str, str]
    curves: tuple[str, ...]
    background: str
    surface: str  # behind what is written
    band: str  # behind headings
    selected: str  # behind the row under the cursor
    edge: str  # lines between panels

    def style(self, role: str) -> Style:
        """The style of a role; `curve:3` is the fourth curve's; a `+reverse` suffix swaps fore and back."""
        return _style(self, role)

    def __hash__(self) -> int:
        return hash(self.selected)


@cache
def _style(colours: Colours, role: str) -> Style:
    name, _, extra = role.partition("+")
    if name.startswith("curve:"):
        colour = colours.curves[int(name[6:]) % len(colours.curves)]
    else:
        colour = colours.roles.get({"title": "strong"}.get(name, name), colours.roles["text"])
    return Style(color=colour, bold=name in _BOLD or "bold" in extra or None, reverse="reverse" in extra or None)


# Backgrounds are nearly grey, so that terminals of 256 colours tell them apart too.
DARK_COLOURS = Colours(_DARK, CURVES_DARK, "#11161b", "#1b1f23", "#22272c", "#2b3f4e", "#3a4047")
LIGHT_COLOURS = Colours(_LIGHT, CURVES_LIGHT, "#fbfaf7", "#f3f3f1", "#ebebe8", "#d3e3ee", "#d0d0cc")


def colours(theme: str) -> Colours:
    """The colours of a theme by name; those of the dark one for a theme we do not know."""
    return LIGHT_COLOURS if theme == LIGHT else DARK_COLOURS


def themes() -> tuple[Theme, Theme]:
    return _theme(DARK, DARK_COLOURS, dark=True), _theme(LIGHT, LIGHT_COLOURS, dark=False)


def _theme(name: str, of: Colours, *, dark: bool) -> Theme:
    roles = of.roles
    return Theme(
        name=name,
        primary=roles["primary"],
        secondary=roles["link"],
        accent=roles["ask"],
        warning=roles["ask"],
        error=roles["bad"],
        success=roles["good"],
        foreground=roles["text"],
        background=of.background,
        surface=of.surface,
        panel=of.band,
        dark=dark,
        variables={
            "edge": of.edge,
            "muted": roles["muted"],
            "faint": roles["faint"],
            "selected": of.selected,
            "block-cursor-background": of.selected,
            "block-cursor-foreground": roles["strong"],
            "block-cursor-text-style": "none",
            "input-selection-background": f"{roles['primary']} 35%",
            "scrollbar": of.edge,
            "scrollbar-hover": roles["faint"],
            "scrollbar-active": roles["muted"],
            "scrollbar-background": of.background,
            "scrollbar-background-hover": of.background,
            "scrollbar-background-active": of.background,
            "scrollbar-corner-color": of.background,
        },
    )
