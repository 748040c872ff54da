"""The table: columns that fit, an order that puts what is missing last, filters of words and comparisons."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from agent.store import studies
from agent.store.connection import open_store
from agent.study.nouns import Source, Trial, TrialState
from agent.tui import rows
from agent.tui.back.follower import Follower
from agent.tui.messages import TrialsChanged
from agent.tui.model import StudyModel
from tests.agent.tui import seed
from trainers.errors import TunewrightError


@pytest.fixture
def model(store_path: Path) -> StudyModel:
    with open_store(store_path) as store:
        return StudyModel(Follower(store, studies.get(store, seed.STUDY)).opened())


@pytest.mark.parametrize("width", [20, 40, 60, 79, 103, 200])
def test_columns_fit_and_keep_what_matters(model: StudyModel, width: int) -> None:
    found = rows.columns(model, width)
    names = [c.name for c in found]
    assert {"#", "state", "val_loss"} <= set(names)
    if width >= 40:
        assert sum(len(text) for text, _ in rows.heading(found, "#", True)) <= width
    if width >= 103:
        assert names == ["#", "state", "by", "lr", "wd", "batch_size", "optimizer", "val_loss", "Δbest", "step", "time"]


def test_rows_and_heading_are_equally_wide(model: StudyModel) -> None:
    found = rows.columns(model, 103)
    width = sum(len(text) for text, _ in rows.heading(found, "lr", False))
    for trial in model.trials.values():
        assert sum(len(text) for text, _ in rows.cells(trial, model, found, seed.NOW, None)) == width


def test_who_proposed_is_written_out_where_there_is_room_and_else_cut_with_an_ellipsis(model: StudyModel) -> None:
    portfolio = next(t for t in model.trials.values() if t.source is Source.PORTFOLIO)
    least = next(w for w in range(200) if "by" in [c.name for c in rows.columns(model, w)])
    for width, said in ((least, "portfo…"), (least + 1, "portfo…"), (200, "portfolio")):
        found = rows.columns(model, width)
        shown = "".join(text for text, _ in rows.cells(portfolio, model, found, seed.NOW, None))
        assert f" {said} " in shown and len(shown) <= width


def test_only_parameters_that_differ_are_columns(model: StudyModel) -> None:
    assert model.varying() == ["lr", "wd", "batch_size", "optimizer"]
    model._values["wd"] = {"0.1"}
    assert model.varying() == ["lr", "batch_size", "optimizer"]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("name", ["#", "state", "by", "lr", "optimizer", "val_loss", "step", "time"])
def test_every_order_holds_every_trial_and_puts_the_missing_last(
    model: StudyModel, name: str, descending: bool
) -> None:
    order = rows.Order().numbers(model, name, descending, lambda trial: True)
    assert sorted(order) == sorted(model.trials)
    if name == "val_loss":
        values = [model.trials[n].value for n in order]
        known = [v for v in values if v is not None]
        assert values[: len(known)] == known == sorted(known, reverse=descending)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("name", ["#", "state", "lr", "val_loss", "step", "time"])
def test_an_order_that_is_kept_up_to_date_is_the_one_made_anew(model: StudyModel, name: str, descending: bool) -> None:
    def keep(trial: Trial) -> bool:
        return trial.number % 5 != 0

    kept, chance = rows.Order(), random.Random(0)
    for _ in range(12):
        live = model.live
        if not live:
            break
        trial = chance.choice(live)
        if chance.random() < 0.3:
            changed = replace(
                trial, state=TrialState.COMPLETED, value=chance.random(), ended_at=1.8e9 + chance.random()
            )
        else:
            changed = replace(trial, last_step=chance.randrange(3_000))
        model.apply(TrialsChanged((changed,)))
        now = kept.numbers(model, name, descending, keep)
        assert now == rows.Order().numbers(model, name, descending, keep)
        assert sorted(now) == [n for n in sorted(model.trials) if n % 5]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", lambda t: True),
        ("diverged", lambda t: t.state is TrialState.FAILED),
        ("sgd gp", lambda t: t.params["optimizer"] == "sgd" and t.source == "gp"),
        ("lr>1e-3", lambda t: t.params["lr"] > 1e-3),
        ("lr>1e-3 wd<=.1", lambda t: t.params["lr"] > 1e-3 and t.params["wd"] <= 0.1),
        ("optimizer=adam", lambda t: t.params["optimizer"] == "adam"),
        ("batch_size!=64", lambda t: t.params["batch_size"] != 64),
        ("val_loss<.35", lambda t: t.value is not None and t.value < 0.35),
        ("t12", lambda t: t.number == 12),
        ("running", lambda t: t.state is TrialState.RUNNING),
    ],
)
def test_filters(model: StudyModel, text: str, holds) -> None:  # type: ignore[no-untyped-def]
    keep = rows.keeper(model, text)
    kept = {n for n, t in model.trials.items() if keep(t)}
    assert kept == {n for n, t in model.trials.items() if holds(t)}
    assert kept


def test_a_filter_on_no_column_names_the_nearest(model: StudyModel) -> None:
    with pytest.raises(TunewrightError, match="val_los'"):
        rows.keeper(model, "val_los<3")
