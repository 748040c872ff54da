"""What a study teaches by rule: on studies whose truth is known, on real ones, and over several of them."""

from __future__ import annotations

import random

import pytest

from agent.lessons import rows
from agent.lessons.lesson import LessonSource
from agent.lessons.library import open_lessons
from agent.lessons.recall import recall
from agent.store import diagnoses, trials
from agent.store.connection import StoreError
from agent.study.nouns import Diagnosis, Source
from tests.agent.lessons.kit import built_in, scripted
from tests.agent.lessons.studied import SPACE, end, learnt, of_kind, own, run, study
from tests.agent.scripts import workplace, write_study
from tests.agent.terminals import tunewright
from trainers.contract import Failure, FailureKind, Objective
from trainers.space import SearchSpace


def test_what_the_trials_show_is_written_with_its_conditions_and_evidence(store):
    made = study(store)
    run(store, made, 60)
    answer = learnt(store, made)
    [good] = [one for one in of_kind("range") if one.subjects == ("lr",)]
    assert 1e-4 < good.claim.low < 1e-3 < good.claim.high < 1e-2
    assert good.text.startswith("lr: the best values lie between ")
    assert good.text.endswith("(bracket gru-clean, 60 trials).")
    assert (good.conditions.trainer, good.conditions.metric) == ("bracket", "val_loss")
    assert set(good.conditions.parameters) == set(SPACE.parameters)
    assert "rnn" in good.conditions.families
    [evidence] = good.evidence
    assert evidence.study == "one" and evidence.trials and evidence.effect.startswith("median val_loss ")
    found = {trials.get(store, made.id, n).params["lr"] for n in evidence.trials}
    assert all(good.claim.low <= lr <= good.claim.high for lr in found)
    [fails] = of_kind("fails")
    assert fails.subjects == ("lr",) and 0.03 < fails.claim.low < 0.1 and fails.claim.high is None
    assert " diverges: " in fails.text and "diverges" in fails.tags
    [choice] = of_kind("choice") or of_kind("worst")
    assert choice.claim.choice == ("adam" if choice.claim.kind == "choice" else "sgd")
    assert [one.subjects for one in of_kind("seconds")] == [()]
    assert all(one.source is LessonSource.RULES for one in own())
    assert sorted(answer["lessons"]) == sorted(one.id for one in own())


def test_noise_teaches_nothing_but_how_long_it_takes(store):
    made = study(store)
    run(store, made, 40, lambda _, rng: rng.gauss(0, 1))
    learnt(store, made)
    assert {one.claim.kind for one in own()} <= {"seconds", "defaults"}


def test_a_few_trials_teach_nothing(store):
    made = study(store)
    run(store, made, 5)
    assert learnt(store, made) == {"lessons": [], "note": ""}


def test_a_space_that_does_not_matter_is_said_to_be_one(store):
    made = study(store)
    run(store, made, 10, lambda *_: 0.9667)
    learnt(store, made)
    [lesson] = of_kind("indifferent")
    assert lesson.text.startswith("No parameter of this space matters to val_loss: all 10 configs came to 0.9667")


def test_defaults_that_nothing_beats(store):
    made = study(store)
    rng = random.Random(0)
    config = SPACE.default()
    for n in range(6):
        end(store, made, config, 1 + rng.gauss(0, 0.1), Source.DEFAULT if n == 0 else Source.RANDOM)
    run(store, made, 11, lambda _, rng: 1.2 + rng.random())
    learnt(store, made)
    assert [one.text.split(":")[0] for one in of_kind("defaults")] == [
        "Nothing tried was measurably better than the defaults"
    ]


def test_memory_that_runs_out_is_put_down_to_the_parameter_that_fills_it(store):
    made = study(store)
    rng = random.Random(1)
    for _ in range(24):
        config = SPACE.sample(rng)
        number = end(store, made, config, None if config["units"] > 180 else rng.random())
        if config["units"] > 180:
            trial = trials.get(store, made.id, number)
            verdict = {"verdict": "cuda_oom", "healthy": False, "confidence": 0.9, "explanation": "it did not fit"}
            diagnoses.put(store, trial, Diagnosis(**verdict))
    learnt(store, made)
    [fails] = of_kind("fails")
    assert fails.subjects == ("units",) and 180 < fails.claim.low < 256
    assert "runs out of memory" in fails.text


