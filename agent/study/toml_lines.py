"""On which line of a TOML document each key stands, which no parser tells."""

from __future__ import annotations

import ast
import re

KeyPath = tuple[str | int, ...]

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Line (from 1) of every key and list item of `text`, by its path: ("study", "command", 0) -> 3.

    `text` is valid TOML; of anything else the lines found before the fault are returned.
    """
    scan = _Scan(text)
    try:
        scan.document()
    except (IndexError, ValueError):
        pass  # not TOML: whoever asked has the parser's own error to tell
    return scan.lines


class _Scan:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._counted, self._line = 0, 1
        self.lines: dict[KeyPath, int] = {}
        self._tables: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        while self._skip() < len(self._text):
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> KeyPath:
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        self._blank()
        start = self._at
        *outer, last = self._key(())
        self._blank()
        self._at += 2 if many else 1
        table: KeyPath = ()
        for part in outer:
            table = self._latest((*table, part))
        table = (*table, last)
        if many:
            self._tables[table] = self._tables.get(table, -1) + 1
        table = self._latest(table)
        self._note(table, start)
        return table

    def _latest(self, table: KeyPath) -> KeyPath:
        """With the index of its last element, if the table is an array of tables."""
        return (*table, self._tables[table]) if table in self._tables else table

    def _pair(self, table: KeyPath) -> None:
        start = self._at
        path = self._key(table)
        self._note(path, start)
        self._at = self._text.index("=", self._at) + 1
        self._value(path)

    def _key(self, table: KeyPath) -> KeyPath:
        path = table
        while True:
            self._blank()
            string = _STRING.match(self._text, self._at)
            match = string or _BARE_KEY.match(self._text, self._at)
            if match is None:
                raise ValueError("no key")
            path = (*path, _content(match[0]) if string else match[0])
            self._at = match.end()
            if (dot := _DOT.match(self._text, self._at)) is None:
                return path
            self._at = dot.end()

    def _value(self, path: KeyPath) -> None:
        self._skip()
        if self._text[self._at] in "[{":
            self._items(path, closing="]" if self._text[self._at] == "[" else "}")
        else:
            match = _STRING.match(self._text, self._at) or _SCALAR.match(self._text, self._at)
            assert match is not None  # the last of them matches anything
            self._at = match.end()

    def _items(self, path: KeyPath, closing: str) -> None:
        self._at += 1
        index = 0
        while self._text[self._skip()] != closing:
            if closing == "}":
                self._pair(path)
            else:
                self._note((*path, index), self._at)
                self._value((*path, index))
                index += 1
            if self._text[self._skip()] == ",":
                self._at += 1
        self._at += 1

    def _skip(self) -> int:
        """Past blanks, newlines and comments."""
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._at

    def _blank(self) -> None:
        while self._text[self._at] in " \t":
            self._at += 1

    def _note(self, path: KeyPath, at: int) -> None:
        """Notes the line of `path`, and of tables that begin with it."""
        self._line += self._text.count("\n", self._counted, at)
        self._counted = at
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], self._line)


def _content(quoted: str) -> str:
    if quoted.startswith("'"):
        return quoted.strip("'")
    try:
        return str(ast.literal_eval(quoted))  # TOML's escapes are Python's, but for \e
    except (SyntaxError, ValueError):
        return quoted.strip('"')
