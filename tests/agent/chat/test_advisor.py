"""The built-in advisor: every kind of question, in many words, on a study that really ran."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agent.chat.advisor import ABLE, advise
from agent.chat.advisor.question import Kind, read
from agent.chat.citations import checked, find
from agent.diagnosis.pointers import Pointers
from agent.llm.seat import Seat
from agent.store import actions, diagnoses, proposals, studies, trials
from agent.store.connection import Store, open_store
from agent.study.nouns import ActionKind, Diagnosis, Draft, Evidence, Source, Trial, TrialState
from tests.agent.chat.conftest import TRIALS
from tests.agent.stores import GOOD, add_trial, make_study, toy_store


def ask(seat: Seat, question: str) -> str:
    return advise(seat.store, studies.get(seat.store, seat.study.name), question)


def ranking(seat: Seat) -> list[Trial]:
    done = [t for t in trials.all_trials(seat.store, seat.study.id) if t.value is not None]
    return sorted(done, key=lambda t: t.value or 0)


@pytest.fixture
def toy(tmp_path: Path) -> Store:
    return open_store(toy_store(tmp_path / "toy.sqlite"))


def of_toy(store: Store, question: str) -> str:
    return advise(store, studies.get(store, "toy"), question)


class TestUnderstanding:
    @pytest.mark.parametrize(
        ("question", "kind", "numbers"),
        [
            ("why did 17 fail?", Kind.WHY, (17,)),
            ("wy did trial 17 fial", Kind.WHY, (17,)),
            ("What happened to #17?", Kind.WHY, (17,)),
            ("explain t2's failure", Kind.WHY, (2,)),
            ("at step 300 of trial 7 what happened", Kind.WHY, (7,)),
            ("почему упал 17?", Kind.WHY, (17,)),
            ("17", Kind.WHY, (17,)),
            ("why did the last trial fail?", Kind.WHY, ()),
            ("what happened?", Kind.WHY, ()),
            ("best", Kind.BEST, ()),
            ("which is teh best trail?", Kind.BEST, ()),
            ("show me the 3 best", Kind.BEST, ()),
            ("top 5", Kind.BEST, ()),
            ("compare 3 and 9", Kind.COMPARE, (3, 9)),
            ("3 vs 9 vs 12", Kind.COMPARE, (3, 9, 12)),
            ("is t3 beter than t9", Kind.COMPARE, (3, 9)),
            ("compare the best with 3", Kind.COMPARE, (3,)),
            ("what changed between 3 and 9", Kind.CHANGED, (3, 9)),
            ("how do 3 and 9 differ?", Kind.CHANGED, (3, 9)),
            ("is the difference real?", Kind.REAL, ()),
            ("is the difference between 3 and 9 just noise?", Kind.REAL, (3, 9)),
            ("is 9 significantly better than 3", Kind.REAL, (9, 3)),
            ("is 9 really better than 3?", Kind.REAL, (9, 3)),
            ("why did 9 really fail?", Kind.WHY, (9,)),
            ("what next?", Kind.NEXT, ()),
            ("what should I try now", Kind.NEXT, ()),
            ("any sugestions?", Kind.NEXT, ()),
            ("what matters", Kind.MATTERS, ()),
            ("which hyperparameters are most importnat?", Kind.MATTERS, ()),
            ("is lr important", Kind.MATTERS, ()),
            ("what failed?", Kind.FAILURES, ()),
            ("how many trials crashed", Kind.FAILURES, ()),
            ("how is it going?", Kind.STATUS, ()),
            ("status", Kind.STATUS, ()),
            ("eta", Kind.STATUS, ()),
            ("will it finish in 10 minutes?", Kind.STATUS, ()),
            ("how long will it take", Kind.STATUS, ()),
            ("why did you propose 12?", Kind.PROPOSED, (12,)),
            ("reason for proposal 12", Kind.PROPOSED, (12,)),
            ("which parameters are at the edge", Kind.EDGES, ()),
            ("anything at the boundries?", Kind.EDGES, ()),
            ("what waits for me", Kind.WAITING, ()),
            ("log of 5", Kind.LOG, (5,)),
            ("what does lr do?", Kind.PARAMETER, ()),
            ("lr = 5, is that too high?", Kind.PARAMETER, ()),
            ("what is the worst", Kind.WORST, ()),
            ("stop trial 3", Kind.ORDER, (3,)),
            ("please approve 3", Kind.ORDER, (3,)),
            ("hello there", Kind.UNKNOWN, ()),
            ("sing me a song", Kind.UNKNOWN, ()),
            ("", Kind.UNKNOWN, ()),
        ],
    )
    def test_what_is_asked(self, question: str, kind: Kind, numbers: tuple[int, ...]) -> None:
        found = read(question, ["lr", "dropout"], ["val_loss"])
        assert (found.kind, found.numbers) == (kind, numbers)

    def test_a_parameter_whose_name_is_a_word_of_ours_is_no_topic(self) -> None:
        assert read("what is fail", ["fail"]).kind is Kind.PARAMETER

    def test_all_that_it_says_it_can_it_can(self, seat: Seat) -> None:
        for question in ABLE:
            assert read(question).kind is not Kind.UNKNOWN, question

    def test_long_nonsense_is_read_quickly(self, seat: Seat) -> None:
        assert ask(seat, "whyy " * 4_000)
        assert ask(seat, "1" * 20_000)


class TestAnswers:
    """Figures are held against the store."""

    def test_why_a_trial_failed(self, seat: Seat) -> None:
        text = ask(seat, "why did 2 fail?")
        assert text.startswith("t2 failed (nonzero exit). [t2]")
        assert "[t2 log:3]" in text and "It goes so where lr ≥" in text

    def test_one_that_did_not_fail(self, seat: Seat) -> None:
        best = ranking(seat)[0]
        text = ask(seat, f"why did {best.number} fail?")
        assert text.startswith(f"t{best.number} did not fail: it completed with loss ") and "1st of " in text

    def test_the_latest_that_failed(self, seat: Seat) -> None:
        failed = [t for t in trials.all_trials(seat.store, seat.study.id) if t.state is TrialState.FAILED]
        assert ask(seat, "why did the last trial fail?").startswith(f"t{failed[-1].number} failed")

    def test_an_unknown_trial(self, seat: Seat) -> None:
        assert ask(seat, "why did 99 fail?") == f"There is no trial 99. The study has t0 to t{TRIALS - 1}."
        assert ask(seat, "compare 3 and 99") == f"There is no trial 99. The study has t0 to t{TRIALS - 1}."

    def test_the_best(self, seat: Seat) -> None:
        first, second, third, *_ = ranking(seat)
        text = ask(seat, "which is the best?")
        assert text.startswith(f"The best is t{first.number}: loss ")
        assert f"[t{first.number} loss@5]" in text
        assert f"After it: t{second.number} " in text and f"; t{third.number} " in text
        assert f"lr = {first.params['lr']}" in text

    def test_a_comparison(self, seat: Seat) -> None:
        first, second = ranking(seat)[:2]
        text = ask(seat, f"compare {first.number} and {second.number}")
        gap = abs((first.value or 0) - (second.value or 0))
        assert f"t{first.number} is ahead by {gap:.3g}" in text
        assert f"What differs from [t{first.number}] to [t{second.number}]: " in text

    def test_what_changed_comes_first_when_asked_so(self, seat: Seat) -> None:
        a, b = (t.number for t in ranking(seat)[:2])
        compared, changed = (ask(seat, f"{q} {a} and {b}") for q in ("compare", "what changed between"))
        assert sorted(compared.splitlines()) == sorted(changed.splitlines())
        assert changed.startswith("What differs") and not compared.startswith("What differs")

    def test_what_failed(self, seat: Seat) -> None:
        failed = [t.number for t in trials.all_trials(seat.store, seat.study.id) if t.state is TrialState.FAILED]
        text = ask(seat, "what failed?")
        assert text.startswith(f"{len(failed)} of {TRIALS} trials failed: ")
        assert {c.trial for c in find(text.splitlines()[0])} == set(failed)
        assert "lr is too high" in text

    def test_how_it_goes(self, seat: Seat) -> None:
        text = ask(seat, "how is it going?")
        assert text.startswith(f"{TRIALS} trials of {TRIALS}: ") and f"The budget of {TRIALS} trials is spent." in text

    def test_the_time_left(self, seat: Seat) -> None:
        with seat.store.transaction() as conn:
            conn.execute("UPDATE study SET spec = json_set(spec, '$.budget.trials', ?)", (TRIALS + 4,))
        assert "so the 4 that are left need about " in ask(seat, "eta")

    def test_why_something_was_proposed(self, seat: Seat) -> None:
        text = ask(seat, "why did you propose 3?")
        assert text.startswith("Proposal 3 came from random: lr = ")
        assert "approved by the policy (watch" in text and "became t3, which completed with loss" in text
        assert "There is no proposal 77. There are proposals 0 to " in ask(seat, "why did you propose 77?")

    def test_what_matters(self, seat: Seat) -> None:
        head, first, second = ask(seat, "what matters?").splitlines()
        assert head == "How much of the spread of loss each parameter explains by itself:"
        assert re.match(r"- n \d\d%: ", first) and re.match(r"- lr \d+%", second)  # loss is n / 100 and hardly lr
        assert ask(seat, "is lr important?").splitlines()[1:] == [second]

    def test_a_parameter(self, seat: Seat) -> None:
        text = ask(seat, "what does lr do?")
        assert "from 0.01 to 0.1, log scale" in text and f"[t{ranking(seat)[0].number}]" in text

    def test_the_log(self, seat: Seat) -> None:
        assert "- lr is too high [t2 log:3]" in ask(seat, "what did 2 print?")

    def test_what_is_beyond_it_gets_what_it_can(self, seat: Seat) -> None:
        text = ask(seat, "sing me a song")
        assert text.startswith("No model is set") and all(question in text for question in ABLE)

    def test_an_order_is_not_carried_out(self, seat: Seat) -> None:
        assert ask(seat, "stop 3").startswith("That is yours to do, I only answer: /stop 3 does it")

    @pytest.mark.parametrize(
        "question", [*ABLE, "why did 2 fail", "compare 1 and 2", "why 3", "log of 2", "what does n do"]
    )
    def test_every_citation_points_at_something(self, seat: Seat, question: str) -> None:
        text = ask(seat, question.replace("17", "2").replace("9", "4"))
        assert checked(text, Pointers(seat.store, seat.study.id)) == (text, 0)


class TestWhatToDoNext:
    def test_a_proposal_that_waits(self, seat: Seat) -> None:
        draft = Draft(
            source=Source.GP,
            params={"lr": 0.0123, "n": 2},
            rationale="Refines t3.",
            evidence=(Evidence(kind="trial", text="t3", trial=3),),
        )
        proposals.add(seat.store, seat.study.id, [draft])
        assert ask(seat, "what next?").startswith(
            f"Proposal {TRIALS} waits for you: lr = 0.0123, n = 2. /approve runs it."
        )
        assert "Refines t3." in ask(seat, "what waits?")
        why = ask(seat, "why did you propose this?")
        assert "Refines t3." in why and "It rests on [t3]." in why and "It waits for you." in why

    def test_what_a_diagnosis_suggests_and_nobody_tried(self, toy: Store) -> None:
        study = studies.get(toy, "toy")
        found = {"verdict": "cuda_oom", "healthy": False, "confidence": 0.9, "explanation": "it did not fit"}
        smaller = {"lr": 5e-2, "opt": "adam", "layers": 4, "warm": False}
        trial = trials.get(toy, study.id, 2)
        diagnoses.put(
            toy, trial, Diagnosis(**found, suggested_params=smaller, suggested_reason="layers 8 → 4: less memory")
        )
        assert "After [t2] (cuda oom): layers 8 → 4: less memory. /suggest 2 proposes it." in of_toy(toy, "what next?")
        add_trial(toy, study, smaller, value=0.3)
        assert "After [t2]" not in of_toy(toy, "what next?")

    def test_where_trials_fail_for_sure(self, seat: Seat) -> None:
        assert "a narrower space would save them" in ask(seat, "what next?")

    def test_a_change_that_the_agent_asked_for(self, seat: Seat) -> None:
        actions.ask(seat.store, seat.study.id, ActionKind.STOP_TRIAL, {"trial": 3}, "it does not learn")
        assert "Asked for: stop t3. it does not learn" in ask(seat, "what waits?")


class TestNoise:
    def test_is_unknown_without_repeats(self, toy: Store) -> None:
        assert "how much of that is chance is not known" in of_toy(toy, "is the difference real?")

    @pytest.mark.parametrize(
        ("others", "said"),
        [((0.500, 0.501, 0.502), "more than chance explains"), ((0.3, 0.5, 0.7), "which may be chance alone")],
    )
    def test_is_taken_from_repeats(self, toy: Store, others: tuple[float, ...], said: str) -> None:
        study = make_study(toy, name="again")
        for value in others:
            add_trial(toy, study, GOOD, value=value, reports=[value])
        add_trial(toy, study, {**GOOD, "layers": 3}, value=0.25, reports=[0.25])
        text = advise(toy, study, "is the difference between 3 and 0 real?")
        assert said in text and "3 runs of one config" in text

    def test_needs_two_values(self, toy: Store) -> None:
        assert "t2 failed (cuda out of memory): it has no value to compare. [t2]" in of_toy(
            toy, "is 1 really better than 2?"
        )


class TestEdges:
    def test_inside(self, toy: Store) -> None:
        assert of_toy(toy, "which parameters are at the edge?").startswith("None: in the best 2 trials ([t1] and [t0])")

    def test_at_an_end_that_may_move_and_at_one_that_may_not(self, toy: Store) -> None:
        study = make_study(toy, name="edge")
        add_trial(toy, study, {**GOOD, "lr": 0.1, "layers": 1}, value=0.1, reports=[0.1])
        text = advise(toy, study, "what lies at the bounds?")
        assert "- lr is at its upper end, 0.1, in [t0]; a wider range may hold something better." in text
        assert "- layers is at its lower end, 1, in [t0]; it cannot well go further." in text


class TestEveryState:
    @pytest.mark.parametrize(
        ("number", "said"),
        [
            (0, "t0 completed with loss 0.5, 2nd of 2. [t0]"),
            (2, "t2 failed (cuda out of memory). [t2]"),
            (3, "t3 was stopped without a value. [t3]"),
            (4, "t4 was pruned without a value. [t4]"),
            (5, "t5 is running. [t5]"),
            (6, "t6 waits for a free place to run. [t6]"),
        ],
    )
    def test_of_a_trial(self, toy: Store, number: int, said: str) -> None:
        assert of_toy(toy, f"what about {number}?").startswith(said)

    @pytest.mark.parametrize("question", [*ABLE, "what waits", "log of 0", "0", "what is lr", "worst", "eta"])
    def test_of_a_study_without_trials(self, toy: Store, question: str) -> None:
        text = advise(toy, make_study(toy, name="bare"), question)
        assert text and "Traceback" not in text
        json.dumps(text)
