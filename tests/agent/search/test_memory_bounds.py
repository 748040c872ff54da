"""No search proposes what would run out of memory for certain, and it finds what fits all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.search.catalog import proposer
from agent.search.history import History
from agent.search.llm.check import Checker
from agent.search.llm.evidence import Facts
from agent.search.llm.reply import Proposed
from agent.search.wire import frame_to_dict, history_from_dict, trial_from_dict, trial_to_dict
from agent.study.nouns import Draft, Source
from tests.agent.search.growing import fresh, grow, ran
from trainers.contract import Failure, FailureKind
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, SearchSpace

OUT_OF_MEMORY = Failure(kind=FailureKind.CUDA_OUT_OF_MEMORY, message="CUDA out of memory")
SPACE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-4, high=1.0, log=True),
        CategoricalParameter(name="batch_size", choices=(16, 32, 64, 128)),
        IntParameter(name="units", low=16, high=512, log=True),
    ]
)


def larger_is_better(config: Config) -> float | None:
    size = config["batch_size"] * config["units"]
    return None if size > 8192 else 1e4 / size + config["lr"]


@pytest.mark.parametrize("search", ["random", "gp", "tpe", "cmaes", "guided"])
def test_nothing_is_proposed_beyond_what_ran_out_of_memory(search):
    history = fresh(SPACE, seed=3)
    for _ in range(16):
        (draft,) = proposer(search).propose(history, 1)
        assert history.beyond(draft.params) is None
        history = ran(history, draft, larger_is_better(draft.params), failed=OUT_OF_MEMORY)
    assert history.completed


def test_a_small_space_of_which_only_what_cannot_fit_is_left_has_been_tried():
    space = SearchSpace([CategoricalParameter(name="batch_size", choices=(16, 32, 64, 128))])
    history, drafts = grow(
        fresh(space, first={"batch_size": 32}),
        lambda c: None if c["batch_size"] > 16 else 1.0,
        "random",
        9,
        failed=OUT_OF_MEMORY,
    )
    assert sorted(d.params["batch_size"] for d in drafts) == [16, 32]
    assert proposer("gp").propose(history, 1) == []


def test_the_first_config_is_not_tried_where_it_cannot_fit():
    failed = Draft(source=Source.PERSON, params={"lr": 0.1, "batch_size": 16, "units": 16})
    history = ran(fresh(SPACE), failed, None, failed=OUT_OF_MEMORY)
    assert history.beyond(history.space.snap(history.first_config)) is not None
    assert proposer("guided").propose(history, 1) == []  # all of the space is as large


def after_one_failure() -> History:
    failed = Draft(source=Source.GP, params={"lr": 0.1, "batch_size": 64, "units": 128})
    return ran(fresh(SPACE), failed, None, failed=OUT_OF_MEMORY)


def test_a_models_config_beyond_it_is_refused_with_the_reason():
    history = after_one_failure()
    checker = Checker(history, Facts(None, history.trials))
    refused = checker.check(Proposed(params={"lr": 0.01, "batch_size": 128, "units": 256}))
    assert refused.draft is None
    assert refused.problem.startswith("it would run out of memory, being as large as t0, which ran out of memory")
    assert checker.check(Proposed(params={"lr": 0.01, "batch_size": 128, "units": 64})).draft is not None


def test_the_proposer_process_knows_the_bounds_and_those_let_go_of():
    history = after_one_failure()
    sent = tuple(trial_from_dict(trial_to_dict(t)) for t in history.trials)
    assert history_from_dict(frame_to_dict(history), sent, history.taken).bounds == history.bounds != ()
    dropped = replace(history, unbounded=(0,))
    assert history_from_dict(frame_to_dict(dropped), sent, history.taken).bounds == ()
