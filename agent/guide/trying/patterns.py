"""The pieces of which a metric's regular expression is made."""

from __future__ import annotations

import re

# A number as programs print it. Not part of a word: neither 20ms nor 1.2.3 is one.
NUMBER = r"[-+]?(?:\d*\.?\d+(?:[eE][-+]?\d+)?|(?i:nan|inf))"
VALUE = rf"({NUMBER})"
END = r"(?![\w.]*\w)"
START = r"(?<![\w/.-])"  # a name begins here: val_loss holds no loss
WRAPPED = r"(?:\w[\w.]*\()?"  # tensor(0.5), np.float64(0.5)
CELL = r"[^\s|,;]+"
GAP = r"[\s|,;]+"

SEPARATORS = {
    "equals": r"\s*[=:]\s*",
    "quoted": r"[\"']?\s*[=:]\s*",  # where a quote was seen: without, the expression needs no escapes in TOML
    "space": r"\s+",
    "bar": r"\s*\|\s*",
}


def words(name: str) -> str:
    """The words of a name, whatever blanks stand between them."""
    return r"\s+".join(re.escape(word).replace(r"\-", "-") for word in name.split())


def pair(name: str, separator: str, *, phase: str = "", wrapped: bool = False, last: bool = False) -> str:
    """`name = value`, after the word `phase` if given; the last such in the line rather than the first."""
    lead = rf"\b{re.escape(phase)}\b.*?" if phase else ""
    tail = START + words(name) + SEPARATORS[separator] + (WRAPPED if wrapped else "") + VALUE
    return (".*" if last else "") + lead + tail


def column(index: int, count: int, step: int | None) -> str:
    """The cell `index` of a row of `count` cells that begins with a number; `step` is the cell of the step."""
    cells = []
    for i in range(count):
        if i == index:
            cells.append(VALUE)
        elif i == step:
            cells.append(r"(?P<step>\d+)")
        else:
            cells.append(CELL)
    return r"^(?=[\s|]*[-+.\d])[\s|]*" + GAP.join(cells) + r"[\s|]*$"


def without(phases: list[str], pattern: str) -> str:
    """`pattern`, in lines that hold none of the words `phases`."""
    return rf"^(?!.*\b(?:{'|'.join(map(re.escape, phases))})\b).*?{pattern}"


def step(word: str) -> str:
    """The number after `word`: `Epoch 3/10`, `epoch=3`, `[Epoch 3]`, `step: 3`."""
    return rf"(?<![\w/.]){words(word)}\s*[=:#]?\s*[\[(]?\s*(\d+)"
