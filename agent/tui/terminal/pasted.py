"""What comes from a terminal may be anything, such as a binary file that was pasted. None of it may end the app, steer
the screen it is shown on, or be taken for keys.

Textual's drivers raise at bytes that are no UTF-8, and its parser takes for keys what follows an escape character
in the middle of a paste: a letter of a coloured log could then decide on a proposal.
"""

from __future__ import annotations

import sys
from codecs import getincrementaldecoder

from textual.driver import Driver

START, END = "\x1b[200~", "\x1b[201~"  # how a terminal brackets a paste


def guard(driver: type[Driver]) -> None:
    """Makes a driver of Textual's read through `TypedText`: the decoder it asks for is the one place to step in."""
    for base in driver.__mro__:
        module = sys.modules[base.__module__]
        if hasattr(module, "getincrementaldecoder"):
            vars(module)["getincrementaldecoder"] = lambda encoding: TypedText


class TypedText:
    """An incremental decoder: bytes from a terminal to text, pastes without control characters and sequences."""

    def __init__(self) -> None:
        self._read = getincrementaldecoder("utf-8")("replace").decode
        self._pasting = False
        self._held = ""  # inside a paste: what may become its end, or a line end, with the next bytes
        self._before = ""  # outside: what may have begun a paste

    def decode(self, data: bytes, final: bool = False) -> str:
        text = self._read(data, final)
        typed = ""
        while text:
            typed_now, text = self._pasted(text) if self._pasting else self._keys(text)
            typed += typed_now
        return typed

    def _keys(self, text: str) -> tuple[str, str]:
        """Text up to and with the start of a paste as it is, and the rest."""
        at = (self._before + text).find(START)
        end = at + len(START) - len(self._before) if at >= 0 else len(text)
        self._pasting = at >= 0
        self._before = "" if self._pasting else (self._before + text)[1 - len(START) :]
        return text[:end], text[end:]

    def _pasted(self, text: str) -> tuple[str, str]:
        """Text up to the end of the paste made plain, with that end, and the rest."""
        text, self._held = self._held + text, ""
        pasted, end, rest = text.partition(END)
        if end:
            self._pasting = False
            return _plain(pasted) + end, rest
        cut = next(n for n in range(min(len(END) - 1, len(text)), -1, -1) if text.endswith(END[:n]))
        cut = cut or text.endswith("\r")
        self._held = text[len(text) - cut :]
        return _plain(text[: len(text) - cut]), ""


def _plain(text: str) -> str:
    from agent.tui.text import neutral

    return neutral(text.replace("\r\n", "\n").replace("\r", "\n"))
