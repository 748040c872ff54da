"""Samples of a model's answers as rows of a table, and one of them in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from agent.samples import Numbered, parted
from agent.samples.differences import Piece
from agent.tui.text import Part, fit, folded, spelt
from agent.tui.trial.sample_plot import scores
from trainers.samples import SeriesSample, TextSample

ANSWER, TRUTH = "bad+reverse", "good+reverse"  # what differs, in the answer and in the truth
NOTHING = "∅"  # an empty answer
_GAP = 2
_LEAST, _LONGEST = 8, 400  # cells of a column, and characters looked at for its width
_LABEL = 10  # cells before each text of a sample in full


class Columns(NamedTuple):
    """Cells of each column without the gaps between them; 0 leaves it out."""

    question: int
    answer: int
    truth: int
    error: int
    when: int


def columns(shown: Sequence[Numbered], width: int) -> Columns:
    """As wide as their texts; where there is no room for that, the widest give way first."""
    texts = [one.sample for one in shown]
    questions = [_named(s) for s in texts]
    answers = [s.answer if isinstance(s, TextSample) else scores(s) for s in texts]
    truths = [s.truth for s in texts if isinstance(s, TextSample)]
    error = min(max((cell_len(s.error) for s in texts if isinstance(s, TextSample)), default=0), 16)
    when = 6 if any(s.when for s in texts) else 0
    wanted = [_widest(questions, "question" if truths else "series"), _widest(answers, "answer")]
    wanted.append(_widest(truths, "truth") if truths else 0)
    gaps = _GAP * sum(bool(size) for size in (*wanted, error, when))
    room = max(width - 8 - gaps - error - when, 3 * _LEAST)
    while sum(wanted) > room and max(wanted) > _LEAST:
        wanted[wanted.index(max(wanted))] -= 1
    question, answer, truth = wanted
    return Columns(question, answer, truth, error, when)


def _widest(texts: Iterable[str], heading: str) -> int:
    return max([cell_len(heading), *(cell_len(spelt(text[:_LONGEST])) for text in texts)])


def _named(sample: TextSample | SeriesSample) -> str:
    """What the first column says of it."""
    return sample.question if isinstance(sample, TextSample) else sample.title or "series"


def head(of: Columns) -> list[Part]:
    """The names of the columns; a table of forecasts alone has no truth in words."""
    names = ("question", "answer", "truth", "error", "when") if of.truth else ("series", "error", "", "", "when")
    cells = [fit(name, size) for name, size in zip(names, of, strict=True) if size]
    return [(" " * 8 + (" " * _GAP).join(cells), "muted")]


def row(one: Numbered, of: Columns) -> list[Part]:
    """`✗  12  ({(【  】)})  】)}  too long`, what differs marked."""
    sample = one.sample
    if isinstance(sample, SeriesSample):
        glyph, role, answer, truth, error = "~", "primary", [(scores(sample), False)], [("", False)], ""
    else:
        glyph, role = ("✓", "good") if sample.right else ("✗", "bad")
        answer, truth = parted(sample.answer, sample.truth)
        error = sample.error
    parts: list[Part] = [(f" {glyph} ", role), (fit(str(one.number), 4, right=True) + " ", "muted")]
    cells = (
        [(fit(spelt(_named(sample)), of.question), "text")],
        _cell(answer, of.answer, ANSWER),
        _cell(truth, of.truth, TRUTH),
        [(fit(spelt(error), of.error), "bad")],
        [(fit(sample.when, of.when), "muted")],
    )
    for index, (cell, size) in enumerate(zip(cells, of, strict=True)):
        if size:
            parts += [(" " * (_GAP if index else 0), ""), *cell]
    return parts


def _cell(pieces: Sequence[Piece], size: int, mark: str) -> list[Part]:
    """Pieces in exactly `size` cells, begun where they differ when that would else be cut off."""
    if not size:
        return []
    written = [(spelt(text), differs) for text, differs in pieces] or [(NOTHING, True)]
    before = 0
    for text, differs in written:
        if differs:
            break
        before += cell_len(text)
    whole = sum(cell_len(text) for text, _ in written)
    skip = max(min(before - size // 3, whole - size), 0) if whole > size else 0
    parts: list[Part] = [("…", "faint")] if skip else []
    room = size - len(parts)
    for text, differs in written:
        while text and skip > 0:
            skip -= cell_len(text[0])
            text = text[1:]
        taken = fit(text, room) if cell_len(text) > room else text
        parts.append((taken, mark if differs else "text"))
        room -= cell_len(taken)
        if room <= 0:
            break
    return [*parts, (" " * max(room, 0), "")]


def in_full(one: Numbered, width: int) -> list[list[Part]]:
    """A text sample on as many lines as it takes, `^` below each character that differs."""
    sample = one.sample
    if isinstance(sample, SeriesSample):
        return [[(f" {one.number} ", "muted"), (spelt(sample.title), "strong"), ("  " + _about(sample), "muted")]]
    glyph, role = ("✓ right", "good") if sample.right else (f"✗ {sample.error or 'wrong'}", "bad")
    said = [part for part in (sample.title, sample.when, sample.note) if part]
    lines: list[list[Part]] = [
        [(f" {one.number} ", "muted"), (spelt(glyph), role), ("  " + spelt("  ".join(said)), "muted")]
    ]
    answer, truth = parted(sample.answer, sample.truth)
    lines += _block("question", [(sample.question, False)], width, "text")
    lines += _block("answer", answer or [(NOTHING, True)], width, ANSWER)
    return lines + _block("truth", truth or [(NOTHING, True)], width, TRUTH)


def _about(sample: SeriesSample) -> str:
    said = [scores(sample), sample.unit and f"in {sample.unit}", sample.time_step and f"{sample.time_step} apart"]
    said += [sample.start and f"from {sample.start}", sample.when, sample.note]
    return spelt("  ".join(part for part in said if part))


def _block(label: str, pieces: Sequence[Piece], width: int, mark: str) -> list[list[Part]]:
    room = max(width - _LABEL - 2, 10)
    lines: list[list[Part]] = []
    for index, line in enumerate(_wrapped(pieces, room)):
        first: Part = (fit(f" {label if not index else ''}", _LABEL), "muted")
        lines.append([first, *((text, mark if differs else "text") for text, differs in line)])
        if mark != "text" and any(differs for _, differs in line):
            under = "".join(("^" if differs else " ") * cell_len(text) for text, differs in line)
            lines.append([(" " * _LABEL, ""), (under.rstrip(), mark.partition("+")[0])])
    return lines


def _wrapped(pieces: Sequence[Piece], width: int) -> list[list[Piece]]:
    """Cut wherever a line is full, for what differs is no prose to be read; line breaks kept."""
    lines: list[list[Piece]] = [[]]
    used = 0
    for text, differs in pieces:
        for at, part in enumerate(text.split("\n")):
            if at:
                lines.append([])
                used = 0
            written = spelt(part)
            while written:
                if used >= width:
                    lines.append([])
                    used = 0
                taken = folded(written, width - used)[0]
                if not taken:  # a wide character and one cell left
                    used = width
                    continue
                lines[-1].append((taken, differs))
                used += cell_len(taken)
                written = written[len(taken) :]
    return lines
