"""From what a person asked for to a study in the store: a new one, or the one they meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.store import proposals, studies, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import ProposalState
from agent.study.spec import StudySpec
from trainers import catalog
from trainers.errors import TunewrightError
from trainers.settling import settled

# What makes a trial comparable with another; the rest of a study may change as it goes.
_IDENTITY = ("trainer", "task", "objective", "defaults", "space", "options")
_FREE = ("budget", "policy", "engine", "agent", "search", "use_portfolio", "seed", "seeds")


def create(store: Store, spec: StudySpec, folder: Path) -> Study:
    """Stores a new study, with the portfolio it will begin with. Raises NameTakenError where there is one of that
    name."""
    return studies.create(store, _with_portfolio(spec, folder), folder)


def _with_portfolio(spec: StudySpec, folder: Path) -> StudySpec:
    from agent.search.portfolio.of_study import with_portfolio  # a tenth of a second, for new studies only

    return with_portfolio(spec, folder)


def from_file(store: Store, path: Path, spec: StudySpec) -> tuple[Study, list[str]]:
    """The stored study of that name, brought up to `spec`, or a new one; and what was changed, in words.

    Raises TunewrightError when the stored one has trials and differs in what its results rest on.
    """
    known = studies.find(store, spec.name)
    if known is None:
        try:
            return create(store, spec, path.absolute().parent), []
        except studies.NameTakenError:  # another run of this file was quicker by a moment
            known = studies.get(store, spec.name)
    differs = [word for word in differences(known.spec, spec, _IDENTITY) if not _has_moved(word, spec)]
    if differs and trials.all_trials(store, known.id):
        raise TunewrightError(
            f"study '{spec.name}' has trials, and the file now differs from it in {'; '.join(differs)}",
            where=str(path),
            remedy=f"Rename the study in the file to start anew, or go on as stored: tunewright run {spec.name}.",
        )
    if differs:
        for proposal in proposals.pending(store, known.id):  # made for the space as it was
            proposals.reject(
                store, proposal, actor="policy", reason="the study file changed", action=ProposalState.EXPIRED
            )
    return update(store, known, spec, who=path.name)


def check_data(study: Study) -> None:
    """Raises TunewrightError where a stored study's data are gone, or are no longer those its trials have seen."""
    spec = study.spec
    settled(catalog.load(spec.trainer), spec.task, spec.options, spec.space, study.folder)


def update(store: Store, study: Study, spec: StudySpec, *, who: str) -> tuple[Study, list[str]]:
    """Stores `spec` where it differs; returns the study as it is now, and each change in words. What no file says, the
    study keeps: its portfolio unless the space is another, and the bounds that were dropped."""
    changed = list(differences(study.spec, spec, (*_IDENTITY, *_FREE)))
    if not changed:
        return study, []
    spec = spec.replace(portfolio=study.spec.portfolio, unbounded=study.spec.unbounded)
    if study.spec.space != spec.space:
        spec = _with_portfolio(spec, study.folder)
    studies.update(store, study.id, spec, who=who, what="; ".join(changed))
    return studies.get(store, study.name), changed


def _has_moved(difference: str, spec: StudySpec) -> bool:
    """Whether it says no more than that the data lie elsewhere, which a checksum tells to be the same."""
    return "sha256" in spec.options and difference.startswith("options.path ")


def differences(old: StudySpec, new: StudySpec, parts: tuple[str, ...]) -> Iterator[str]:
    """Every key in which two specs differ within `parts`, as `budget.trials 12 → 40`."""
    before, after = (json.loads(json.dumps(spec.to_dict())) for spec in (old, new))
    for part in parts:
        yield from _walk(part, before[part], after[part])


def _walk(where: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _walk(f"{where}.{key}", old.get(key), new.get(key))
    elif old != new and where != "options.cwd":  # the folder may move; the study is the same
        yield f"{where} {_said(old)} → {_said(new)}"


def _said(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
