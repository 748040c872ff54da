"""A proposal in words: the whole card, and the one line that stands for it where there is no room."""

from __future__ import annotations

from agent.study.nouns import Proposal
from agent.tui.looks import look
from agent.tui.model import StudyModel
from agent.tui.notes import marker
from agent.tui.text import Part, fit, neutral, number, seconds
from agent.tui.weigh import Row, Weighed

_LABEL = 8
_MOST_ROWS = 8


def card_parts(proposal: Proposal, weighed: Weighed, model: StudyModel, keys: list[Part]) -> list[Part]:
    """The card's content, its last line the keys."""
    parts = _table(weighed)
    if proposal.rationale:
        parts += [*_label("why"), (neutral(proposal.rationale), "text")]
        marks = [m for e in proposal.evidence if (m := marker(e, e.trial or 0)) is not None and e.trial is not None]
        for mark in dict.fromkeys(marks):
            parts += [(" ", ""), mark]
        parts.append(("\n", ""))
    parts += _expectation(proposal, model)
    for risk in weighed.risks:
        parts += [*_label("risk"), ("! ", "bad"), (risk, "bad"), ("\n", "")]
    return [*parts, *keys]


def _label(text: str) -> list[Part]:
    return [(fit(text, _LABEL), "muted")]


def _table(weighed: Weighed) -> list[Part]:
    """Proposed beside best and nearest; what is equal everywhere on one line."""
    changed = [row for row in weighed.rows if row.differs]
    if weighed.best is None and weighed.nearest is None:
        return _same(weighed.rows)
    shown, rest = changed[:_MOST_ROWS], changed[_MOST_ROWS:]
    parts: list[Part] = []
    if shown:
        name = max(max(len(r.name) for r in shown), _LABEL - 1) + 1
        wide = [max(len(r.value) for r in shown), 6, 6]
        heads = [(fit("", name), "")]
        columns: list[tuple[str, str]] = []
        if weighed.best is not None:
            columns.append(("best", f"★ t{weighed.best.number}"))
        if weighed.nearest is not None:
            columns.append(("nearest", f"near t{weighed.nearest.number} {look(weighed.nearest).glyph}"))
        heads = [(fit("", name + max(wide[0], 8) + 2), "")]
        for _, title in columns:
            heads.append((fit(title, 12), "faint"))
        parts += [*heads, ("\n", "")]
        for row in shown:
            parts += [(fit(row.name, name), "text"), (fit(row.value, max(wide[0], 8) + 2), "strong")]
            for column, _ in columns:
                text = getattr(row, column)
                parts.append(
                    (fit("=" if text == row.value else text or "–", 12), "faint" if text == row.value else "muted")
                )
            parts.append(("\n", ""))
    if rest:
        parts.append((f"{len(rest)} more differ\n", "muted"))
    return parts + _same([row for row in weighed.rows if not row.differs], "same" if shown else "")


def _same(rows: list[Row] | tuple[Row, ...], label: str = "") -> list[Part]:
    if not rows:
        return []
    parts: list[Part] = _label(label) if label else []
    for i, row in enumerate(rows):
        parts += [
            ("  " if i else "", ""),
            (row.name + "\u00a0", "muted"),
            (row.value, "text" if not label else "muted"),
        ]
    return [*parts, ("\n", "")]


def _expectation(proposal: Proposal, model: StudyModel) -> list[Part]:
    parts: list[Part] = []
    if proposal.expected is not None:
        low, high = proposal.expected
        parts += [*_label("expect"), (f"{number(low)} … {number(high)}", "text")]
        if model.best is not None:
            parts.append((f"  best {number(model.best.value)}", "muted"))
        if proposal.confidence is not None:
            word = "low" if proposal.confidence < 0.4 else "fair" if proposal.confidence < 0.7 else "high"
            parts.append((f"  {word} confidence", "muted"))
        parts.append(("\n", ""))
    if proposal.expected_seconds is not None:
        parts += [*_label("cost"), (f"about {seconds(proposal.expected_seconds)}", "text"), ("\n", "")]
    return parts


def line_parts(proposal: Proposal, weighed: Weighed, others: int) -> list[Part]:
    """`◆ 18 gp  lr 1e-3 → 6e-4  wd .1  ^g`: what changes against the best, then the rest."""
    parts: list[Part] = [(f"◆ {proposal.number} ", "ask+bold"), (f"{proposal.source} ", "muted")]
    for row in weighed.rows:
        if row.best and row.best != row.value:
            parts += [(f" {row.name} ", "muted"), (f"{row.best} → ", "muted"), (row.value, "strong")]
        else:
            parts += [(f" {row.name} ", "faint"), (row.value, "text")]
    tail = f" +{others} more" if others else ""
    return [*parts, (tail, "ask")]
