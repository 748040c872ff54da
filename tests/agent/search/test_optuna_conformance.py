"""Optuna's own promises of a sampler, kept by ours: the test classes that ship with Optuna."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import optuna
import pytest
from optuna.samplers import BaseSampler
from optuna.testing import pytest_samplers as theirs

from agent.search.history import History
from agent.search.optuna import GuidedSampler, LLMSampler, SearchSampler
from agent.study.nouns import Draft
from tests.agent.llm.endpoint import Endpoint
from tests.agent.search.llm.advising import Advisor

Made = Callable[[], BaseSampler]

pytestmark = pytest.mark.usefixtures("quiet_optuna")


class Every(theirs.BasicSamplerTestCase, theirs.RelativeSamplerTestCase, theirs.SingleOnlySamplerTestCase):
    """All that applies to a sampler of one objective."""


class TestGuided(Every):
    @pytest.fixture
    def sampler(self) -> Made:
        return lambda: GuidedSampler(seed=0)


@pytest.mark.parametrize("search", ["gp", "tpe", "cmaes", "random"])
class TestOthers(theirs.BasicSamplerTestCase, theirs.SingleOnlySamplerTestCase):
    @pytest.fixture
    def sampler(self, search: str) -> Made:
        return lambda: SearchSampler(search, seed=0)


class TestModelNone(theirs.BasicSamplerTestCase, theirs.SingleOnlySamplerTestCase):
    @pytest.fixture
    def sampler(self) -> Made:
        return lambda: LLMSampler("none", seed=0)


class Advised(LLMSampler):
    """Its model is an endpoint on the loopback that plays a sensible advisor of whatever space it is asked about."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint.url, seed=0)
        self._endpoint = endpoint

    def _advice(self, history: History) -> list[Draft]:
        self._endpoint.script = Advisor(history.space, rng=random.Random(history.number))
        return super()._advice(history)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as endpoint:
        yield endpoint


@pytest.fixture
def advised(endpoint: Endpoint) -> Iterator[Made]:
    made: list[Advised] = []

    def make() -> BaseSampler:
        made.append(Advised(endpoint))
        return made[-1]

    yield make
    for sampler in made:
        sampler.close()


@pytest.mark.slow
class TestModel(Every):
    @pytest.fixture
    def sampler(self, advised: Made) -> Made:
        return advised


def test_the_model_is_what_proposes(advised: Made, endpoint: Endpoint) -> None:
    study = optuna.create_study(sampler=advised())
    asked = len(endpoint.requests)
    study.optimize(lambda t: t.suggest_float("x", 0, 1) + t.suggest_int("k", 1, 9), n_trials=7)
    assert [t.user_attrs.get("tunewright:source") for t in study.trials] == ["default"] + ["llm"] * 6
    assert 2 <= len(endpoint.requests) - asked <= 3
