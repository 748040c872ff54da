"""A study is given its portfolio when it is made, from what earlier ones taught; afterwards it is its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.lessons import rows, share
from agent.lessons.library import open_lessons
from agent.plain import opening
from agent.search.catalog import proposer
from agent.search.from_store import history
from agent.search.portfolio import LENGTH
from agent.store import studies, trials, upkeep
from agent.store.connection import open_store
from agent.study.nouns import Source
from agent.study.spec import StudySpec
from agent.study.study_file import read_study_file, to_toml
from tests.agent.lessons.studied import SPACE, learnt, own, run, study
from tests.agent.stores import add_trial
from trainers import catalog
from trainers.contract import Objective
from trainers.space import FloatParameter, SearchSpace


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store.sqlite") as store:
        yield store


def spec_of(name="later", **changes):
    given = {"trainer": "bracket", "task": "gru-clean", "space": SPACE, "objective": Objective("val_loss"), **changes}
    return StudySpec(name=name, **given)


def of_forest(task):
    return spec_of(task, trainer="forest", task=task, space=catalog.load("forest").space(task))


def told(made):
    return [one.origin for one in made.spec.portfolio]


def taught(store, name="one"):
    """A study that has taught its best configs; those, the best first."""
    made = study(store, name=name)
    run(store, made, 40)
    learnt(store, made)
    [lesson] = [one for one in own() if one.portfolio is not None]
    return [dict(config.params) for config in lesson.portfolio.configs]


def test_a_study_of_the_same_task_begins_with_the_best_of_an_earlier_one(store, tmp_path):
    best = taught(store)
    made = opening.create(store, spec_of(), tmp_path)
    assert len(made.spec.portfolio) == len(best)
    for one, config in zip(made.spec.portfolio, best, strict=True):
        assert SPACE.distance(one.params, config) < 0.01
        assert one.origin.startswith("val_loss ") and " in study one, " in one.origin
    assert "the best of " in made.spec.portfolio[0].origin
    assert studies.get(store, "later").spec.portfolio == made.spec.portfolio


def test_what_is_kept_cannot_be_told_from_the_best_and_lies_apart(store):
    best = taught(store)
    assert 1 <= len(best) <= 4
    assert all(SPACE.distance(a, b) > 0.08 for i, a in enumerate(best) for b in best[:i])


def test_noise_is_not_kept(store):
    made = study(store)
    run(store, made, 40, lambda _, rng: rng.gauss(0, 1))
    learnt(store, made)
    assert not [one for one in own() if one.portfolio is not None]


def test_a_study_that_is_gone_on_with_proposes_the_same_whatever_was_learnt_since(store, tmp_path):
    taught(store)
    made = opening.create(store, spec_of(), tmp_path)
    taught_later = study(store, name="two")
    run(store, taught_later, 40, seed=7)
    learnt(store, taught_later)
    again = studies.get(store, "later")
    seen = history(store, again, (), (), 1)
    assert seen.portfolio == made.spec.portfolio != ()
    assert upkeep.fork(store, again, "copy").spec.portfolio == made.spec.portfolio


def test_a_portfolio_that_is_deleted_or_switched_off_is_not_used(store, tmp_path):
    taught(store)
    off = opening.create(store, spec_of("off", use_portfolio=False), tmp_path)
    assert history(store, off, (), (), 1).portfolio == ()
    with open_lessons() as library:
        for lesson in rows.all_of(library):
            if lesson.portfolio is not None:
                rows.delete(library, lesson)
    assert opening.create(store, spec_of("without"), tmp_path).spec.portfolio == ()


def test_the_switch_stands_in_the_study_file(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(to_toml(of_forest("svm-wine").replace(use_portfolio=False), tmp_path))
    assert read_study_file(path).use_portfolio is False
    path.write_text(path.read_text().replace("portfolio = false", "#"))
    assert read_study_file(path).use_portfolio is True


def test_a_file_that_changes_keeps_the_portfolio_unless_its_space_is_another(store, tmp_path):
    taught(store)
    made = opening.create(store, spec_of(), tmp_path)
    longer = spec_of(budget=replace(made.spec.budget, trials=50))
    same, said = opening.from_file(store, tmp_path / "study.toml", longer)
    assert said == ["budget.trials null → 50"]
    assert same.spec.portfolio == made.spec.portfolio
    others = [FloatParameter(name="temperature", low=0.0, high=1.0)]
    other, _ = opening.from_file(store, tmp_path / "study.toml", longer.replace(space=SearchSpace(others)))
    assert other.spec.portfolio == ()


def test_an_export_takes_the_configs_to_another_machine(store, tmp_path, monkeypatch):
    taught(store)
    with open_lessons() as library:
        text = "".join(share.lines(one for one in rows.all_of(library) if one.portfolio and one.evidence))
    here = opening.create(store, spec_of("here"), tmp_path)
    monkeypatch.setenv("TUNEWRIGHT_LESSONS", str(tmp_path / "elsewhere.sqlite"))
    with open_lessons() as library:
        share.take(library, text, "export")
    assert opening.create(store, spec_of("there"), tmp_path).spec.portfolio == here.spec.portfolio != ()


def test_lessons_that_cannot_be_read_leave_what_is_shipped(store, tmp_path, monkeypatch):
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"no database at all" * 100)
    monkeypatch.setenv("TUNEWRIGHT_LESSONS", str(damaged))
    assert opening.create(store, of_forest("decision_tree-iris"), tmp_path).spec.portfolio
    assert damaged.read_bytes() == b"no database at all" * 100


def test_a_built_in_task_begins_with_what_is_shipped_for_its_model(store, tmp_path):
    made = opening.create(store, of_forest("decision_tree-wine"), tmp_path)
    assert 1 <= len(made.spec.portfolio) <= LENGTH
    assert all("a decision tree" in origin for origin in told(made))
    assert all(made.spec.space.allows(one.params) for one in made.spec.portfolio)
    network = opening.create(store, spec_of("gru"), tmp_path)
    assert not any("tree" in origin for origin in told(network))


def test_guided_says_where_a_config_is_from(store, tmp_path):
    taught(store)
    made = opening.create(store, spec_of(), tmp_path)
    add_trial(store, made, made.spec.first_config(), value=3.0, source=Source.DEFAULT)
    seen = history(store, made, trials.all_trials(store, made.id), (), 1)
    [draft] = proposer("guided").propose(seen, 1)
    assert (draft.source, draft.params) == (Source.PORTFOLIO, made.spec.portfolio[0].params)
    assert "in study one" in draft.rationale
