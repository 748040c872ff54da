"""Our searches in anyone's Optuna study: the same proposals as by ourselves, from whatever such a study holds."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import FloatDistribution, IntDistribution
from optuna.trial import Trial, TrialState

from agent.search.optuna import GuidedSampler, SamplerError, SearchSampler
from agent.search.optuna.translation import Translation
from agent.study.nouns import Source
from tests.agent.search import growing
from trainers.distributions import to_distributions
from trainers.errors import TunewrightError
from trainers.sampling import applies
from trainers.space import SearchSpace

OPTIMIZERS = ("adam", "sgd", None, True)

pytestmark = pytest.mark.usefixtures("quiet_optuna")


def mixed(trial: Trial) -> float:
    lr = trial.suggest_float("lr", 1e-5, 1.0, log=True)
    width = trial.suggest_int("width", 16, 512, log=True)
    dropout = trial.suggest_float("drop out", 0.0, 0.5, step=0.1)
    optimizer = trial.suggest_categorical("opt", OPTIMIZERS)
    return abs(math.log10(lr) + 2) + abs(math.log2(width) - 7) + dropout + OPTIMIZERS.index(optimizer) / 10


def configs(study: optuna.Study) -> list[dict[str, Any]]:
    return [trial.params for trial in study.trials]


def run(space: SearchSpace, loss: growing.Loss, search: str, trials: int, direction: str = "minimize") -> optuna.Study:
    """A study on one of our functions, as an Optuna user whose objective asks for what a config has."""
    study = optuna.create_study(sampler=SearchSampler(search, seed=3, space=space), direction=direction)
    ranges = to_distributions(space)

    def objective(trial: Trial) -> float:
        config: dict[str, Any] = {}
        for parameter in space._order:
            if applies(parameter, config):
                config[parameter.name] = trial._suggest(parameter.name, ranges[parameter.name])
        value = loss(config)
        if value is None:
            raise ArithmeticError
        return value if direction == "minimize" else -value

    study.optimize(objective, n_trials=trials, catch=ArithmeticError)
    return study


# -- the same as by ourselves --------------------------------------------------------


@pytest.mark.parametrize("search", ["guided", "tpe", "cmaes", "random"])
@pytest.mark.parametrize("kind", ["mixed", "conditional", "constrained"])
def test_it_proposes_what_the_search_proposes(kind: str, search: str) -> None:
    space, loss = getattr(growing, kind)(), getattr(growing, f"{kind}_loss")
    _, drafts = growing.grow(growing.fresh(space, seed=3), loss, search, 10)
    study = run(space, loss, search, 10)
    assert [space.canonical(c) for c in configs(study)] == [d.params for d in drafts]
    assert [t.user_attrs["tunewright:source"] for t in study.trials] == [d.source for d in drafts]
    assert study.trials[-1].user_attrs["tunewright:rationale"] == drafts[-1].rationale


def test_failed_trials_count_as_they_do_there() -> None:
    def loss(config: dict[str, Any]) -> float | None:
        return None if config["lr"] > 1e-2 else growing.mixed_loss(config)

    _, drafts = growing.grow(growing.fresh(growing.mixed(), seed=3), loss, "gp", 10)
    study = run(growing.mixed(), loss, "gp", 10)
    assert TrialState.FAIL in [t.state for t in study.trials]
    assert [growing.mixed().canonical(c) for c in configs(study)] == [d.params for d in drafts]


def test_maximising_the_negative_is_minimising() -> None:
    down = run(growing.mixed(), growing.mixed_loss, "guided", 9)
    up = run(growing.mixed(), growing.mixed_loss, "guided", 9, "maximize")
    assert configs(down) == configs(up)


# -- a space nobody has told -----------------------------------------------------------


def test_a_define_by_run_study_is_searched_from_its_second_trial_on() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=1, defaults={"lr": 0.02}))
    study.optimize(mixed, n_trials=16)
    middle = Translation({"width": IntDistribution(16, 512, log=True)}).space.default()["width"]
    assert study.trials[0].params == {"lr": 0.02, "width": middle, "drop out": 0.2, "opt": "adam"}
    sources = [t.user_attrs.get("tunewright:source") for t in study.trials]
    assert sources[0] == Source.DEFAULT and Source.GP in sources and None not in sources
    assert len({str(c) for c in configs(study)}) == 16
    assert study.best_value < study.trials[0].value


def branching(trial: Trial) -> float:
    depth = trial.suggest_int("depth", 1, 3)
    widths = sum(trial.suggest_int(f"units/{i}", 16, 64, step=16) for i in range(depth))
    kind = trial.suggest_categorical("kind", ["tree", "net", "line"])
    if kind == "net":
        widths += trial.suggest_float("lr", 1e-4, 1.0, log=True)
        if trial.suggest_categorical("decay", [True, False]):
            widths += trial.suggest_float("rate", 0.0, 1.0)
    return float(widths)


def test_conditions_are_read_off_the_trials() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    study.optimize(branching, n_trials=40)
    space = study.sampler._translation(study).space
    told = {name: p.when.text for name, p in space.parameters.items() if p.when is not None}
    assert told == {
        "units_1": "depth >= 2",
        "units_2": "depth >= 3",
        "lr": "kind in ['net']",
        "decay": "kind in ['net']",
        "rate": "decay in [True]",
    }
    assert all(space.allows(_ours(study, config)) for config in configs(study))
    assert study.trials[-1].user_attrs["tunewright:source"] == Source.TPE


def _ours(study: optuna.Study, params: dict[str, Any]) -> dict[str, Any]:
    translation: Translation = study.sampler._translation(study)
    return translation.config(params)


def test_a_range_that_was_edited_is_followed_with_the_trials_that_still_fit() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    study.optimize(lambda t: (t.suggest_float("x", 0, 10) - 7) ** 2 + t.suggest_float("y", 0, 1), n_trials=8)
    study.optimize(lambda t: (t.suggest_float("x", 5, 9) - 7) ** 2 + t.suggest_float("y", 0, 1), n_trials=8)
    late = study.trials[9:]
    assert all(5 <= t.params["x"] <= 9 for t in late)
    sources = [t.user_attrs.get("tunewright:source") for t in late]
    assert sources == [Source.DEFAULT] + [Source.GP] * 6  # the middle of the new range is a config nobody has tried


def test_a_range_that_moves_all_the_time_is_drawn_by_itself() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    study.optimize(lambda t: t.suggest_int("x", 0, 5 + t.number) + t.suggest_float("y", 0, 1), n_trials=8)
    assert list(study.sampler._translation(study).distributions) == ["y"]


def test_names_and_choices_of_any_kind_come_back_as_they_were() -> None:
    choices = ((1, 2), "a", None, float("inf"))
    study = optuna.create_study(sampler=GuidedSampler(seed=0))

    def objective(trial: Trial) -> float:
        made = trial.suggest_categorical("lambda", choices)
        assert made in choices
        x = trial.suggest_float("x (log) é", 1 / 3, 2 / 3)
        x += trial.suggest_float("x-(log) é", -0.7, 0.5, step=0.1) + trial.suggest_float("1/3", 1e-8, 1 / 7, log=True)
        return x + choices.index(made)

    with pytest.warns(UserWarning, match="Choices for a categorical"):
        study.optimize(objective, n_trials=14)
    assert study.trials[-1].user_attrs["tunewright:source"] == Source.GP


def test_a_finite_space_is_tried_whole_and_then_its_best_again() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    study.optimize(lambda t: t.suggest_int("k", 1, 3) + 10 * t.suggest_categorical("c", [0, 1]), n_trials=9)
    assert len({str(c) for c in configs(study)[:6]}) == 6
    assert [t.params for t in study.trials[6:]] == [{"k": k, "c": 0} for k in (1, 2, 3)]


# -- what trials say ----------------------------------------------------------------


@pytest.mark.parametrize("by", ["function", "trial"])
def test_a_broken_constraint_is_a_failure_that_is_learnt(by: str) -> None:
    def constraint(trial: optuna.trial.FrozenTrial) -> list[float]:
        return [trial.params["x"] - 0.3]

    func = constraint if by == "function" else None
    sampler = GuidedSampler(
        seed=0, constraints_func=func, space={"x": FloatDistribution(0, 1), "y": FloatDistribution(0, 1)}
    )
    study = optuna.create_study(sampler=sampler)

    def objective(trial: Trial) -> float:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        if by == "trial":
            trial.set_constraint("narrow", x - 0.3)
        return -x + y

    study.optimize(objective, n_trials=20)
    assert sum(t.params["x"] > 0.3 for t in study.trials[10:]) <= 4
    assert max(t.params["x"] for t in study.trials if t.params["x"] <= 0.3) > 0.2


def test_a_pruned_trial_counts_as_what_it_would_have_come_to() -> None:
    sampler = GuidedSampler(seed=0, space={"x": FloatDistribution(0, 1)})
    study = optuna.create_study(sampler=sampler)
    for x, reached in ((0.1, 1.0), (0.3, 2.0), (0.5, 3.0)):
        trial = study.ask()
        trial.suggest_float("x", x, x + 1e-9)
        trial.report(reached, 1)
        trial.report(reached / 10, 9)
        study.tell(trial, reached / 10)
    trial = study.ask()
    trial.suggest_float("x", 0.2, 0.2 + 1e-9)
    trial.report(1.5, 1)
    study.tell(trial, state=TrialState.PRUNED)
    asking = study.ask()
    history = sampler._history(study, asking._get_latest_trial(), sampler._translation(study))
    assert [history.loss(t) for t in history.completed] == pytest.approx([0.1, 0.2, 0.3, 0.15])


def test_a_trial_whose_worker_was_lost_and_which_is_retried_says_little_against_its_config() -> None:
    sampler = GuidedSampler(seed=0, space={"x": FloatDistribution(0, 1)})
    study = optuna.create_study(sampler=sampler)
    for _ in range(2):
        trial = study.ask({"x": FloatDistribution(0, 1)})
        trial.set_user_attr("failure", "cuda_out_of_memory")
        study.tell(trial, state=TrialState.FAIL)
    lost = study.ask({"x": FloatDistribution(0, 1)})
    study.tell(lost, state=TrialState.FAIL)
    study.add_trial(
        optuna.trial.create_trial(
            state=TrialState.WAITING,
            system_attrs={"failed_trial": lost.number, "fixed_params": {"x": lost.params["x"]}},
        )
    )
    asking = study.ask()
    assert asking.number == 3  # the retry itself
    history = sampler._history(study, study.ask()._get_latest_trial(), sampler._translation(study))
    assert [t.failure and str(t.failure.kind) for t in history.failed] == ["cuda_out_of_memory"] * 2
    assert history.waiting == ({"x": lost.params["x"]},)  # and it is on its way


def test_hyperbands_brackets_are_searched_each() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0), pruner=optuna.pruners.HyperbandPruner(max_resource=9))

    def objective(trial: Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        for step in range(9):
            trial.report(x + 1 / (step + 1), step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return x

    study.optimize(objective, n_trials=14)
    assert len(study.trials) == 14


def test_a_study_of_two_objectives_is_refused_with_a_way_out() -> None:
    study = optuna.create_study(sampler=GuidedSampler(), directions=["minimize", "maximize"])
    with pytest.raises(SamplerError, match=r"GuidedSampler optimises one objective, and this study has 2.*constraints"):
        study.optimize(lambda t: (t.suggest_float("x", 0, 1), 1.0), n_trials=1)


def test_an_unknown_search_is_refused() -> None:
    with pytest.raises(TunewrightError, match="search 'gpp' is unknown"):
        SearchSampler("gpp")


def test_the_script_of_the_page_runs_and_says_why() -> None:
    page = (Path(__file__).parents[3] / "docs" / "optuna.md").read_text()
    script = page.split("```python\n")[1].split("```")[0]
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    best, source, why = done.stdout.splitlines()
    assert "'lr'" in best and source in tuple(Source) and why.endswith(".")
