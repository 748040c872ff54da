"""State is a glyph, a word and a colour, never the colour alone; no emoji; NO_COLOR is honoured."""

from __future__ import annotations

import unicodedata
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.color import ColorType
from rich.segment import Segment

from agent.study.nouns import Source, Trial, TrialState
from agent.tui.ink.colours import Colours, colours
from agent.tui.ink.looks import look
from agent.tui.ink.palettes import ALL, ANSI, CONTRAST, DARK, LIGHT, MONO
from agent.tui.ink.plain_marks import plain
from agent.tui.ink.terminal_kind import kind
from agent.tui.ink.themes import chosen
from tests.agent.tui.colour_science import (
    DEUTERANOPIA,
    NORMAL,
    PROTANOPIA,
    Matrix,
    contrast,
    distance,
    lightness,
    seen,
)
from tests.agent.tui.driving import Screen, opened
from trainers.contract import Failure, FailureKind


def trial(state: TrialState, kind: FailureKind | None = None) -> Trial:
    failure = None if kind is None else Failure(kind=kind)
    return Trial(
        id=1, study_id=1, number=1, proposal_id=1, source=Source.GP, params={}, seed=0, state=state, failure=failure
    )


def test_every_state_has_a_glyph_and_a_word_of_its_own() -> None:
    looks = [look(trial(state)) for state in TrialState]
    assert len({one.glyph for one in looks}) == len({one.word for one in looks}) == len(looks)


def test_every_failure_has_a_word_that_fits_its_column() -> None:
    for failure in FailureKind:
        assert 0 < len(look(trial(TrialState.FAILED, failure)).word) <= 10


async def test_the_table_says_each_state_in_words(store_path: Path) -> None:
    async with opened(store_path) as screen:
        for said in ("▶ running", "✓ done", "✗ diverged"):
            assert said in screen.study.side.trials.table.shown
        assert "★" in screen.study.side.trials.table.shown


async def test_nothing_on_the_screen_is_an_emoji_or_wide(store_path: Path) -> None:
    async with opened(store_path) as screen:
        assert not [c for c in screen.text if unicodedata.east_asian_width(c) in "WF"]
        assert "\ufe0f" not in screen.text


async def drawn(screen: Screen) -> list[Segment]:
    """What goes to the terminal."""
    await screen.rest()
    strips = screen.app.screen._compositor.render_strips()
    return [segment for strip in strips for segment in strip]


@pytest.mark.parametrize("theme", ["auto", "light", "contrast"])
async def test_no_color_leaves_attributes_alone(store_path: Path, theme: str) -> None:
    async with opened(store_path, environment={"NO_COLOR": "1", "TUNEWRIGHT_THEME": theme}) as screen:
        assert screen.app.no_color and screen.app.theme == MONO
        await screen.press("ctrl+g")
        segments = await drawn(screen)
        styles = [segment.style for segment in segments if segment.style is not None]
        assert all(c is None or c.is_default for style in styles for c in (style.color, style.bgcolor))
        assert any(style.bold for style in styles) and any(style.reverse for style in styles)


async def test_an_empty_no_color_is_none(store_path: Path) -> None:
    async with opened(store_path, environment={"NO_COLOR": ""}) as screen:
        assert not screen.app.no_color and screen.app.theme == DARK


async def test_the_terminals_own_colours_are_the_sixteen_and_nothing_else(store_path: Path) -> None:
    async with opened(store_path, environment={"TERM": "xterm-16color"}) as screen:
        assert screen.app.theme == ANSI
        for size in ("f4", "f3", "ctrl+g"):
            await screen.press(size)
            for segment in await drawn(screen):
                for colour in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                    assert colour is None or colour.type in (ColorType.DEFAULT, ColorType.STANDARD), segment