def test_failures_that_no_config_brings_about_are_nobodys_fault(store):
    made = study(store)
    run(store, made, 30, lambda c, rng: rng.random() if c["lr"] < 0.05 else None)
    with store.transaction() as conn:
        missing = Failure(kind=FailureKind.IMPORT_ERROR, message="no module named torch")
        conn.execute("UPDATE trial SET failure = ? WHERE failure IS NOT NULL", (to_json(missing),))
    learnt(store, made)
    assert of_kind("fails") == []


def to_json(failure):
    import json

    return json.dumps(failure.to_dict())


# -- a study that goes on ------------------------------------------------------------------


def test_the_same_state_is_not_written_twice_and_a_later_one_renews_it(store):
    made = study(store)
    run(store, made, 30)
    first = learnt(store, made)
    before = own()
    assert learnt(store, made) == first
    assert own() == before
    run(store, made, 30, seed=1)
    second = learnt(store, made)
    assert set(first["lessons"]) & set(second["lessons"])
    assert all("60 trials" in one.text for one in own())
    assert len({one.uid for one in own()}) == len(own())


def test_what_a_study_no_longer_shows_goes_unless_a_person_edited_it(store):
    made = study(store)
    run(store, made, 30, lambda c, rng: c["dropout"] + rng.gauss(0, 0.01))
    learnt(store, made)
    [good] = [one for one in of_kind("range") if one.subjects == ("dropout",)]
    with open_lessons() as library:
        [slow] = of_kind("seconds")
        rows.edit(library, slow.id, text="It takes a second.")
    run(store, made, 170, lambda c, rng: -c["dropout"] + rng.gauss(0, 5), seed=1)
    learnt(store, made)
    assert good.claim not in [one.claim for one in own()]
    assert [one.text for one in of_kind("seconds")] == ["It takes a second."]


def test_a_lesson_that_a_person_deleted_is_not_written_again(store):
    made = study(store)
    run(store, made, 30)
    learnt(store, made)
    with open_lessons() as library:
        [fails] = of_kind("fails")
        rows.delete(library, fails)
    run(store, made, 10, seed=1)
    learnt(store, made)
    assert of_kind("fails") == []


# -- several studies -----------------------------------------------------------------------


def test_a_second_study_confirms_and_becomes_evidence(store):
    for name in ("one", "two", "three"):
        made = study(store, name)
        run(store, made, 40)
        learnt(store, made)
        learnt(store, made)
    [fails] = of_kind("fails")
    assert [evidence.study for evidence in fails.evidence] == ["one", "two", "three"]
    assert (fails.confirmed, fails.contradicted) == (2, 0)
    assert "confirmed by 2 later studies" in fails.told
    [good] = [one for one in of_kind("range") if one.subjects == ("lr",)]
    assert good.confirmed == 2


def test_a_study_of_the_same_task_contradicts_and_writes_what_it_saw(store):
    first, second = study(store, "one"), study(store, "two")
    run(store, first, 40, lambda c, rng: c["dropout"] + rng.gauss(0, 0.02))
    learnt(store, first)
    run(store, second, 40, lambda c, rng: -c["dropout"] + rng.gauss(0, 0.02))
    learnt(store, second)
    low, high = sorted(of_kind("range"), key=lambda one: one.id)
    assert (low.contradicted, low.confirmed) == (1, 0)
    assert high.evidence[0].study == "two" and high.claim.low > low.claim.high
    run(store, second, 10, lambda c, rng: -c["dropout"] + rng.gauss(0, 0.02), seed=1)
    learnt(store, second)
    assert of_kind("range")[0].contradicted == 1


def test_a_study_of_something_else_says_nothing_about_it(store):
    first, second = study(store, "one"), study(store, "two", trainer="script", task="")
    run(store, first, 40, lambda c, rng: c["dropout"] + rng.gauss(0, 0.02))
    learnt(store, first)
    run(store, second, 40, lambda c, rng: -c["dropout"] + rng.gauss(0, 0.02))
    learnt(store, second)
    assert {(one.confirmed, one.contradicted) for one in of_kind("range")} == {(0, 0)}


