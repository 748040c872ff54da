"""Under the curves stands what the trial uses: now, at its peak, and what the limit is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from agent.tui.charts.usage import rows, size, spark, usage
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_curves import panel
from tests.agent.tui.test_snapshots import SIZES, compare

GIB = 1 << 30
HEAD = {"limits": {"host": 8 * GIB, "machine": 64 * GIB, "cpus": 16}}


def line(i: int, *, gpus: int = 0) -> dict[str, object]:
    found: dict[str, object] = {"at": seed.NOW + 2 * i, "host": (1 + i % 5) * GIB, "cpu": 90 + i}
    if gpus:
        one = {"memory": 10 * GIB, "total": 80 * GIB, "busy": 50 + i % 40}
        found["gpus"] = [{"id": str(n), **one} for n in range(gpus)]
    return found


def write(store: Path, number: int, lines: list[dict[str, object]], mode: str = "w") -> Path:
    path = store.parent / "runs" / seed.STUDY / str(number) / "usage.jsonl"
    with path.open(mode) as file:
        file.writelines(json.dumps(li) + "\n" for li in lines)
    return path


def text(lines: list[dict[str, object]], width: int = 100) -> list[str]:
    return ["".join(part for part, _ in row) for row in rows(usage(lines), width)]


def strips(screen: Screen) -> str:
    return screen.study.side.curves.usage.shown


class TestRows:
    def test_now_peak_and_limit_are_said(self) -> None:
        [host] = text([HEAD, *(line(i) for i in range(7))])
        assert "2G" in host and "peak 5G of 8G" in host
        assert "96%" in host and "peak 96% of 16 CPUs" in host

    def test_gpus_have_a_row_of_their_own_several_are_taken_together(self) -> None:
        _, gpu = text([HEAD, line(0, gpus=2), line(1, gpus=2)])
        assert gpu.startswith(" gpu ×2") and "20G" in gpu and "of 160G" in gpu and "51%" in gpu

    def test_without_a_limit_the_machines_memory_is_the_limit(self) -> None:
        assert "of 64G" in text([{"limits": {"host": None, "machine": 64 * GIB, "cpus": 1}}, line(0)])[0]

    @pytest.mark.parametrize("width", [30, 40, 60, 76, 100, 180])
    def test_rows_keep_to_their_width(self, width: int) -> None:
        for row in text([HEAD, *(line(i, gpus=1) for i in range(50))], width):
            assert len(row) <= width

    def test_near_the_limit_the_colour_says_so(self) -> None:
        near = {"at": 1.0, "host": 7.9 * GIB}
        assert any(role == "ask" for _, role in rows(usage([HEAD, near]), 100)[0])
        assert not any(role == "ask" for _, role in rows(usage([HEAD, {"at": 1.0, "host": GIB}]), 100)[0])

    def test_nothing_known_is_no_row_and_nonsense_is_passed_over(self) -> None:
        assert text([]) == [] == text([HEAD])
        odd = [{"at": "x"}, {"at": 1, "host": True, "gpus": 5}, {"at": 2, "host": -1, "gpus": [7, {"busy": "a"}]}]
        assert text([HEAD, *odd, line(3)])

    def test_a_spike_shows_in_a_strip_narrower_than_the_samples(self) -> None:
        known = [(float(i), 100.0 if i == 500 else 10.0) for i in range(1_000)]
        assert spark(known, 20, 100.0).count("█") == 1
        assert len(spark(known, 20, 100.0)) == 20

    def test_sizes_are_short(self) -> None:
        assert [size(v) for v in (5 << 20, 1023 << 20, 1.25 * GIB, 80 * GIB, 2048 * GIB)] == [
            "5M", "1G", "1.2G", "80G", "2T",
        ]  # fmt: skip


class TestOnTheScreen:
    async def test_a_trial_that_runs_shows_what_it_uses_and_goes_on(self, store_path: Path) -> None:
        write(store_path, 13, [HEAD, *(line(i, gpus=1) for i in range(5))])
        async with opened(store_path) as screen:
            await screen.until(lambda: "peak 5G of 8G" in strips(screen), "what was used is shown")
            assert screen.study.side.curves.usage.size.height == 2
            write(store_path, 13, [{"at": seed.NOW + 99, "host": 7 * GIB}], "a")
            await screen.until(lambda: "peak 7G" in strips(screen), "the next sample is shown")

    async def test_another_trial_has_its_own_or_none(self, store_path: Path) -> None:
        write(store_path, 13, [HEAD, line(0)])
        async with opened(store_path) as screen:
            await screen.until(lambda: "host" in strips(screen))
            await screen.command("/select 2")
            await screen.until(lambda: not strips(screen))
            assert not screen.study.side.curves.usage.display

    async def test_a_file_that_was_thinned_out_is_read_anew(self, store_path: Path) -> None:
        path = write(store_path, 13, [HEAD, *(line(i) for i in range(40))])
        async with opened(store_path) as screen:
            await screen.until(lambda: "host" in strips(screen))
            other = path.with_name("other")
            other.write_text(
                "".join(json.dumps(li) + "\n" for li in (HEAD, line(3), {"at": seed.NOW, "host": 6 * GIB}))
            )
            os.replace(other, path)
            await screen.until(lambda: "peak 6G" in strips(screen))

    @pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
    async def test_it_looks_as_kept(self, store_path: Path, size: tuple[int, int]) -> None:
        write(store_path, 13, [HEAD, *(line(i, gpus=1) for i in range(90))])
        async with opened(store_path, size=size) as screen:
            await screen.press("f3")
            await screen.until(lambda: "peak" in strips(screen) or "5G" in strips(screen))
            await screen.rest()
            compare("usage", size, panel(screen))
