"""A proposal in words: the whole card, and the one line that stands for it where there is no room."""

from __future__ import annotations

from itertools import accumulate

from rich.cells import cell_len

from agent.study.blend_words import gate, trust
from agent.study.nouns import Proposal
from agent.tui.ink.looks import look
from agent.tui.model import StudyModel
from agent.tui.talk.behind import Behind
from agent.tui.talk.marks import marked
from agent.tui.talk.notes import marker
from agent.tui.text import Part, fit, neutral, number, seconds, signed, wrap
from agent.weighing.weigh import Row, Weighed

NO_BREAK = "\u00a0"
_LABEL = 8
_MOST_ROWS = 8


def card_parts(
    proposal: Proposal, weighed: Weighed, model: StudyModel, behind: Behind, keys: list[Part], width: int
) -> list[Part]:
    """The card's content for `width` cells, its last line the keys."""
    parts = _table(weighed, width)
    if proposal.rationale:
        shown = [part for i, mark in enumerate(places(proposal), 1) for part in _numbered(i, mark)]
        parts += labelled("why", [*marked(neutral(proposal.rationale)), *shown], width)
    parts += _expectation(proposal, model, behind, width)
    parts += cost_parts(weighed, behind, width)
    parts += risk_parts(weighed, width)
    return [*parts, *keys]


def places(proposal: Proposal) -> list[Part]:
    """The evidence that can be followed, in the order of the digits that follow it."""
    marks = [m for e in proposal.evidence if (m := marker(e, None)) is not None]
    return list(dict.fromkeys(marks))[:9]


def _numbered(digit: int, mark: Part) -> list[Part]:
    return [(" ", ""), (f"{digit}\u00a0", "faint"), mark]


def cost_parts(weighed: Weighed, behind: Behind, width: int) -> list[Part]:
    """`about 11m · $0.45 of GPU`; of several seeds `3 seeds × about 11m · $1.35 of GPU`."""
    money = behind.price.words(weighed.total_seconds) if behind.price is not None else ""
    time = f"about {seconds(weighed.seconds)}" if weighed.seconds is not None else ""
    times = f"{weighed.runs} seeds" if weighed.runs > 1 else ""
    said = " · ".join(part for part in (" × ".join(p for p in (times, time) if p), money) if part)
    return labelled("cost", [(said, "text")], width) if said else []


def risk_parts(weighed: Weighed, width: int) -> list[Part]:
    """One chip after the other, each with its own mark."""
    chips: list[Part] = []
    for risk in weighed.risks:
        chips += [("  ", "")] * bool(chips)
        target = f"#{risk.target}" if risk.target else ""
        chips.append((f"!{NO_BREAK}{neutral(risk.text)}", f"bad{target}"))
    return labelled("risk", chips, width) if chips else []


def expected_parts(low: float, high: float, confidence: float | None, model: StudyModel) -> list[Part]:
    """`−.007 … +.006 to the best  (.3050 … .3180)  low confidence`."""
    best = model.best.value if model.best is not None else None
    plain = f"{number(low)} … {number(high)}"
    if best is None:
        parts: list[Part] = [(plain, "text")]
    else:
        parts = [(f"{signed(low - best)} … {signed(high - best)} to\u00a0the\u00a0best", "text")]
        parts.append((f"  {plain.replace(' ', NO_BREAK)}", "muted"))
    if confidence is not None:
        word = "low" if confidence < 0.4 else "fair" if confidence < 0.7 else "high"
        parts.append((f"  {word}\u00a0confidence", "muted"))
    return parts


def labelled(label: str, content: list[Part], width: int) -> list[Part]:
    """Text hanging beside its label."""
    parts: list[Part] = []
    for i, line in enumerate(wrap(content, max(width - _LABEL, 20))):
        parts += [(fit("" if i else label, _LABEL), "muted"), *line, ("\n", "")]
    return parts


