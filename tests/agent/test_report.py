"""The report: one file that needs nothing else, says what the store says, and runs nothing that is written in it."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agent import cli
from agent.exports import export
from agent.exports.report import svg
from agent.exports.report.svg import Dot, Line, chart, thinned
from agent.plain.demos import demo_spec
from agent.store import diagnoses, narratives, studies, trials
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.nouns import Claim, Diagnosis, Evidence, Narrative, Source, TrialState
from agent.study.study_file import parse_study
from tests.agent.schemas import checked
from tests.agent.stores import GOOD, add_trial, fill, make_study
from trainers import catalog, samples
from trainers.contract import Failure, FailureKind, Objective
from trainers.errors import TunewrightError
from trainers.samples import SeriesSample, TextSample
from trainers.space import SearchSpace

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;'\""
CHROMIUM = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.sqlite") as opened:
        yield opened


def made(store: Store, study: Study) -> str:
    text = export(store, study, "html").text
    assert text is not None
    return text


def run_dir(store: Store, study: Study, number: int) -> Path:
    found = store.folder / trials.attempts(store, trials.get(store, study.id, number).id)[-1]["run_dir"]
    found.mkdir(parents=True, exist_ok=True)
    return found


def hostile(store: Store) -> Study:
    """A study whose every text is an attack."""
    space = SearchSpace.from_dict({"parameters": {"act": {"type": "categorical", "choices": [EVIL, "relu"]}}})
    study = make_study(
        store, name=f"evil {EVIL}", space=space, objective=Objective(f"loss{EVIL}"), options={"note": EVIL}
    )
    failure = Failure(kind=FailureKind.EXCEPTION, message=EVIL, stderr_tail=EVIL)
    add_trial(store, study, {"act": EVIL}, value=0.5, reports=[0.9, 0.5])
    number = add_trial(store, study, {"act": EVIL}, TrialState.FAILED, failure=failure)
    bad = trials.get(store, study.id, number)
    evidence = (Evidence(kind="log", text=EVIL, line=3),)
    said = Diagnosis(verdict=EVIL, healthy=False, confidence=0.9, explanation=EVIL, evidence=evidence)
    diagnoses.put(store, bad, said)
    told = Narrative(text=EVIL, claims=(Claim(text=EVIL, evidence=evidence),), model=EVIL, suggested_reason=EVIL)
    narratives.put(store, bad, told)
    given = [
        TextSample(question=EVIL, answer=EVIL + "\x1b\u202e", truth="x", right=False, error=EVIL),
        SeriesSample(
            title=EVIL, unit=EVIL, time_step=EVIL, start=EVIL, note=EVIL, predicted=(1.0, 2.0), truth=(1.0, 3.0)
        ),
    ]
    samples.write(run_dir(store, study, 0), given, note=EVIL, asked=2, counts={EVIL: 1})
    return study


class TestSafety:
    def test_text_from_logs_scripts_and_models_stays_text(self, store: Store) -> None:
        page = Page(made(store, hostile(store)))
        assert "script" not in page.tags and "img" not in page.tags
        assert not [name for name, _ in page.attributes if name.startswith("on")]
        assert page.text.count("<script>alert(1)</script>") >= 15

    def test_what_hides_or_reorders_is_made_visible(self, store: Store) -> None:
        text = made(store, hostile(store))
        assert "\x1b" not in text and "\u202e" not in text and "�" in text

    def test_it_loads_nothing_and_forbids_it(self, store: Store) -> None:
        text = made(store, fill(store))
        page = Page(text)
        assert [
            v for n, v in page.attributes if n in ("src", "href", "data", "action", "xlink:href") and v[:1] != "#"
        ] == []
        assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
        assert "url(" not in text and "@import" not in text

    def test_keys_and_the_environment_of_a_script_stay_at_home(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OTHER_API_KEY", "very-secret-thing-77")
        options = {"command": ["python", "t.py", "{lr}"], "env": {"WANDB_API_KEY": "abc123def456", "MODE": "quiet"}}
        options["cwd"] = str(store.folder)
        space = SearchSpace.from_dict({"parameters": {"lr": {"type": "float", "low": 1e-5, "high": 1e-1}}})
        study = make_study(store, trainer="script", task="", options=options, space=space)
        add_trial(store, study, {"lr": 1e-3}, value=0.5)
        given = [TextSample(question="very-secret-thing-77", answer="a", truth="b", right=False)]
        samples.write(run_dir(store, study, 0), given)
        text = made(store, study)
        assert "abc123def456" not in text and "quiet" not in text and "very-secret-thing-77" not in text
        assert "WANDB_API_KEY" in text and "[key]" in text

    @pytest.mark.slow
    @pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium (Debian: apt install chromium)")
    def test_a_browser_shows_it_and_runs_nothing(self, store: Store, tmp_path: Path) -> None:
        playwright = pytest.importorskip("playwright.sync_api")
        path = tmp_path / "report.html"
        export(store, hostile(store), "html", output=path)
        with playwright.sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1000, "height": 800}, color_scheme="dark")
            asked, said, dialogs = [], [], []
            page.on("request", lambda request: asked.append(request.url))
            page.on("console", lambda message: said.append(message.text))
            page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
            page.goto(path.as_uri())
            assert (asked, said, dialogs) == ([path.as_uri()], [], [])
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 20, 25)"
            wide = page.evaluate("document.documentElement.scrollWidth")
            page.set_viewport_size({"width": 380, "height": 700})
            narrow = page.evaluate("document.documentElement.scrollWidth")
            browser.close()
        assert (wide, narrow) == (1000, 380)  # nothing sticks out to the side


class TestWhatItSays:
    def test_a_study_is_told_in_full(self, store: Store) -> None:
        text = Page(made(store, fill(store))).text
        for said in ("The best, t1, reached 0.25", "cuda out of memory", "Search space", "Reproduce it", "1e-5 … 0.1"):
            assert said in text

    def test_the_best_stands_beside_the_first_config(self, store: Store) -> None:
        study = make_study(store, defaults=GOOD)
        add_trial(store, study, GOOD, value=0.5, source=Source.DEFAULT)
        add_trial(store, study, {**GOOD, "lr": 1e-1}, value=0.25)
        page = Page(made(store, study))
        assert ("style", "left:100.0%") in page.attributes  # lr stands at the end of its range
        assert "t1 is ahead of t0 by 0.25" in page.text

    def test_runs_of_one_config_are_told_by_their_mean(self, store: Store) -> None:
        study = make_study(store)
        for value in (0.5, 0.7):
            add_trial(store, study, GOOD, value=value)
        add_trial(store, study, {**GOOD, "lr": 1e-2}, value=0.65)
        text = made(store, study)
        assert "reached 0.6." in Page(text).text
        assert text.count('class="best"') == 1 and "★ 0" in text

    def test_its_study_file_makes_the_same_study(self, store: Store) -> None:
        spec = demo_spec(catalog.load("forest"), "svm-wine").replace(seed=9)
        study = studies.create(store, spec, store.folder)
        add_trial(store, study, spec.first_config(), value=0.5)
        page = Page(made(store, study))
        written = page.text[
            page.text.index("# A Tunewright study") : page.text.index("best.toml", page.text.index("# A Tune"))
        ]
        again = parse_study(written, store.folder / "study.toml")
        assert (again.space, again.objective, again.seed) == (study.spec.space, study.spec.objective, 9)

    def test_errors_and_forecasts_of_the_best_model_are_shown(self, store: Store) -> None:
        study = fill(store)
        given = [
            TextSample(question="({(", answer=")}", truth=")})", right=False, error="too short"),
            SeriesSample(title="OT", context=(1.0, 2.0), predicted=(3.0, 4.0), truth=(3.5, math.nan), time_step="1h"),
        ]
        samples.write(run_dir(store, study, 1), given, asked=1000, counts={"too short": 3})
        text = made(store, study)
        page = Page(text)
        assert "3 of 1,000 wrong: 3 too short; 1 forecast." in page.text
        assert '<td class="t">)}<mark>)</mark></td>' in text
        assert "MSE 0.25, MAE 0.5" in page.text and 'class="line prediction"' in text and "steps of 1h" in page.text

    def test_damaged_samples_cost_the_samples_only(self, store: Store) -> None:
        study = fill(store)
        (run_dir(store, study, 1) / samples.SAMPLES).write_bytes(b"\x00\xff")
        assert "Samples" not in Page(made(store, study)).text

    def test_a_study_in_which_all_failed_has_a_report(self, store: Store) -> None:
        study = make_study(store)
        add_trial(store, study, GOOD, TrialState.FAILED, failure=Failure(kind=FailureKind.TIMEOUT, message="too slow"))
        text = Page(made(store, study)).text
        assert "None has completed" in text and "timeout" in text

    def test_very_many_trials_are_cut_and_counted(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("agent.exports.report.page.MOST_ROWS", 3)
        text = Page(made(store, fill(store))).text
        assert "and 4 more" in text


class TestCharts:
    def test_no_spike_is_lost_and_order_is_kept(self) -> None:
        ys = [0.0] * 100_000
        ys[54_321] = 99.0
        found = list(thinned([float(i) for i in range(100_000)], ys))
        assert (54_321.0, 99.0) in found
        assert len(found) <= 600 and found == sorted(found)

    def test_a_line_breaks_where_a_value_is_missing(self) -> None:
        drawn = chart([Line("a", "c0", [0.0, 1.0, 2.0], [1.0, math.nan, 3.0])], x_title="x", y_title="y")
        assert drawn.count("M") == 2

    def test_nothing_finite_is_no_chart(self) -> None:
        assert (
            chart([Line("a", "c0", [0.0], [math.nan])], [Dot(1.0, math.inf, "x", "y")], x_title="x", y_title="y") == ""
        )

    @pytest.mark.parametrize("values", [[1e300, -1e300], [5.0, 5.0], [1e-300, 1e300], [0.0], [-1.0, 1e9]])
    def test_any_values_lie_within_the_frame(self, values: list[float]) -> None:
        drawn = chart([Line("a", "c0", [float(i) for i in range(len(values))], values)], x_title="x", y_title="y")
        path = drawn.split(' d="')[1].split('"')[0].replace("M", "L").strip("L").split("L")
        for point in path:
            x, y = map(float, point.split())
            assert 0 <= x <= svg.WIDE[0] and 0 <= y <= svg.WIDE[1]


class TestCommand:
    @pytest.fixture(autouse=True)
    def here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with open_store(tmp_path / "store.sqlite") as opened:
            fill(opened)

    def test_it_writes_the_file_and_replaces_none(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["report", "toy", "-o", "r.html"]) == 0
        assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
        assert cli.main(["report", "toy", "-o", "r.html"]) == 1
        assert "the file exists" in capsys.readouterr().err
        assert cli.main(["report", "toy", "-o", "r.html", "--force", "--json"]) == 0
        assert checked(capsys.readouterr().out, "report") == {"study": "toy", "path": "r.html"}

    def test_without_a_name_it_is_called_after_the_study(self, tmp_path: Path) -> None:
        assert cli.main(["report", "toy"]) == 0
        assert (tmp_path / "toy.html").exists()

    def test_a_study_without_trials_has_none(self, store: Store) -> None:
        study = studies.create(store, studies.get(store, "toy").spec.replace(name="empty"), store.folder)
        with pytest.raises(TunewrightError, match="has no trials yet"):
            export(store, study, "html")
