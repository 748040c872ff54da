"""Where the portfolio knows one branch of a space, the others are tried before a model goes on."""

from __future__ import annotations

import math
from dataclasses import replace

import optuna
import pytest

from agent.search import wire
from agent.search.catalog import proposer
from agent.search.history import History
from agent.search.objections import Rejection
from agent.search.optuna import GuidedSampler
from agent.study.nouns import Source
from agent.study.suggested import Suggested
from tests.agent.search.growing import fresh, grow, ran
from trainers.expressions import Expression
from trainers.space import CategoricalParameter, Config, FloatParameter, SearchSpace

SVM = Expression("model == 'svm'")
SPACE = SearchSpace(
    [
        CategoricalParameter(name="model", choices=("svm", "mlp", "tree")),
        CategoricalParameter(name="scale", choices=(True, False)),
        FloatParameter(name="C", low=1e-3, high=1e3, log=True, when=SVM),
        FloatParameter(name="lr", low=1e-5, high=1.0, log=True, when=Expression("model == 'mlp'")),
    ]
)


def told(unheard: tuple[str, ...], seed: int = 0) -> History:
    known = [SPACE.canonical({"model": "svm", "scale": True, "C": c}) for c in (0.1, 10.0, 100.0)]
    portfolio = tuple(Suggested(params=c, origin="on 12 tables", unheard=unheard) for c in known)
    return replace(fresh(SPACE, seed=seed), portfolio=portfolio)


def loss(config: Config) -> float:
    return abs(math.log10(config.get("C", 1e3)) - 1) + (not config["scale"])


def test_every_choice_the_portfolio_says_nothing_of_is_tried_once_and_then_the_model_speaks() -> None:
    _, drafts = grow(told(("model", "scale")), loss, "guided", 7)
    assert [d.params["model"] for d in drafts[:6]] == ["svm"] * 4 + ["mlp", "tree"]
    assert [d.params["scale"] for d in drafts[4:6]] == [False, True]  # with the first new model; then the best's
    assert "Tries model = mlp, scale = False for the first time" in drafts[4].rationale
    assert drafts[6].source is Source.TPE


def test_what_the_portfolio_speaks_of_is_left_to_it() -> None:
    _, drafts = grow(told(()), loss, "guided", 5)
    assert drafts[4].source is Source.TPE


def test_a_choice_that_fails_or_is_rejected_is_not_tried_again_by_rule() -> None:
    history, _ = grow(told(("model",)), loss, "guided", 4)
    (draft,) = proposer("guided").propose(history, 1)
    rejected = replace(history.after(draft), pending=(), rejections=(Rejection(draft.params, "no", 4),))
    (other,) = proposer("guided").propose(rejected, 1)
    assert (draft.params["model"], other.params["model"]) == ("mlp", "tree")
    (last,) = proposer("guided").propose(ran(rejected, other, None), 1)
    assert last.source is Source.TPE


def test_it_goes_to_the_proposer_s_process_whole() -> None:
    start = told(("model",))
    assert wire.history_from_dict(wire.frame_to_dict(start), (), frozenset()).portfolio == start.portfolio


@pytest.mark.parametrize("seed", range(2))
def test_an_optuna_study_leaves_the_model_of_its_first_trial(seed: int) -> None:
    def objective(trial: optuna.Trial) -> float:
        if trial.suggest_categorical("model", ["svm", "mlp"]) == "mlp":
            return 0.5 + abs(trial.suggest_int("layers", 1, 3) - 2)
        c, gamma = trial.suggest_float("C", 1e-3, 1e3, log=True), trial.suggest_float("gamma", 1e-5, 1, log=True)
        return (math.log10(c) - 1) ** 2 + (math.log10(gamma) + 2) ** 2

    study = optuna.create_study(sampler=GuidedSampler(seed=seed))
    study.optimize(objective, n_trials=6)
    sources = [t.user_attrs["tunewright:source"] for t in study.trials]
    assert Source.PORTFOLIO in sources
    assert "mlp" in [t.params["model"] for t in study.trials]
