"""A card that appears never takes the focus; nothing typed is lost or taken as consent."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from agent.store import proposals, studies
from agent.store.connection import open_store
from agent.study.nouns import ProposalState
from tests.agent.tui import seed
from tests.agent.tui.driving import opened


def state_of(path: Path, number: int) -> ProposalState:
    with open_store(path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        row = store.one("SELECT state FROM proposal WHERE study_id = ? AND number = ?", (study.id, number))
        assert row is not None
        return ProposalState(row["state"])


def propose(path: Path, lr: float) -> None:
    with open_store(path, check=False) as store:
        seed.add_proposal(store, studies.get(store, seed.STUDY).id, lr)


async def test_a_card_that_appears_leaves_the_focus_and_the_text_where_they_are(tmp_path: Path) -> None:
    path = seed.make(tmp_path / "store.sqlite", pending=0)
    async with opened(path) as screen:
        await screen.write("are")
        propose(path, 4e-4)
        await screen.until(lambda: screen.study.cards.shown, "the card is shown")
        await screen.write(" a")
        assert screen.app.focused is screen.study.composer
        assert screen.study.composer.text == "are a"
        screen.clock.pass_by(10)
        await screen.write("aaa")
        await screen.rest()
    assert state_of(path, 14) is ProposalState.PENDING


async def test_letters_decide_only_after_the_grace(store_path: Path) -> None:
    async with opened(store_path) as screen:
        screen.clock.pass_by(10)
        await screen.press("ctrl+g")
        await screen.press("a")
        await screen.rest()
        assert state_of(store_path, 14) is ProposalState.PENDING
        assert "only just" in screen.study.notice.said
        screen.clock.pass_by(0.49)
        await screen.press("a")
        await screen.rest()
        assert state_of(store_path, 14) is ProposalState.PENDING
        screen.clock.pass_by(0.02)
        await screen.press("a")
        await screen.until(lambda: not screen.study.model.pending, "the approval is known")
    assert state_of(store_path, 14) is ProposalState.APPROVED


async def test_a_card_that_takes_the_place_of_another_has_its_own_grace(tmp_path: Path) -> None:
    path = seed.make(tmp_path / "store.sqlite", pending=2)
    async with opened(path) as screen:
        await screen.press("ctrl+g")
        screen.clock.pass_by(1)
        with open_store(path, check=False) as store:  # another front settles the one that is shown
            first = proposals.pending(store, studies.get(store, seed.STUDY).id)[0]
            proposals.reject(store, first, actor="person")
        await screen.until(lambda: screen.study.cards.shown.number == 15, "the next card is shown")
        await screen.press("a")
        await screen.rest()
        assert state_of(path, 15) is ProposalState.PENDING
        screen.clock.pass_by(0.6)
        await screen.press("a")
        await screen.until(lambda: not screen.study.model.pending)
    assert state_of(path, 15) is ProposalState.APPROVED


async def test_a_card_that_is_settled_elsewhere_under_the_focus_is_said_to_be(tmp_path: Path) -> None:
    path = seed.make(tmp_path / "store.sqlite", pending=2)
    async with opened(path) as screen:
        for press, said in (("escape", ""), ("ctrl+g", "proposal 15 is already approved: it is t15")):
            await screen.press(press)
            with open_store(path, check=False) as store:
                first = proposals.pending(store, studies.get(store, seed.STUDY).id)[0]
                proposals.approve(store, first, actor="person")
            await screen.until(lambda n=first.id: n not in {p.id for p in screen.study.model.pending})
            assert screen.study.notice.said == said


async def test_when_the_last_card_goes_the_focus_returns_to_the_input_line(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.press("ctrl+g")
        screen.clock.pass_by(1)
        await screen.press("a")
        await screen.rest()
        assert screen.app.focused is screen.study.composer
        await screen.press("a")
        assert screen.study.composer.text == "a"


async def test_ctrl_g_turns_to_the_next_proposal(tmp_path: Path) -> None:
    path = seed.make(tmp_path / "store.sqlite", pending=3)
    async with opened(path) as screen:
        seen = []
        for _ in range(4):
            await screen.press("ctrl+g")
            seen.append(screen.study.cards.shown.number)
        assert seen == [14, 15, 16, 14]
        assert "2 more wait" in screen.text


async def test_rejecting_asks_for_an_optional_reason(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.press("ctrl+g")
        screen.clock.pass_by(1)
        await screen.press("r")
        await screen.write("too timid")
        await screen.press("enter")
        await screen.until(lambda: not screen.study.model.pending)
        await screen.until(lambda: "you rejected 14: too timid" in screen.text)
    assert state_of(store_path, 14) is ProposalState.REJECTED


async def test_escape_keeps_a_proposal_that_was_about_to_be_rejected(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.press("ctrl+g")
        screen.clock.pass_by(1)
        await screen.press("r", "escape")
        await screen.rest()
        assert screen.study.cards.has_focus
    assert state_of(store_path, 14) is ProposalState.PENDING


@pytest.mark.parametrize(
    "keys",
    [
        ("ctrl+o", "i"),
        ("ctrl+o", "escape", "escape"),
        ("f1", "escape", "escape"),
        ("f1", "f1"),
        ("ctrl+t", "escape", "escape"),
    ],
    ids=" ".join,
)
async def test_what_is_typed_faster_than_a_page_closes_is_written_below_it(store_path: Path, keys: tuple[str]) -> None:
    async with opened(store_path) as screen:
        for key in (*keys, *"good"):
            screen.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await screen.until(lambda: screen.study.composer.text == "good")
        assert not screen.app.screen.is_modal


async def test_a_card_that_a_page_lay_over_has_a_grace_again(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.press("ctrl+g")
        screen.clock.pass_by(1)
        await screen.press("f1", "escape", "a")
        await screen.rest()
        assert "only just" in screen.study.notice.said
        for key in ("ctrl+o", "i", "a"):  # a is for the input line, which has not got the focus yet
            screen.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await screen.until(lambda: screen.study.composer.text == "a")
        assert state_of(store_path, 14) is ProposalState.PENDING


class TestEditing:
    async def test_a_value_beyond_its_bound_is_said_while_it_is_typed_and_cannot_be_taken(
        self, store_path: Path
    ) -> None:
        async with opened(store_path) as screen:
            await screen.press("ctrl+g")
            screen.clock.pass_by(1)
            await screen.edit()
            await screen.press(*["backspace"] * 10)
            await screen.write("5")
            assert "lr = 5 is above its upper bound 0.1" in screen.text
            await screen.press("enter")
            await screen.rest()
            assert screen.study.cards.editing
        assert state_of(store_path, 14) is ProposalState.PENDING

    async def test_an_edit_runs_with_the_changed_value(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("ctrl+g")
            screen.clock.pass_by(1)
            await screen.edit()
            await screen.press(*["backspace"] * 10)
            await screen.write("0.002")
            assert "enter runs your changes" in screen.text
            await screen.press("enter")
            await screen.until(lambda: 14 in screen.study.model.trials)
            assert screen.study.model.trials[14].params["lr"] == 0.002
            await screen.until(lambda: "you edited 14 → t14: lr 6e-4 → 2e-3" in screen.text)

    async def test_what_is_typed_outlives_the_proposal(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("ctrl+g")
            screen.clock.pass_by(1)
            await screen.edit()
            await screen.press(*["backspace"] * 10)
            await screen.write("0.003")
            with open_store(store_path, check=False) as store:
                waiting = proposals.pending(store, studies.get(store, seed.STUDY).id)[0]
                proposals.reject(store, waiting, actor="policy", reason="meanwhile")
            await screen.until(lambda: not screen.study.model.pending)
            assert screen.study.cards.editing
            await screen.press("enter")
            await screen.until(lambda: screen.study.model.pending, "the values are a proposal of the person's")
            assert screen.study.model.pending[0].params["lr"] == 0.003
            assert screen.study.model.pending[0].source == "person"

    async def test_escape_leaves_the_proposal_as_it_was(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("ctrl+g")
            screen.clock.pass_by(1)
            await screen.edit()
            await screen.press("backspace", "escape")
            await screen.rest()
            assert not screen.study.cards.editing
            assert screen.study.cards.shown.params["lr"] == 6e-4


async def test_a_slash_approval_without_a_number_needs_a_card_that_has_stood(tmp_path: Path) -> None:
    path = seed.make(tmp_path / "store.sqlite", pending=0)
    async with opened(path) as screen:
        propose(path, 4e-4)
        await screen.until(lambda: screen.study.cards.shown)
        await screen.command("/approve")
        await screen.rest()
        assert state_of(path, 14) is ProposalState.PENDING
        screen.clock.pass_by(1)
        await screen.command("/approve")
        await screen.until(lambda: not screen.study.model.pending)
    assert state_of(path, 14) is ProposalState.APPROVED
