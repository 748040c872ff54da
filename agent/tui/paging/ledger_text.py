"""The page of ledger and budgets in lines: bars, sums, spending over time, calls."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from agent.study.nouns import CallRecord
from agent.tui.paging.ledger_read import LedgerRead, Limit
from agent.tui.text import DASH, Part, fit, neutral, percent, seconds

_BARS = " ▁▂▃▄▅▆▇█"
_NEAR = 0.8
_GLYPHS = {"ok": ("✓", "good"), "failed": ("✗", "bad"), "cancelled": ("■", "muted"), "running": ("▶", "run")}
_MOST_SUMS = 8


def lines(read: LedgerRead, cursor: int, width: int) -> tuple[list[list[Part]], list[int]]:
    """All lines, and the line of each row the cursor can be on: budgets first, then calls."""
    found: list[list[Part]] = [[("BUDGETS", "title"), ("  enter changes one", "muted")]]
    rows: list[int] = []
    for i, limit in enumerate(read.limits):
        rows.append(len(found))
        found.append(_bar(limit, i == cursor, width))
    found += [[], [("CALLS", "title"), (f"  {read.sums['calls']} by purpose and model", "muted")]]
    found += [_sum(group, width) for group in read.sums["by"][:_MOST_SUMS]]
    if (rest := len(read.sums["by"]) - _MOST_SUMS) > 0:
        found.append([(f"  and {rest} more: tunewright ledger", "muted")])
    if read.sums["failures"]:
        failures = ", ".join(f"{count} {kind}" for kind, count in read.sums["failures"].items())
        found.append([("  ✗ ", "bad"), (neutral(failures), "muted")])
    if read.sums["sources"]:
        told = ", ".join(one["text"] for one in read.sums["sources"])
        found.append([("  proposals   ", "muted"), (fit(neutral(told), max(width - 14, 20)).rstrip(), "text")])
    if read.sums["calibration"]:
        found.append([("  predictions ", "muted"), (neutral(read.sums["calibration"]), "text")])
    if read.spending:
        found.append(_strip(read, width))
    found += [[], [(_heading(width), "muted")]] if read.calls else [[("  no model has been called yet", "faint")]]
    for i, call in enumerate(read.calls, start=len(read.limits)):
        rows.append(len(found))
        found.append(_call(call, i == cursor, width))
    return found, rows


def _bar(limit: Limit, here: bool, width: int) -> list[Part]:
    """`money  ██████░░┊░░│ $0.42 of $5  8%`: a mark at 80% and one at 100%."""
    cells = 20 if width < 100 else 40
    mark: Part = ("▌" if here else " ", "primary")
    name: Part = (f" {limit.name:<13}", "strong+reverse" if here else "text")
    if limit.share is None:
        said = (
            f"{limit.used}, no limit"
            if limit.limit == "none" and limit.used
            else limit.limit.replace("none", "no limit")
        )
        return [mark, name, (" " * (cells + 3), ""), (said, "muted")]
    full = min(round(limit.share * cells), cells)
    role = "bad" if limit.share >= 1 else "ask" if limit.share >= _NEAR else "run"
    word = " spent" if limit.share >= 1 else " near its end" if limit.share >= _NEAR else ""
    at = round(_NEAR * cells)
    bar = "".join("█" if i < full else "┊" if i == at else "░" for i in range(cells))
    return [
        mark,
        name,
        (" ", ""),
        (bar, role),
        ("│ ", "muted"),
        (f"{limit.used} of {limit.limit}  {percent(limit.share)}{word}", role if word else "text"),
    ]


def _sum(group: dict[str, Any], width: int) -> list[Part]:
    tokens = [("?" if group[side] is None else f"{group[side]:,}") for side in ("prompt_tokens", "completion_tokens")]
    money = "unknown" if group["money"] is None else f"${group['money']:.4f}"
    median = group["seconds"]["median"]
    failed = f"  {group['failed']} failed ✗" if group["failed"] else ""
    took = f"  {seconds(median)} median" if median is not None else ""
    head = f"  {fit(neutral(group['purpose']), 9)} {fit(neutral(group['model']), 16 if width < 100 else 32)}"
    return [
        (head, "text"),
        (f"{group['calls']:>5}×  {tokens[0]} in  {tokens[1]} out  {money}", "text"),
        (took if width >= 100 else "", "muted"),
        (failed, "bad"),
    ]


def _strip(read: LedgerRead, width: int) -> list[Part]:
    total = sum(read.spending)
    pairs = zip(read.spending[::2], read.spending[1::2], strict=True)
    spending = read.spending if width >= 100 else [a + b for a, b in pairs]
    most = max(spending) or 1.0
    bars = "".join(_BARS[math.ceil(8 * value / most)] if value else "·" for value in spending)
    said = f"${total:.2f}" if read.in_money else f"{total:,.0f} tokens"
    begin = time.strftime("%d %b %H:%M", time.localtime(read.since))
    return [("  spent since ", "muted"), (begin, "muted"), ("  ", ""), (bars, "run"), (f"  {said}", "text")]


def _heading(width: int) -> str:
    at, model = _columns(width)
    head = f"     #  {'at':<{at}} {fit('purpose', 9)} {fit('model', model)} {fit('state', 10)} "
    return f"{head}{fit('in/out', 13, right=True)} {fit('cost', 8, right=True)} {fit('took', 6, right=True)}"


def _columns(width: int) -> tuple[int, int]:
    """Cells of the time of a call and of its model's name."""
    return (5, 10) if width < 100 else (12, 30)


def _call(call: CallRecord, here: bool, width: int) -> list[Part]:
    glyph, role = _GLYPHS.get(call.state, ("?", "muted"))
    wide, model = _columns(width)
    at = time.strftime("%d %b %H:%M" if wide > 5 else "%H:%M", time.localtime(call.at))
    tokens = "/".join("?" if n is None else f"{n}" for n in (call.prompt_tokens, call.completion_tokens))
    cost = "?" if call.cost is None else f"${call.cost:.4f}"
    state, took = call.error or call.state, seconds(call.seconds) or DASH
    return [
        ("▌" if here else " ", "primary"),
        (f"{call.id:>5}  {at} {fit(neutral(call.purpose), 9)} {fit(neutral(call.model), model)} ", _role(here)),
        (f"{glyph} {fit(neutral(state), 8)} ", role),
        (
            f"{fit(tokens, 13, right=True)} {fit(cost, 8, right=True)} {fit(took, 6, right=True)}",
            "text",
        ),
    ]


def _role(here: bool) -> str:
    return "text+reverse" if here else "text"


def plain(found: Sequence[Sequence[Part]]) -> list[Part]:
    """The lines as one text."""
    return [part for line in found for part in (*line, ("\n", ""))]
