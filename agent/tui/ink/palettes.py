"""The themes' colours: meaning first (`good`, `bad`), then what each looks like.

Contrast, lightness and the distances that are left to eyes without long or middle cones are held by tests.
"""

from __future__ import annotations

from agent.tui.ink.colours import Colours

DARK, LIGHT, CONTRAST = "tunewright-dark", "tunewright-light", "tunewright-contrast"
ANSI, MONO = "tunewright-ansi", "tunewright-mono"

_DARK = {
    "text": "#d7dde3",
    "strong": "#f2f5f7",
    "muted": "#8d98a3",
    "faint": "#6f7a84",
    "primary": "#7cc0e8",
    "ask": "#f0b95a",
    "good": "#7fd8ae",
    "bad": "#ea7560",
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
    "bad": "#8a1a08",
    "run": "#1b6a9c",
    "best": "#7a5d00",
    "link": "#3b52b4",
}
# Blue against orange, which every kind of colour vision keeps apart, and far apart in lightness.
_CONTRAST = {
    "text": "#ffffff",
    "strong": "#ffffff",
    "muted": "#c4c4c4",
    "faint": "#a8a8a8",
    "primary": "#4da6ff",
    "ask": "#ffd23f",
    "good": "#9be8ff",
    "bad": "#f2691f",
    "run": "#4da6ff",
    "best": "#fff3a3",
    "link": "#8fc0ff",
}
# The terminal's own sixteen, of which only the default is sure to be readable: what matters is bold as well.
_ANSI = {
    "text": "default",
    "strong": "bold default",
    "muted": "default",
    "faint": "dim default",
    "primary": "cyan",
    "ask": "bold yellow",
    "good": "green",
    "bad": "bold red",
    "run": "bold cyan",
    "best": "bold yellow",
    "link": "underline blue",
}
# For NO_COLOR: attributes alone.
_MONO = {
    "text": "default",
    "strong": "bold default",
    "muted": "default",
    "faint": "dim default",
    "primary": "bold default",
    "ask": "reverse default",
    "good": "default",
    "bad": "bold underline default",
    "run": "bold default",
    "best": "bold default",
    "link": "underline default",
}

# Okabe and Ito's palette (2008); those too pale for paper or too dark for a dark screen are shifted in lightness alone.
CURVES_DARK = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442", "#4C96D7", "#B8C0C8")
CURVES_LIGHT = ("#0072B2", "#D55E00", "#009E73", "#BF5F95", "#AE7800", "#2F8FC9", "#857400", "#000000")
_CURVES_ANSI = ("cyan", "yellow", "green", "magenta", "red", "bright_yellow", "blue", "default")

# Backgrounds are nearly grey, so that terminals of 256 colours tell them apart too.
DARK_COLOURS = Colours(DARK, _DARK, CURVES_DARK, "#11161b", "#1b1f23", "#22272c", "#2b3f4e", "#3a4047")
LIGHT_COLOURS = Colours(LIGHT, _LIGHT, CURVES_LIGHT, "#fbfaf7", "#f3f3f1", "#ebebe8", "#d3e3ee", "#d0d0cc")
CONTRAST_COLOURS = Colours(CONTRAST, _CONTRAST, CURVES_DARK, "#000000", "#121212", "#1c1c1c", "#1f3f66", "#8a8a8a")
_PLAIN = ("default",) * 5
ANSI_COLOURS = Colours(ANSI, _ANSI, _CURVES_ANSI, *_PLAIN)
MONO_COLOURS = Colours(MONO, _MONO, ("default",), *_PLAIN)

ALL = {c.name: c for c in (DARK_COLOURS, LIGHT_COLOURS, CONTRAST_COLOURS, ANSI_COLOURS, MONO_COLOURS)}
