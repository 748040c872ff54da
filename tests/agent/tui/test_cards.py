"""A proposal's card: what it says before the decision, while it is edited, and once its trial has run."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from agent.store import calls, diagnoses, proposals, studies, trials
from agent.store.connection import open_store
from agent.study.nouns import Draft, Evidence, Source, TrialState
from agent.study.spec import Budget, EngineSpec
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from trainers.contract import Failure, FailureKind


def propose(path: Path, **changes: object) -> int:
    """One more proposal, by a model; its number."""
    with open_store(path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        told = {"params": {**seed.SPACE.default(), "lr": 7e-4}, "source": Source.LLM, "expected": (0.305, 0.318)}
        return proposals.add(store, study.id, [Draft(**{**told, **changes})], expected_seconds=660.0)[0].number


def change_spec(path: Path, **changes: object) -> None:
    with open_store(path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        studies.update(store, study.id, study.spec.replace(**changes), who="person", what="it")


async def at_the_card(screen: Screen) -> None:
    await screen.press("ctrl+g")
    screen.clock.pass_by(1)
    await screen.rest()


def card(screen: Screen) -> str:
    """What the card says, on one line."""
    return " ".join(str(screen.study.cards._body.visual).replace("\u00a0", " ").split())


class TestWhatItSays:
    async def test_the_expectation_beside_the_best(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            assert "expect −.005 … +.008 to the best .3050 … .3180 low confidence" in card(screen)

    async def test_the_cost_in_minutes_and_in_money(self, tmp_path: Path) -> None:
        path = seed.make(tmp_path / "store.sqlite", pending=0)
        change_spec(path, engine=EngineSpec(gpus_per_trial=2, price_per_gpu_hour=3.0))
        with open_store(path, check=False) as store:
            call = calls.begin(
                store, studies.get(store, seed.STUDY).id, purpose="next", model="m", template="", messages=[]
            )
            calls.end(store, call, state="ok", cost=0.04)
        propose(path, call_id=call)
        propose(path, call_id=call, params={**seed.SPACE.default(), "lr": 8e-4})
        async with opened(path) as screen:
            await screen.until(lambda: "cost about 11m · $1.10 of GPU, $0.02 for asking" in card(screen), card(screen))

    async def test_a_call_of_unknown_price_is_said_to_be_one(self, tmp_path: Path) -> None:
        path = seed.make(tmp_path / "store.sqlite", pending=0)
        with open_store(path, check=False) as store:
            call = calls.begin(
                store, studies.get(store, seed.STUDY).id, purpose="next", model="m", template="", messages=[]
            )
            calls.end(store, call, state="ok")
        propose(path, call_id=call)
        async with opened(path) as screen:
            await screen.until(lambda: "cost about 11m · asking: price unknown" in card(screen))

    async def test_without_a_price_no_money_is_named(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.rest()
            assert "cost about 11m" in card(screen)
            assert "$" not in card(screen)


class TestBlend:
    async def test_gate_and_trust_are_told_where_a_model_advised(self, tmp_path: Path) -> None:
        path = seed.make(tmp_path / "store.sqlite", pending=0)
        declined = [{"params": {}, "why": "it was proposed before"}]
        gate = {"promise": 0.41, "declined": declined}
        propose(path, insight={"part": "gp", "gate": gate, "trust": {"mean": 0.62, "share": 0.2, "lost": False}})
        async with opened(path) as screen:
            said = card(screen)
            assert "gate 1 not taken: it was proposed before" in said
            assert "trust rated 62%" in said and "20% of the turns" in said


class TestRisks:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            (
                {"params": {**seed.SPACE.default(), "lr": 2.9e-2, "wd": 0.27, "batch_size": 128, "optimizer": "sgd"}},
                "like t9, which failed: diverged",
            ),
            ({"params": {**seed.SPACE.default(), "lr": 9e-2}}, "beyond what was tried: lr"),
            ({"insight": {"entropy": {"lr": 1.3, "wd": 0.1}}}, "the model was unsure of lr (1.3 nats)"),
        ],
        ids=["failed", "beyond", "unsure"],
    )
    async def test_each_is_a_chip(self, tmp_path: Path, changes: dict[str, object], said: str) -> None:
        path = seed.make(tmp_path / "store.sqlite", pending=0)
        propose(path, **changes)
        async with opened(path) as screen:
            assert f"! {said}" in card(screen)

    @pytest.mark.parametrize(
        ("budget", "said"),
        [
            (Budget(trials=40, total_seconds=5000), "over the budget: 5m is left"),
            (Budget(trials=40, trial_seconds=300), "longer than a trial may run (5m)"),
        ],
        ids=["total", "trial"],
    )
    async def test_a_trial_that_the_budget_does_not_hold(self, store_path: Path, budget: Budget, said: str) -> None:
        change_spec(store_path, budget=budget)
        async with opened(store_path) as screen:
            await screen.until(lambda: f"! {said}" in card(screen), said)

    async def test_a_part_of_the_space_where_trials_fail_alike(self, tmp_path: Path) -> None:
        path = seed.make(tmp_path / "store.sqlite", pending=0)
        with open_store(path, check=False) as store:  # four more failures where lr is high, and nowhere else
            for t in trials.all_trials(store, studies.get(store, seed.STUDY).id):
                if t.state is TrialState.COMPLETED and t.params["lr"] > 5e-3:
                    failure = json.dumps(Failure(kind=FailureKind.NON_FINITE, message="nan").to_dict())
                    with store.transaction() as conn:
                        conn.execute(
                            "UPDATE trial SET state = 'failed', value = NULL, failure = ? WHERE id = ?", (failure, t.id)
                        )
        propose(path, params={**seed.SPACE.default(), "lr": 5e-2})
        propose(path, params={**seed.SPACE.default(), "lr": 2e-4})
        async with opened(path) as screen:
            assert "! lr ≥ 0.009226: there trials end as t" in card(screen)
            await at_the_card(screen)
            await screen.press("right")
            assert "there trials end" not in card(screen)


class TestActing:
    async def test_a_digit_and_a_click_follow_the_evidence(self, tmp_path: Path) -> None:
        path = seed.make(tmp_path / "store.sqlite", pending=0)
        evidence = (
            Evidence(kind="trial", text="t3", trial=3),
            Evidence(kind="log", text="a line", trial=5, line=42),
            Evidence(kind="metric", text="a step", trial=9, metric="val_loss", step=410),
        )
        propose(path, rationale="as these say", evidence=evidence)
        async with opened(path) as screen:
            await at_the_card(screen)
            assert "as these say 1 [t3] 2 [t5 log:42] 3 [t9 val_loss@410]" in card(screen)
            await screen.press("2")
            await screen.until(lambda: screen.study.side.selected == 5)
            await screen.until(lambda: screen.study.side.log_panel.lines.has_focus)
            await at_the_card(screen)
            await screen.press("3")
            await screen.until(lambda: screen.study.side.selected == 9)
            row = next(i for i, line in enumerate(screen.lines) if "[t3]" in line)
            await screen.pilot.click(offset=(screen.lines[row].index("[t3]") + 1, row))
            await screen.until(lambda: screen.study.side.selected == 3)

    async def test_left_and_right_turn_between_those_that_wait(self, tmp_path: Path) -> None:
        path = seed.make(tmp_path / "store.sqlite", pending=3)
        async with opened(path) as screen:
            await at_the_card(screen)
            assert "1 of 3 · 2 more wait" in screen.text
            seen = []
            for key in ("right", "right", "right", "left", "left"):
                await screen.press(key)
                seen.append(screen.study.cards.shown.number)
            assert seen == [15, 16, 14, 16, 15]
            await screen.press("a")
            await screen.until(lambda: "only just" in screen.study.notice.said)

    async def test_x_asks_why_and_the_advisor_answers_in_the_chat(self, tmp_path: Path) -> None:
        path = seed.make(tmp_path / "store.sqlite", pending=0)
        propose(path, source=Source.GP)
        async with opened(path) as screen:
            await at_the_card(screen)
            await screen.press("x")
            await screen.until(lambda: "› Why did you propose 14?" in screen.text)
            await screen.until(lambda: "Proposal 14 came from gp" in screen.study.chat.lines.shown, "an answer")
            said = " ".join(screen.study.chat.lines.shown.split())
            assert "The nearest that completed, [t" in said
            assert "A GP over" in said
            assert screen.study.cards.has_focus
            assert screen.study.model.pending, "asking is no consent"


class TestEditing:
    async def test_cost_risk_and_expectation_follow_what_is_typed(self, store_path: Path) -> None:
        def preview(screen: Screen) -> str:
            return " ".join(str(screen.study.cards._editor._preview.visual).replace("\u00a0", " ").split())

        async with opened(store_path) as screen:
            await at_the_card(screen)
            await screen.edit()
            assert "expect −.005 … +.008 to the best" in preview(screen)
            assert "risk" not in preview(screen)
            await screen.press(*["backspace"] * 10)
            await screen.write("0.09")
            assert "risk ! beyond what was tried: lr" in preview(screen)
            assert "cost about 11m" in preview(screen)
            await screen.until(lambda: "by a GP over 11 trials" in preview(screen), "the model's word")
            await screen.press("backspace", "backspace", "backspace", "backspace")
            assert preview(screen) == ""


class TestAfterTheRun:
    async def test_the_card_comes_back_with_its_score(self, tmp_path: Path) -> None:
        path = seed.make(tmp_path / "store.sqlite", pending=2)
        async with opened(path) as screen:
            for value, said in ((0.306, "got −.004: inside"), (0.4, "got +.094: outside, above")):
                await at_the_card(screen)
                await screen.press("a")
                number = 14 if value < 0.4 else 15
                await screen.until(lambda n=number: n in screen.study.model.trials)
                end(path, number, value)
                await screen.until(lambda s=said: s in screen.study.chat.lines.shown.replace("\n", " "), said)
        shown = " ".join(screen.study.chat.lines.shown.split())
        assert "p14 → t14: expected −.005 … +.008, got −.004: inside; cost ~11m, took" in shown
        assert "gp 1 of 1 held" in shown
        assert "gp 1 of 2 held" in shown

    async def test_an_edited_config_was_not_predicted_and_is_not_scored(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/edit 14 lr=5e-4")
            await screen.until(lambda: 14 in screen.study.model.trials)
            end(store_path, 14, 0.31)
            await screen.until(lambda: "t14 done" in screen.study.chat.lines.shown)
            assert "p14 →" not in screen.study.chat.lines.shown


def end(path: Path, number: int, value: float) -> None:
    """Has a queued trial run and end with `value`, as the runner would."""
    with open_store(path, check=False) as store:
        trial = trials.get(store, studies.get(store, seed.STUDY).id, number)
        attempt = trials.claim(store, trial.id, f"runs/{seed.STUDY}/{number}")
        outcome = {"format": 1, "state": "completed", "wall_seconds": 590.0}
        trials.end(
            store,
            attempt,
            TrialState.COMPLETED,
            value=value,
            failure=None,
            outcome=outcome,
            retry=False,
            ended_at=time.time(),
        )
        diagnoses.put(store, trials.by_id(store, trial.id), seed._diagnosis(number))
