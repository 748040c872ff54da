"""Where letters are keys: what is typed there is not lost, nothing is decided by it, and the way back is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from agent.store import narratives, studies, trials
from agent.store.connection import open_store
from agent.study.nouns import Narrative
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_chat import chat, say


async def in_chat(screen: Screen) -> None:
    await screen.press("f2")
    await screen.until(lambda: screen.study.chat.lines.has_focus, "the chat has the focus")


class TestInTheChat:
    async def test_a_slash_and_what_follows_it_go_to_the_input(self, store_path: Path) -> None:
        async with opened(store_path, (80, 24)) as screen:
            await in_chat(screen)
            await screen.write("/more")
            assert screen.study.composer.text == "/more"
            assert screen.study.composer.has_focus

    async def test_a_letter_that_is_no_key_goes_to_what_is_written_already(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            screen.study.composer.write("why ")
            await in_chat(screen)
            await screen.write("humuy")
            assert screen.study.composer.text == "why humuy"

    async def test_a_paste_goes_to_the_input_and_is_not_sent(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await in_chat(screen)
            screen.app.post_message(events.Paste("u m\nquestion\n"))
            await screen.until(lambda: screen.study.composer.text == "u m\nquestion\n")
            assert screen.study.composer.has_focus
            assert not screen.app.screen.is_modal

    async def test_nothing_typed_takes_a_question_back(self, store_path: Path) -> None:
        say(store_path, ("person", "why?"), ("agent", "So."))
        async with opened(store_path) as screen:
            await in_chat(screen)
            await screen.press("u", "enter")
            assert not screen.app.screen.is_modal
            await screen.press("f2", "ctrl+u")
            await screen.until(lambda: "TAKE BACK" in screen.text)

    async def test_enter_without_a_block_returns_to_the_input_and_the_keys_say_what_else_does(
        self, store_path: Path
    ) -> None:
        async with opened(store_path, (80, 24)) as screen:
            await in_chat(screen)
            assert "esc type" in screen.lines[-1]
            await screen.press("enter")
            assert screen.study.composer.has_focus and not screen.study.notice.said
            await screen.command("/cite")
            said = screen.study.notice.said
            assert "no evidence is under the cursor" in said and "esc to type" in said


class TestExplaining:
    @pytest.mark.parametrize("words", ["banana", "9 banana"])
    async def test_what_is_no_trial_is_refused(self, store_path: Path, words: str) -> None:
        async with opened(store_path) as screen:
            await screen.command(f"/explain {words}")
            assert "'banana' is not the number of a trial" in screen.study.notice.said

    async def test_more_asks_why_the_waiting_proposal_was_made(
        self, store_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with opened(store_path) as screen:
            asked: list[str] = []
            monkeypatch.setattr(screen.study, "ask", asked.append)
            number = screen.study.cards.shown.number
            await screen.command("/explain more")
            assert asked == [f"Why did you propose {number}?"]

    async def test_the_same_explanation_stands_once_and_whoever_asks_again_is_led_to_it(self, store_path: Path) -> None:
        def explained(text: str) -> None:
            with open_store(store_path, check=False) as store:
                trial = trials.get(store, studies.get(store, seed.STUDY).id, seed.DIVERGED)
                narratives.put(store, trial, Narrative(text=text))

        async with opened(store_path, (80, 24)) as screen:
            explained("It went too fast.")
            await screen.until(lambda: "t9 explained. It went" in chat(screen))
            screen.study.chat.explaining = seed.DIVERGED
            screen.study.chat.lines.scroll_to(y=0, animate=False, immediate=True)
            explained("It went too fast.")
            await screen.until(lambda: "its explanation stands above" in screen.text)
            assert chat(screen).count("t9 explained.") == 1
            await screen.until(lambda: "t9 explained. It went too fast." in screen.text)
            explained("It went much too fast.")
            await screen.until(lambda: "much too fast" in chat(screen))
            assert chat(screen).count("t9 explained.") == 2
        explained("It went much too fast.")
        async with opened(store_path) as screen:
            assert chat(screen).count("t9 explained.") == 1


class TestInTheTrials:
    async def test_a_command_taken_for_a_filter_is_told_how_to_be_one(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f4")
            await screen.write("/trial 1")
            await screen.press("enter")
            said = screen.study.notice.said
            assert "no trial passes the filter 'trial 1'" in said and "press esc and write /why 1" in said

    async def test_trials_that_a_filter_hides_are_not_called_missing(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f4")
            await screen.write("/banana")
            await screen.press("enter")
            for key in ("enter", "x", "p"):  # nothing is done to one that is not seen
                await screen.press(key)
                assert "the filter 'banana' hides every trial" in screen.study.notice.said
            assert not screen.app.screen.is_modal
            await screen.press("slash", "escape")
            assert screen.study.side.view.filter == ""
