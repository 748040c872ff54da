"""The portfolio of an Optuna study: what did well elsewhere, in terms of its space, settled once and kept with it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from optuna.study import Study

from agent.lessons import library, rows
from agent.lessons.conditions import conditions
from agent.lessons.lesson import Lesson
from agent.lessons.shipped import shipped
from agent.search.history import History
from agent.search.portfolio.suggest import suggested
from agent.store import studies
from agent.store.errors import StoreError
from agent.study.agent_spec import AgentSpec
from agent.study.spec import StudySpec
from agent.study.suggested import Suggested

_KEPT = "tunewright:portfolio"  # system attribute of a study, one for each space it has had


def portfolio(study: Study, history: History, about: str) -> tuple[Suggested, ...]:
    """Worked out when the study first has this space; another worker, or a resumed study, reads the same."""
    space = json.dumps(history.space.to_dict(), sort_keys=True)
    key = f"{_KEPT}:{hashlib.sha256(space.encode()).hexdigest()[:12]}"
    kept = study._storage.get_study_system_attrs(study._study_id).get(key)
    if kept is not None:
        return tuple(Suggested.from_dict(one) for one in kept)
    found = _suggested(study.study_name, history, about)
    study._storage.set_study_system_attr(study._study_id, key, [one.to_dict() for one in found])
    return found


def _suggested(name: str, history: History, about: str) -> tuple[Suggested, ...]:
    spec = StudySpec(
        name=name,
        trainer="optuna",
        space=history.space,
        objective=history.objective,
        agent=AgentSpec(about=about),
    )
    mine = conditions(studies.Study(studies.DRAFT, spec, Path(), 0.0))
    return suggested(history.space, history.first_config, mine, _lessons())


def _lessons() -> list[Lesson]:
    """The person's, where they have any: a sampler in somebody's script makes no files."""
    if not library.where().exists():
        return list(shipped())
    try:
        with library.open_lessons() as lessons:
            return list(rows.all_of(lessons))
    except StoreError:  # the app tells whoever opens the lessons themselves; a study goes on without
        return list(shipped())
