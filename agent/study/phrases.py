"""The words of a hint made regular: numbers as people write them, statements apart, and what each says of a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_BARE = r"(?:(?<![\w.])[+-])?(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:e[+-]?\d+)?%?"
NUMBER = rf"{_BARE}(?![\w%])"
_RANGE = rf"(?P<from>(?<![\w.]){_BARE})\s*(?:\.\.+|…|–|-|\bto\b)\s*(?P<to>{NUMBER})"
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_APART = r"([;\n]|,(?!\d)|\.(?=\s|$)|\band\b|\bbut\b|\bwith\b|\bwhile\b)"
_UP = "above|over|more than|higher than|larger than|greater than|bigger than|at least|exceed(?:s|ing)?|>=|=>|≥|>"
_DOWN = "below|under|less than|lower than|smaller than|fewer than|at most|up to|<=|=<|≤|<"
_MORE, _LESS = "higher|larger|bigger|greater|longer|more", "lower|smaller|shorter|fewer|less"
_LARGE = re.compile(r"(?:large|high|bigg?|long|many|wide|great)(?:e?r|e?st|ish)?")
_SMALL = re.compile(r"(?:small|low|tiny|short|few|narrow)(?:e?r|e?st|ish)?")
_NOT = {
    "not",
    "no",
    "never",
    "avoid",
    "without",
    "don't",
    "shouldn't",
    "isn't",
    "mustn't",
    "aren't",
    "won't",
    "doesn't",
}
_FILLER = frozenset(
    re.findall(
        r"\S+",
        """i a an the we you it its it's that this these those my our i'd i'm let let's us has have been do does be is
        are was expect think believe guess suspect hope know try trying use using want like start keep set go goes lie
        lies stay stays should must may might can will would could good best well work works fine ideal optimal usually
        probably maybe perhaps likely value values range please about around near close to roughly approximately circa
        at of in on for by here just some quite rather very fairly pretty somewhat somewhere = : ~ ≈ '""",
    )
)
_TOKEN = re.compile(
    rf"{_RANGE}|(?P<number>(?<![\w.]){NUMBER})|(?P<mark>[<>@~≈=:])|(?P<choice>[\ue000-\uf8ff])|(?P<word>[\w'’.+-]+|\S)"
)


@dataclass
class Said:
    """What stands about one name: numbers, bounds, sizes, choices; `junk` is what was not understood of it."""

    points: list[str] = field(default_factory=list)
    spans: list[tuple[str, str]] = field(default_factory=list)
    bounds: list[tuple[str, str]] = field(default_factory=list)  # < or >, and the number
    sizes: set[str] = field(default_factory=set)  # small, large
    choices: list[str] = field(default_factory=list)
    nots: int = 0
    too: bool = False
    junk: list[str] = field(default_factory=list)


