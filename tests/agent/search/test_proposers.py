"""Each proposer keeps the promises all make, and its own."""

from __future__ import annotations

import statistics
import subprocess
import sys

import pytest

from agent.search import catalog
from agent.search.catalog import proposer
from agent.study.nouns import Source
from agent.study.spec import MODEL_SEARCHES, SEARCHES
from tests.agent.search import growing
from tests.agent.search.conformance import ProposerConformance, distances
from tests.agent.search.growing import best, fresh, grow
from trainers.errors import TunewrightError
from trainers.space import FloatParameter, SearchSpace


class TestRandom(ProposerConformance):
    search = "random"


class TestTpe(ProposerConformance):
    search = "tpe"


class TestGp(ProposerConformance):
    search = "gp"


class TestCmaes(ProposerConformance):
    search = "cmaes"


class TestGuided(ProposerConformance):
    search = "guided"


class TestDefault:
    def test_it_proposes_the_first_config_and_then_nothing(self):
        history, drafts = grow(fresh(growing.mixed()), growing.mixed_loss, "default", 5)
        assert [d.params for d in drafts] == [growing.mixed().default()]
        assert proposer("default").propose(history, 3) == []

    def test_a_first_config_that_breaks_a_constraint_is_mended_and_says_so(self):
        space = growing.constrained()
        first = {**space.default(), "seq_len": 48, "label_len": 96}
        (draft,) = proposer("default").propose(fresh(space, first=first), 1)
        assert space.allows(draft.params)
        assert {k: v for k, v in draft.params.items() if v != first[k]}.keys() <= {"seq_len", "label_len"}
        assert "constraint" in draft.rationale


class TestCatalog:
    def test_it_has_every_search_a_study_may_name(self):
        assert {*catalog.names(), *MODEL_SEARCHES} == set(SEARCHES)

    def test_an_unknown_name_is_refused_with_the_nearest(self):
        with pytest.raises(TunewrightError, match=r"'guide' is unknown.*Did you mean 'guided'"):
            proposer("guide")

    def test_it_imports_no_optimiser_before_one_is_asked_for(self):
        code = (
            "import sys; from agent.search.catalog import proposer; import agent.search.client; proposer('random');"
            "heavy = {'optuna', 'torch', 'scipy', 'numpy', 'cmaes'} & sys.modules.keys();"
            "sys.exit(str(heavy) if heavy else 0)"
        )
        subprocess.run([sys.executable, "-c", code], check=True)


def bowl() -> SearchSpace:
    return SearchSpace([FloatParameter(name=f"x{i}", low=-1.0, high=1.0, default=0.9) for i in range(4)])


def bowl_loss(config):
    return sum((value - 0.3) ** 2 * (i + 1) for i, value in enumerate(config.values()))


class TestLearning:
    @pytest.mark.parametrize(("search", "trials"), [("gp", 25), ("tpe", 50), ("cmaes", 60)])
    def test_it_beats_random_search_on_a_smooth_function(self, search, trials):
        # Medians of seven seeds; random search ends five to a hundred times as high.
        learnt, drawn = (
            statistics.median(best(grow(fresh(bowl(), seed=s), bowl_loss, name, trials)[0]) for s in range(7))
            for name in (search, "random")
        )
        assert learnt < 0.5 * drawn

    def test_cmaes_starts_anew_once_it_has_converged(self):
        _, drafts = grow(fresh(bowl()), bowl_loss, "cmaes", 400)
        assert "started anew" in drafts[-1].rationale

    def test_cmaes_survives_a_config_from_far_away(self):
        history, _ = grow(fresh(bowl()), bowl_loss, "cmaes", 64)
        far = dict.fromkeys(bowl().parameters, 1.0)
        (draft,) = proposer("cmaes").propose(history, 1)
        history = growing.ran(history, type(draft)(source=Source.PERSON, params=far), -1.0)
        history, drafts = grow(history, bowl_loss, "cmaes", 40)
        assert min(bowl_loss(d.params) for d in drafts[-8:]) < 1.0

    def test_choices_are_drawn_as_the_better_half_made_them(self):
        space, loss = growing.mixed(), lambda c: growing.mixed_loss(c) + 10 * (c["optimizer"] != "sgd")
        _, drafts = grow(fresh(space), loss, "cmaes", 60)
        assert [d.params["optimizer"] for d in drafts[-20:]].count("sgd") >= 12


class TestParts:
    def test_guided_is_the_default_then_even_points_then_the_gp(self):
        _, drafts = grow(fresh(growing.mixed()), growing.mixed_loss, "guided", 10)
        assert [d.source for d in drafts] == [Source.DEFAULT] + [Source.RANDOM] * 5 + [Source.GP] * 4
        assert "a model needs 6" in drafts[3].rationale
        assert drafts[-1].rationale.startswith("GP over 9 completed trials. ")

    @pytest.mark.parametrize("best_number", range(6))
    def test_whichever_of_the_first_trials_is_the_best_the_model_takes_over(self, best_number):
        values = iter([float(number != best_number) + number / 100 for number in range(6)])
        history, _ = grow(fresh(growing.mixed()), lambda _: next(values), "gp", 6)
        assert proposer("gp").propose(history, 1)[0].source is Source.GP

    @pytest.mark.parametrize("search", ["guided", "gp"])
    def test_a_space_with_conditions_is_tpe_s_and_the_rationale_says_so(self, search):
        _, drafts = grow(fresh(growing.conditional()), growing.conditional_loss, search, 9)
        assert drafts[-1].source is Source.TPE
        assert "because the space has conditions" in drafts[-1].rationale

    def test_the_first_points_cover_the_space(self):
        space = bowl()
        _, drafts = grow(fresh(space, seed=2), bowl_loss, "gp", 5)
        even = distances(space, [d.params for d in drafts[1:]])
        assert min(even) > 0.15
        for name in space.parameters:
            assert {d.params[name] > 0 for d in drafts[1:]} == {True, False}

    def test_a_batch_keeps_apart(self):
        space = bowl()
        history, _ = grow(fresh(space), bowl_loss, "gp", 12)
        batch = [d.params for d in proposer("gp").propose(history, 4)]
        assert min(distances(space, batch)) > 0.01


class TestExpectations:
    def test_values_are_predicted_from_five_completed_trials_on(self):
        space = SearchSpace([FloatParameter(name="x", low=0.0, high=1.0)])
        _, drafts = grow(fresh(space), lambda c: c["x"], "gp", 8)
        assert [d.expected is not None for d in drafts] == [False] * 5 + [True] * 3

    @pytest.mark.parametrize("search", ["gp", "tpe"])
    def test_four_in_five_values_fall_into_the_interval_expected(self, search):
        inside = []
        for seed in range(4):
            history, drafts = grow(fresh(growing.mixed(), seed=seed), growing.mixed_loss, search, 25)
            for trial, draft in zip(history.trials, drafts, strict=True):
                if draft.expected and trial.value is not None:
                    inside.append(draft.expected[0] <= trial.value <= draft.expected[1])
        assert statistics.mean(inside) >= 0.65

    def test_the_interval_narrows_as_the_model_learns(self):
        _, drafts = grow(fresh(bowl()), bowl_loss, "gp", 30)
        told = [d for d in drafts if d.expected and d.confidence is not None]
        widths = [d.expected[1] - d.expected[0] for d in told]
        assert statistics.median(widths[-8:]) < 0.3 * statistics.median(widths[:4])
        assert statistics.median(d.confidence for d in told[-8:]) > 0.8
