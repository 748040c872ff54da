"""What is written to the terminal beside the screen: its title, a notification, the bell.

Titles go by OSC 0 and the title stack of xterm (CSI 22/23 t), notifications by OSC 9 as iTerm2, WezTerm, kitty, Ghostty
and Windows Terminal take them. tmux and screen pass on what is wrapped in a DCS of theirs; titles and bells they take.
"""

from __future__ import annotations

from agent.tui.ink.plain_marks import plain_text
from agent.tui.ink.terminal_kind import Kind

BELL = "\a"
SAVE_TITLE, RESTORE_TITLE = "\x1b[22;0t", "\x1b]0;\a\x1b[23;0t"
_LONGEST = 120


def safe(text: str, kind: Kind) -> str:
    """Only what can be printed: nothing in it ends or begins an escape sequence. ASCII where the terminal needs it."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    shown = printable if kind.utf8 and not kind.console else plain_text(printable, False)
    return " ".join(shown.split())[:_LONGEST]


def title(text: str, kind: Kind) -> str:
    """Nothing on Linux's own console, which has no title and prints what it does not know."""
    return "" if kind.console else f"\x1b]0;{safe(text, kind)}\a"


def notification(text: str, kind: Kind) -> str:
    """OSC 9. It begins with our name, never with a digit, which ConEmu takes for an order."""
    if kind.console:
        return ""
    sequence = f"\x1b]9;tunewright: {safe(text, kind)}\a"
    if kind.tmux:
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    return f"\x1bP{sequence}\x1b\\" if kind.screen else sequence
