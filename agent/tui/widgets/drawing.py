"""Coloured parts into strips, the lines Textual draws."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from agent.tui.ink.colours import Colours
from agent.tui.text import Part


@lru_cache(maxsize=4096)
def styled(colours: Colours, role: str, base: Style) -> Style:
    """`role` on the widget's own style; a role may carry a `#target`, which has no look."""
    name = role.partition("#")[0]
    return base + colours.style(name) if name else base


def strip(parts: Sequence[Part], width: int, base: Style, colours: Colours) -> Strip:
    """Exactly `width` cells: cut or filled with `base`."""
    segments = [Segment(text, styled(colours, role, base)) for text, role in parts if text]
    return Strip(segments).adjust_cell_length(width, base)


def text(parts: Sequence[Part], colours: Colours, *, wrap: bool = True) -> Text:
    """Parts as a Rich text without markup, for widgets that are not drawn by lines."""
    shown = Text(no_wrap=not wrap, overflow="ellipsis" if not wrap else "fold", end="")
    for content, role in parts:
        style, target = styled(colours, role, Style.null()), role.partition("#")[2]
        shown.append(content, style + Style(meta={"target": target}) if target else style)
    return shown


def target_at(parts: Sequence[Part], x: int) -> str:
    """The `#target` of the part at cell `x`, or nothing."""
    for content, role in parts:
        size = cell_len(content)
        if x < size:
            return role.partition("#")[2]
        x -= size
    return ""
