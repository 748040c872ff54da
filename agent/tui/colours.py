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
    "faint": "#5b6670",
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
    "muted": "#626c76",
    "faint": "#a3abb3",
    "primary": "#1b6a9c",
    "ask": "#9a5b00",
    "good": "#1d7a53",
    "bad": "#b23a22",
    "run": "#1b6a9c",
    "best": "#8a6a00",
    "link": "#3b52b4",
}
_BOLD = frozenset({"strong", "title"})

# Okabe and Ito's eight, black apart. Yellow is too pale on paper, so light ends with black.
CURVES_DARK = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442", "#4C96D7", "#B8C0C8")
CURVES_LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C7A00", "#000000")


@dataclass(frozen=True)
class Colours:
    """The colours of one theme. `curves` are indexed by a trial's own colour number."""

    roles: dict[str, str]
    curves: tuple[str, ...]
    selected: str  # background of the row under the cursor
    band: str  # background of headings

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


DARK_COLOURS = Colours(_DARK, CURVES_DARK, "#24313c", "#1a2128")
LIGHT_COLOURS = Colours(_LIGHT, CURVES_LIGHT, "#d9e6ee", "#eeece6")


def colours(theme: str) -> Colours:
    """The colours of a theme by name; those of the dark one for a theme we do not know."""
    return LIGHT_COLOURS if theme == LIGHT else DARK_COLOURS


def themes() -> tuple[Theme, Theme]:
    return (
        _theme(DARK, _DARK, "#11161b", "#161c22", "#1a2128", dark=True),
        _theme(LIGHT, _LIGHT, "#fbfaf7", "#f5f3ee", "#eeece6", dark=False),
    )


def _theme(name: str, roles: dict[str, str], background: str, surface: str, panel: str, *, dark: bool) -> Theme:
    edge = "#2a343d" if dark else "#d8d5cd"
    return Theme(
        name=name,
        primary=roles["primary"],
        secondary=roles["link"],
        accent=roles["ask"],
        warning=roles["ask"],
        error=roles["bad"],
        success=roles["good"],
        foreground=roles["text"],
        background=background,
        surface=surface,
        panel=panel,
        dark=dark,
        variables={
            "edge": edge,
            "muted": roles["muted"],
            "faint": roles["faint"],
            "selected": "#24313c" if dark else "#d9e6ee",
            "block-cursor-background": "#24313c" if dark else "#d9e6ee",
            "block-cursor-foreground": roles["strong"],
            "block-cursor-text-style": "none",
            "input-selection-background": f"{roles['primary']} 35%",
            "scrollbar": edge,
            "scrollbar-hover": roles["faint"],
            "scrollbar-active": roles["muted"],
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
            "scrollbar-corner-color": background,
        },
    )
