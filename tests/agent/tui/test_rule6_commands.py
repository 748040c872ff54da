"""Every key has a slash command and a palette entry, and can be remapped."""

from __future__ import annotations

import inspect
import re
from itertools import combinations
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.binding import Binding

from agent.tui import keymap
from agent.tui.app import TunewrightApp
from agent.tui.commands import BY_NAME, COMMANDS, SCOPES, bindings, matching, overlap
from agent.tui.screens.compare import CompareScreen
from agent.tui.screens.guide import GuideScreen
from agent.tui.screens.ledger import LedgerScreen
from agent.tui.screens.lessons import LessonsScreen
from agent.tui.screens.page import Page
from agent.tui.screens.settings import SettingsScreen
from agent.tui.screens.trial import TrialScreen
from agent.tui.screens.views import ViewsScreen
from agent.tui.widgets.cards import Cards
from agent.tui.widgets.chat import Chat
from agent.tui.widgets.log_lines import LogLines
from agent.tui.widgets.plot import Plot
from agent.tui.widgets.sample_rows import SampleRows
from agent.tui.widgets.space_table import SpaceTable
from agent.tui.widgets.studies_list import Options
from agent.tui.widgets.table import TrialTable
from tests.agent.tui.driving import opened
from trainers.errors import TunewrightError

WIDGETS = {
    "card": Cards,
    "chat": Chat,
    "trials": TrialTable,
    "curves": Plot,
    "log": LogLines,
    "samples": SampleRows,
    "everywhere": TunewrightApp,
    "pages": Page,
    "studies": Options,
    "trial": TrialScreen,
    "compare": CompareScreen,
    "settings": SettingsScreen,
    "views": ViewsScreen,
    "guide": GuideScreen,
    "space": SpaceTable,
    "ledger": LedgerScreen,
    "lessons": LessonsScreen,
}


class TestTable:
    def test_names_are_unique_and_every_scope_is_known(self) -> None:
        assert len(BY_NAME) == len(COMMANDS)
        assert {c.scope for c in COMMANDS} == set(SCOPES) == set(WIDGETS)

    @pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
    def test_each_command_does_something(self, command) -> None:  # type: ignore[no-untyped-def]
        assert list(inspect.signature(command.function()).parameters) == ["app", "args"]
        assert command.title and command.title[0].isupper()

    def test_no_key_means_two_things_in_one_place(self) -> None:
        keyed = [c for c in COMMANDS if c.key]
        clashes = [(a.name, b.name) for a, b in combinations(keyed, 2) if a.key == b.key and overlap(a, b)]
        assert not clashes

    def test_places_overlap_where_both_keys_would_act(self) -> None:
        assert overlap(BY_NAME["approve"], BY_NAME["help"])  # everywhere
        assert overlap(BY_NAME["stop"], BY_NAME["sort"])
        assert overlap(BY_NAME["stop"], BY_NAME["later"])  # it acts on the page as well
        assert overlap(BY_NAME["close"], BY_NAME["later"])  # on every page
        assert not overlap(BY_NAME["close"], BY_NAME["sort"])  # a page lies over the panels
        assert not overlap(BY_NAME["sort"], BY_NAME["smooth"])
        assert overlap(BY_NAME["close"], BY_NAME["smooth"])  # the page of a trial holds curves

    @pytest.mark.parametrize("scope", SCOPES)
    def test_each_place_binds_its_keys_from_the_table(self, scope: str) -> None:
        bound = {b.id: b.key for b in WIDGETS[scope].BINDINGS if isinstance(b, Binding) and b.id}
        own = {c.name: c.key for c in COMMANDS if c.key and c.acts_in(scope)}
        assert bound == own | ({"back": BY_NAME["back"].key} if scope == "pages" else {})

    def test_letters_act_only_on_what_has_the_focus(self) -> None:
        for command in COMMANDS:
            if command.scope == "everywhere":
                assert len(command.key) != 1

    def test_completion_offers_beginnings_first(self) -> None:
        assert next(c.name for c in matching("po")) == "policy"
        assert "export" in [c.name for c in matching("port")]