def _table(weighed: Weighed, width: int) -> list[Part]:
    """Proposed beside best and nearest; what is equal everywhere follows in one run."""
    changed = [row for row in weighed.rows if row.differs]
    equal = [row for row in weighed.rows if not row.differs]
    if not changed:
        return _run("", equal, width)
    shown, rest = changed[:_MOST_ROWS], changed[_MOST_ROWS:]
    others = [("best", f"★ t{weighed.best.number}")] if weighed.best is not None else []
    if weighed.nearest is not None:
        others.append(("nearest", f"near t{weighed.nearest.number} {look(weighed.nearest).glyph}"))
    value = max(max(len(r.value) for r in shown) + 2, 8)
    wide = [max(len(head), *(len(getattr(r, name)) for r in shown)) + 2 for name, head in others]
    room = max(width - value - sum(wide), 6)
    name = min(max(max(len(r.name) for r in shown) + 1, _LABEL), room)
    parts: list[Part] = [(fit("", name + value), "")]
    parts += [(fit(head, size), "muted") for (_, head), size in zip(others, wide, strict=True)]
    parts.append(("\n", ""))
    for row in shown:
        parts += [(fit(fit(row.name, min(len(row.name), name - 1)), name), "text"), (fit(row.value, value), "strong")]
        parts += [_other(getattr(row, which), row.value, size) for (which, _), size in zip(others, wide, strict=True)]
        parts.append(("\n", ""))
    if rest:
        parts.append((f"and {len(rest)} more differ\n", "muted"))
    return parts + _run("same", equal, width)


def _other(text: str, value: str, size: int) -> Part:
    return (fit("=", size), "faint") if text == value else (fit(text or "–", size), "muted")


def _run(label: str, rows: list[Row], width: int) -> list[Part]:
    """`same    batch_size 64  optimizer adam`."""
    content: list[Part] = []
    for row in rows:
        content += [(row.name + "\u00a0", "muted"), (row.value, "muted" if label else "strong"), ("  ", "")]
    if not rows:
        return []
    if label:
        return labelled(label, content, width)
    return [part for line in wrap(content, width) for part in (*line, ("\n", ""))]


def _expectation(proposal: Proposal, model: StudyModel, behind: Behind, width: int) -> list[Part]:
    parts: list[Part] = []
    if proposal.expected is not None:
        content = expected_parts(*proposal.expected, proposal.confidence, model)
        if behind.record:
            record = f"{proposal.source} so far: {behind.record}".replace(" ", NO_BREAK)
            content += [("  ", ""), (record, "muted")]
        parts += labelled("expect", content, width)
    if checked := proposal.insight.get("checked"):
        parts += labelled("checked", [(neutral("; ".join(map(str, checked))), "muted")], width)
    for label, said in (("gate", gate(proposal.insight)), ("trust", trust(proposal.insight))):
        parts += labelled(label, [(neutral(said), "muted")], width) if said else []
    if entropy := proposal.insight.get("entropy"):
        shown = [
            part
            for name, nats in entropy.items()
            for part in ((f"{neutral(name)}\u00a0", "muted"), (f"{nats:.2f}  ", "text"))
        ]
        parts += labelled("entropy", [*shown, ("nats a token", "faint")], width)
    return parts


def line_parts(proposal: Proposal, weighed: Weighed, others: int, width: int) -> list[Part]:
    """`◆ 18 gp  lr 1e-3 → 6e-4  wd .1 … +2 more`: what changes against the best, then the rest, as far as it fits."""
    head: list[Part] = [(f"◆ {proposal.number} ", "ask+bold"), (f"{proposal.source} ", "muted")]
    tail: Part = (f" +{others} more" if others else "", "ask")
    room = width - _cells([*head, tail])
    values = [_line_value(row) for row in weighed.rows]
    sizes = [_cells(value) for value in values]
    if sum(sizes) <= room:
        return [*head, *(part for value in values for part in value), tail]
    cut: Part = (" …", "muted")
    fitting = sum(total + _cells([cut]) <= room for total in accumulate(sizes))
    return [*head, *(part for value in values[:fitting] for part in value), cut, tail]


def _line_value(row: Row) -> list[Part]:
    before = f"{row.best} → " if row.best and row.best != row.value else ""
    return [
        (f" {row.name} ", "muted" if before else "faint"),
        (before, "muted"),
        (row.value, "strong" if before else "text"),
    ]


def _cells(parts: list[Part]) -> int:
    return sum(cell_len(text) for text, _ in parts)