class TestTheme:
    """auto, and what the terminal says of itself."""

    @pytest.mark.parametrize(
        ("environment", "theme"),
        [
            ({}, DARK),
            ({"TERM": "xterm-256color"}, DARK),
            ({"TERM": "xterm-256color", "COLORFGBG": "0;15"}, LIGHT),
            ({"TERM": "rxvt-unicode-256color", "COLORFGBG": "12;default;7"}, LIGHT),
            ({"TERM": "xterm-256color", "COLORFGBG": "15;0"}, DARK),
            ({"TERM": "xterm-256color", "COLORFGBG": "15;default"}, DARK),
            ({"TERM": "linux"}, ANSI),
            ({"TERM": "vt220"}, ANSI),
            ({"TERM": "xterm", "COLORTERM": "truecolor"}, DARK),
            ({"TERM": "xterm", "NO_COLOR": "1"}, MONO),
        ],
    )
    def test_auto(self, environment: dict[str, str], theme: str) -> None:
        assert chosen("auto", kind(environment)) == theme

    @pytest.mark.parametrize(
        ("environment", "plain"),
        [
            ({}, False),
            ({"TERM": "linux", "LANG": "C.UTF-8"}, True),
            ({"LANG": "C"}, True),
            ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
            ({"LANG": "C", "LC_ALL": "C.UTF-8"}, False),
            ({"LANG": "de_DE.ISO-8859-1"}, True),
            ({"LANG": "de_DE.utf8"}, False),
            ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, True),
        ],
    )
    def test_where_ascii_is_needed(self, environment: dict[str, str], plain: bool) -> None:
        assert kind(environment).plain == plain

    async def test_each_is_shown_as_the_cursor_passes_and_escape_goes_back(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/theme")
            await screen.until(lambda: "enter keeps" in screen.text)
            await screen.press("down", "down")
            assert screen.app.theme == LIGHT
            await screen.press("escape")
            await screen.until(lambda: screen.app.theme == DARK)
            assert not screen.app.keys_path.with_name("settings.toml").exists()

    async def test_the_one_that_is_taken_is_kept(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/theme")
            await screen.until(lambda: "enter keeps" in screen.text)
            await screen.press("end", "enter")
            await screen.until(lambda: screen.app.theme == CONTRAST and not screen.app.screen.is_modal)
        async with opened(store_path) as screen:
            assert screen.app.theme == CONTRAST


@pytest.mark.parametrize("environment", [{"TERM": "linux"}, {"NO_COLOR": "1"}, {}], ids=str)
async def test_the_line_under_the_cursor_of_a_list_is_seen(store_path: Path, environment: dict[str, str]) -> None:
    async with opened(store_path, environment=environment) as screen:
        for command, said in (("/theme", "dark"), ("/settings", "ascii")):
            await screen.command(command)
            await screen.until(lambda: screen.app.screen.is_modal)
            await screen.press("down")
            looks = {
                s.text.split()[0]: s.style
                for s in await drawn(screen)
                if s.text.split()[:1] in ([said], ["light"], ["frames"])
            }
            other = looks.get("light" if command == "/theme" else "frames")
            here, there = ((s.bgcolor, s.underline, s.bold) for s in (looks[said], other))
            assert here != there
            await screen.press("escape")


async def test_ascii_leaves_every_mark_a_cell_of_ascii(store_path: Path) -> None:
    async with opened(store_path, environment={"TERM": "linux"}) as screen:
        for key in ("f4", "f3", "f5", "ctrl+g", "f1"):
            await screen.press(key)
            await screen.rest()
            assert screen.text.isascii(), [c for c in screen.text if not c.isascii()]
            assert all(len(line) <= 180 for line in screen.lines)
        await screen.press("escape", "f4")
        assert "> running" in screen.text and "+ done" in screen.text and "x diverged" in screen.text


def test_marks_keep_their_width_and_states_stay_apart() -> None:
    for char in "▶✓✗○◇■▣★◆●…·–Δ≤→⣿⠁⡀日本é─╭█":
        assert cell_len(plain(char, letters=False)) == cell_len(char) and plain(char, letters=False).isascii(), char
    states = [plain(look(trial(state)).glyph, letters=True) for state in TrialState]
    assert len(set(states)) == len(states)
    assert plain("é", letters=True) == "é" and plain("é", letters=False) == "e"
    assert [plain(c, letters=True) for c in "\u2800\u2809\u28c0\u28ff"] == [" ", "'", ".", ":"]


COLOURED = [c for c in ALL.values() if not c.ansi]


@pytest.mark.parametrize("colours", COLOURED, ids=lambda c: c.name)
class TestColours:
    def test_words_stand_out_from_every_background(self, colours: Colours) -> None:
        """WCAG 2.2: 4.5 for words; 3 for what only helps, curves included."""
        for name, colour in colours.roles.items():
            for background in (colours.background, colours.surface, colours.band):
                wanted = 3 if name == "faint" and colours.name != CONTRAST else 4.5
                assert contrast(colour, background) >= wanted, (name, background)
        for name in ("text", "strong", "ask", "good", "bad", "run", "best"):
            assert contrast(colours.roles[name], colours.selected) >= (4.5 if name in ("text", "strong") else 3), name
        for curve in colours.curves:
            assert contrast(curve, colours.background) >= 3, curve

    def test_good_and_bad_differ_in_lightness_as_well(self, colours: Colours) -> None:
        good, bad = colours.roles["good"], colours.roles["bad"]
        assert lightness(good) - lightness(bad) >= (20 if colours.name == CONTRAST else 10)

    @pytest.mark.parametrize("eye", [NORMAL, PROTANOPIA, DEUTERANOPIA], ids=["all cones", "protanopia", "deuteranopia"])
    def test_what_is_good_bad_or_waits_is_told_apart_by_every_eye(self, colours: Colours, eye: Matrix) -> None:
        """As colours alone; the glyph and the word tell them apart in any case."""
        wanted = 20.0 if colours.name == CONTRAST else 8.0
        for a, b in combinations(("good", "bad", "ask", "run"), 2):
            least = 20.0 if {a, b} == {"good", "bad"} else wanted
            assert distance(colours.roles[a], colours.roles[b], eye) >= least, (a, b)


def test_the_simulation_is_the_one_that_was_published() -> None:
    """Grey stays grey, and a red and a green that are confused come close."""
    for eye in (PROTANOPIA, DEUTERANOPIA):
        assert distance("#808080", "#808080", eye) == 0
        assert all(abs(a - b) < 1e-3 for a, b in pairwise(seen("#c0c0c0", eye)))
    assert distance("#b07000", "#709000", DEUTERANOPIA) < 0.5 * distance("#b07000", "#709000")
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert lightness("#777777") == pytest.approx(50, abs=1)


async def test_the_panel_under_the_focus_shows_it_in_its_heading(store_path: Path) -> None:
    async with opened(store_path) as screen:
        side = screen.study.side
        for key, panel, other in (("f3", side.curves, side.trials), ("f4", side.trials, side.curves)):
            await screen.press(key)
            await screen.rest()
            selected = colours(screen.app.theme).selected.upper()
            assert panel.heading.styles.background.hex == selected
            assert other.heading.styles.background.hex != selected
