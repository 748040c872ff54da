"""What a person expects is heard: read from their words, a lean that fades, never a wall, and let go when wrong."""

from __future__ import annotations

import json
import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from agent.cli import main
from agent.hinting import hint, kept, of_study
from agent.search import wire
from agent.search.catalog import proposer
from agent.search.from_store import history as from_store
from agent.search.history import History
from agent.search.prior import held, lean
from agent.search.proposer import heard
from agent.store import proposals, studies, trials
from agent.store.connection import open_store
from agent.study.hint import Hint, beliefs, checked
from agent.study.nouns import Draft, Source
from agent.study.spec import StudySpec
from tests.agent.search.growing import fresh, grow, ran
from tests.agent.stores import GOOD, make_study
from trainers.errors import SpaceError, TunewrightError
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, SearchSpace

SPACE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-5, high=1e-1, log=True),
        FloatParameter(name="wd", low=0.0, high=1.0),
        IntParameter(name="batch_size", low=16, high=512, log=True),
        CategoricalParameter(name="optimizer", choices=("adam", "sgd")),
        CategoricalParameter(name="layers", choices=(2, 4, 8)),
    ]
)


def loss(config: Config) -> float:
    return 0.5 + SPACE.parameters["lr"].unit(config["lr"]) * (config["wd"] + 0.2)


class TestReading:
    @pytest.mark.parametrize(
        ("said", "name", "ends"),
        [
            ("lr ~ 1e-3", "lr", (0.5, 0.5)),
            ("try lr around 0.001", "lr", (0.5, 0.5)),
            ("lr between 1e-4 and 1e-2", "lr", (0.25, 0.75)),
            ("LR 1e-4..1e-2", "lr", (0.25, 0.75)),
            ("wd below .2", "wd", (0.0, 0.2)),
            ("wd >= .5", "wd", (0.5, 1.0)),
            ("I expect small batch sizes", "batch_size", (0.0, 1 / 3)),
            ("batch_size is large", "batch_size", (2 / 3, 1.0)),
        ],
    )
    def test_ranges_points_and_sizes(self, said: str, name: str, ends: tuple[float, float]) -> None:
        (belief,) = beliefs(SPACE, Hint(said))
        assert (belief.name, pytest.approx((belief.low, belief.high))) == (name, ends)

    @pytest.mark.parametrize(
        ("said", "name", "choice"),
        [("optimizer sgd", "optimizer", "sgd"), ("adam optimizer", "optimizer", "adam"), ("layers ~ 4", "layers", 4)],
    )
    def test_choices(self, said: str, name: str, choice: object) -> None:
        (belief,) = beliefs(SPACE, Hint(said))
        assert (belief.name, belief.choices) == (name, (choice,))

    def test_several_in_one_sentence(self) -> None:
        found = beliefs(SPACE, Hint("lr ~ 1e-3, wd below .2; sgd optimizer and small batch sizes"))
        assert {b.name for b in found} == {"lr", "wd", "optimizer", "batch_size"}

    @pytest.mark.parametrize("said", ["make it better", "", "lr", "momentum ~ .9"])
    def test_what_names_nothing_is_refused_with_an_example(self, said: str) -> None:
        with pytest.raises(SpaceError, match="lr ~ "):
            checked(SPACE, said)