def test_what_is_shipped_is_held_against_studies_too(store):
    space = SearchSpace.from_dict(
        {
            "parameters": {
                "n_estimators": {"type": "int", "low": 10, "high": 500},
                "max_features": {"type": "float", "low": 0.05, "high": 1.0},
            }
        }
    )
    made = study(store, trainer="forest", task="random_forest-wine", space=space, objective=Objective("error"))
    run(store, made, 60, lambda c, rng: c["max_features"] + rng.gauss(0, 0.02), seed=1)
    learnt(store, made)
    with open_lessons() as library:
        assert rows.by_uid(library, "shipped:forest-more-trees").confirmed == 1


# -- diagnoses -------------------------------------------------------------------------------


def diagnosed(store, made, config, value, suggested):
    number = end(store, made, config, value)
    told = {"verdict": "diverged", "healthy": False, "confidence": 0.9, "explanation": "the loss rose"}
    suggestion = {"suggested_params": suggested, "suggested_reason": "a tenth of the rate"}
    diagnoses.put(store, trials.get(store, made.id, number), Diagnosis(**told, **suggestion))
    return number


def test_a_suggestion_that_helped_is_remembered_with_its_trial(store):
    made = study(store)
    bad, good = {**SPACE.default(), "lr": 0.3}, {**SPACE.default(), "lr": 0.03}
    number = diagnosed(store, made, bad, None, good)
    assert learnt(store, made, trial=number) == {"lessons": [], "note": ""}  # it has not run yet
    end(store, made, good, 1.5)
    assert len(learnt(store, made, trial=number)["lessons"]) == 1
    [lesson] = of_kind("remedy")
    assert lesson.text.startswith("After the verdict diverged, lr 0.3 → 0.03 helped: val_loss 1.5, no value before")
    assert (lesson.claim.choice, lesson.subjects, lesson.evidence[0].trials) == ("diverged", ("lr",), (number, 1))
    assert "diverged" in lesson.tags


def test_a_suggestion_that_did_not_help_teaches_nothing_and_contradicts(store):
    first, second = study(store, "one"), study(store, "two")
    bad, less = {**SPACE.default(), "lr": 0.3}, {**SPACE.default(), "lr": 0.03}
    number = diagnosed(store, first, bad, None, less)
    end(store, first, less, 1.5)
    learnt(store, first, trial=number)
    number = diagnosed(store, second, bad, None, less)
    end(store, second, less, None)
    assert learnt(store, second, trial=number)["lessons"] == []
    [lesson] = of_kind("remedy")
    assert (lesson.confirmed, lesson.contradicted) == (0, 1)


# -- where lessons cannot be kept ---------------------------------------------------------------


def test_a_damaged_file_stops_nothing_but_the_learning(store, lessons_of_the_test):
    made = study(store)
    run(store, made, 30)
    lessons_of_the_test.parent.mkdir(exist_ok=True)
    lessons_of_the_test.write_bytes(b"not a database at all\n" * 300)
    with pytest.raises(StoreError, match="the lessons file is damaged"):
        learnt(store, made)
    with pytest.raises(StoreError, match="the lessons file is damaged"):
        recall(made)


# -- real runs -----------------------------------------------------------------------------------


def test_a_real_script_teaches_the_next_study_of_it_in_another_folder(tmp_path):
    (folder := tmp_path / "here").mkdir()
    with workplace(folder):
        write_study(folder, trials=24)
        done = tunewright("run", "study.toml", "--policy", "auto", "--headless", cwd=folder, timeout=150)
    assert done.returncode == 0, done.stderr
    [fails] = of_kind("fails")
    assert fails.subjects == ("lr",) and 0.05 < fails.claim.low < 0.1
    assert any(one.subjects == ("n",) for one in of_kind("range"))
    assert fails.conditions.task == "train.py"
    there = scripted("", SearchSpace.from_dict({"parameters": fails.conditions.parameters}), metric="loss")
    assert fails.id in [one.id for one in recall(there, 3)]


@pytest.mark.slow
def test_a_real_forest_whose_space_does_not_matter(tmp_path):
    with workplace(tmp_path):
        words = ("demo", "rf_simple-iris", "--trials", "8", "--search", "random", "--headless")
        done = tunewright(*words, cwd=tmp_path, timeout=170)
    assert done.returncode == 0, done.stderr
    [lesson] = of_kind("indifferent")
    assert "matters to cv_accuracy" in lesson.text
    assert lesson.id in [one.id for one in recall(built_in("forest", "rf_simple-iris"), 3)]
    assert lesson.id not in [one.id for one in recall(built_in("forest", "svm-wine"), 30)]
