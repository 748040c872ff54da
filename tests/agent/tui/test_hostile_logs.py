"""The log panel on real files that hold anything: what is shown steers nothing, hides nothing and can be found."""

from __future__ import annotations

from pathlib import Path

from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened

RUNNING = 13


def log_of(store_path: Path, number: int) -> Path:
    return store_path.parent / f"runs/{seed.STUDY}/{number}/log.txt"


async def shown(screen: Screen, number: int) -> str:
    await screen.command(f"/log {number}")
    await screen.until(lambda: f"LOG  t{number}" in screen.text)
    await screen.rest()
    return str(screen.study.side.log_panel.lines.shown)


HOSTILE = (
    b"[bold]markup[/bold] [@click=app.quit]x[/]\n"
    b"\x1b[31;1mred\x1b[0m \x1b[2J\x1b[H\x1b]52;c;aGk=\x07colours\n"
    b"\x1b]0;never ended\n"
    b"  1%|#         |\r 50%|#####     |\r100%|##########|\n"
    b"1/9\b\b\b9/9\n"
    b"invoice\xe2\x80\xaefdp.exe zero\xe2\x80\x8bwidth \xe2\x81\xa6isolate\xe2\x81\xa9\n"
    b"\x7fELF\x02\x01\x00\xff\xfe\n"
    b"caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac\n"
)
EXPECTED = (
    "[bold]markup[/bold] [@click=app.quit]x[/]",
    "red colours",
    "0;never ended",
    "100%|##########|",
    "9/9",
    "invoice\\u202efdp.exe zero\\u200bwidth \\u2066isolate\\u2069",
    "\\x7fELF\\x02\\x01\\x00\\xff\\xfe",
    "café 日本",
)


async def test_what_steers_or_hides_is_taken_out_or_spelt_out(store_path: Path) -> None:
    log_of(store_path, RUNNING).write_bytes(HOSTILE)
    async with opened(store_path) as screen:
        lines = (await shown(screen, RUNNING)).split("\n")
        assert [line[5:] for line in lines[:8]] == list(EXPECTED)
        assert not set("\x1b\x07\x08\x00\x7f\u202e\u200b\u2066\u2069") & set(screen.text)


class TestLongLines:
    async def test_a_line_of_100000_columns_is_cut_with_a_count_and_scrolled_sideways(self, store_path: Path) -> None:
        log_of(store_path, RUNNING).write_text("start" + "x" * 99_990 + "needle" + "\n")
        async with opened(store_path) as screen:
            room = screen.study.side.log_panel.lines._room
            assert f"…+{100_001 - room:,}" in await shown(screen, RUNNING)
            await screen.press("right")
            assert f"…+{100_001 - room - 20:,}" in screen.text
            await screen.press("ctrl+right")
            assert "xxneedle" in screen.text and "…+" not in screen.study.side.log_panel.lines.shown
            await screen.press("ctrl+left")
            assert "  1 start" in screen.text

    async def test_a_search_finds_what_lies_far_to_the_right(self, store_path: Path) -> None:
        log_of(store_path, RUNNING).write_text("a\n" + "x" * 60_000 + "Needle" + "y" * 30_000 + "\nb\n")
        async with opened(store_path) as screen:
            await shown(screen, RUNNING)
            await screen.command("/find needle")
            await screen.until(lambda: "xNeedley" in screen.text)
            assert "▶  2" in screen.text


async def test_a_search_goes_through_the_whole_of_a_long_file(store_path: Path) -> None:
    with log_of(store_path, RUNNING).open("w") as file:
        file.writelines(f"line {i}{' wanted' if i in (11, 90_000) else ''}\n" for i in range(1, 300_001))
    async with opened(store_path) as screen:
        assert "line 300000" in await shown(screen, RUNNING)
        panel = screen.study.side.log_panel
        for command, line in (("/find wanted", 90_000), ("/previous", 11), ("/next", 90_000), ("/next", 11)):
            await screen.command(command)
            await screen.until(lambda line=line: panel.lines.marked == line and f" line {line} wanted" in screen.text)
        await screen.command("/find unwanted")
        await screen.until(lambda: "'unwanted' is not in this log" in screen.text)
        await screen.command("/follow")
        await screen.until(lambda: "line 300000" in screen.text)


async def test_a_log_that_is_cut_is_shown_from_its_start(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await shown(screen, RUNNING)
        log_of(store_path, RUNNING).write_text("begun anew\n")
        await screen.until(lambda: "  1 begun anew" in screen.text)
        assert "step 1190" not in screen.text


async def test_a_log_that_grows_by_megabytes_is_followed_with_its_true_numbers(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await shown(screen, RUNNING)
        lines = 120
        for _ in range(6):
            with log_of(store_path, RUNNING).open("a") as file:
                file.writelines(f"burst {i} {'.' * 40}\n" for i in range(lines + 1, lines + 100_001))
            lines += 100_000
            await screen.until(lambda lines=lines: f"{lines} burst {lines} " in screen.text)
        assert len(screen.study.side.log_panel.lines.texts) <= 20_000


async def test_a_log_that_is_not_there_says_so(store_path: Path) -> None:
    log_of(store_path, RUNNING).unlink()
    async with opened(store_path) as screen:
        await shown(screen, RUNNING)
        assert "nothing printed" in screen.text


async def test_of_a_file_of_5_gigabytes_the_end_is_shown(store_path: Path) -> None:
    with log_of(store_path, RUNNING).open("r+b") as file:
        file.truncate(5 << 30)
        file.seek(0, 2)
        file.write(b"\nthe end\n")
    async with opened(store_path) as screen:
        assert "· the end" in await shown(screen, RUNNING)
        assert "the end of 5.0 GiB" in screen.text
