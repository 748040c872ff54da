"""The themes as Textual wants them, and which of them a terminal gets."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual.theme import Theme

from agent.tui.ink.colours import Colours
from agent.tui.ink.palettes import ALL, ANSI, CONTRAST, DARK, LIGHT, MONO
from agent.tui.ink.terminal_kind import Kind

BY_SETTING = {"dark": DARK, "light": LIGHT, "ansi": ANSI, "contrast": CONTRAST}
ABOUT = {
    "auto": "light or dark as the terminal says",
    "dark": "the usual one",
    "light": "for a light background",
    "ansi": "the sixteen colours of the terminal",
    "contrast": "high contrast, for every kind of colour vision",
}


@runtime_checkable
class Redrawing(Protocol):
    """A screen that has written something in the colours of a theme."""

    def redraw(self) -> None:
        """Writes it anew."""


def chosen(setting: str, kind: Kind) -> str:
    """The theme for a setting ("auto", "dark", …) in a terminal."""
    if kind.no_color:
        return MONO
    if setting in BY_SETTING:
        return BY_SETTING[setting]
    if kind.colours <= 16:
        return ANSI
    return LIGHT if kind.light else DARK


def themes() -> list[Theme]:
    return [_ansi_theme(name, of) if of.ansi else _theme(name, of) for name, of in ALL.items()]


def _theme(name: str, of: Colours) -> Theme:
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
        dark=name != LIGHT,
        variables={
            "edge": of.edge,
            "muted": roles["muted"],
            "faint": roles["faint"],
            "selected": of.selected,
            "block-cursor-background": of.selected,
            "block-cursor-foreground": roles["strong"],
            "block-cursor-text-style": "none",
            "input-selection-background": f"{roles['primary']} 35%",
            **_scrollbars(of.edge, roles["faint"], roles["muted"], of.background),
        },
    )


def _ansi_theme(name: str, of: Colours) -> Theme:
    """Everything on the terminal's own background."""

    def own(role: str) -> str:
        return f"ansi_{of.roles[role].split()[-1]}"

    plain = "ansi_default"
    return Theme(
        name=name,
        ansi=True,
        primary=own("primary"),
        secondary=own("link"),
        accent=own("ask"),
        warning=own("ask"),
        error=own("bad"),
        success=own("good"),
        foreground=plain,
        background=plain,
        surface=plain,
        panel=plain,
        boost=plain,
        dark=True,
        variables={
            "edge": plain,
            "muted": plain,
            "faint": plain,
            "selected": plain,
            **dict.fromkeys(("ansi-background", "ansi-foreground", "border", "border-blurred"), plain),
            **_cursor(of),
            "input-cursor-background": plain,
            "input-cursor-foreground": plain,
            "input-cursor-text-style": "reverse",
            "input-selection-background": plain,
            "screen-selection-background": plain,
            "screen-selection-foreground": plain,
            **_scrollbars(plain, plain, plain, plain),
        },
    )


def _cursor(of: Colours) -> dict[str, str]:
    """Under the cursor of a list, where Textual shows no reversed text: a background, or without colour underlined."""
    fore, back = ("ansi_default", "ansi_default") if of.name == MONO else ("ansi_bright_white", "ansi_blue")
    style = "bold underline" if of.name == MONO else "bold"
    names = {"background": back, "foreground": fore, "text-style": style}
    both = {
        f"{kind}-{name}": value for kind in ("block-cursor", "block-cursor-blurred") for name, value in names.items()
    }
    return both | {"block-hover-background": "ansi_default"}


def _scrollbars(bar: str, hover: str, active: str, background: str) -> dict[str, str]:
    return {
        "scrollbar": bar,
        "scrollbar-hover": hover,
        "scrollbar-active": active,
        "scrollbar-background": background,
        "scrollbar-background-hover": background,
        "scrollbar-background-active": background,
        "scrollbar-corner-color": background,
    }
