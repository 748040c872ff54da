"""Gives a study that is being made its portfolio, once: a study that is gone on with proposes the same."""

from __future__ import annotations

from pathlib import Path

from agent.lessons import rows
from agent.lessons.conditions import conditions
from agent.lessons.library import open_lessons
from agent.lessons.shipped import shipped
from agent.search.portfolio.suggest import suggested
from agent.store import studies
from agent.store.errors import StoreError
from agent.store.studies import Study
from agent.study.spec import StudySpec


def with_portfolio(spec: StudySpec, folder: Path) -> StudySpec:
    """`spec` with what did well elsewhere, from the file of lessons; from what is shipped where that cannot be used."""
    mine = conditions(Study(studies.DRAFT, spec, folder, 0.0))
    try:
        with open_lessons() as library:
            known = rows.all_of(library)
    except StoreError:  # whoever opens the lessons themselves is told; a study can begin without
        known = shipped()
    return spec.replace(portfolio=suggested(spec.space, spec.first_config(), mine, known))
