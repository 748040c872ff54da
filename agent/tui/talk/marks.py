"""One line of the agent's text as coloured parts: emphasis, code, addresses, and links to what it cites.

What a model writes is foreign text: it is shown, never run. An address is text beside its words, not a link; of the
commands it names only those that change nothing can be followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.diagnosis.citations import Citation, pieces
from agent.tui.text import Part

_LONGEST = 4_000  # characters of a line beyond which it is shown as it stands
_MARKS = re.compile(
    r"\\(?P<plain>[\\`*_{}\[\]()#+\-.!|~>])"
    r"|(?P<tick>`+)(?P<code>[^`].*?)(?P=tick)(?!`)"
    r"|\*\*(?P<bold>(?!\s)(?:[^*]|\*(?!\*))+?)(?<!\s)\*\*(?!\*)"
    r"|(?<![\w_])__(?P<bold2>(?!\s)[^_]+(?:_[^_]+)*)(?<!\s)__(?!_|\.?\w)"
    r"|(?<![\w*])\*(?P<em>(?![\s*])[^*]+)(?<!\s)\*(?![\w*])"
    r"|(?<![\w_])_(?P<em2>(?![\s_])[^_]+(?:_(?=\w)[^_]+)*)(?<!\s)_(?![\w_])"
    r"|~~(?P<gone>(?!\s)[^~]+)(?<!\s)~~"
    r"|!?\[(?P<words>[^\]\[]*)\]\((?P<address>[^()\s]*)(?:\s+\"[^\"]*\")?\)"
    r"|(?P<command>(?<![\w/])/(?:suggest|why|log)[ ]\d{1,9})\b"
)
_BULLET = re.compile(r"^(\s*)[-*]\s+")
_HEADING = re.compile(r"^#{1,6}\s+(.*)$")
_FENCE = re.compile(r"^\s*```")


def marked(text: str) -> Iterator[Part]:
    """Some lines where there is no room for blocks: on cards, in the journal. `text` is neutral."""
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
            yield from inline(_BULLET.sub(r"\1– ", line))


def inline(line: str, role: str = "text") -> Iterator[Part]:
    """Marks within one line. `role` is that of what has none; marks add to it."""
    if len(line) > _LONGEST:
        yield line, role
        return
    for piece in pieces(line):
        if isinstance(piece, str):
            yield from _plain(piece, role)
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


def _plain(text: str, role: str) -> Iterator[Part]:
    at = 0
    for match in _MARKS.finditer(text):
        if text[at : match.start()]:
            yield text[at : match.start()], role
        yield from _mark(match, role)
        at = match.end()
    if text[at:]:
        yield text[at:], role


def _mark(match: re.Match[str], role: str) -> Iterator[Part]:
    found = match.groupdict()
    if found["plain"]:
        yield found["plain"], role
    elif found["code"]:
        yield found["code"].replace(" ", "\u00a0"), "strong"
    elif bold := found["bold"] or found["bold2"]:
        yield from _plain(bold, _with(role, "bold"))
    elif em := found["em"] or found["em2"]:
        yield from _plain(em, _with(role, "italic"))
    elif found["gone"]:
        yield from _plain(found["gone"], _with(role, "strike"))
    elif found["command"]:
        name, _, number = found["command"].removeprefix("/").partition(" ")
        yield found["command"], f"link#{name}:{number}"
    else:
        yield from _address(found["words"], found["address"] or "", role)


def _address(words: str, address: str, role: str) -> Iterator[Part]:
    """`[paper](https://…)` as `paper (https://…)`: where it leads is seen before anybody goes there."""
    yield from _plain(words, role)
    if address and address != words:
        yield f"{' ' if words else ''}({address})", "muted"


def _with(role: str, extra: str) -> str:
    return role if extra in role.split("+") else f"{role}+{extra}"
