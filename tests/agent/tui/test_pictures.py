"""Pictures: true to the points, safe to write, plain about what they cannot show."""

from __future__ import annotations

import math
import random
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

from agent.scales import Scale
from agent.tui.charts import xaxis
from agent.tui.ink.palettes import DARK_COLOURS
from agent.tui.pictures import PAPER, Figure, Line, cells, fonts, plots, write
from agent.tui.pictures.strokes import Ground, stroke
from tests.agent.terminals import tunewright
from tests.agent.tui import seed
from tests.agent.tui.driving import opened
from trainers.errors import TunewrightError

PNG = b"\x89PNG\r\n\x1a\n"
NAME = "{http://www.w3.org/2000/svg}"


def line(ys: list[float], label: str = "t1", **more: object) -> Line:
    return Line(label=label, role="curve:0", xs=[float(i) for i in range(len(ys))], ys=ys, **more)  # type: ignore[arg-type]


def figure(*lines: Line, **more: object) -> Figure:
    return Figure(title="loss", lines=lines, **more)  # type: ignore[arg-type]


def texts(svg: object) -> list[str]:
    return [e.text or "" for e in ET.fromstring(str(svg)).iter(f"{NAME}text")]


def corners(commands: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", commands)]


class TestPlots:
    def test_an_svg_is_well_formed_and_names_axes_ticks_and_curves(self) -> None:
        said = texts(plots([figure(line([3.0, 2.0, 1.0], "t3", note="★ 1"), line([3.0, 2.5], "t4"))], PAPER))
        assert {"loss", "t3  ★ 1", "t4", "steps"} <= set(said)
        assert {"1", "2", "3"} <= set(said)

    def test_hostile_names_are_text(self) -> None:
        evil = "</text><script>&\x1b[31m\x00\u202e"
        svg = str(plots([Figure(title=evil, lines=[line([1.0, 2.0], evil)])], PAPER))
        assert "<script>" not in svg and "\x1b" not in svg and "\u202e" not in svg
        assert "</text><script>&" in texts(svg)

    def test_one_spike_among_many_points_is_drawn_where_it_is(self) -> None:
        ys = [1.0] * 50_000
        ys[31_234] = 9.0
        ground = Ground(0, 0, 800, 400, Scale(0, 49_999), Scale(0, 10))
        found = corners("".join(stroke(ground, range(50_000), ys)))
        assert min(found, key=lambda c: c[1])[0] == pytest.approx(ground.across(31_234), abs=0.1)
        assert len(found) < 5_000

    def test_every_column_reaches_as_high_and_as_low_as_its_points(self) -> None:
        rng = random.Random(5)
        ys = [rng.gauss(0, 1) for _ in range(6_000)]
        ground = Ground(10, 20, 300, 200, Scale(0, 5_999), Scale(-5, 5))
        drawn = corners("".join(stroke(ground, range(6_000), ys)))
        for x, y in enumerate(ys):
            near = [down for across, down in drawn if abs(across - ground.across(x)) <= 0.6]
            assert min(near) - 0.06 <= ground.down(y) <= max(near) + 0.06

    def test_what_is_not_finite_breaks_the_line(self) -> None:
        ground = Ground(0, 0, 100, 100, Scale(0, 4), Scale(0, 4))
        commands = "".join(stroke(ground, range(5), [1.0, 2.0, math.nan, 3.0, 4.0]))
        assert commands.count("M") == 2

    def test_what_a_logarithm_has_not_is_counted(self) -> None:
        said = " ".join(texts(plots([figure(line([0.0, -1.0, 1.0, 10.0, 100.0]), log_y=True)], PAPER)))
        assert "2 values ≤ 0 not drawn" in said
        assert "≤ 0" not in " ".join(texts(plots([figure(line([0.0, -1.0, 1.0]))], PAPER)))

    @pytest.mark.parametrize("ys", [[], [math.nan] * 3, [1.0], [5.0, 5.0], [1e308, -1e308], [-1.0, -2.0], [0.0]])
    @pytest.mark.parametrize("log", [False, True])
    def test_odd_values_make_a_picture_all_the_same(self, ys: list[float], log: bool) -> None:
        svg = plots([figure(line(ys, broken=True), log_y=log, log_x=log)], PAPER)
        ET.fromstring(str(svg))
        assert "nan" not in svg.body and "inf" not in svg.body

    def test_several_stand_side_by_side(self) -> None:
        one, three = plots([figure(line([1.0, 2.0]))], PAPER), plots([figure(line([1.0, 2.0]))] * 3, PAPER)
        assert three.width > one.width
        assert texts(three).count("loss") == 3


class TestCells:
    def test_letters_stand_in_their_cells_and_braille_needs_no_font(self) -> None:
        svg = cells([[("ab  cd", "text"), ("⣿⠁", "curve:1"), ("▄│", "faint")]], PAPER)
        assert texts(svg) == ["ab", "cd"]
        root = ET.fromstring(str(svg))
        [ab, cd] = root.iter(f"{NAME}text")
        assert float(cd.attrib["x"]) - float(ab.attrib["x"]) == pytest.approx(4 * 8.4, abs=0.11)
        dots = [p.attrib["d"].count("M") for p in root.iter(f"{NAME}path") if "stroke-linecap" in p.attrib]
        assert dots == [9]

    def test_wide_letters_take_two_cells(self) -> None:
        svg = cells([[("学习 x", "text")]], PAPER)
        assert [float(t.attrib["textLength"]) for t in ET.fromstring(str(svg)).iter(f"{NAME}text")] == [33.6, 8.4]

    def test_a_target_in_a_role_has_no_look_and_reverse_swaps(self) -> None:
        plain, linked = cells([[("x", "bad")]], PAPER), cells([[("x", "bad#t3")]], PAPER)
        assert plain == linked
        assert PAPER.roles["good"] in cells([[("x", "good+reverse")]], PAPER).body

    def test_the_fonts_it_would_like_are_listed(self) -> None:
        assert "'DejaVu Sans Mono'" in str(cells([[("x", "text")]], PAPER))
        assert ", monospace" in str(cells([[("x", "text")]], PAPER))


class TestFiles:
    SVG = cells([[("x", "text")]], DARK_COLOURS)

    def test_both_kinds_are_written(self, tmp_path: Path) -> None:
        write(tmp_path / "a.svg", self.SVG)
        assert (tmp_path / "a.svg").read_text() == str(self.SVG)
        write(tmp_path / "a.PNG", self.SVG)
        assert (tmp_path / "a.PNG").read_bytes().startswith(PNG)

    def test_what_exists_stays_unless_told(self, tmp_path: Path) -> None:
        (tmp_path / "a.svg").write_text("mine")
        with pytest.raises(TunewrightError, match="exists"):
            write(tmp_path / "a.svg", self.SVG)
        assert (tmp_path / "a.svg").read_text() == "mine"
        write(tmp_path / "a.svg", self.SVG, force=True)
        assert (tmp_path / "a.svg").read_text() == str(self.SVG)

    @pytest.mark.parametrize(
        "name,word", [("a.jpg", r"\.png or a \.svg"), ("no/a.png", "no such folder"), (".png", "png")]
    )
    def test_a_place_that_cannot_be_is_one_sentence(self, tmp_path: Path, name: str, word: str) -> None:
        with pytest.raises(TunewrightError, match=word) as raised:
            write(tmp_path / name, self.SVG)
        assert "\n" not in str(raised.value)

    def test_a_machine_without_a_font_is_told_so_and_svg_still_works(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fonts, "monospace", lambda: None)
        with pytest.raises(TunewrightError, match=r"no font of fixed width.*\.svg"):
            write(tmp_path / "a.png", self.SVG)
        assert not list(tmp_path.iterdir())
        write(tmp_path / "a.svg", self.SVG)

    def test_the_best_font_is_found_wherever_it_lies(self, tmp_path: Path) -> None:
        assert fonts.find([tmp_path, tmp_path / "none"]) is None
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "LiberationMono-Regular.ttf").touch()
        assert fonts.find([tmp_path]) == fonts.Font(
            "Liberation Mono", (str(tmp_path / "deep" / "LiberationMono-Regular.ttf"),)
        )
        (tmp_path / "DejaVuSansMono.ttf").touch()
        found = fonts.find([tmp_path])
        assert found is not None and found.family == "DejaVu Sans Mono"


