"""The blend: the defaults, what did well elsewhere, a model of the results, and an adviser within limits."""

from __future__ import annotations

import math
import random
from dataclasses import replace

from agent.search import wire
from agent.search.catalog import proposer
from agent.search.history import History
from agent.search.trust import wants_advice
from agent.study.nouns import Draft, Source
from agent.study.suggested import Suggested
from tests.agent.search import growing
from tests.agent.search.growing import fresh, ran

SPACE = growing.mixed()
GOOD = (
    {"lr": 0.02, "dropout": 0.2, "width": 128, "layers": 4, "optimizer": "adam"},
    {"lr": 0.005, "dropout": 0.1, "width": 100, "layers": 4, "optimizer": "adam"},
    {"lr": 0.01, "dropout": 0.3, "width": 200, "layers": 6, "optimizer": "adam"},
)
BAD = (
    {"lr": 1.0, "dropout": 0.5, "width": 16, "layers": 8, "optimizer": None},
    {"lr": 0.9, "dropout": 0.4, "width": 16, "layers": 8, "optimizer": None},
    {"lr": 0.8, "dropout": 0.5, "width": 17, "layers": 8, "optimizer": None},
    {"lr": 0.7, "dropout": 0.5, "width": 18, "layers": 8, "optimizer": None},
)


def known(configs=GOOD) -> tuple[Suggested, ...]:
    return tuple(Suggested(params=c, origin="first of 3 on 12 tables") for c in configs)


def advice(*configs) -> tuple[Draft, ...]:
    return tuple(Draft(source=Source.LLM, params=c, rationale="From experience.") for c in configs)


def near_optimum(history: History) -> tuple[Draft, ...]:
    rng = random.Random(history.number)
    return advice(
        *(
            SPACE.canonical({**GOOD[0], "lr": 0.01 * 2 ** rng.gauss(0, 1), "width": rng.randrange(90, 180)})
            for _ in range(2)
        )
    )


def grown(history: History, trials: int, adviser=None, loss=growing.mixed_loss) -> tuple[History, list[Draft]]:
    drafts = []
    for _ in range(trials):
        told = replace(history, advice=adviser(history)) if adviser and wants_advice(history) else history
        (draft,) = proposer("guided").propose(told, 1)
        history = ran(history, draft, loss(draft.params))
        drafts.append(draft)
    return history, drafts


class TestPortfolio:
    def test_it_comes_in_its_order_after_the_defaults_and_then_the_model_speaks(self):
        _, drafts = grown(replace(fresh(SPACE), portfolio=known()), 6)
        assert [d.params for d in drafts[1:4]] == list(GOOD)
        assert [d.source for d in drafts] == [Source.DEFAULT, *[Source.PORTFOLIO] * 3, Source.GP, Source.GP]
        assert "2 of 3: " in drafts[2].rationale and "first of 3 on 12 tables" in drafts[2].rationale

    def test_what_was_tried_is_passed_over(self):
        history = replace(fresh(SPACE), portfolio=known())
        history = ran(history, Draft(source=Source.PERSON, params=GOOD[0]), 0.5)
        _, drafts = grown(history, 3)
        assert [d.params for d in drafts[1:]] == list(GOOD[1:])

    def test_it_ends_when_its_first_three_all_do_worse_than_the_defaults(self):
        _, drafts = grown(replace(fresh(SPACE), portfolio=known(BAD)), 6)
        assert [d.source for d in drafts].count(Source.PORTFOLIO) == 3

    def test_what_probably_fails_is_left_out(self):
        def fails_at_high_rates(config):
            return None if config["lr"] > 0.3 else growing.mixed_loss(config)

        _, drafts = grown(
            replace(fresh(SPACE), portfolio=known((BAD[0], *BAD[1:], GOOD[0]))), 8, loss=fails_at_high_rates
        )
        assert GOOD[0] in [d.params for d in drafts[:5]]


class TestAdvice:
    def test_it_is_heard_in_its_turn_only(self):
        history, _ = grown(fresh(SPACE), 1)
        for number in range(1, 30):
            at = replace(history, number=number, advice=advice(*GOOD))
            (draft,) = proposer("guided").propose(at, 1)
            assert (draft.source is Source.LLM) == wants_advice(at)

    def test_about_three_turns_in_ten_at_first_and_fewer_later(self):
        turns = [wants_advice(replace(fresh(SPACE, seed=s), number=n)) for s in range(10) for n in range(1, 11)]
        late = [wants_advice(replace(fresh(SPACE, seed=s), number=n)) for s in range(10) for n in range(91, 101)]
        assert 18 <= sum(turns) <= 32 and 5 <= sum(late) <= 15

    def test_the_best_of_several_is_taken_and_the_others_declined_with_the_reason(self):
        history, _ = grown(fresh(SPACE), 16)
        history = replace(history, number=next(n for n in range(16, 99) if wants_advice(replace(history, number=n))))
        best = growing.mixed_loss(history.ranking[0].params)
        ideal = SPACE.canonical({"lr": 0.0105, "dropout": 0.2, "width": 127, "layers": 4, "optimizer": "adam"})
        assert growing.mixed_loss(ideal) < best
        (draft,) = proposer("guided").propose(replace(history, advice=advice(BAD[0], ideal)), 1)
        declined = draft.insight["gate"]["declined"]
        assert BAD[0] in [d["params"] for d in declined] and all(d["why"] for d in declined)
        (draft,) = proposer("guided").propose(replace(history, advice=advice(*BAD)), 1)
        assert draft.source is Source.GP and "did not pass" in draft.rationale

    def test_a_config_that_was_tried_or_does_not_fit_never_passes(self):
        history, drafts = grown(fresh(SPACE), 2)
        history = replace(history, number=next(n for n in range(2, 99) if wants_advice(replace(history, number=n))))
        wrong = {**GOOD[0], "lr": 7.0}
        told = replace(history, advice=advice(drafts[1].params, wrong))
        (draft,) = proposer("guided").propose(told, 1)
        assert draft.source is Source.RANDOM
        assert [d["why"] for d in draft.insight["gate"]["declined"]] == [
            "it was proposed before",
            "it does not fit the space",
        ]

    def test_the_same_history_and_advice_give_the_same_draft_also_through_the_wire(self):
        history, _ = grown(replace(fresh(SPACE), portfolio=known()), 12, near_optimum)
        for number in range(12, 15):
            asked = replace(history, number=number, advice=near_optimum(history))
            once = proposer("guided").propose(asked, 2)
            frame = wire.frame_to_dict(asked)
            sent = wire.history_from_dict(frame, asked.trials, asked.taken)
            assert once == proposer("guided").propose(asked, 2) == proposer("guided").propose(sent, 2)

    def test_every_draft_of_it_is_finite_in_what_it_says(self):
        _, drafts = grown(fresh(SPACE), 15, near_optimum)
        told = [d for d in drafts if "trust" in d.insight]
        assert told and all(math.isfinite(d.insight["trust"]["mean"]) for d in told)
