"""Text from logs, scripts and models is shown as it is: no markup, no escape reaches the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.store import events, studies
from agent.store.connection import open_store
from agent.tui.text import log_line, neutral
from tests.agent.tui import seed
from tests.agent.tui.driving import opened


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]52;c;aGk=\x1b\\b", "ab"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("beep\x07\x00", "beep"),
        ("abc\x1b", "abc"),
        ("a\u202eb\u200bc", "abc"),
        ("\x1b[2J\x1b[H", ""),
        ("[bold]not bold[/bold]", "[bold]not bold[/bold]"),
    ],
)
def test_escapes_are_taken_out_and_markup_left_in(raw: str, shown: str) -> None:
    assert neutral(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("10%\r20%\r30%\n", "30%"),
        ("10%\b\b\b20%\b\b\b30%\n", "30%"),
        ("plain\r\n", "plain"),
        ("a\tb", "a       b"),
        ("", ""),
        ("\x1b[31mred\x1b[0m", "red"),
        ("pay\u202eload\u200b.sh", "pay\\u202eload\\u200b.sh"),
        ("beep\x07\x00", "beep\\x07\\x00"),
        ("a\x1b]0;never ended", "a0;never ended"),
        ("a\x1b", "a\\x1b"),
        ("\U000e0041tag", "\\U000e0041tag"),
        ("[bold]b[/bold] [@click=app.quit]x[/]", "[bold]b[/bold] [@click=app.quit]x[/]"),
    ],
)
def test_a_log_line_is_what_a_terminal_would_leave(raw: str, shown: str) -> None:
    assert log_line(raw) == shown


def test_a_line_of_escapes_that_never_end_is_read_in_passing() -> None:
    """One that tried each of them against the rest of the line would take hours."""
    assert log_line("\x1b]" * 400_000) == ""
    assert neutral("\x1b]" * 400_000) == ""


async def test_a_log_with_escapes_and_markup_is_shown_neutral(store_path: Path) -> None:
    async with opened(store_path) as screen:
        assert "epoch 2 step 1190" in screen.text
        assert "[bold]119%[/bold]" in screen.text
        assert "\x1b" not in screen.text


HOSTILE = "[red]x[/red] [@click=app.quit]y[/] \x1b]0;owned\x07 [link=http://z]w[/link]"


async def test_a_rationale_a_reason_and_a_note_are_shown_neutral(tmp_path: Path) -> None:
    path = seed.make(tmp_path / "store.sqlite", pending=0)
    with open_store(path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        seed.add_proposal(store, study.id, 4e-4, rationale=HOSTILE)
        with store.transaction():
            events.record(store, study.id, events.EventKind.ADVISED, text=HOSTILE)
    async with opened(path) as screen:
        assert screen.text.count("[red]x[/red]") == 2
        assert "[@click=app.quit]y[/]" in screen.text
        assert "owned" not in screen.text
        await screen.command(f"/reject 14 {HOSTILE}")
        await screen.until(lambda: "you rejected 14: [red]x[/red]" in screen.text)


async def test_an_error_that_quotes_markup_is_shown_as_it_is(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.command("/filter [/red]>3")
        await screen.rest()
        assert "[/red]" in screen.study.notice.said
        assert "no column is called '[/red]'" in " ".join(screen.text.split())
