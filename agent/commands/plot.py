"""Draws the curves of a study's trials as a picture: PNG or SVG."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.commands.arguments import one_of, trial_number
from agent.plain.output import emit, say
from agent.store import points, studies
from agent.store import trials as trial_rows
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.nouns import Trial
from agent.summary import best
from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from agent.tui.charts.curve import CurveData
    from agent.tui.pictures import Figure

EXAMPLE = "tunewright plot my-study --trials 3,7 --log -o losses.svg"
MOST = 8  # curves that can be told apart


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", required=True, help="a .png or .svg")
    parser.add_argument("--metric", metavar="NAME", action="append", default=[], help="which, and another beside it")
    parser.add_argument(
        "--trials", type=_numbers, metavar="N,N", help=f"these (default: the best {MOST} and those that run)"
    )
    parser.add_argument("--xaxis", type=one_of("axis", ("step", "time", "relative")), default="step", metavar="AXIS")
    parser.add_argument("--log", action="store_true", help="logarithmic y axis")
    parser.add_argument(
        "--smooth", type=_weight, default=0.0, metavar="W", help="the weight of the past, from 0 up to 1"
    )
    parser.add_argument("--theme", type=one_of("theme", ("light", "dark")), default="light", metavar="THEME")
    parser.add_argument("--force", action="store_true", help="let -o replace a file")


def _numbers(text: str) -> list[int]:
    return list(dict.fromkeys(trial_number(word.strip()) for word in text.split(",")))


def _weight(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a weight from 0 up to 1, such as .6")
    return found


def run(args: argparse.Namespace) -> int:
    from agent.tui.ink.palettes import DARK_COLOURS
    from agent.tui.pictures import PAPER, plots, write
    from agent.tui.pictures.files import check

    check(args.output)
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        shown = _chosen(store, study, args.trials)
        metrics = args.metric or [study.spec.objective.metric]
        figures = [_figure(store, study, shown, metric, args) for metric in metrics]
    write(args.output, plots(figures, DARK_COLOURS if args.theme == "dark" else PAPER), force=args.force)
    if args.json:
        numbers = [trial.number for trial in shown]
        emit({"study": study.name, "path": args.output, "metrics": metrics, "trials": numbers})
    else:
        say(f"Wrote {args.output}.")
    return 0


def _chosen(store: Store, study: Study, wanted: Sequence[int] | None) -> list[Trial]:
    """Those asked for; else the running ones and the best, the best last, so that it lies on top."""
    if wanted is not None:
        return [trial_rows.get(store, study.id, number) for number in wanted]
    known = trial_rows.all_trials(store, study.id)
    running = [t for t in known if not t.state.ended and t.last_step is not None][-MOST:]
    sign = study.spec.objective.sign
    ranked = sorted(
        (t for t in known if t.value is not None and math.isfinite(t.value)), key=lambda t: sign * (t.value or 0)
    )
    found = [*running, *ranked][:MOST] or [t for t in known if t.last_step is not None][-MOST:]
    if not found:
        raise TunewrightError(f"no trial of '{study.name}' has reported yet", remedy="Run it first.")
    return found[::-1]


def _figure(store: Store, study: Study, shown: Sequence[Trial], metric: str, args: argparse.Namespace) -> Figure:
    from agent.tui.charts.figures import line
    from agent.tui.pictures import Figure

    leader = best(trial_rows.all_trials(store, study.id), study.spec.objective)
    other = metric != study.spec.objective.metric
    curves = [(i, t, c) for i, t in enumerate(shown) if (c := _curve(store, t, metric)).steps]
    if not curves:
        known = list(dict.fromkeys(name for t in shown for name in points.metrics(store, t.id)))
        raise TunewrightError(
            f"none of these trials has reported '{metric}'", where="--metric", remedy=nearest(metric, known)
        )
    lines = [
        line(t, c, best=t == leader, colour=i, axis=args.xaxis, smooth=args.smooth, other=other) for i, t, c in curves
    ]
    notes = [f"smoothed {args.smooth:g}"] if args.smooth else []
    title = f"{study.name} · {metric}"
    return Figure(title=title, lines=lines, x_kind=args.xaxis, log_y=args.log, notes=notes)


def _curve(store: Store, trial: Trial, metric: str) -> CurveData:
    from agent.tui.charts.curve import CurveData

    data = CurveData(trial.started_at)
    data.extend(*points.curve(store, trial.id, metric))
    return data
