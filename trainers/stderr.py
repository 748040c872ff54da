"""Reads what programs print when they die: Python's exceptions, usage errors, memory sizes."""

from __future__ import annotations

import re
from typing import NamedTuple

ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
# torch prefixes the lines of each process of a distributed run, Slurm's srun -l likewise.
_RANK = re.compile(r"^(?:\[rank\d+\]|\d+):\s?", re.MULTILINE)
_HEADER = "Traceback (most recent call last):"
_EXCEPTION = re.compile(r"(?P<type>[A-Za-z_][\w.]*)(?::\s?(?P<text>.*))?\Z", re.DOTALL)
_ERROR_NAME = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)(?::|$)")
# These only say that another process failed, whose own traceback stands above.
_WRAPPERS = frozenset({"ChildFailedError", "CalledProcessError", "ProcessRaisedException", "ProcessExitedException"})
_UNITS = {
    "": 1,
    "b": 1,
    "byte": 1,
    "bytes": 1,
    "k": 1 << 10,
    "m": 1 << 20,
    "g": 1 << 30,
    "t": 1 << 40,
    "p": 1 << 50,
    "e": 1 << 60,
}


class PrintedException(NamedTuple):
    """An exception as Python printed it. `name` is the type without its module."""

    name: str
    text: str
    traceback: str

    @property
    def line(self) -> str:
        """The one line a person needs."""
        first = self.text.strip().split("\n", 1)[0]
        return f"{self.name}: {first}" if first else self.name


def clean(text: str) -> str:
    """Without colours, rank prefixes and carriage returns."""
    return _RANK.sub("", ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def last_exception(text: str) -> PrintedException | None:
    """The exception that ended the program that printed `text` (cleaned); None when there is none."""
    found = _tracebacks(text) or _bare(text)
    own = [e for e in found if e.name not in _WRAPPERS]
    return (own or found)[-1] if found else None


def _tracebacks(text: str) -> list[PrintedException]:
    """Every traceback with a last line, in order."""
    starts = [m.start() for m in re.finditer(rf"^[ \t]*{re.escape(_HEADER)}", text, re.MULTILINE)]
    blocks = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=False)]
    return [e for block in blocks if (e := _read_block(block)) is not None]


def _read_block(block: str) -> PrintedException | None:
    lines = block.split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    for number, line in enumerate(lines[1:], start=1):
        body = line[indent:]
        if body and not body[0].isspace():  # the frames are over
            return _exception(body, lines[number + 1 :], "\n".join(lines[: number + 1]))
    return None


def _exception(line: str, rest: list[str], traceback: str) -> PrintedException | None:
    match = _EXCEPTION.match(line)
    if match is None:
        return None
    text = match["text"] or ""
    if not text.strip():  # the message begins on the next line
        text = next((r for r in rest if r.strip()), "") if match["text"] is not None else ""
    return PrintedException(match["type"].rpartition(".")[2], text, traceback)


def _bare(text: str) -> list[PrintedException]:
    """Lines like `SyntaxError: invalid syntax`, which Python prints without a header."""
    lines = [line for line in text.split("\n") if _ERROR_NAME.match(line)]
    return [e for line in lines if (e := _exception(line, [], line)) is not None]


def size(number: str, unit: str) -> int:
    """Bytes in e.g. ("2.00", "GiB"). Programs that write GB here mean powers of two."""
    key = unit.lower()
    return round(float(number.replace(",", "")) * _UNITS.get(key, _UNITS.get(key[:1], 1)))


def sizes(text: str, patterns: dict[str, str]) -> dict[str, int]:
    """For each name whose pattern (groups: number, unit) occurs in `text`, the bytes it tells."""
    found = {name: re.search(pattern, text, re.IGNORECASE) for name, pattern in patterns.items()}
    return {name: size(m[1], m[2] or "") for name, m in found.items() if m is not None}
