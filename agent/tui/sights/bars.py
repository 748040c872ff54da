"""Importances as bars, each with its figure, what is not sure about it, and what the room has to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.importance import ENOUGH, METHOD, Share, Weights
from agent.tui.text import Part, fit, percent, plural, wrap

_EIGHTHS = " ▏▎▍▌▋▊▉"
_NAME, _FIGURE = 20, 12  # cells at most, and of the figure
_BESIDE = 110  # cells from which on what is said of a parameter stands beside its bar


@dataclass(frozen=True)
class Known:
    """What was worked out; `usable` trials it could rest on, `texts` what can be said of each parameter.
    `pending` while it is being worked out."""

    weights: Weights = Weights()
    texts: Mapping[str, str] = field(default_factory=dict)
    usable: int = 0
    pending: bool = False
    fault: str = ""


def draw(known: Known, width: int, height: int, chosen: str = "") -> list[list[Part]]:
    """At most `height` rows: the bars, then what they rest on; fewer bars where there is no room."""
    said = [line for text in _notes(known) for line in wrap([(text, "muted")], max(width - 2, 20))]
    blocks = [_block(share, known, width, chosen) for share in known.weights.shares]
    if not blocks:
        return said[:height]
    room, out = max(height - len(said) - 1, 2), list[list[Part]]()
    for count, block in enumerate(blocks):
        left = len(blocks) - count
        if len(out) + len(block) + (left > 1) > room:
            out.append([(f" and {left} more", "muted")])
            break
        out += block
    return [*out, [], *said][:height]


def _block(share: Share, known: Known, width: int, chosen: str) -> list[list[Part]]:
    """Name, bar and figure; what can be said beside them, or below where there is no room."""
    beside = width >= _BESIDE
    first = min(_NAME, width // 3)
    long = max(min((width - first - _FIGURE) // (2 if beside else 1), 60), 2)
    name = fit(share.parameter, min(len(share.parameter), first - 2))
    line: list[Part] = [(" ", ""), (name, "primary+reverse" if share.parameter == chosen else "strong")]
    line += [(" " * (first - 1 - len(name)), ""), *_bar(share.share, share.deviation, long)]
    line.append((f" {percent(share.share):>4} ±{100 * share.deviation:<3.0f} ", "text"))
    text = known.texts.get(share.parameter, "")
    told = text.partition(": ")[2] or text.removeprefix(share.parameter).strip()
    room = width - first - long - _FIGURE if beside else width - 4
    said: Part = (fit(told, max(room, 0)).rstrip(), "muted")
    if not told:
        return [line]
    return [[*line, said]] if beside else [line, [("   ", ""), said]]


def _bar(share: float, deviation: float, width: int) -> list[Part]:
    """A bar of `width` cells for 1, and a whisker as far as one standard deviation beyond it."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    full, part = divmod(eighths, 8)
    solid = "█" * full + (_EIGHTHS[part] if part else "")
    end = min(round((share + deviation) * width), width)
    whisker = "─" * max(end - len(solid) - 1, 0) + "┤" if end > len(solid) else ""
    return [(solid, "primary"), (whisker, "muted"), (" " * (width - len(solid) - len(whisker)), "")]


def _notes(known: Known) -> list[str]:
    if known.fault:
        return [known.fault]
    if not known.weights.shares:
        if known.pending:
            return ["being worked out …"]
        return [
            f"Nothing can be said yet: {plural(known.usable, 'trial')} with different values fit the present space,"
            f" {ENOUGH} are needed."
            if known.usable < ENOUGH
            else "Nothing can be said: no parameter was varied, or none makes a difference."
        ]
    rest = 1 - known.weights.alone
    notes = [
        f"The share of the objective's spread that each explains by itself, ± its standard deviation from tree to tree:"
        f" {METHOD}, on {plural(known.weights.trials, 'trial')}"
        + (f" of {known.usable}" if known.usable > known.weights.trials else "")
        + (" (being worked out anew …)." if known.pending else ".")
    ]
    if rest >= 0.01:
        notes.append(
            f"Single parameters explain {percent(known.weights.alone)} of the forest's spread; the other"
            f" {percent(rest)} lie in how parameters act together."
        )
    if known.weights.trials < 3 * ENOUGH:
        notes.append("Few trials: take the order as a hint.")
    return notes