class TestHelpAndPalette:
    async def test_help_lists_every_command_with_its_key_once(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f1")
            await screen.rest()
            blocks = screen.app.screen.blocks(120)
            said = {name: "".join(part for part, _ in parts) for name, parts in blocks if name}
            assert sorted(said) == sorted(BY_NAME) == sorted(name for name, _ in blocks if name)
            for name, words in said.items():
                assert f"/{name}" in words and screen.app.key_name(name) in words
            whole = "".join(part for _, parts in blocks for part, _ in parts)
            assert "keys.toml" in whole and "^g goes to it, a runs it" in " ".join(whole.split())
            await screen.press("escape")
            assert not screen.app.screen.is_modal

    @pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36), (180, 50)], ids=lambda s: f"{s[0]}x{s[1]}")
    async def test_help_is_wrapped_for_the_width_it_has(self, store_path: Path, size: tuple[int, int]) -> None:
        async with opened(store_path, size=size) as screen:
            await screen.press("f1")
            await screen.until(lambda: "In short" in screen.text)
            width = screen.app.screen.query_one("#help-list").size.width
            lines = "".join("".join(p for p, _ in parts) + "\n" for _, parts in screen.app.screen.blocks(width)).split(
                "\n"
            )
            assert max(map(cell_len, lines)) <= width

    @pytest.mark.parametrize(
        ("before", "first"),
        [(["f4"], "In the trials"), (["f3"], "In the curves"), (["f5"], "In the log"), (["ctrl+g"], "On a proposal")],
    )
    async def test_help_begins_with_what_acts_where_one_is(
        self, store_path: Path, before: list[str], first: str
    ) -> None:
        async with opened(store_path) as screen:
            await screen.press(*before, "f1")
            await screen.until(lambda: f"{first}, where you are" in screen.text)

    async def test_help_on_a_page_begins_with_the_page(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/why 5")
            await screen.until(lambda: isinstance(screen.app.screen, TrialScreen))
            await screen.press("f1")
            await screen.until(lambda: "On a trial's page, where you are" in screen.text)
            await screen.press("f1")
            await screen.until(lambda: isinstance(screen.app.screen, TrialScreen))

    async def test_help_is_searched_and_enter_runs_what_is_found(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f1")
            await screen.until(lambda: "In short" in screen.text)
            await screen.write("go log")
            await screen.until(lambda: "/log [N]" in screen.text and "/approve" not in screen.text)
            await screen.press("enter")
            await screen.until(lambda: screen.study.side.view.side == "log" and not screen.app.screen.is_modal)

    async def test_a_click_in_the_help_runs_a_command(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f1")
            await screen.until(lambda: "In short" in screen.text)
            await screen.write("go curves")
            await screen.until(lambda: "/curves" in screen.text and "/approve" not in screen.text)
            y = next(i for i, line in enumerate(screen.lines) if "/curves" in line)
            await screen.pilot.click(offset=(screen.lines[y].index("/curves") + 2, y))
            await screen.until(lambda: screen.study.side.view.side == "curves" and not screen.app.screen.is_modal)

    async def test_the_palette_offers_every_command(self, store_path: Path) -> None:
        from agent.tui.palette import CommandsProvider

        async with opened(store_path) as screen:
            provider = CommandsProvider(screen.app.screen)
            offered = [str(hit.text or hit.display) async for hit in provider.discover()]
            for command in COMMANDS:
                if command.name != "palette":
                    assert any(f"/{command.name}" in text for text in offered)
            found = [hit async for hit in provider.search("stop trial")]
            assert any("/stop" in str(hit.match_display) for hit in found)

    async def test_a_palette_entry_runs(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("ctrl+p")
            await screen.until(lambda: "Go to the proposal" in screen.text, "everything is offered")
            await screen.write("agent settings")
            await screen.until(lambda: "As in [agent] of a study file" in screen.text, "without taking it for markup")
            await screen.press("ctrl+u")
            await screen.write("theme light")
            await screen.until(lambda: "Theme: light" in screen.text and "Go to the proposal" not in screen.text)
            await screen.press("enter")
            await screen.until(lambda: screen.app.theme == "tunewright-light")

    async def test_an_entry_that_needs_words_asks_for_them_in_the_input_line(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            screen.app.run_from_palette("budget")
            await screen.until(lambda: screen.study.composer.text == "/budget ")


class TestSlash:
    async def test_a_mistake_is_old_news_with_the_next_command(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/aprove 14")
            assert screen.study.notice.display
            await screen.press("f4")
            assert not screen.study.notice.display

    async def test_half_a_command_is_completed_not_run(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            screen.clock.pass_by(5)
            await screen.write("/app")
            assert "/approve [N]" in screen.text
            await screen.press("enter")
            assert screen.study.composer.text == "/approve "
            await screen.rest()
            assert screen.study.model.pending

    async def test_an_unknown_command_is_answered_with_the_nearest(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/aprove 14")
            assert "Did you mean 'approve'?" in screen.study.notice.said
            await screen.command("/xyzzy")
            assert screen.study.notice.said == "there is no command /xyzzy. F1 lists them."

    async def test_tab_completes_and_arrows_choose(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.write("/s")
            await screen.press("down", "tab")
            assert screen.study.composer.text.rstrip() == f"/{matching('s')[1].name}"

    async def test_sent_texts_are_recalled(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.write("first")
            await screen.press("enter")
            await screen.write("second")
            await screen.press("enter", "up", "up")
            assert screen.study.composer.text == "first"
            await screen.press("down", "down")
            assert screen.study.composer.text == ""


class TestKeymap:
    def write(self, folder: Path, text: str) -> Path:
        path = folder / "keys.toml"
        path.write_text(text)
        return path

    def test_no_file_changes_nothing(self, tmp_path: Path) -> None:
        assert keymap.load(tmp_path / "none.toml") == {}

    def test_keys_are_read(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, '[keys]\nproposal = "ctrl+y"\napprove = "y"\nsort = "shift+s"\n')
        assert keymap.load(path) == {"proposal": "ctrl+y", "approve": "y", "sort": "S"}

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[keys\n", "cannot be read"),
            ("[key]\n", "unknown table 'key'"),
            ("keys = 3\n", "'keys' is not a table"),
            ('[keys]\naprove = "y"\n', "Did you mean 'approve'?"),
            ("[keys]\napprove = 3\n", "3 is not a key"),
            ('[keys]\napprove = "hyper+q"\n', "'hyper+q' is not a key"),
            ('[keys]\nhelp = "h"\n', "would be taken from everything you write"),
            ('[keys]\napprove = "e"\n', "'e' is already the key of 'edit'"),
            ('[keys]\nsort = "ctrl+g"\n', "already the key of 'proposal'"),
            ('[keys]\nselect = "ctrl+e"\n', "has no key to change"),
        ],
    )
    def test_a_mistake_names_the_file_the_entry_and_the_remedy(self, tmp_path: Path, text: str, said: str) -> None:
        path = self.write(tmp_path, text)
        with pytest.raises(TunewrightError) as error:
            keymap.load(path)
        assert said in str(error.value)
        assert str(path) in str(error.value)

    def test_a_mistake_names_its_line(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, '# mine\n[keys]\nproposal = "ctrl+y"\n\naprove = "y"\n')
        with pytest.raises(TunewrightError, match=r"keys\.toml:5: keys\.aprove"):
            keymap.load(path)

    def test_the_template_lists_every_key_and_changes_none(self, tmp_path: Path) -> None:
        path = tmp_path / "deep" / "keys.toml"
        assert keymap.write_template(path)
        assert keymap.load(path) == {}
        uncommented = re.sub(r"^# (?=[\w-]+ = \")", "", path.read_text(), flags=re.M)
        assert keymap.load(self.write(tmp_path, uncommented)) == {c.name: c.key for c in COMMANDS if c.key}
        assert not keymap.write_template(path)  # it is never written over

    def test_two_commands_may_swap_their_keys(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, '[keys]\napprove = "e"\nedit = "a"\n')
        assert keymap.load(path) == {"approve": "e", "edit": "a"}

    async def test_a_remapped_key_works_is_shown_and_the_old_one_is_free(self, store_path: Path) -> None:
        self.write(store_path.parent, '[keys]\nproposal = "ctrl+y"\napprove = "y"\n')
        async with opened(store_path) as screen:
            assert "^y proposal" in screen.lines[-1]
            await screen.press("ctrl+g")
            assert not screen.study.cards.has_focus
            await screen.press("ctrl+y")
            assert screen.study.cards.has_focus
            screen.clock.pass_by(1)
            await screen.press("a")
            await screen.rest()
            assert screen.study.model.pending
            await screen.press("y")
            await screen.until(lambda: not screen.study.model.pending)

    async def test_the_keys_of_a_page_are_remapped_as_well(self, store_path: Path) -> None:
        self.write(store_path.parent, '[keys]\nlater = "j"\nclose = "ctrl+w"\nback = "f12"\nread = "right"\n')
        async with opened(store_path) as screen:
            await screen.command("/why 5")
            await screen.until(lambda: "TRIAL 5" in screen.text)
            await screen.press("j")
            await screen.until(lambda: "TRIAL 6" in screen.text)
            assert "← j neighbours" in screen.text
            await screen.press("q")
            assert screen.app.screen.is_modal
            for closing in ("ctrl+w", "f12", "escape"):  # escape closes a page whatever it is mapped to
                await screen.command("/why 5")
                await screen.until(lambda: screen.app.screen.is_modal)
                await screen.press(closing)
                await screen.until(lambda: not screen.app.screen.is_modal)
                await screen.rest()
            await screen.command("/why 5")
            await screen.until(lambda: screen.app.screen.is_modal)
            await screen.press("right")
            await screen.until(lambda: screen.study.side.view.part == "log")

    async def test_what_is_typed_after_the_key_that_closes_a_page_reaches_the_input_line(
        self, store_path: Path
    ) -> None:
        async with opened(store_path) as screen:
            await screen.command("/why 5")
            await screen.until(lambda: screen.app.screen.is_modal)
            screen.app.simulate_key("q")
            for letter in "quit":
                screen.app.simulate_key(letter)
            await screen.until(lambda: screen.study.composer.text == "quit")

    async def test_a_mistake_in_the_file_is_said_and_the_usual_keys_work(self, store_path: Path) -> None:
        self.write(store_path.parent, '[keys]\naprove = "y"\n')
        async with opened(store_path) as screen:
            assert "keys.aprove" in screen.text
            await screen.press("ctrl+g")
            assert screen.study.cards.has_focus


@pytest.mark.slow
async def test_every_command_can_be_run_without_words_and_never_breaks_the_screen(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(store_path.parent)  # where /save leaves its picture
    async with opened(store_path) as screen:
        for command in COMMANDS:
            if command.name in ("quit", "studies", "demo"):  # these leave the study
                continue
            screen.app.run_command(command.name)
            await screen.rest()
            while screen.app.screen.is_modal:
                await screen.press("escape")
        assert screen.app.is_running
        assert "tunewright ▸ etth1-24" in screen.text


def test_bindings_know_where_they_act() -> None:
    for binding in bindings("everywhere"):
        assert isinstance(binding, Binding)
        assert binding.priority == (binding.id != "back")
