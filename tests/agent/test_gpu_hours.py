"""The budget of GPU hours: counted from what trials were given, asked about at 80% and 100%."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agent import settling
from agent.gpu_hours import GpuHours
from agent.llm.budget import standings
from agent.plain.ledger import document
from agent.session import Session
from agent.store import actions, proposals, studies, trials
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.nouns import ActionKind, Draft, ProposalState, Source
from agent.study.policy import Policy, PolicyKind
from agent.study.spec import Budget
from agent.study.study_file import parse_study, to_toml
from tests.agent.stores import GOOD, add_trial, make_study


@pytest.fixture
def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    with open_store(tmp_path / "store.sqlite") as opened:
        yield opened


def used(store: Store, study: Study, hours: float, gpus: tuple[str, ...] = ("0",), share: float = 1.0) -> None:
    """A trial that ran so long on so many GPUs."""
    number = add_trial(store, study, {**GOOD, "lr": 1e-3 + number_of(store, study) * 1e-4}, value=0.5)
    trial = trials.get(store, study.id, number)
    job = json.dumps({"gpus": gpus, "share": share, "threads": 1})
    sql = "UPDATE attempt SET launched_at = 1000, ended_at = ?, job = ? WHERE trial_id = ?"
    store.conn.execute(sql, (1000 + hours * 3600, job, trial.id))


def number_of(store: Store, study: Study) -> int:
    return len(trials.all_trials(store, study.id))


def limited(store: Store, hours: float = 10.0) -> Study:
    budget = Budget(trials=50, gpu_hours=hours)
    return make_study(store, budget=budget, policy=Policy(kind=PolicyKind.WATCH))


def said(store: Store, study: Study) -> str:
    gpu = GpuHours(store)
    gpu.look(study)
    return gpu.said


def test_whole_gpus_parts_and_none_count_as_what_they_are(store: Store) -> None:
    study = limited(store)
    used(store, study, 2.0, ("0", "1"))
    used(store, study, 1.0, ("0",), 0.5)
    used(store, study, 3.0, ())
    assert trials.gpu_seconds(store, study.id, time.time()) == pytest.approx(4.5 * 3600)
    gpu = GpuHours(store)
    gpu.look(study)
    assert gpu.seconds == pytest.approx(4.5 * 3600) and gpu.said == ""


def test_at_eighty_percent_it_asks_once_and_goes_on_to_the_end_when_told(store: Store) -> None:
    study = limited(store)
    used(store, study, 8.5)
    assert "85% of the limit of 10 GPU hours is spent (8.5 GPU hours)" in said(store, study)
    said(store, study)
    [card] = actions.pending(store, study.id)
    assert card.kind is ActionKind.SPEND and card.reason.endswith("Go on to 10 GPU hours?")
    session = Session(store, study)
    try:
        session.settle(card, approve=True)
    finally:
        session.close()
    assert said(store, study) == ""


def test_at_the_limit_it_asks_to_raise_it_and_the_raised_one_holds(store: Store) -> None:
    study = limited(store)
    used(store, study, 10.5)
    assert "105% of the limit" in said(store, study)
    [card] = actions.pending(store, study.id)
    assert card.reason.endswith("Raise the limit to 20 GPU hours?")
    session = Session(store, study)
    try:
        session.settle(card, approve=True)
    finally:
        session.close()
    assert said(store, study) == ""
    assert [(s.limit, s.most) for s in standings(store, study)] == [("gpu_hours", 20.0)]
    assert document(store, study)["limits"][0]["limit"] == "gpu_hours"


def test_a_no_holds_until_the_budget_is_another(store: Store) -> None:
    study = limited(store)
    used(store, study, 9.0)
    said(store, study)
    [card] = actions.pending(store, study.id)
    actions.settle(store, card, ProposalState.REJECTED)
    assert "You declined to go on; a higher budget.gpu_hours" in said(store, study)
    assert not actions.pending(store, study.id)
    more = replace(study.spec.budget, gpu_hours=100.0)
    studies.update(store, study.id, study.spec.replace(budget=more), who="person", what="budget")
    assert said(store, studies.by_id(store, study.id)) == ""


def test_nothing_starts_by_itself_meanwhile_and_a_person_may_still_start_it(store: Store) -> None:
    study = limited(store)
    used(store, study, 9.0)
    [waiting] = proposals.add(store, study.id, [Draft(source=Source.GP, params={**GOOD, "lr": 5e-3})])
    session = Session(store, study)
    session._gpu.look(study)
    try:
        assert session._rule([waiting]) == [waiting]
        assert session._state([waiting])[1].startswith("toy: 90% of the limit of 10 GPU hours")
        assert proposals.approve(store, waiting, actor="person") == 1
    finally:
        session.close()


def test_without_such_a_budget_nothing_is_asked(store: Store) -> None:
    study = make_study(store)
    used(store, study, 1000.0)
    assert said(store, study) == "" and not actions.pending(store, study.id)


def test_the_study_file_says_it_and_reads_back(tmp_path: Path) -> None:
    from tests.agent.test_cli_space import FILE

    text = FILE.replace("[space]", "budget = { trials = 9, gpu_hours = 8 }\n\n[space]", 1)
    spec = parse_study(text, tmp_path / "study.toml")
    assert spec.budget == Budget(trials=9, gpu_hours=8)
    assert parse_study(to_toml(spec, tmp_path), tmp_path / "study.toml").budget == spec.budget


def test_what_never_started_is_settled_when_the_time_is_spent(store: Store) -> None:
    study = limited(store)
    [waiting] = proposals.add(store, study.id, [Draft(source=Source.GP, params=GOOD)])
    assert settling.close_books(store, [waiting], []) == []
    assert proposals.get(store, waiting.id).state is ProposalState.EXPIRED
