"""State is a glyph, a word and a colour, never the colour alone; no emoji; NO_COLOR is honoured."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from agent.study.nouns import Source, Trial, TrialState
from agent.tui.colours import DARK_COLOURS, LIGHT_COLOURS, Colours
from agent.tui.looks import look
from tests.agent.tui.driving import opened
from trainers.contract import Failure, FailureKind


def trial(state: TrialState, kind: FailureKind | None = None) -> Trial:
    failure = None if kind is None else Failure(kind=kind)
    return Trial(
        id=1, study_id=1, number=1, proposal_id=1, source=Source.GP, params={}, seed=0, state=state, failure=failure
    )


def test_every_state_has_a_glyph_and_a_word_of_its_own() -> None:
    seen = [look(trial(state)) for state in TrialState]
    assert len({one.glyph for one in seen}) == len({one.word for one in seen}) == len(seen)


def test_every_failure_has_a_word_that_fits_its_column() -> None:
    for kind in FailureKind:
        assert 0 < len(look(trial(TrialState.FAILED, kind)).word) <= 10


async def test_the_table_says_each_state_in_words(store_path: Path) -> None:
    async with opened(store_path) as screen:
        for said in ("▶ running", "✓ done", "✗ diverged"):
            assert said in screen.study.side.trials.table.shown
        assert "★" in screen.study.side.trials.table.shown


async def test_nothing_on_the_screen_is_an_emoji_or_wide(store_path: Path) -> None:
    async with opened(store_path) as screen:
        assert not [c for c in screen.text if unicodedata.east_asian_width(c) in "WF"]
        assert "\ufe0f" not in screen.text


async def test_no_color_leaves_shades_of_grey(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(store_path) as screen:
        assert screen.app.no_color
        for strip in screen.app.screen._compositor.render_strips():
            for segment in strip.apply_filter(screen.app._filters[-1], screen.app.background_colors[1]):
                colour = segment.style.color if segment.style is not None else None
                if colour is not None and colour.triplet is not None:
                    assert max(colour.triplet) - min(colour.triplet) <= 1


@pytest.mark.parametrize("colours", [DARK_COLOURS, LIGHT_COLOURS])
def test_words_stand_out_from_every_background(colours: Colours) -> None:
    """WCAG contrast: 4.5 for words; 3 for what only helps, curves included."""
    for name, colour in colours.roles.items():
        for background in (colours.background, colours.surface, colours.band):
            wanted = 3 if name == "faint" else 4.5
            assert contrast(colour, background) >= wanted, (name, background)
    for curve in colours.curves:
        assert contrast(curve, colours.background) >= 3, curve


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