def regular(text: str) -> str:
    """`3×10^-4` as 3e-4, `1,000` and `1_000` as 1000, `0,9` as 0.9, `[a, b]` as a to b."""
    text = text.replace("−", "-").replace("’", "'")
    text = re.sub(r"(?<=\d)[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda m: "^" + m[0].translate(_SUPERSCRIPT), text)
    text = re.sub(r"(\d)\s*(?:[×*·]|\bx\b)\s*10\s*(?:\^|\*\*)\s*([+-]?\d{1,3})\b", r"\1e\2", text)
    text = re.sub(r"(?<![\w.])10\s*(?:\^|\*\*)\s*([+-]?\d{1,3})\b", r"1e\1", text)
    text = re.sub(r"(?<![\w.])(\d{1,2})(?:\^|\*\*)(\d{1,2})\b", lambda m: str(int(m[1]) ** int(m[2])), text)
    text = re.sub(r"(?<=\d)_(?=\d)", "", text)
    text = re.sub(r"[\[(]([^\[\](),]+),\s*([^\[\](),]+)[\])]", r"\1 to \2", text)
    text = re.sub(r"(?<![\w.,])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])", lambda m: m[0].replace(",", ""), text)
    text = re.sub(r"(?<![\w.,])0,(?=\d+(?![\w,]))", "0.", text)
    text = re.sub(r"(\bbetween\s+\S+)\s+and\s+", r"\1 to ", text, flags=re.IGNORECASE)
    return re.sub(r"\b(?:between|from)\s+(?=\S+\s*(?:to|\.\.|-|–|…)\s*\S)", "", text, flags=re.IGNORECASE)


def statements(text: str) -> list[tuple[str, str]]:
    """The text split where one statement ends, each with what stands before it."""
    parts = re.split(_APART, text, flags=re.IGNORECASE)
    joined = zip(["", *parts[1::2]], parts[::2], strict=True)
    return [(mark.lower(), " ".join(part.split())) for mark, part in joined if part.strip(" .")]


def said(before: str, rest: str) -> Said:
    """What the words before and behind a name say of it."""
    tokens = list(_tokens(before, rest))
    found, at = Said(), 0
    while at < len(tokens):
        at += _take(tokens, at, found)
    return found


def denies(text: str) -> bool:
    return any(word.lower() in _NOT or word.lower() == "too" for word in re.findall(r"[\w'’]+", text))


def strange(text: str) -> list[str]:
    """The words that mean nothing to a hint: perhaps a name spelled wrongly."""
    words = re.findall(r"[^\W\d][\w.]*", text.lower())
    known = _FILLER | _NOT
    return [w for w in words if w not in known and not _LARGE.fullmatch(w) and not _SMALL.fullmatch(w)]


def _tokens(before: str, rest: str) -> Iterator[tuple[str, str]]:
    text = f"{before} @ {rest}".lower().replace("do not", "don't").replace("(", " ").replace(")", " ")
    text = re.sub(r"[\"“”‘`\[\]]", " ", text)
    text = re.sub(rf"\b(?:{_MORE})\s+@\s+than\b", "@ > ", text)
    text = re.sub(rf"\b(?:{_LESS})\s+@\s+than\b", "@ < ", text)
    text = re.sub(rf"(?<![\w<>=])(?:{_UP})(?![\w<>=])", " > ", text)
    text = re.sub(rf"(?<![\w<>=])(?:{_DOWN})(?![\w<>=])", " < ", text)
    for found in _TOKEN.finditer(text):
        if found["from"]:
            yield "span", f"{found['from']} {found['to']}"
            continue
        kind = str(found.lastgroup)
        word = found[0].strip("'.") if kind == "word" else found[0]
        if word and word not in _FILLER:
            yield kind, word


def _take(tokens: list[tuple[str, str]], at: int, found: Said) -> int:
    """Puts the token where it belongs. Returns how many were taken."""
    kind, word = tokens[at]
    follows = tokens[at + 1] if at + 1 < len(tokens) else ("", "")
    if kind == "number":
        if follows[0] == "mark" and tokens[at + 2 : at + 3] == [("mark", "@")]:  # 1e-3 < lr
            found.bounds.append(({"<": ">", ">": "<"}[follows[1]], word))
            return 2
        found.points.append(word)
    elif kind == "mark" and word in "<>":
        if follows[0] != "number":
            found.junk.append("below" if word == "<" else "above")
            return 1
        found.bounds.append((word, follows[1]))
        return 2
    elif kind == "span":
        low, high = word.split()
        found.spans.append((low, high))
    elif kind == "choice":
        found.choices.append(word)
    elif kind == "word":
        _word(word, follows[0] in ("number", "choice") and (found.points or found.choices) != [], found)
    return 1


def _word(word: str, joins: bool, found: Said) -> None:
    """`joins` is whether it stands between two values, as "or" must."""
    if word in _NOT:
        found.nots += 1
    elif word == "too":
        found.too = True
    elif _LARGE.fullmatch(word):
        found.sizes.add("large")
    elif _SMALL.fullmatch(word):
        found.sizes.add("small")
    elif not (word == "or" and joins):
        found.junk.append(word)
