"""What every proposer promises. A test class for one derives from `ProposerConformance` and names it."""

from __future__ import annotations

import itertools
import json
import math
import random
from dataclasses import replace

import pytest

from agent.search import wire
from agent.search.catalog import proposer
from agent.search.history import History
from agent.study.nouns import Draft, Source, TrialState
from tests.agent.search import growing
from tests.agent.search.growing import fresh, grow, ran
from trainers.contract import Objective
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, SearchSpace

SPACES = {
    "mixed": (growing.mixed, growing.mixed_loss),
    "conditional": (growing.conditional, growing.conditional_loss),
    "constrained": (growing.constrained, growing.constrained_loss),
}


class ProposerConformance:
    search: str
    trials = 11  # enough for every model to have spoken

    def propose(self, history: History, n: int = 1) -> list[Draft]:
        return proposer(self.search).propose(history, n)

    # -- purity and resuming ---------------------------------------------------------

    @pytest.mark.parametrize("kind", SPACES)
    def test_the_same_history_gives_the_same_drafts(self, kind: str) -> None:
        space, loss = SPACES[kind]
        history, _ = grow(fresh(space(), seed=3), loss, self.search, self.trials)
        asked = [self.propose(history, 2) for _ in range(2)]
        random.seed(7)  # nor does it read or disturb the generators of others
        state = random.getstate()
        asked.append(self.propose(replace(history, trials=tuple(reversed(history.trials))), 2))
        assert asked[0] == asked[1] == asked[2]
        assert random.getstate() == state

    @pytest.mark.parametrize("kind", SPACES)
    def test_resumed_from_what_was_stored_it_goes_on_as_if_never_interrupted(self, kind: str) -> None:
        space, loss = SPACES[kind]
        _, uninterrupted = grow(fresh(space(), seed=5), loss, self.search, self.trials)
        for stop in (1, 6, self.trials - 2):
            history, before = grow(fresh(space(), seed=5), loss, self.search, stop)
            _, after = grow(stored_and_read(history), loss, self.search, self.trials - stop)
            assert before + after == uninterrupted

    def test_other_seeds_give_other_proposals(self) -> None:
        drafts = [grow(fresh(growing.mixed(), seed=s), growing.mixed_loss, self.search, 4)[1] for s in (1, 2)]
        assert [d.params for d in drafts[0]] != [d.params for d in drafts[1]]

    # -- what a draft is ---------------------------------------------------------------

    def test_trial_zero_is_the_first_config_and_is_not_proposed_again(self) -> None:
        first = {**growing.mixed().default(), "lr": 0.0123456}
        (draft,) = self.propose(fresh(growing.mixed(), first=first))
        assert (draft.source, draft.params) == (Source.DEFAULT, first)
        for taken in (
            fresh(growing.mixed(), first=first).after(draft),
            ran(fresh(growing.mixed(), first=first), draft, 1.0),
        ):
            assert all(d.params != first for d in self.propose(taken))

    @pytest.mark.parametrize("kind", SPACES)
    def test_drafts_fit_the_space_in_canonical_form_and_never_repeat(self, kind: str) -> None:
        space, loss = SPACES[kind]
        _history, drafts = grow(fresh(space(), seed=1), loss, self.search, self.trials)
        assert len(drafts) == self.trials
        for draft in drafts:
            assert space().problems(draft.params) == []
            assert list(space().canonical(draft.params).items()) == list(draft.params.items())
        assert len({space().key(d.params) for d in drafts}) == self.trials

    def test_drafts_say_why_and_are_json_without_nan(self) -> None:
        history, drafts = grow(fresh(growing.mixed()), growing.mixed_loss, self.search, self.trials)
        numbers = {t.number for t in history.trials}
        for draft in drafts:
            assert draft.rationale.endswith(".") and "nan" not in draft.rationale
            assert {e.trial for e in draft.evidence} <= numbers
            json.dumps(wire.draft_to_dict(draft), allow_nan=False)
            assert draft.expected is None or draft.expected[0] <= draft.expected[1]
            assert draft.confidence is None or 0 <= draft.confidence <= 1

    # -- batches and what is still running -----------------------------------------------

    @pytest.mark.parametrize("kind", SPACES)
    def test_a_batch_is_its_drafts_asked_for_one_by_one(self, kind: str) -> None:
        space, loss = SPACES[kind]
        history, _ = grow(fresh(space()), loss, self.search, 9)
        batch, alone = self.propose(history, 3), []
        for _ in range(3):
            alone += self.propose(history)
            history = history.after(alone[-1])
        assert batch == alone
        assert len({space().key(d.params) for d in batch}) == 3

    def test_what_runs_queues_waits_or_was_refused_is_not_proposed_again(self) -> None:
        space = growing.tiny()
        history, _ = grow(fresh(space), growing.tiny_loss, self.search, 4)
        for state in (TrialState.RUNNING, TrialState.QUEUED, TrialState.STOPPED):
            (draft,) = self.propose(history)
            history = ran(history, draft, None, state)
        (refused,) = self.propose(history)
        history = replace(history.after(refused), pending=())
        (pending,) = self.propose(history)
        drafts = self.propose(history.after(pending), 99)
        assert len(drafts) == 11 - 4 - 3 - 2
        assert len({space.key(d.params) for d in (*drafts, refused, pending)} | history.taken) == 11

    def test_an_edited_proposal_counts_as_what_was_run(self) -> None:
        history, _ = grow(fresh(growing.tiny()), growing.tiny_loss, self.search, 3)
        (draft,) = self.propose(history)
        edited = next(c for c in growing.tiny().configs() or () if not history.after(draft).seen(c))
        trial = replace(ran(history, draft, 1.0).trials[-1], params=edited)
        history = replace(history.after(draft), pending=(), trials=(*history.trials, trial))
        assert edited not in [d.params for d in self.propose(history, 99)]

    # -- odd spaces ------------------------------------------------------------------------

    def test_a_finite_space_is_tried_whole_and_then_there_is_nothing(self) -> None:
        history, drafts = grow(fresh(growing.tiny()), growing.tiny_loss, self.search, 50)
        assert {growing.tiny().key(d.params) for d in drafts} == {
            growing.tiny().key(c) for c in growing.tiny().configs() or ()
        }
        assert self.propose(history) == []

    def test_a_space_of_one_config_gives_it_once(self) -> None:
        space = SearchSpace(
            [FloatParameter(name="a", low=2.0, high=2.0), CategoricalParameter(name="b", choices=("x",))]
        )
        _history, drafts = grow(fresh(space), lambda _: 1.0, self.search, 5)
        assert [d.params for d in drafts] == [{"a": 2.0, "b": "x"}]

    def test_a_space_without_parameters_gives_the_empty_config_once(self) -> None:
        _, drafts = grow(fresh(SearchSpace([])), lambda _: 1.0, self.search, 5)
        assert [d.params for d in drafts] == [{}]

    @pytest.mark.parametrize(
        "space",
        [
            SearchSpace([CategoricalParameter(name=f"c{i}", choices=(1, 2, 4, 8, True)) for i in range(4)]),
            SearchSpace(
                [
                    FloatParameter(name="tiny", low=1e-300, high=1e300, log=True),
                    IntParameter(name="n", low=1, high=2**50),
                ]
            ),
            SearchSpace(
                [
                    FloatParameter(name="x", low=1 / 3, high=2 / 3),
                    FloatParameter(name="y", low=-1e15, high=1e15, step=1e7),
                ]
            ),
            SearchSpace(
                [FloatParameter(name="narrow", low=1.0, high=1.0 + 1e-7), IntParameter(name="one", low=3, high=3)]
            ),
        ],
        ids=["choices", "huge", "thirds", "narrow"],
    )
    def test_odd_spaces_are_searched_like_any_other(self, space: SearchSpace) -> None:
        _, drafts = grow(fresh(space), lambda c: float(len(str(c))), self.search, self.trials)
        assert len({space.key(d.params) for d in drafts}) == self.trials
        assert all(space.allows(d.params) for d in drafts)

    def test_a_space_edited_on_the_way_is_followed(self) -> None:
        history, _ = grow(fresh(growing.mixed()), growing.mixed_loss, self.search, 12)
        kept = [p for p in growing.mixed().parameters.values() if p.name not in ("lr", "optimizer")]
        lr = FloatParameter(name="lr", low=1e-2, high=10.0, log=True)
        optimizer = CategoricalParameter(name="optimizer", choices=("adam", "lion"))
        edited = SearchSpace([*kept, lr, optimizer, FloatParameter(name="wd", low=0.0, high=0.3)])
        history = replace(history, space=edited, first_config=edited.default())
        _, drafts = grow(history, lambda c: c["wd"] + c["lr"], self.search, 12)
        assert len(drafts) == 12
        assert all(edited.allows(d.params) for d in drafts)

    # -- odd values ------------------------------------------------------------------------

    @pytest.mark.parametrize(
        "values",
        [
            itertools.cycle([1.0]),
            itertools.cycle([1e308, -1e308, 0.0]),
            itertools.cycle([1e-300, 0.3, 1e12]),
            itertools.cycle([None]),
            itertools.cycle([None, None, None, 0.5]),
            itertools.cycle([math.inf, math.nan, 1.0]),
        ],
        ids=["constant", "huge", "tailed", "all failed", "mostly failed", "not finite"],
    )
    def test_odd_values_do_not_stop_the_search(self, values: itertools.cycle[float | None]) -> None:
        space = growing.mixed()
        _, drafts = grow(fresh(space), lambda _: next(values), self.search, self.trials)
        assert len({space.key(d.params) for d in drafts}) == self.trials
        json.dumps([wire.draft_to_dict(d) for d in drafts], allow_nan=False)

    def test_maximising_the_negative_is_minimising(self) -> None:
        start = fresh(growing.mixed())
        objectives = (Objective("score", direction) for direction in ("minimize", "maximize"))  # which ends nowhere
        falls, rises = (replace(start, objective=objective) for objective in objectives)
        down = grow(falls, growing.mixed_loss, self.search, self.trials)[1]
        up = grow(rises, lambda c: -growing.mixed_loss(c), self.search, self.trials)[1]
        assert [d.params for d in up] == [d.params for d in down]
        assert [d.expected for d in up] == [d.expected and (-d.expected[1], -d.expected[0]) for d in down]


def stored_and_read(history: History) -> History:
    """The history as another process reads it: through JSON."""
    trials = tuple(
        wire.trial_from_dict(t) for t in json.loads(json.dumps([wire.trial_to_dict(t) for t in history.trials]))
    )
    frame = json.loads(json.dumps(wire.frame_to_dict(history)))
    return wire.history_from_dict(frame, trials, frozenset(sorted(history.taken)))


def distances(space: SearchSpace, configs: list[Config]) -> list[float]:
    return [space.distance(a, b) for a, b in itertools.combinations(configs, 2)]
