"""The job `llambo` through the real client, on an endpoint that predicts by what it reads in the prompt."""

from __future__ import annotations

import pytest

from agent.store import calls
from agent.study.llambo_spec import LlamboSpec
from agent.study.nouns import Source
from tests.agent.search import growing
from tests.agent.search.llambo.playing import Player
from tests.agent.search.llm.advising import desk
from trainers.contract import Objective

SPACES = {
    "mixed": (growing.mixed, growing.mixed_loss),
    "conditional": (growing.conditional, growing.conditional_loss),
    "constrained": (growing.constrained, growing.constrained_loss),
}


def llambo(path, space, script=None, **spec):
    agent = {name: spec.pop(name) for name in ("objective", "entropy", "attention", "model") if name in spec}
    return desk(path, space, script or Player(space), search="llambo", llambo=LlamboSpec(**spec), **agent)


@pytest.mark.parametrize("name", SPACES)
def test_defaults_then_the_models_start_then_its_candidates(tmp_path, name: str) -> None:
    space, loss = SPACES[name]
    with llambo(tmp_path, space(), initial=3, samples=4) as one:
        one.loss = loss
        drafts = one.grow(8)
        assert [d.source for d in drafts] == [Source.DEFAULT, *[Source.LLAMBO] * 7] and not one.stood_in
        assert [d.insight["llambo"]["part"] for d in drafts[1:]] == ["start"] * 3 + ["next"] * 4
        assert all(space().allows(d.params) for d in drafts)
        assert len({space().key(d.params) for d in drafts}) == 8
        made = [c.purpose for c in calls.all_of(one.store, one.study.id)]
        assert made.count("llambo_start") == 1
        assert made.count("llambo_candidates") >= 8 and made.count("llambo_predict") == 16
        for draft in drafts[4:]:
            assert draft.expected is not None and draft.expected[0] < draft.expected[1]
            assert draft.call_id in {c.id for c in calls.all_of(one.store, one.study.id)}


def test_the_chosen_one_has_the_highest_score(tmp_path) -> None:
    with llambo(tmp_path, growing.mixed(), initial=3) as one:
        one.loss = growing.mixed_loss
        draft = one.grow(5)[-1]
        rows = draft.insight["llambo"]["candidates"]
        assert 2 <= len(rows) <= 10
        assert max(rows, key=lambda row: row["score"])["params"] == draft.params
        assert "the one with the highest expected improvement: predicted" in draft.rationale


@pytest.mark.parametrize("surrogate", ["discriminative", "generative"])
def test_maximising_looks_up(tmp_path, surrogate: str) -> None:
    with llambo(
        tmp_path, growing.mixed(), initial=4, surrogate=surrogate, objective=Objective("gain", "maximize")
    ) as one:
        one.loss = lambda c: -growing.mixed_loss(c)
        drafts = one.grow(16)
        values = [-growing.mixed_loss(d.params) for d in drafts]
        assert max(values[5:]) > max(values[:5])
        assert all(d.insight["llambo"]["target"] > max(values[: i + 5]) for i, d in enumerate(drafts[5:]))
