"""Shows a whole study as text: parallel coordinates, importances, or slices through the space."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.commands.arguments import one_of, trial_number, whole
from agent.commands.coloured import print_rows
from agent.plain.output import emit, say
from agent.store import studies, trials
from agent.store.connection import open_store
from agent.store.studies import Study
from agent.study.noise import valued
from agent.study.nouns import Trial

if TYPE_CHECKING:
    from agent.importance import Weights
    from agent.tui.sights.pictured import Sight

EXAMPLE = "tunewright views my-study slices --trial 7"
VIEWS = ("parallel", "importance", "slices")
_LEAST = 40  # columns


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    parser.add_argument(
        "view", metavar="VIEW", nargs="?", default="parallel", type=one_of("view", VIEWS), help="|".join(VIEWS)
    )
    parser.add_argument("--trial", metavar="N", type=trial_number, help="mark this one (default: the best)")
    parser.add_argument("--width", metavar="N", type=whole(_LEAST), help="columns (default: those of the terminal)")
    parser.add_argument("--height", metavar="N", type=whole(10), help="rows (default: those of the terminal)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="draw it into a .png or .svg instead")
    parser.add_argument("--theme", type=one_of("theme", ("light", "dark")), default="light", metavar="THEME")
    parser.add_argument("--force", action="store_true", help="let -o replace a file")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        known = trials.all_trials(store, study.id)
        selected = args.trial if args.trial is None else trials.get(store, study.id, args.trial).number
    found, texts = _importance(study, known)
    if args.output is not None:
        _save(args, _sight(study, known, selected, found, texts))
    if args.json:
        emit(_document(args, study, known, found, texts))
    elif args.output is None:
        size = shutil.get_terminal_size((100, 30))
        width, height = args.width or size.columns, args.height or max(size.lines - 2, 10)
        print_rows(_sight(study, known, selected, found, texts).rows(args.view, width, height))
    else:
        say(f"Wrote {args.output}.")
    return 0


def _importance(study: Study, known: Sequence[Trial]) -> tuple[Weights, dict[str, str]]:
    from agent.importance import effects, weights

    given = known, study.spec.space, study.spec.objective
    return weights(*given), {effect.parameter: effect.text for effect in effects(*given)}


def _sight(
    study: Study, known: Sequence[Trial], selected: int | None, found: Weights, texts: Mapping[str, str]
) -> Sight:
    from agent.importance import usable
    from agent.tui.sights.bars import Known
    from agent.tui.sights.pictured import Sight
    from agent.tui.sights.placed import Placer

    placed = Placer(study.spec.space, study.spec.objective).place(known)
    best = placed.ranked[0] if placed.ranked else None
    rests = Known(found, texts, len(usable(known, study.spec.space)))
    return Sight(study.name, placed, rests, selected=best if selected is None else selected)


def _save(args: argparse.Namespace, sight: Sight) -> None:
    from agent.tui.ink.palettes import DARK_COLOURS
    from agent.tui.pictures import PAPER, write
    from agent.tui.pictures.files import check

    check(args.output)
    ink = DARK_COLOURS if args.theme == "dark" else PAPER
    write(args.output, sight.picture(args.view, ink, args.width or 140, args.height or 40), force=args.force)


def _document(
    args: argparse.Namespace, study: Study, known: Sequence[Trial], found: Weights, texts: Mapping[str, str]
) -> dict[str, Any]:
    """All that is drawn, for each view the same: parameters by importance, and a point a trial with a value."""
    from agent.importance import METHOD

    shares = {share.parameter: share for share in found.shares}
    names = [*shares, *(name for name in study.spec.space.parameters if name not in shares)]
    objective = study.spec.objective
    return {
        "study": study.name,
        "view": args.view,
        "objective": {"metric": objective.metric, "direction": objective.direction},
        "parameters": [
            {
                "name": name,
                "share": shares[name].share if name in shares else None,
                "deviation": shares[name].deviation if name in shares else None,
                "effect": texts.get(name, ""),
            }
            for name in names
        ],
        "importance": {"method": METHOD, "trials": found.trials, "alone": found.alone if found.shares else None},
        "points": [{"trial": t.number, "value": t.value, "params": t.params} for t in valued(known)],
        "path": args.output,
    }
