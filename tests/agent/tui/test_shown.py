"""What is picked where there is no room for all: the curves that are drawn, the words of the collapsed card."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from agent.store import studies
from agent.store.connection import open_store
from agent.tui.back.follower import Follower
from agent.tui.charts.shown import MOST, shown_trials
from agent.tui.ink.wording import WORDING
from agent.tui.model import StudyModel
from agent.tui.view import ViewState
from agent.tui.widgets.card_text import line_parts
from agent.weighing.weigh import Scales
from tests.agent.tui import seed


def model_of(path: Path, **counts: int) -> StudyModel:
    seed.make(path, **counts)
    with open_store(path) as store:
        return StudyModel(Follower(store, studies.get(store, seed.STUDY)).opened())


def drawn(model: StudyModel, view: ViewState | None = None, selected: int | None = None) -> list[int]:
    return [t.number for t in shown_trials(model, view or ViewState(), selected)]


class TestCurves:
    def test_what_runs_is_shown_beside_the_last_that_ended_and_the_best(self, tmp_path: Path) -> None:
        model = model_of(tmp_path / "store.sqlite")
        assert model.best is not None and model.best.number == 0
        assert drawn(model) == [10, 11, 12, 13, 0]

    def test_where_nothing_runs_the_last_that_ended_are_shown(self, tmp_path: Path) -> None:
        model = model_of(tmp_path / "store.sqlite", running=0)
        assert drawn(model) == [8, 9, 10, 11, 0]
        assert drawn(model, selected=9) == [8, 10, 11, 0, 9]

    def test_a_hidden_one_is_shown_only_while_it_is_selected(self, tmp_path: Path) -> None:
        model = model_of(tmp_path / "store.sqlite")
        view = ViewState(hidden=[11, 13])
        assert drawn(model, view) == [10, 12, 0]
        assert drawn(model, view, selected=11) == [10, 12, 0, 11]

    def test_those_that_were_pinned_come_before_the_last_that_ended(self, tmp_path: Path) -> None:
        model = model_of(tmp_path / "store.sqlite", running=3)
        shown = drawn(model, ViewState(pinned=[1, 2, 3, 4]))
        assert shown == [1, 2, 3, 4, 12, 13, 14, 0]
        assert len(shown) == MOST


@pytest.mark.parametrize("others", [0, 12])
def test_the_collapsed_card_says_as_much_as_fits(tmp_path: Path, others: int) -> None:
    model = model_of(tmp_path / "store.sqlite", ended=2, running=0)
    [proposal] = model.pending
    weighed = Scales(WORDING).weigh(proposal, model.known)
    whole = "".join(text for text, _ in line_parts(proposal, weighed, others, 1000))
    for width in range(24, 101):
        said = "".join(text for text, _ in line_parts(proposal, weighed, others, width))
        assert cell_len(said) <= width
        assert said == whole or (" …" in said and cell_len(whole) > width)
        assert said.endswith(" +12 more") == bool(others)
