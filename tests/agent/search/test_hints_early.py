"""A hint is heard before there is a model: by the portfolio and by the first evenly spread configs."""

from __future__ import annotations

from dataclasses import replace

from agent.search.catalog import proposer
from agent.search.history import History
from agent.search.objections import Rejection
from agent.search.proposer import heard
from agent.study.hint import Hint
from agent.study.nouns import Draft, Source
from agent.study.suggested import Suggested
from tests.agent.search.growing import fresh, grow, ran
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, SearchSpace

SPACE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-5, high=1e-1, log=True),
        FloatParameter(name="wd", low=0.0, high=1.0),
        IntParameter(name="batch_size", low=16, high=512, log=True),
        CategoricalParameter(name="optimizer", choices=("adam", "sgd")),
    ]
)
KNOWN = tuple(
    SPACE.canonical({"lr": lr, "wd": wd, "batch_size": 64, "optimizer": "adam"})
    for lr, wd in ((1e-5, 0.1), (2e-5, 0.3), (1e-2, 0.5), (4e-5, 0.7))
)


def told(said: str, seed: int = 0) -> History:
    portfolio = tuple(Suggested(params=config, origin="on 12 tables") for config in KNOWN)
    return replace(fresh(SPACE, seed=seed), portfolio=portfolio, hints=(Hint(said),))


def flat(config: Config) -> float:
    return 1.0 - config["wd"]


def place(name: str, draft: Draft) -> float:
    return SPACE.parameters[name].unit(draft.params[name])


class TestPortfolio:
    def test_what_lies_where_the_person_said_comes_first_and_the_rest_is_moved_there(self) -> None:
        _, drafts = grow(told("lr ~ 1e-2"), flat, "guided", 5)
        assert [d.source for d in drafts[1:]] == [Source.PORTFOLIO] * 4
        assert drafts[1].params == KNOWN[2] and "moved" not in drafts[1].rationale
        assert [d.params["wd"] for d in drafts[2:]] == [0.1, 0.3, 0.7]  # each once
        assert all(
            abs(place("lr", d) - 0.75) < 0.3 and "lr moved to where you expect" in d.rationale for d in drafts[2:]
        )

    def test_a_batch_is_the_same_as_one_by_one_and_a_hint_of_nothing_known_changes_nothing(self) -> None:
        start, _ = grow(told("lr ~ 1e-2"), flat, "guided", 1)
        batch = proposer("guided").propose(start, 3)
        assert len({d.params["wd"] for d in batch}) == 3
        one = proposer("guided").propose(start, 1)[0]
        assert proposer("guided").propose(start.after(one), 2) == batch[1:]
        _, drafts = grow(told("adam optimizer"), flat, "guided", 5)
        assert [d.params for d in drafts[1:]] == list(KNOWN)

    def test_what_comes_from_elsewhere_although_the_hint_counts_whole_says_so(self) -> None:
        far = Draft(source=Source.PORTFOLIO, params=KNOWN[0])
        assert "the portfolio knows nothing of it" in heard(told("lr ~ 1e-2"), far).rationale
        faded = told("lr ~ 1e-2")
        for number in range(12):
            params = {**KNOWN[0], "wd": number / 20}
            faded = ran(faded, Draft(source=Source.RANDOM, params=params), 1.0)
        assert "counts less with every trial" in heard(faded, far).rationale


class TestSpread:
    def test_a_rejection_of_one_half_of_a_hint_leaves_the_other(self) -> None:
        for seed in range(6):
            start = replace(fresh(SPACE, seed=seed), hints=(Hint("lr ~ 1e-2; small batch_size"),))
            start, drafts = grow(start, flat, "gp", 2)
            no = Rejection({**drafts[-1].params, "lr": 3e-4}, "lr too high", ended=2)
            (draft,) = proposer("gp").propose(replace(start, rejections=(no,)), 1)
            assert draft.params["lr"] < 3e-4
            assert place("batch_size", draft) < 0.67
