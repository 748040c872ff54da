"""Scroll moves by itself only when the reader is at the bottom; otherwise it says how much is new."""

from __future__ import annotations

from pathlib import Path

from agent.store import studies, trials
from agent.store.connection import open_store
from tests.agent.tui import seed
from tests.agent.tui.driving import opened


def log_file(path: Path, number: int) -> Path:
    return path.parent / "runs" / seed.STUDY / str(number) / "log.txt"


def print_lines(path: Path, number: int, *texts: str) -> None:
    with log_file(path, number).open("a") as file:
        file.write("".join(f"{text}\n" for text in texts))


async def test_a_reader_at_the_end_of_the_log_sees_what_is_printed(store_path: Path) -> None:
    async with opened(store_path) as screen:
        print_lines(store_path, 13, "the newest line")
        await screen.until(lambda: "the newest line" in screen.text)
        assert "following" in screen.text


async def test_a_reader_elsewhere_is_left_there_and_told_how_much_is_new(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.press("f5", "pageup", "pageup")
        await screen.rest()
        before = screen.study.side.log_panel.lines.shown
        print_lines(store_path, 13, "one", "two", "three")
        await screen.until(lambda: "↓ 3 new" in screen.text)
        assert screen.study.side.log_panel.lines.shown.split("\n")[:-1] == before.split("\n")[:-1]
        assert "f follow" in screen.text
        await screen.press("f")
        await screen.until(lambda: "three" in screen.text and "new" not in screen.study.side.log_panel.lines.shown)


async def test_the_chat_keeps_to_the_same_rule(store_path: Path) -> None:
    async with opened(store_path, size=(80, 24)) as screen:
        await screen.press("f2", "home")
        await screen.rest()
        top = screen.study.chat.lines.scroll_offset
        with open_store(store_path, check=False) as store:
            study = studies.get(store, seed.STUDY)
            trials.request_stop(store, trials.get(store, study.id, 13), "enough")
        await screen.until(lambda: "↓ 1 new" in screen.text)
        assert screen.study.chat.lines.scroll_offset == top
        await screen.press("end")
        await screen.until(lambda: "t13 asked to stop: enough" in screen.text and "↓ 1 new" not in screen.text)


async def test_a_resize_keeps_a_following_reader_at_the_end(store_path: Path) -> None:
    async with opened(store_path) as screen:
        for size in ((80, 24), (120, 36), (180, 50), (60, 20), (180, 50)):
            await screen.pilot.resize_terminal(*size)
            await screen.rest()
        assert screen.study.chat.lines.at_end
        assert screen.study.side.log_panel.lines.at_end


async def test_a_reader_stays_at_the_end_where_a_scroll_and_a_layout_fall_together(store_path: Path) -> None:
    async with opened(store_path, size=(80, 24)) as screen:
        compositor, chat = screen.study._compositor, screen.study.chat.lines
        high = chat.size.height
        compositor._full_map_invalidated = True  # as a scroll leaves it
        screen.study.notice.complain("one line")
        assert compositor.full_map  # as whoever asks for a widget's region before the layout
        await screen.until(lambda: chat.size.height == high - 1)
        await screen.rest()
        assert chat.at_end


async def test_an_unfinished_line_is_shown_and_then_replaced(store_path: Path) -> None:
    async with opened(store_path) as screen:
        with log_file(store_path, 13).open("a") as file:
            file.write("10%\r50%")
            file.flush()
            await screen.until(lambda: "121 50%" in screen.text)
            file.write("\r100%\n")
        await screen.until(lambda: "121 100%" in screen.text)
        assert "50%\n" not in screen.text