class TestLeaning:
    @pytest.mark.parametrize("search", ["guided", "gp", "tpe"])
    def test_proposals_come_from_there_at_first_and_less_so_later(self, search: str) -> None:
        told = replace(fresh(SPACE, seed=4), hints=(Hint("lr ~ 1e-2"),))
        flat, drafts = grow(told, lambda c: 1.0 + c["wd"], search, 10)
        places = [SPACE.parameters["lr"].unit(d.params["lr"]) for d in drafts[1:]]
        assert statistics.median(abs(p - 0.75) for p in places) < 0.15
        assert all("“lr ~ 1e-2”" in d.rationale for d in drafts[1:])
        assert held(flat)[0].exponent < 1 or len(flat.ended) <= 8

    def test_it_fades_and_is_forgotten(self) -> None:
        told = replace(fresh(SPACE), hints=(Hint("wd ~ .5"),))
        shares = []
        for number in range(100):
            config = SPACE.canonical({**SPACE.default(), "wd": round(0.4 + number / 1000, 4)})
            told = ran(told, Draft(source=Source.RANDOM, params=config), 1.0)
            shares.append(max((h.exponent for h in held(told)), default=0.0))
        assert shares[0] == 1.0 and shares[20] == pytest.approx(8 / 21) and shares[-1] == 0.0
        assert shares == sorted(shares, reverse=True)

    def test_it_is_let_go_once_the_best_lies_elsewhere(self) -> None:
        told = replace(fresh(SPACE), hints=(Hint("lr ~ 1e-2"),))
        for lr, value in ((1e-2, 0.9), (9e-3, 0.8), (1e-3, 0.7), (1e-4, 0.3), (3e-4, 0.4)):
            assert held(told)
            config = SPACE.canonical({**SPACE.default(), "lr": lr})
            told = ran(told, Draft(source=Source.RANDOM, params=config), value)
        assert held(told) == ()
        (draft,) = proposer("gp").propose(told, 1)
        assert "You said" not in draft.rationale

    def test_trials_from_before_it_was_said_do_not_speak_against_it(self) -> None:
        told = self.told_lrs((1e-2, 9e-3, 1e-3, 1e-4, 3e-4), (0.9, 0.8, 0.7, 0.3, 0.4))
        told = replace(told, hints=(Hint("lr ~ 1e-2", ended=5),))
        assert [one.counted for one in kept(told)] == ["counts 100%"]

    def test_once_let_go_it_stays_so_and_says_why(self) -> None:
        lrs = (1e-2, 9e-3, 1e-3, 1e-4, 3e-4, 1.1e-2)
        told = replace(self.told_lrs(lrs, (0.9, 0.8, 0.7, 0.3, 0.4, 0.1)), hints=(Hint("lr ~ 1e-2"),))
        assert held(told) == ()
        assert [one.counted for one in kept(told)] == ["counts no longer: contradicted by t3"]

    def test_of_one_parameter_the_latest_counts_and_the_earlier_says_so(self) -> None:
        told = replace(fresh(SPACE), hints=(Hint("lr ~ 1e-2"), Hint("lr ~ 1e-3")))
        assert [one.counted for one in kept(told)] == ["counts no longer: superseded by “lr ~ 1e-3”", "counts 100%"]

    def told_lrs(self, lrs: tuple[float, ...], values: tuple[float, ...]) -> History:
        told = fresh(SPACE)
        for lr, value in zip(lrs, values, strict=True):
            config = SPACE.canonical({**SPACE.default(), "lr": lr})
            told = ran(told, Draft(source=Source.RANDOM, params=config), value)
        return told

    def test_a_config_from_elsewhere_says_that_it_is_tried_nevertheless(self) -> None:
        told = replace(fresh(SPACE), hints=(Hint("lr ~ 1e-2"),))
        near, far = (Draft(source=Source.LLM, params={**SPACE.default(), "lr": lr}) for lr in (1e-2, 1e-5))
        assert heard(told, near).rationale.endswith("You said: “lr ~ 1e-2”.")
        assert "tried nevertheless" in heard(told, far).rationale

    def test_nowhere_is_forbidden(self) -> None:
        told = replace(fresh(SPACE), hints=(Hint("lr ~ 1e-5; optimizer adam"),))
        far = {**SPACE.default(), "lr": 1e-1, "optimizer": "sgd"}
        assert -7 < lean(told, held(told), far) < -5

    @pytest.mark.slow
    def test_a_wrong_hint_costs_little(self) -> None:
        ends = [
            [
                min(loss(d.params) for d in grow(start, loss, "guided", 22)[1])
                for seed in range(4)
                for start in [replace(fresh(SPACE, seed=seed), hints=hints)]
            ]
            for hints in ((), (Hint("lr ~ 1e-1"),))
        ]
        assert statistics.fmean(ends[1]) < statistics.fmean(ends[0]) + 0.05

    def test_it_goes_to_the_proposer_s_process_whole(self) -> None:
        told = replace(fresh(SPACE), hints=(Hint("lr ~ 1e-2", ended=3), Hint(params={"wd": 0.5}, ended=4)))
        assert wire.history_from_dict(wire.frame_to_dict(told), (), frozenset()).hints == told.hints


class TestStored:
    def test_what_is_said_is_kept_and_counted_from_then_on(self, tmp_path: Path) -> None:
        with open_store(tmp_path / "store.sqlite") as store:
            study = make_study(store)
            name = next(iter(study.spec.space.parameters))
            with pytest.raises(TunewrightError, match="says nothing"):
                hint(store, study, "hurry up")
            study = hint(store, study, f"{name} is small")
            assert StudySpec.from_dict(study.spec.to_dict()).hints == study.spec.hints
            (one,) = of_study(store, study, ())
            assert (one.words, one.share, one.counted) == (f"“{name} is small”", 1.0, "counts 100%")
            study = hint(store, study, "drop")
            assert studies.by_id(store, study.id).spec.hints == ()
            with pytest.raises(TunewrightError, match="no hint"):
                hint(store, study, "drop")

    def test_an_edit_says_where_the_person_thinks_good_values_lie(self, tmp_path: Path) -> None:
        with open_store(tmp_path / "store.sqlite") as store:
            study = make_study(store)
            (proposal,) = proposals.add(store, study.id, [Draft(source=Source.GP, params=GOOD)])
            name = next(n for n, p in study.spec.space.parameters.items() if not isinstance(p, CategoricalParameter))
            changed = study.spec.space.canonical({**GOOD, name: study.spec.space.parameters[name].high})
            proposals.approve(store, proposal, actor="person", params=changed)
            past: History = from_store(store, study, trials.all_trials(store, study.id), (), 1)
            assert past.hints == (Hint(params={name: changed[name]}, ended=0),)
            assert [h.belief.name for h in held(past)] == [name]

    def test_the_command_says_what_was_understood_and_a_dry_run_keeps_nothing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "store.sqlite"
        with open_store(path) as store:
            study = make_study(store)
        name = next(iter(study.spec.space.parameters))
        words = ["space", study.name, "--store", str(path), "--json", "--hint", f"small {name}; momentm .9"]
        for extra, kept_hints in ((["--dry-run"], 0), ([], 1)):
            assert main([*words, *extra]) == 0
            printed = json.loads(capsys.readouterr().out)
            (heard_,) = printed["heard"]
            assert heard_["understood"][0].startswith(name) and "“momentm .9”" in heard_["not_understood"][0]
            assert len(printed["hints"]) == kept_hints
