"""Which packages are installed, asked of their metadata; none is imported."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from agent.doctor.problem import Problem

DISTRIBUTION = "tunewright"


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def required(problems: list[Problem]) -> dict[str, str | None]:
    """The version of tunewright and of each package it needs; None for one that is missing."""
    found = {DISTRIBUTION: installed(DISTRIBUTION)}
    for need, _ in _needs(None):
        found[need.name] = have = installed(need.name)
        if have is None:
            problems.append(Problem("error", f"{need.name} is not installed", "packages", f"pip install '{need}'."))
        elif not need.specifier.contains(have, prereleases=True):
            what = f"{need.name} {have} is installed, {need.specifier} is needed"
            problems.append(Problem("warning", what, "packages", f"pip install '{need}'."))
    return found


def extras() -> dict[str, dict[str, str | None]]:
    """By extra (`local`, `hf`, …): the version of each of its packages, None where it is missing."""
    found: dict[str, dict[str, str | None]] = {}
    for need, extra in _needs(""):
        if extra is not None:
            found.setdefault(extra, {})[need.name] = installed(need.name)
    return found


def _needs(extra: str | None) -> Iterator[tuple[Requirement, str | None]]:
    """Requirements with the extra they belong to; `extra` None gives those that every install needs."""
    for text in requires(DISTRIBUTION) or ():
        need = Requirement(text)
        belongs = None
        if need.marker is not None and "extra" in str(need.marker):
            belongs = str(need.marker).partition("extra == ")[2].strip("\"' ")
        if extra is not None or belongs is None:
            yield need, belongs
