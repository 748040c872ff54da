"""What a role looks like in a theme. The palettes themselves are in `palettes`, Textual's themes in `themes`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rich.style import Style

_BOLD = frozenset({"strong", "title"})
DEFAULT = "default"  # the terminal's own colour


@dataclass(frozen=True)
class Colours:
    """The colours of one theme. `curves` are indexed by a trial's own colour number; a role may be any Rich style."""

    name: str
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

    def cursor(self, *, bold: bool = False) -> Style:
        """Behind the row under the cursor: a background where the theme has one, else reversed."""
        if self.selected == DEFAULT:
            return Style(reverse=True, bold=bold or None)
        return Style(bgcolor=self.selected, bold=bold or None)

    @property
    def ansi(self) -> bool:
        """Whether its colours are those of the terminal."""
        return self.background == DEFAULT

    def __hash__(self) -> int:
        return hash(self.name)


@cache
def _style(colours: Colours, role: str) -> Style:
    name, _, extra = role.partition("+")
    if name.startswith("curve:"):
        colour = colours.curves[int(name[6:]) % len(colours.curves)]
    else:
        colour = colours.roles.get({"title": "strong"}.get(name, name), colours.roles["text"])
    return Style.parse(colour) + Style(
        bold=name in _BOLD or "bold" in extra or None,
        italic="italic" in extra or None,
        strike="strike" in extra or None,
        reverse="reverse" in extra or None,
    )


def colours(theme: str) -> Colours:
    """The colours of a theme by name; those of the dark one for a theme we do not know."""
    from agent.tui.ink.palettes import ALL, DARK

    return ALL.get(theme, ALL[DARK])
