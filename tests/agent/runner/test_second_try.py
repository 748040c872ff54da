"""A trial that runs out of memory is tried once more in micro-batches, where its trainer can, and never again."""

from __future__ import annotations

import sys
from types import MappingProxyType

import pytest

from agent.plain.documents import trial_document
from agent.plain.news import News
from agent.store import trials
from agent.study.accumulation import pieces, told
from agent.study.nouns import TrialState
from agent.study.spec import StudySpec
from trainers.contract import Failure, FailureKind, Objective
from trainers.space import IntParameter, SearchSpace

GIB, MIB = 1 << 30, 1 << 20
ROOM = 220 * MIB  # 64 samples of 4 MiB do not fit beside Python, 16 do


def test_a_batch_over_the_memory_limit_is_tried_again_in_micro_batches(bench):
    study = bench.make_study("grows", trainer_name="batches", memory_bytes=ROOM)
    news = News(bench.store, study)
    (trial,) = bench.wait_ended(*bench.queue(batch=64, width=8, x=8))
    first, second = (a["outcome"] for a in trials.attempts(bench.store, trial.id))
    assert (trial.state, trial.attempts, trial.accumulation) == (TrialState.COMPLETED, 2, 4)
    assert trial.value == pytest.approx(1 / 16)  # what the trainer held of 64 samples at a time
    assert first["failure"]["kind"] == FailureKind.HOST_OUT_OF_MEMORY
    assert first["failure"]["details"]["used_bytes"] > ROOM == first["failure"]["details"]["limit_bytes"]
    assert (first["accumulation"], second["accumulation"]) == (1, 4)
    assert told(study.spec, trial.params, trial.accumulation) == "ran out of memory at batch 64; tried again as 4 × 16"
    assert "t0 ran out of memory at batch 64; tried again as 4 × 16" in news.lines()


def test_what_both_attempts_took_counts(bench):
    bench.make_study("grows", trainer_name="batches", memory_bytes=ROOM)
    (trial,) = bench.wait_ended(*bench.queue(batch=64, width=8, x=8))
    outcomes = [a["outcome"] for a in trials.attempts(bench.store, trial.id)]
    document = trial_document(trial)
    assert document["cpu_seconds"] == pytest.approx(sum(o["cpu_seconds"] for o in outcomes))
    assert document["peak_host_bytes"] == outcomes[0]["peak_host_bytes"] > ROOM
    assert document["device_seconds"] == 0.0  # it had no GPU
    assert document["accumulation"] == 4


def test_one_that_does_not_fit_in_micro_batches_either_fails_with_the_numbers_of_both(bench):
    bench.make_study("fixed", trainer_name="batches", memory_bytes=ROOM)
    (trial,) = bench.wait_ended(*bench.queue(batch=32, width=8, x=8))
    assert (trial.state, trial.attempts) == (TrialState.FAILED, 2)
    (earlier,) = trial.failure.details["earlier"]
    assert earlier["accumulation"] == 1 and earlier["used_bytes"] > ROOM < trial.failure.details["used_bytes"]
    assert "in 4 micro-batches a step; attempt 1 ran out as well: 2" in trial.failure.message


def test_a_trainer_that_cannot_is_not_asked_to(bench):
    bench.make_study("hog", memory_bytes=ROOM)
    (trial,) = bench.wait_ended(*bench.queue())
    assert (trial.attempts, trial.accumulation) == (1, 1)


def test_a_study_without_retries_has_no_second_try(bench):
    bench.make_study("torch", trainer_name="batches", retries=0)
    (trial,) = bench.wait_ended(*bench.queue(batch=64, width=8, x=8))
    assert (trial.failure.kind, trial.attempts) == (FailureKind.HOST_OUT_OF_MEMORY, 1)


def test_what_the_trainer_says_itself_counts_as_well(bench):
    bench.make_study("torch", trainer_name="batches")
    (trial,) = bench.wait_ended(*bench.queue(batch=64, width=8, x=8))
    assert (trial.state, trial.accumulation) == (TrialState.COMPLETED, 4)


def test_a_script_that_says_so_is_given_the_number_of_micro_batches(bench):
    script = (
        "import os\nif {n} == 1: raise MemoryError\nprint('loss', 1.0 / int(os.environ['TUNEWRIGHT_ACCUMULATION']))"
    )
    options = {"command": [sys.executable, "-c", script.replace("{n}", "{accumulation}")], "accumulates": "batch"}
    space = SearchSpace([IntParameter(name="batch", low=1, high=64)])
    options |= {"metrics": {"loss": {"regex": r"loss (\S+)"}}, "params": ["batch"]}
    from agent.store import studies

    spec = StudySpec(name="s", trainer="script", space=space, objective=Objective("loss"), options=options)
    bench.study = studies.create(bench.store, spec, bench.store.folder)
    (trial,) = bench.wait_ended(*bench.queue(batch=64))
    assert (trial.value, trial.accumulation) == (0.25, 4)


@pytest.mark.parametrize(
    ("batch", "details", "trained", "found"),
    [
        (64, {}, False, 4),
        (64, {"asked_bytes": GIB, "free_bytes": GIB // 2, "used_bytes": 22 * GIB, "total_bytes": 24 * GIB}, False, 4),
        (64, {"asked_bytes": GIB, "used_bytes": 22 * GIB, "total_bytes": 24 * GIB}, True, 2),
        (64, {"asked_bytes": 60 * GIB, "used_bytes": GIB, "total_bytes": 24 * GIB}, False, 8),
        (3, {}, False, 2),
        (1, {}, False, None),
    ],
)
def test_the_numbers_say_in_how_many(batch, details, trained, found):
    failure = Failure(kind=FailureKind.CUDA_OUT_OF_MEMORY, details=MappingProxyType(details))
    assert pieces(failure, batch, trained=trained) == found
