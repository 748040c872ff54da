"""Runs of one config are one line of the table, with their mean; the cards say how many runs they bring."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.store import diagnoses, proposals, studies, trials
from agent.store.connection import open_store
from agent.study.nouns import Diagnosis, Draft, Source, TrialState
from tests.agent.tui import seed
from tests.agent.tui.driving import opened
from tests.agent.tui.test_snapshots import SIZES, kept


@pytest.fixture
def grouped(store_path: Path) -> Path:
    """The study of the other screens, its first config run three more times: two have ended, one waits."""
    with open_store(store_path) as store:
        study = studies.get(store, seed.STUDY)
        again = trials.get(store, study.id, 0)
        draft = Draft(source=Source.PERSON, params=again.params, rationale="t0 again, with 3 new seeds", seeds=3)
        first = proposals.approve(store, proposals.add(store, study.id, [draft])[0], actor="person")
        for number, value in ((first, 0.3160), (first + 1, 0.3180)):
            attempt = trials.claim(store, trials.get(store, study.id, number).id, f"runs/{seed.STUDY}/{number}")
            assert attempt is not None
            ended = {"failure": None, "outcome": {}, "retry": False, "ended_at": seed.NOW - 40_000 + number}
            trials.end(store, attempt, TrialState.COMPLETED, value=value, **ended)
        store.conn.execute("UPDATE trial SET queued_at = ?, started_at = NULL WHERE state = 'queued'", (seed.NOW,))
        store.conn.execute(
            "UPDATE trial SET started_at = ? - 660 WHERE number IN (?, ?)", (seed.NOW - 40_000, first, first + 1)
        )
        store.conn.execute("UPDATE proposal SET seeds = 3 WHERE state = 'pending'")
        store.conn.execute("UPDATE event SET at = ?", (seed.NOW,))
        store.conn.commit() if store.conn.in_transaction else None
    return store_path


def row(text: str, number: str) -> str:
    [found] = [line for line in text.split("\n") if line.lstrip("▌★ ").startswith(number + " ")]
    return found


async def test_a_config_run_again_has_one_line_with_its_mean(grouped: Path) -> None:
    async with opened(grouped) as screen:
        await screen.press("f4")
        table = screen.study.side.trials.table
        await screen.until(lambda: "0×4" in table.shown)
        assert "3 of 4" in row(table.shown, "0×4") and ".3147" in row(table.shown, "0×4")
        assert "✗ diverged" in row(table.shown, "9") and "▶ running" in row(table.shown, "13")
        assert not any(line.split()[:1] == ["15"] for line in table.shown.split("\n"))
        await screen.press("g")
        await screen.until(lambda: "0×4" not in table.shown)
        assert ".3160" in row(table.shown, "14") and ".3180" in row(table.shown, "15")
        await screen.press("g")
        await screen.until(lambda: "0×4" in table.shown)


async def test_the_card_says_how_many_runs_it_brings(grouped: Path) -> None:
    async with opened(grouped) as screen:
        await screen.until(lambda: "3 seeds × about 11m" in screen.text)


async def test_confirm_makes_a_card_of_each_of_the_best(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.command("/confirm top=2 seeds=4")
        await screen.until(lambda: len(screen.study.model.pending) == 3)
        made = screen.study.model.pending[1:]
        assert [p.seeds for p in made] == [4, 4]
        assert made[0].params == screen.study.model.best.params
        await screen.command("/confirm top=0")
        await screen.until(lambda: "top is a whole number from 1 to 100" in screen.text)


async def test_the_end_of_a_confirmation_is_told_once_in_a_note_of_its_own(grouped: Path) -> None:
    async with opened(grouped) as screen:
        await screen.press("f2")
        assert "Run again with new seeds" not in screen.study.chat.lines.shown, "a run is still to end"
        with open_store(grouped, check=False) as store:
            study = studies.get(store, seed.STUDY)
            last = trials.get(store, study.id, 16)
            attempt = trials.claim(store, last.id, f"runs/{seed.STUDY}/16")
            assert attempt is not None
            ended = {"failure": None, "outcome": {}, "retry": False, "ended_at": seed.NOW + 60}
            trials.end(store, attempt, TrialState.COMPLETED, value=0.3200, **ended)
            diagnoses.put(
                store, last, Diagnosis(verdict="healthy", healthy=True, confidence=0.9, explanation="It fell.")
            )
        said = "t0: 0.31002 when it was picked, 0.318 ± 0.002 over 3 new seeds."
        await screen.until(lambda: said in " ".join(screen.study.chat.lines.shown.split()), said)
        assert screen.study.chat.lines.shown.count("Run again with new seeds") == 1
    async with opened(grouped) as screen:
        assert screen.study.chat.lines.shown.count("Run again with new seeds") == 1, "and is there when one comes back"


async def test_seeds_are_set_for_what_is_approved_from_now_on(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.command("/seeds 3")
        await screen.until(lambda: screen.study.model.spec.seeds == 3)
        await screen.command("/seeds 0")
        await screen.until(lambda: "at least 1" in screen.text)
        assert screen.study.model.spec.seeds == 3


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_groups_of_trials(grouped: Path, size: tuple[int, int]) -> None:
    async with opened(grouped, size=size) as screen:
        await screen.press("f4")
        await screen.command("/sort val_loss")
        await screen.press("f4")
        await kept("groups", screen)


def test_the_chat_calls_best_only_what_the_noise_allows() -> None:
    from dataclasses import replace

    from agent.study.nouns import Trial
    from agent.tui.talk.notes import Then, _value

    trial = Trial(
        id=1, study_id=1, number=1, proposal_id=1, source=Source.GP, params={}, seed=0, state=TrialState.COMPLETED,
        value=0.30,
    )  # fmt: skip

    def said(then: Then) -> str:
        return "".join(text for text, _ in _value(trial, seed.spec(), then))

    assert "★ best so far" in said(Then(trial, 0.35, 0.01)) and "★ best so far" in said(Then(trial, 0.35, None))
    assert "ahead so far, within the noise" in said(Then(trial, 0.305, 0.01))
    mean = replace(trial, value=0.33, runs=3)
    assert "mean of 3 runs .3300" in said(Then(mean, 0.32, 0.001)) and "★" not in said(Then(mean, 0.32, 0.001))
