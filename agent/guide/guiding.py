"""The way from a folder to a plan, for `tunewright init` and the app's guide: which script, which of its metrics."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agent.guide.nouns import Candidate, FoundMetric, Tunable
from agent.guide.plan import Plan
from agent.guide.reading.find import find_scripts
from agent.guide.trying.names import fitness, known
from trainers.errors import TunewrightError

_CLOSE = 15  # points within which two scripts are as likely


def script_of(given: str, folder: Path) -> Path | None:
    """The script a person has named; None where none is. Raises TunewrightError for one that is not there."""
    if not given:
        return None
    path = folder / given
    if path.is_dir():
        return the_one(find_scripts(path), path)
    if not path.is_file():
        near = [c.path.name for c in find_scripts(path.parent)] if path.parent.is_dir() else []
        remedy = f"There is {', '.join(near[:3])}." if near else "Name a Python or shell script."
        raise TunewrightError("there is no such script", where=str(path), remedy=remedy)
    return path


def the_one(found: Sequence[Candidate], folder: Path) -> Path:
    """The likeliest script. Raises TunewrightError where there is none."""
    if not found:
        raise TunewrightError(
            "no training script was found here",
            where=str(folder),
            remedy="Name it: tunewright init path/to/train.py. 'tunewright demo' shows a study without one.",
        )
    return found[0].path


def check_tunable(script: Path, tunables: Sequence[Tunable]) -> None:
    """Raises TunewrightError where there is nothing to tune."""
    if not tunables:
        raise TunewrightError(
            "nothing to tune was found in it",
            where=str(script),
            remedy="Give it options, such as argparse's, or constants; docs/first-run.md says what is read.",
        )


def rivals(found: Sequence[Candidate]) -> list[Candidate]:
    """The scripts between which only a person can choose; the likeliest alone where it is clear."""
    return [c for c in found if found[0].score - c.score <= _CLOSE]


def goals(plan: Plan) -> list[FoundMetric]:
    """What may be optimised, the best first."""
    fit = [m for m in plan.metrics if known(m.name)]
    return sorted(fit, key=lambda m: (m.name != plan.objective.name, *(-n for n in fitness(m.name))))
