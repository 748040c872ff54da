"""The chat: turns that grow in place, are gone through by key, copied, taken back, and read from further up."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.chat.conversation import before
from agent.llm.seat import Seat
from agent.store import studies, turns
from agent.store.connection import open_store
from agent.study.nouns import TurnState
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_markdown import REPLY

SIZES = [(80, 24), (120, 36), (180, 50)]


def say(path: Path, *said: tuple[str, str], at: float = -1000) -> list[int]:
    """Turns of the chat, as a rule later than all else in the store; their ids."""
    with open_store(path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        ids = [turns.add(store, study.id, role, text) for role, text in said]
        with store.transaction() as conn:
            for i in ids:
                conn.execute("UPDATE turn SET at = ? WHERE id = ?", (seed.NOW + at + i, i))
    return ids


def write(path: Path, turn: int, text: str, state: TurnState = TurnState.WRITING) -> None:
    with open_store(path, check=False) as store:
        turns.write(store, turn, text, state=state)


def chat(screen: Screen) -> str:
    return screen.study.chat.lines.shown


class TestGrowing:
    async def test_a_turn_grows_in_place_with_a_cursor_at_its_end(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            with open_store(store_path, check=False) as store:  # by this process, so that its writer is alive
                study = studies.get(store, seed.STUDY)
                turn = turns.add(store, study.id, "agent", "", state=TurnState.WRITING)
            write(store_path, turn, "The **loss")
            await screen.until(lambda: "● The loss▌" in chat(screen))
            write(store_path, turn, "The **loss** left:\n\n- first\n- sec")
            await screen.until(lambda: "• sec▌" in chat(screen))
            write(store_path, turn, "The **loss** left:\n\n- first\n- second", TurnState.WHOLE)
            await screen.until(lambda: "• second" in chat(screen))
            assert "▌" not in chat(screen)

    async def test_only_the_lines_that_changed_are_drawn_anew(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            with open_store(store_path, check=False) as store:
                study = studies.get(store, seed.STUDY)
                turn = turns.add(store, study.id, "agent", "", state=TurnState.WRITING)
            write(store_path, turn, REPLY)
            await screen.until(lambda: "quoted once" in chat(screen))
            await screen.rest()
            lines = screen.study.chat.lines
            kept = {n: id(s) for n, s in lines._strips.items() if n < len(lines._lines) - 3}
            write(store_path, turn, REPLY + "\n\nand a word more")
            await screen.until(lambda: "a word more" in chat(screen))
            await screen.rest()
            assert kept
            assert {n: id(lines._strips[n]) for n in kept} == kept

    async def test_markup_of_a_model_is_shown_and_not_obeyed(self, store_path: Path) -> None:
        say(store_path, ("agent", "[bold]x[/bold] \x1b[31mred\x1b[0m [link](app:quit) \u202e"))
        async with opened(store_path) as screen:
            assert "● [bold]x[/bold] red link (app:quit)" in chat(screen)


class TestReading:
    async def test_up_and_down_go_from_turn_to_turn_and_y_copies_what_was_written(self, store_path: Path) -> None:
        say(store_path, ("person", "why?"), ("agent", REPLY), ("person", "and now?"), ("agent", "Wait."))
        async with opened(store_path) as screen:
            await screen.press("f2", "up")
            assert screen.study.chat.lines.chosen.said == "Wait."
            await screen.press("up", "y")
            assert screen.app.clipboard == "and now?"
            for _ in range(20):
                await screen.press("up")
                if screen.study.chat.lines.chosen.source == REPLY:
                    break
            await screen.press("y")
            assert screen.app.clipboard == REPLY
            assert "copied" in screen.study.notice.said

    async def test_left_and_right_choose_a_link_that_enter_follows(self, store_path: Path) -> None:
        say(store_path, ("agent", "As in [t3] and in [t9 log:42]."))
        async with opened(store_path) as screen:
            await screen.press("f2", "up", "right", "enter")
            await screen.until(lambda: screen.study.side.selected == 9)
            await screen.until(lambda: screen.study.side.log_panel.lines.has_focus)
            await screen.press("f2", "up", "enter")
            await screen.until(lambda: screen.study.side.selected == 3)

    async def test_what_the_mouse_selects_is_copied_with_ctrl_c(self, store_path: Path) -> None:
        say(store_path, ("agent", "one two three"))
        async with opened(store_path) as screen:
            row = next(i for i, line in enumerate(screen.lines) if "one two three" in line)
            column = screen.lines[row].index("two")
            await screen.pilot.mouse_down(offset=(column, row))
            await screen.pilot.hover(offset=(column + 3, row))
            await screen.pilot.mouse_up(offset=(column + 3, row))
            await screen.press("ctrl+c")
            assert screen.app.clipboard == "two"

    @pytest.mark.parametrize("size", SIZES, ids=str)
    async def test_earlier_turns_are_read_when_the_reader_comes_to_the_top(
        self, store_path: Path, size: tuple[int, int]
    ) -> None:
        say(store_path, *[("person" if i % 2 == 0 else "agent", f"turn number {i}.") for i in range(100)], at=-80_000)
        async with opened(store_path, size=size) as screen:
            assert "turn number 70." in chat(screen)
            assert "turn number 69." not in chat(screen)
            assert "70 earlier entries" in chat(screen)
            await screen.press("f2", "home")
            assert "› turn number 70." in screen.text
            await screen.press("home")
            await screen.until(lambda: "turn number 40." in chat(screen))
            await screen.rest()
            assert "› turn number 70." in screen.text, "the reader is where they were"
            await screen.command("/more")
            await screen.until(lambda: "turn number 10." in chat(screen))
            await screen.command("/more")
            await screen.until(lambda: "turn number 0." in chat(screen))
            assert "earlier entries" not in chat(screen)
            told = [line for line in chat(screen).split("\n") if "turn number" in line]
            assert [int(line.split()[-1][:-1]) for line in told] == list(range(100))
            await screen.command("/more")
            await screen.until(lambda: "the beginning" in screen.study.notice.said)


LONG = "\n\n".join(f"Paragraph {i} of a long answer." for i in range(30))


class TestFolding:
    async def test_long_turns_but_the_last_are_folded_and_say_how_much_more_there_is(self, store_path: Path) -> None:
        say(
            store_path, ("person", "why?"), ("agent", LONG), ("person", "and?"), ("agent", LONG.replace("long", "last"))
        )
        async with opened(store_path) as screen:
            assert "Paragraph 2 of a long" in chat(screen) and "Paragraph 3 of a long" not in chat(screen)
            assert "▸ 53 more lines  space" in chat(screen)
            assert "Paragraph 29 of a last" in chat(screen)

    async def test_a_key_a_click_and_a_command_show_all_of_it_and_fold_it_again(self, store_path: Path) -> None:
        say(store_path, ("person", "why?"), ("agent", LONG), ("person", "and?"), ("agent", "Wait."))
        async with opened(store_path) as screen:
            await screen.press("f2", "up", "up", "up", "space")
            assert "Paragraph 29 of" in chat(screen) and "▴ fold" in chat(screen)
            assert "● Paragraph 0 of" in screen.text, "its beginning is in sight"
            await screen.press("space")
            assert "Paragraph 29 of" not in chat(screen)
            await screen.press("enter")  # its last line is a link like those of evidence
            assert "Paragraph 29 of" in chat(screen)
            await screen.command("/fold")
            assert "Paragraph 29 of" not in chat(screen)
            row = next(i for i, line in enumerate(screen.lines) if "53 more lines" in line)
            await screen.pilot.click(offset=(screen.lines[row].index("53 more"), row))
            await screen.until(lambda: "Paragraph 29 of" in chat(screen))
            await screen.command("/fold all")
            assert "Paragraph 29 of" not in chat(screen)
            await screen.command("/fold none")
            assert "Paragraph 29 of" in chat(screen)
            await screen.command("/fold perhaps")
            assert "neither all nor none" in screen.study.notice.said

    async def test_an_answer_folds_when_the_next_question_is_asked_and_not_while_it_is_read(
        self, store_path: Path
    ) -> None:
        say(store_path, ("person", "why?"), ("agent", LONG))
        async with opened(store_path) as screen:
            assert "Paragraph 29 of" in chat(screen)
            await screen.press("f2", "home")
            say(store_path, ("person", "from elsewhere"))
            await screen.until(lambda: "from elsewhere" in chat(screen))
            assert "Paragraph 29 of" in chat(screen), "the reader is in the middle of it"
            await screen.press("end")
            say(store_path, ("person", "and?"))
            await screen.until(lambda: "› and?" in chat(screen))
            assert "Paragraph 29 of" not in chat(screen)

    async def test_copying_takes_the_whole_by_key_and_by_mouse(self, store_path: Path) -> None:
        say(store_path, ("person", "why?"), ("agent", LONG), ("person", "and?"), ("agent", "Wait."))
        async with opened(store_path) as screen:
            await screen.press("f2", "up", "up", "up", "y")
            assert screen.app.clipboard == LONG
            rows = {
                word: next(i for i, li in enumerate(screen.lines) if word in li) for word in ("Paragraph 2 of", "Wait.")
            }
            await screen.pilot.mouse_down(offset=(4, rows["Paragraph 2 of"]))
            await screen.pilot.hover(offset=(6, rows["Wait."]))
            await screen.pilot.mouse_up(offset=(6, rows["Wait."]))
            await screen.press("ctrl+c")
            copied = screen.app.clipboard
            assert [f"ragraph {i} of" in copied for i in (2, 3, 17, 29)] == [True] * 4
            assert "more lines" not in copied and "and?" in copied

    async def test_a_turn_that_grows_is_not_folded(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            with open_store(store_path, check=False) as store:
                turn = turns.add(store, studies.get(store, seed.STUDY).id, "agent", "", state=TurnState.WRITING)
            write(store_path, turn, LONG)
            await screen.until(lambda: "Paragraph 29 of" in chat(screen))
            assert "fold" not in chat(screen)
            write(store_path, turn, LONG, TurnState.WHOLE)
            await screen.until(lambda: "▴ fold" in chat(screen))
            assert "Paragraph 29 of" in chat(screen)


class TestTakingBack:
    async def test_what_would_be_dropped_is_shown_and_nothing_is_before_enter(self, store_path: Path) -> None:
        ids = say(store_path, ("person", "first?"), ("agent", "one."), ("person", "second?"), ("agent", "two."))
        async with opened(store_path) as screen:
            await screen.command("/rewind")
            await screen.until(lambda: screen.app.screen.is_modal and "2 turns would be taken back" in screen.text)
            await screen.press("up")
            assert "4 turns would be taken back" in screen.text
            await screen.press("escape")
            await screen.rest()
        assert states(store_path, ids) == ["whole"] * 4

    async def test_the_question_comes_back_and_the_agent_is_not_told_of_it(self, store_path: Path) -> None:
        ids = say(store_path, ("person", "first?"), ("agent", "one."), ("person", "second?"), ("agent", "two."))
        async with opened(store_path) as screen:
            await screen.command("/rewind 1")
            await screen.until(lambda: screen.app.screen.is_modal)
            await screen.press("enter")
            await screen.until(lambda: screen.study.composer.text == "second?")
            await screen.until(lambda: "second? – taken back" in chat(screen))
            assert "two. – taken back" in chat(screen)
            assert "● one." in chat(screen)
        assert states(store_path, ids) == ["whole", "whole", "undone", "undone"]
        with open_store(store_path, check=False) as store:
            told = before(Seat(store, studies.get(store, seed.STUDY), None))
        assert [t.text for t in told] == ["first?", "one."]

    async def test_what_is_being_written_in_the_input_stays(self, store_path: Path) -> None:
        say(store_path, ("person", "first?"), ("agent", "one."))
        async with opened(store_path) as screen:
            screen.study.composer.write("half a thought")
            screen.app.run_command("rewind")
            await screen.until(lambda: screen.app.screen.is_modal)
            await screen.press("enter")
            await screen.until(lambda: "first? – taken back" in chat(screen))
            assert screen.study.composer.text == "half a thought"

    async def test_another_app_sees_it(self, store_path: Path) -> None:
        ids = say(store_path, ("person", "first?"), ("agent", "one."))
        async with opened(store_path) as screen:
            with open_store(store_path, check=False) as store:
                turns.undo(store, studies.get(store, seed.STUDY).id, ids[0])
            await screen.until(lambda: "first? – taken back" in chat(screen))

    @pytest.mark.parametrize(
        ("words", "said"),
        [("/rewind", "no question"), ("/rewind x", "no number"), ("/rewind 0", "no number")],
    )
    async def test_what_cannot_be_is_said(self, store_path: Path, words: str, said: str) -> None:
        async with opened(store_path) as screen:
            await screen.command(words)
            await screen.until(lambda: said in screen.study.notice.said)

    async def test_an_answer_under_way_is_not_taken_back(self, store_path: Path) -> None:
        say(store_path, ("person", "first?"))
        async with opened(store_path) as screen:
            with open_store(store_path, check=False) as store:
                turns.add(store, studies.get(store, seed.STUDY).id, "agent", "so", state=TurnState.WRITING)
            await screen.until(lambda: "● so▌" in chat(screen))
            await screen.command("/rewind")
            await screen.until(lambda: screen.app.screen.is_modal)
            await screen.press("enter")
            await screen.until(lambda: "being written" in screen.study.notice.said)


def states(path: Path, ids: list[int]) -> list[str]:
    with open_store(path, check=False) as store:
        return [str(turn.state) for i in ids if (turn := turns.get(store, i)) is not None]


class TestQuestionsOffered:
    async def test_an_empty_chat_offers_some_and_a_click_asks(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            assert "/question  1 why did 9 fail?  2 what matters most?" in screen.text.replace("\u00a0", " ")
            row = next(i for i, line in enumerate(screen.lines) if "what matters most?" in line.replace("\u00a0", " "))
            await screen.pilot.click(offset=(screen.lines[row].index("matters"), row))
            await screen.until(lambda: "› what matters most?" in chat(screen))
            await screen.until(lambda: not screen.study.chat.offered)
            assert "/question" not in screen.text

    async def test_by_number_or_in_words(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/question 9")
            await screen.until(lambda: "no such question" in screen.study.notice.said)
            await screen.command("/question 1")
            await screen.until(lambda: "› why did 9 fail?" in chat(screen))
            await screen.command("/question which is the best")
            await screen.until(lambda: "› which is the best" in chat(screen))
