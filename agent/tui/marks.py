"""Text of the agent as coloured parts: light marks, and links to what it cites.

What a model writes is foreign text. Of its marks only bold, code, bullets and headings are shown as such; of the
commands it names only those that change nothing can be followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.diagnosis.citations import Citation, pieces
from agent.tui.text import Part

_MARKS = re.compile(
    r"\*\*(?P<bold>[^*\n]+)\*\*|`(?P<code>[^`\n]+)`|(?P<command>(?<![\w/])/(?:suggest|why|log)[ ]\d+)\b"
)
_BULLET = re.compile(r"^(\s*)[-*]\s+")
_HEADING = re.compile(r"^#{1,6}\s+(.*)$")
_FENCE = re.compile(r"^\s*```")


def marked(text: str) -> Iterator[Part]:
    """Text of the agent, its marks and citations shown as such. `text` is neutral."""
    code = False
    for index, line in enumerate(text.split("\n")):
        if _FENCE.match(line):
            code = not code
            continue
        if index:
            yield "\n", ""
        if code:
            yield line.replace(" ", "\u00a0"), "muted"
        elif heading := _HEADING.match(line):
            yield heading[1], "strong"
        else:
            yield from _inline(_BULLET.sub(r"\1– ", line))


def _inline(line: str) -> Iterator[Part]:
    for piece in pieces(line):
        if isinstance(piece, str):
            yield from _plain(piece)
        else:
            for index, citation in enumerate(piece):
                yield from [(" ", "")] * bool(index)
                yield link(citation)


def link(citation: Citation) -> Part:
    """`[t17 log:412]`, to be followed."""
    shown, place = citation.text.replace(" ", "\u00a0"), f"t{citation.trial}"
    if citation.line is not None:
        return shown, f"link#{place}:log:{citation.line}"
    if citation.step is not None:
        return shown, f"link#{place}:step:{citation.step}"
    return shown, f"link#{place}"


def _plain(text: str) -> Iterator[Part]:
    at = 0
    for match in _MARKS.finditer(text):
        yield text[at : match.start()], "text"
        if match["bold"]:
            yield match["bold"], "strong"
        elif match["code"]:
            yield match["code"].replace(" ", "\u00a0"), "strong"
        else:
            name, _, number = match["command"].removeprefix("/").partition(" ")
            yield match["command"], f"link#{name}:{number}"
        at = match.end()
    yield text[at:], "text"
