"""Markdown as lines of coloured parts, for a width: headings, lists, tables, quotes, code. What a model writes is data.

A text that still grows is laid out as if what is open in it were closed: a fence, a mark, a table without its rule.
Blocks before the last never change as more arrives, and are laid out once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from agent.tui.talk.marks import inline
from agent.tui.talk.table_text import table
from agent.tui.text import Part, folded, neutral, wrap

Line = Sequence[Part]

_FENCE = re.compile(r"^(?P<indent>[ ]*)(?P<mark>`{3,}|~{3,})[ ]*(?P<language>[^\s`{]*)[^`]*$")
_HEADING = re.compile(r"^[ ]{0,3}(?P<level>#{1,6})(?:[ ]+(?P<text>.*?))?[ ]*#*$")
_RULE = re.compile(r"^[ ]{0,3}([-*_])(?:[ ]*\1){2,}[ ]*$")
_ITEM = re.compile(r"^(?P<indent>[ ]*)(?P<mark>[-*+]|\d{1,9}[.)])[ ]+(?P<text>.*)$")
_QUOTE = re.compile(r"^[ ]{0,3}>[ ]?(?P<text>.*)$")
_DEEPEST = 4  # levels of a list, and of quotes, that are still set in
_BULLET = "•"
_NARROWEST = 8  # cells inside a quote


class Block(NamedTuple):
    """`kind` is text, heading, rule, item, quote, table or code; `mark` a level, a bullet or a language."""

    kind: str
    text: str
    mark: str = ""
    depth: int = 0


def render(text: str, width: int, *, growing: bool = False, depth: int = 0) -> list[Line]:
    """At most `width` cells a line (10 at least), no empty lines at the ends, no control characters. `depth` counts the
    quotes around it."""
    width = max(width, _NARROWEST if depth else _NARROWEST + 2)
    found = blocks(neutral(text).expandtabs(4))
    if growing and found:
        found[-1] = _open_ended(found[-1])
    lines: list[Line] = []
    for index, block in enumerate(found):
        last = growing and index == len(found) - 1
        if block.kind == "quote":
            block = block._replace(depth=depth + 1)
        laid_out = _lay_out.__wrapped__(block, width) if last else _lay_out(block, width)
        if lines and laid_out and _apart(found[index - 1], block):
            lines.append(())
        lines += laid_out
    return lines


def _apart(before: Block, block: Block) -> bool:
    """Whether an empty line stands between them. Blocks of text keep the ones that were written."""
    if {before.kind, block.kind} <= {"item"}:
        return False
    if before.kind == block.kind == "text":
        return True
    return not (before.kind in ("text", "heading") and block.kind == "item" and not before.text.endswith("\n"))


# -- into blocks -------------------------------------------------------------------


def blocks(text: str) -> list[Block]:
    """In order. Lines of one paragraph, quote, table or fence are one block; each item of a list is one."""
    found: list[Block] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        at, block = _next(lines, at)
        if block is not None:
            found.append(block)
    return found


def _next(lines: list[str], at: int) -> tuple[int, Block | None]:
    line = lines[at]
    if not line.strip():
        return at + 1, None
    if fence := _FENCE.match(line):
        return _code(lines, at, fence)
    if heading := _HEADING.match(line):
        return at + 1, Block("heading", (heading["text"] or "").strip(), heading["level"])
    if _RULE.match(line):
        return at + 1, Block("rule", "")
    if _QUOTE.match(line):
        end = _while(lines, at, lambda one: _QUOTE.match(one) is not None)
        return end, Block("quote", "\n".join((_QUOTE.match(one) or {"text": one})["text"] for one in lines[at:end]))
    if _is_row(line):
        end = _while(lines, at, _is_row)
        return end, Block("table", "\n".join(one.strip() for one in lines[at:end]))
    if item := _ITEM.match(line):
        end = _while(lines, at + 1, lambda one: bool(one.strip()) and one.startswith("  ") and not _begins(one))
        text = "\n".join([item["text"] or "", *(one.strip() for one in lines[at + 1 : end])])
        return end, Block("item", text, item["mark"], min(len(item["indent"]) // 2, _DEEPEST))
    end = _while(lines, at + 1, lambda one: bool(one.strip()) and not _begins(one))
    blank = end < len(lines) and not lines[end].strip()
    return end, Block("text", "\n".join(one.strip() for one in lines[at:end]) + "\n" * blank)


def _while(lines: list[str], at: int, holds: object) -> int:
    assert callable(holds)
    while at < len(lines) and holds(lines[at]):
        at += 1
    return at


def _begins(line: str) -> bool:
    """Whether a line begins a block of another kind than text."""
    return any(kind.match(line) for kind in (_FENCE, _HEADING, _RULE, _ITEM, _QUOTE)) or _is_row(line)


def _is_row(line: str) -> bool:
    return line.lstrip().startswith("|")


def _code(lines: list[str], at: int, fence: re.Match[str]) -> tuple[int, Block]:
    """To the closing fence, or to the end of the text where there is none yet."""
    closing = re.compile(rf"^[ ]*{re.escape(fence['mark'][0])}{{{len(fence['mark'])},}}[ ]*$")
    end = _while(lines, at + 1, lambda one: closing.match(one) is None)
    indent = len(fence["indent"])
    body = [one[min(indent, len(one) - len(one.lstrip(" "))) :] for one in lines[at + 1 : end]]
    return end + 1, Block("code", "\n".join(body), fence["language"])


# -- what is still being written ------------------------------------------------------


def _open_ended(block: Block) -> Block:
    """The last block of a text that grows, so that what comes next moves as little as possible."""
    if block.kind == "table":
        rows = block.text.split("\n")
        whole = rows if len(rows) == 1 or rows[-1].endswith("|") else rows[:-1]  # a row is shown when it is whole
        return block._replace(text="\n".join(whole))
    if block.kind == "code":
        return block._replace(text=re.sub(r"\n[ ]*[`~]{1,2}$", "", block.text))  # the fence that is about to close it
    if block.kind in ("text", "item", "heading", "quote"):
        head, line_break, last = block.text.rstrip("\n").rpartition("\n")
        return block._replace(text=head + line_break + _closed(last))
    return block


_WHOLE_MARKS = re.compile(r"(`+)[^`].*?\1(?!`)|\*\*(?!\s)(?:[^*]|\*(?!\*))+?(?<!\s)\*\*|\\.")
_DANGLING = re.compile(r"(?:\*{1,3}|_{1,2}|~{1,2}|`+|!?\[)$")
_HALF_ADDRESS = re.compile(r"!?\[([^\]\[]*)\]\([^()]*$")


def _closed(line: str) -> str:
    """A line with its open code or bold closed, half an address left out, and a mark that only begins as well."""
    line = _HALF_ADDRESS.sub(r"\1", _DANGLING.sub("", line))
    rest = _WHOLE_MARKS.sub("", line)
    if (tick := rest.rfind("`")) >= 0 and rest[tick + 1 :].strip():
        return line + "`" * (len(rest[: tick + 1]) - len(rest[: tick + 1].rstrip("`")))
    opened = rest.rfind("**")
    return (
        line.rstrip() + "**"
        if opened >= 0 and rest[opened + 2 :].strip() == rest[opened + 2 :].rstrip() != ""
        else line
    )


# -- into lines ----------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _lay_out(block: Block, width: int) -> tuple[Line, ...]:
    return tuple(tuple(line) for line in _lines(block, width))


def _lines(block: Block, width: int) -> Iterator[Line]:
    match block.kind:
        case "rule":
            yield [("─" * width, "faint")]
        case "heading":
            role = "strong" if len(block.mark) > 2 else "primary+bold"
            yield from wrap(inline(block.text, role), width)
        case "code":
            yield from _code_lines(block, width)
        case "quote":
            yield from ([("▎ ", "faint"), *line] for line in _quoted(block, width - 2))
        case "table":
            yield from table(block.text, width)
        case "item":
            yield from _item(block, width)
        case _:
            for line in block.text.rstrip("\n").split("\n"):
                yield from wrap(inline(line), width)


def _quoted(block: Block, width: int) -> Sequence[Line]:
    if block.depth < _DEEPEST and width >= _NARROWEST:
        return render(block.text, width, depth=block.depth)
    return wrap(inline(block.text.replace(">", " ").replace("\n", " ")), width)


def _code_lines(block: Block, width: int) -> Iterator[Line]:
    bar: Part = ("▏", "faint")
    if block.mark:
        yield [bar, *((part, "faint") for part in folded(block.mark, width - 1)[:1])]
    for line in block.text.split("\n"):
        for part in folded(line, width - 1):
            yield [bar, (part, "text")]


def _item(block: Block, width: int) -> Iterator[Line]:
    """The text hangs beside its mark; a number stays as it was written."""
    mark = _BULLET if block.mark in "-*+" else block.mark
    indent = "  " * block.depth
    if len(indent) + len(mark) + 1 > width - 8:
        indent, mark = "", mark[:2]
    hanging = " " * (len(indent) + len(mark) + 1)
    first = True
    for text in block.text.split("\n"):
        for shown in wrap(inline(text), width - len(hanging)):
            head: list[Part] = [(indent, ""), (f"{mark} ", "muted")] if first else [(hanging, "")]
            yield [*(part for part in head if part[0]), *shown]
            first = False
