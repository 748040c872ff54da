"""Shows what a trial's model answered, beside the truth: the wrong answers, with --all the right ones too.

Differing characters are marked: ^ stands below each. Forecasts are listed with their errors; --sample draws one.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agent.commands.arguments import trial_number, whole
from agent.commands.coloured import print_rows
from agent.plain.output import clean, emit
from agent.samples import Numbered, chosen, errors, samples_of, tally
from agent.store import studies, trials
from agent.store.connection import open_store
from trainers.errors import TunewrightError
from trainers.samples import Samples, SeriesSample

if TYPE_CHECKING:
    from agent.tui.text import Part

EXAMPLE = "tunewright samples my-study 12 --find 'too short'"
_LEAST, _MOST = 60, 200  # columns
_PLOT = 16  # rows
_MOST_WIDE, _BESIDE = 10_000, 32  # cells: no column is cut; marks, number and gaps


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    parser.add_argument("trial", metavar="TRIAL", type=trial_number, help="its number, 17 or t17")
    parser.add_argument("--all", action="store_true", help="the right answers too")
    parser.add_argument("--find", metavar="TEXT", default="", help="only those that hold this text")
    parser.add_argument("--sample", metavar="N", type=whole(1), help="this one alone, in full")
    parser.add_argument("--width", metavar="N", type=whole(_LEAST), help="columns (default: those of the terminal)")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        trial = trials.get(store, study.id, args.trial)
        found = samples_of(store, trial)
    shown = _wanted(found, args)
    if args.json:
        emit({"study": study.name, "trial": trial.number, **_document(found, shown)})
        return 0
    print(clean(f"t{trial.number}: {tally(found)}" + (f" ({found.note})" if found.note else "")))
    width = args.width or min(max(shutil.get_terminal_size((100, 30)).columns, _LEAST), _MOST)
    print_rows(_lines(shown, width, alone=args.sample is not None))
    return 0


def _wanted(found: Samples, args: argparse.Namespace) -> list[Numbered]:
    if args.sample is None:
        return chosen(found, everything=args.all, text=args.find)
    if args.sample > len(found.items):
        raise TunewrightError(
            f"there is no sample {args.sample}", where="--sample", remedy=f"There are 1 to {len(found.items)}."
        )
    return [Numbered(args.sample, found.items[args.sample - 1])]


def _lines(shown: Sequence[Numbered], width: int, *, alone: bool) -> list[list[Part]]:
    """A table, or where its columns would be cut each sample in full."""
    from agent.tui.trial.sample_text import columns, head, in_full, row

    if alone:
        return [line for one in shown for line in _one(one, width)]
    of = columns(shown, _MOST_WIDE)
    if sum(of) + _BESIDE > width:
        return [line for one in shown for line in [*in_full(one, width), []]]
    names: list[Part] = [*head(of), ("  differs at", "muted")] if of.truth else head(of)
    return [names, *([*row(one, of), (_place(one), "muted")] for one in shown)] if shown else []


def _place(one: Numbered) -> str:
    """At which character, from 1: for a terminal without colours."""
    at = None if isinstance(one.sample, SeriesSample) else one.sample.differs_at
    return "" if at is None else f"  {at + 1}"


def _one(one: Numbered, width: int) -> list[list[Part]]:
    from agent.tui.charts.plot import draw
    from agent.tui.trial.sample_plot import curves
    from agent.tui.trial.sample_text import in_full

    lines = in_full(one, width)
    if isinstance(one.sample, SeriesSample):
        series, view = curves(one.sample)
        lines += draw(series, width, _PLOT, view)
    return lines


def _document(found: Samples, shown: Sequence[Numbered]) -> dict[str, Any]:
    return {
        "note": found.note,
        "asked": found.asked,
        "wrong": found.wrong,
        "counts": found.counts,
        "left_out": found.left_out,
        "samples": [_one_document(one) for one in shown],
    }


def _one_document(one: Numbered) -> dict[str, Any]:
    """All fields of a sample, with what is worked out of them."""
    sample = one.sample
    if isinstance(sample, SeriesSample):
        found = errors(sample)
        return {
            "number": one.number,
            "kind": "series",
            **asdict(sample),
            "mse": found and found[0],
            "mae": found and found[1],
        }
    return {"number": one.number, "kind": "text", **asdict(sample), "differs_at": sample.differs_at}