class TestAxisTexts:
    def test_time_of_day_has_round_ticks(self) -> None:
        start = 1_763_000_000.0
        for span in (20, 400, 9_000, 90_000, 1_000_000, 3e7):
            found = xaxis.labels(Scale(start, start + span), 6, xaxis.TIME)
            assert 2 <= len(found) <= 6
            gaps = {round(b[0] - a[0]) for a, b in pairwise(found)}
            assert len(gaps) == 1
            assert all(start <= at <= start + span for at, _ in found)

    def test_time_since_the_beginning_is_round_too(self) -> None:
        assert [said for _, said in xaxis.labels(Scale(0, 1_000), 6, xaxis.RELATIVE)] == ["0s", "5m", "10m", "15m"]

    def test_half_steps_are_no_ticks(self) -> None:
        assert [v for v, _ in xaxis.labels(Scale(0, 3), 9, xaxis.STEP)] == [0, 1, 2, 3]


class TestSaving:
    async def test_the_curves_are_saved_under_the_studys_name(
        self, store_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(store_path.parent)
        async with opened(store_path) as screen:
            await screen.press("f3", "f7")
            assert (store_path.parent / f"{seed.STUDY}-curves.png").read_bytes().startswith(PNG)
            assert f"wrote {seed.STUDY}-curves.png" in screen.text

    async def test_a_file_that_exists_is_replaced_only_when_told(self, store_path: Path) -> None:
        path = store_path.parent / "mine.svg"
        path.write_text("mine")
        async with opened(store_path) as screen:
            await screen.command(f"/save {path}")
            assert path.read_text() == "mine" and "exists" in screen.study.notice.said
            await screen.command(f"/save {path}!")
            svg = path.read_text()
            assert texts(svg)[0] == f"{seed.STUDY} · val_loss"
            await screen.command(f"/save {path} light !")
            assert PAPER.background in path.read_text() and DARK_COLOURS.background in svg

    async def test_what_is_wrong_with_the_place_is_said(self, store_path: Path) -> None:
        async with opened(store_path, size=(80, 24)) as screen:
            await screen.command("/save x.gif")
            assert ".png or a .svg" in screen.study.notice.said
            assert screen.study.notice.is_fault

    async def test_a_page_with_nothing_to_save_says_where_there_is(
        self, store_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(store_path.parent)
        async with opened(store_path) as screen:
            await screen.press("f1")
            await screen.until(lambda: screen.app.screen.is_modal)
            await screen.press("f7")
            await screen.until(lambda: screen.study.notice.said)
            assert "nothing here can be saved" in screen.study.notice.said


class TestPlotCommand:
    def test_it_draws_what_it_is_asked_for(self, store_path: Path) -> None:
        words = ["plot", seed.STUDY, "--trials", "3,t9", "--log", "--smooth", ".6", "-o", "a.svg"]
        done = tunewright(*words, "--metric", "val_loss", "--metric", "val_mae", cwd=store_path.parent)
        assert (done.returncode, done.stdout) == (0, "") and "Wrote a.svg" in done.stderr
        said = texts((store_path.parent / "a.svg").read_text())
        assert f"{seed.STUDY} · val_mae" in said and "log" in said
        assert [s.split()[0] for s in said if s.startswith("t")][:2] == ["t3", "t9"]
        assert "smoothed 0.6" in said
        again = tunewright(*words, cwd=store_path.parent)
        assert again.returncode == 1 and "exists" in again.stderr

    def test_unless_told_it_takes_those_that_run_and_the_best(self, store_path: Path) -> None:
        done = tunewright("plot", seed.STUDY, "-o", "a.png", "--json", cwd=store_path.parent)
        from tests.agent.schemas import checked

        answer = checked(done.stdout, "plot")
        assert {12, 13} < set(answer["trials"]) and len(answer["trials"]) == 8
        assert (store_path.parent / "a.png").read_bytes().startswith(PNG)

    @pytest.mark.parametrize(
        "words,said",
        [
            (["--metric", "val_lss"], "Did you mean 'val_loss'"),
            (["--trials", "3,x"], "'x' is not a trial number"),
            (["--trials", "99"], "99"),
            (["--smooth", "1"], "not a weight"),
            (["--xaxis", "stp"], "step"),
        ],
    )
    def test_a_wrong_request_is_one_sentence(self, store_path: Path, words: list[str], said: str) -> None:
        done = tunewright("plot", seed.STUDY, "-o", "a.svg", *words, cwd=store_path.parent)
        assert done.returncode == 2 and said in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert not (store_path.parent / "a.svg").exists()
