"""Trials that a rule would end, in the app: a card that takes no focus, and a trial taken up again."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.store import actions, pausing, studies, trials
from agent.store.connection import open_store
from agent.study.nouns import ActionKind, ProposalState, Trial, TrialState
from tests.agent.tui import seed
from tests.agent.tui.driving import opened

REASON = "at step 300 (30% of its 1000) its best val_loss 0.41 is worse than the median 0.33 of 8 trials"


def trial_of(path: Path, number: int) -> Trial:
    with open_store(path, check=False) as store:
        return trials.get(store, studies.get(store, seed.STUDY).id, number)


def running(path: Path) -> Trial:
    with open_store(path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        return next(t for t in trials.all_trials(store, study.id) if t.state is TrialState.RUNNING)


def state_of_the_card(path: Path) -> ProposalState:
    with open_store(path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        return [*actions.pending(store, study.id), *actions.settled(store, study.id, ActionKind.STOP_TRIAL)][0].state


@pytest.mark.parametrize("size", [(180, 50), (80, 24)], ids=str)
async def test_a_rule_proposes_the_end_of_a_trial_and_only_a_yes_ends_it(
    store_path: Path, size: tuple[int, int]
) -> None:
    trial = running(store_path)
    async with opened(store_path, size=size) as screen:
        await screen.write("half a sen")
        with open_store(store_path, check=False) as store:
            body = {"trial": trial.number, "prune": True, "attempt": trial.attempts, "estimate": 0.38}
            actions.ask(
                store, trial.study_id, ActionKind.STOP_TRIAL, body, "worse than the median of 8. Its checkpoint stays."
            )
        await screen.until(lambda: screen.study.asks.display)
        await screen.write("tence a")
        assert screen.study.composer.text == "half a sentence a"
        await screen.press("ctrl+g", "ctrl+g")
        screen.clock.pass_by(1)
        await screen.until(lambda: screen.study.asks.has_focus_within)
        await screen.until(lambda: f"THE STOPPING RULE ASKS · prune t{trial.number}" in screen.text)
        await screen.until(lambda: "worse than the median of 8. Its checkpoint stays" in screen.text)
        assert state_of_the_card(store_path) is ProposalState.PENDING
        await screen.press("a")
        await screen.until(lambda: state_of_the_card(store_path) is ProposalState.APPROVED)


async def test_a_pruned_trial_is_said_in_the_chat_and_taken_up_again_by_its_key(store_path: Path) -> None:
    trial = running(store_path)
    async with opened(store_path) as screen:
        with open_store(store_path, check=False) as store:
            assert pausing.prune(store, trial.id, trial.attempts, REASON, 0.38)
            attempt = next(a for a in trials.open_attempts(store) if a.trial_id == trial.id)
            end = {"value": 0.41, "failure": None, "outcome": {}, "retry": False, "ended_at": attempt.launched_at + 60}
            trials.end(store, attempt, TrialState.PRUNED, **end)
        await screen.until(lambda: screen.study.model.trials[trial.number].state is TrialState.PRUNED)
        await screen.until(lambda: f"t{trial.number} pruned: at step 300" in screen.text)
        await screen.command("/budget total=none")
        await screen.until(lambda: screen.study.model.spec.budget.total_seconds is None)
        await screen.command(f"/select {trial.number}")
        await screen.press("f4", "u")
        await screen.until(lambda: trial_of(store_path, trial.number).state is TrialState.QUEUED)
        await screen.until(lambda: f"t{trial.number} left no checkpoint" in screen.study.notice.said)
        assert trial_of(store_path, trial.number).kept


async def test_a_trial_that_completed_is_not_taken_up_again(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.command("/resume 0")
        await screen.until(lambda: "Only a pruned or stopped trial" in screen.study.notice.said)
