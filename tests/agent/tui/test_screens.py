"""Studies, one trial, answers, and a screen that holds whatever its size."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from agent.store import events, studies, turns
from agent.store.connection import open_store
from agent.store.events import EventKind
from agent.study.nouns import TurnState
from agent.tui.app import TunewrightApp
from agent.tui.screens.policy import PolicyScreen
from tests.agent.tui import seed
from tests.agent.tui.driving import Clock, Screen, opened
from tests.agent.tui.still import StillSession


def add_study(path: Path, name: str) -> None:
    with open_store(path, check=False) as store:
        studies.create(store, seed.spec().replace(name=name), path.parent)


class TestStudies:
    async def test_the_only_study_is_opened_at_once(self, store_path: Path) -> None:
        async with opened(store_path, study=None) as screen:
            await screen.until(lambda: screen.app.desk and screen.app.desk.study and screen.app.desk.study.loaded)
            await screen.until(lambda: "▸ etth1-24" in screen.text)

    async def test_a_first_run_is_offered_what_is_at_hand(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-" + "planted" * 6)
        async with opened(tmp_path / "store.sqlite", study=None) as screen:
            for said in ("Models at hand", "key in OPENAI_API_KEY", "the built-in advisor"):
                await screen.until(lambda said=said: said in screen.text, said)
            assert "planted" not in screen.text

    async def test_several_are_listed_and_one_is_chosen(self, store_path: Path) -> None:
        add_study(store_path, "second")
        async with opened(store_path, study=None, size=(100, 24)) as screen:
            await screen.until(lambda: "2 studies" in screen.text and "second" in screen.text)
            line = next(line for line in screen.lines if "etth1-24" in line)
            assert "informer ETTh1" in line and "★ val_loss .3100" in line
            counted = screen.lines[screen.lines.index(line) + 1]
            for said in ("14 trials", "▶ 2 running", "✓ 11 completed", "✗ 1 failed", "◆ 1 ask"):
                assert said in counted
            await screen.until(lambda: isinstance(screen.app.focused, OptionList))
            await screen.press("down", "enter")
            await screen.until(lambda: screen.app.desk.study and screen.app.desk.study.loaded)

    async def test_the_study_open_last_is_under_the_cursor(self, store_path: Path) -> None:
        add_study(store_path, "second")
        async with opened(store_path) as screen:
            await screen.command("/studies")
            await screen.until(lambda: isinstance(screen.app.focused, OptionList))
            assert screen.app.focused.highlighted == 1
            await screen.press("enter")
            await screen.until(lambda: "14 trials" in screen.text and "PROPOSAL 14" in screen.text)

    async def test_a_store_without_studies_says_how_to_begin(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "store.sqlite", study=None) as screen:
            await screen.until(lambda: "a demo on a built-in task" in screen.text)  # the guide
            await screen.press("escape")
            await screen.until(lambda: "tunewright demo" in screen.text)
            await screen.press("ctrl+g")
            assert "no study is open" in screen.text

    async def test_a_study_that_is_not_there_leads_to_the_list_with_the_nearest(self, store_path: Path) -> None:
        app = TunewrightApp(store_path, "etth1-42", open_session=StillSession, now=lambda: seed.NOW)
        async with app.run_test(size=(100, 30)) as pilot:
            await Screen(app, pilot, Clock(), []).until(lambda: "etth1-24" in app.studies.notice.said)
            assert "there is no study named 'etth1-42'" in app.studies.notice.said

    async def test_a_store_that_cannot_be_used_ends_the_app_with_the_reason(self, tmp_path: Path) -> None:
        path = tmp_path / "store.sqlite"
        path.write_bytes(b"no database" * 500)
        app = TunewrightApp(path, "x")
        async with app.run_test() as pilot:
            await Screen(app, pilot, Clock(), []).until(lambda: app.failed)
        assert app.failed is not None and "damaged" in str(app.failed) and app.failed.code == 1

    async def test_from_the_only_study_one_gets_to_the_list(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/studies")
            await screen.until(lambda: "1 study" in screen.text and isinstance(screen.app.focused, OptionList))

    async def test_a_page_or_a_study_can_be_opened_again_before_it_is_quite_gone(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            for command in ("help", "jump", "policy", "help"):
                screen.app.run_command(command)
                await screen.until(lambda: screen.app.screen.is_modal and screen.app.screen.is_mounted, command)
                screen.app.pop_screen()
                screen.app.run_command(command)
                screen.app.run_command("trials")  # closes every page, also one that is only just being opened
                await screen.until(lambda: not screen.app.screen.is_modal)
            before = screen.study
            screen.app.call_later(lambda: (screen.app.desk.show_studies(), screen.app.desk.open(seed.STUDY)))
            await screen.until(lambda: screen.app.desk.study not in (None, before) and screen.study.loaded)
            await screen.until(lambda: "PROPOSAL 14" in screen.text)


class TestAnswers:
    """The agent's real process answers; here with the built-in advisor."""

    async def test_a_question_and_its_answer(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.write("why did 9 fail?")
            await screen.press("enter")
            await screen.until(lambda: "› why did 9 fail?" in screen.text, "the question shows at once")
            await screen.until(lambda: "[t9" in chat(screen), "the answer cites the trial")

    async def test_a_citation_is_followed(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.write("which is the best?")
            await screen.press("enter")
            await screen.until(lambda: "by default" in chat(screen) and "▌" not in chat(screen), "the whole answer")
            await screen.rest()  # an answer that grows moves what is above it
            line, column = position(screen, "[t0]")
            await screen.pilot.click(screen.study.chat.lines, offset=(column + 1, line))
            await screen.until(lambda: screen.study.side.view.selected == 0)

    async def test_a_turn_that_grows_is_drawn_in_place(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            with open_store(store_path, check=False) as store:
                study = studies.get(store, seed.STUDY)
                turn = turns.add(store, study.id, "agent", "the first", state=TurnState.WRITING)
                await screen.until(lambda: "the first▌" in chat(screen))
                events.record(store, study.id, EventKind.ADVISED, text="said meanwhile")
                await screen.until(lambda: "said meanwhile" in chat(screen))
                turns.write(store, turn, "the first and the second", state=TurnState.WRITING)
                await screen.until(lambda: "the first and the second▌" in chat(screen))
                turns.write(store, turn, "the first and the second", state=TurnState.CUT, note="interrupted")
                await screen.until(lambda: "cut short: interrupted" in chat(screen))
            assert chat(screen).count("the first") == 1
            assert chat(screen).index("cut short") < chat(screen).index("said meanwhile")

    async def test_marks_of_a_model_are_foreign_text(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            with open_store(store_path, check=False) as store:
                study = studies.get(store, seed.STUDY)
                turns.add(store, study.id, "agent", "[red]**bold** `lr=1e-3` /approve 3 \x1b[31m日本語のテキスト")
            await screen.until(lambda: "日本語" in chat(screen))
            assert "[red]bold lr=1e-3 /approve 3" in chat(screen)


def chat(screen: Screen) -> str:
    """The chat in one line, as wrapping may break it anywhere."""
    return " ".join(screen.study.chat.lines.shown.replace("\u00a0", " ").split())


def position(screen: Screen, text: str) -> tuple[int, int]:
    """Row and column of the newest `text` within what the chat shows."""
    lines = screen.study.chat.lines
    shown = lines.shown.split("\n")
    number = max(number for number, line in enumerate(shown) if text in line)
    return number - int(lines.scroll_offset.y), shown[number].index(text)


class TestSizes:
    @pytest.mark.parametrize("size", [(20, 5), (30, 8), (60, 20), (80, 24), (99, 30), (100, 30), (149, 40), (150, 40)])
    async def test_every_size_shows_something_and_takes_commands(self, store_path: Path, size: tuple[int, int]) -> None:
        async with opened(store_path, size=size) as screen:
            for key in ("f2", "f3", "f4", "f5", "f6", "ctrl+g", "escape", "f1", "escape", "ctrl+t", "escape"):
                await screen.press(key)
            await screen.command("/why 9")
            await screen.rest()
            assert screen.app.is_running
            assert len(screen.lines) <= size[1]

    async def test_a_resize_in_the_middle_keeps_what_one_does(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("ctrl+g")
            screen.clock.pass_by(1)
            await screen.edit()
            await screen.press("backspace")
            await screen.write("7")
            for size in ((80, 24), (120, 36), (60, 20), (180, 50)):
                await screen.pilot.resize_terminal(*size)
                await screen.rest()
                assert screen.study.cards.editing
            assert "0.0007" in screen.text
            await screen.press("enter")
            await screen.until(lambda: 14 in screen.study.model.trials)
            assert screen.study.model.trials[14].params["lr"] == 7e-4

    @pytest.mark.parametrize("front", ["f2", "f3", "f4", "f5"])
    async def test_a_narrow_screen_shows_all_fields_of_a_proposal_and_what_is_wrong(
        self, store_path: Path, front: str
    ) -> None:
        async with opened(store_path, size=(80, 24)) as screen:
            await screen.press(front, "ctrl+g")
            screen.clock.pass_by(1)
            await screen.edit()
            await screen.press(*["backspace"] * 10)
            await screen.write("5")
            await screen.rest()
            for said in (*seed.SPACE.parameters, "lr = 5 is above its upper bound 0.1"):
                assert said in screen.text
            assert "ask, or / for commands" in screen.lines[-2]

    async def test_a_narrow_screen_has_one_pane_and_the_proposal_in_one_line(self, store_path: Path) -> None:
        async with opened(store_path, size=(80, 24)) as screen:
            assert screen.lines[-3].startswith(" ◆ 14 gp  lr 1e-3 → 6e-4")
            assert not screen.study.side.display or not screen.study.side.region.height
            await screen.press("f4")
            assert "Δbest" in screen.text
            assert not screen.study.chat.region.height
            assert screen.lines[-3].startswith(" ◆ 14 gp")


class TestMouse:
    async def test_a_click_selects_a_trial_and_one_in_a_heading_runs_its_command(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.pilot.click("#table", offset=(10, 3))
            await screen.rest()
            assert screen.study.side.selected == screen.study.side.trials.table.numbers[2]
            line, heading = screen.lines[0], screen.study.header
            await screen.pilot.click(heading, offset=(line.index("ask ▾"), 0))
            await screen.rest()
            assert isinstance(screen.app.screen, PolicyScreen)

    async def test_a_click_on_evidence_follows_it(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            row, line = next((i, text) for i, text in enumerate(screen.lines) if "[log:42]" in text)
            await screen.pilot.click(offset=(line.index("[log:42]") + 2, row))
            await screen.until(lambda: "▶ 42 " in screen.text)
            await screen.rest()
            assert "▶ 42 " in screen.text
