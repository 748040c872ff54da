"""tunewright views: text for people, JSON for scripts, pictures for papers."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from agent import cli
from agent.store.connection import open_store
from agent.study.nouns import TrialState
from tests.agent.schemas import checked
from tests.agent.stores import OOM, SPACE, add_trial, make_study


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rng = random.Random(0)
    with open_store("store.sqlite") as store:
        study = make_study(store)
        for _ in range(24):
            params = SPACE.sample(rng)
            add_trial(store, study, params, value=params["layers"] + rng.random())
        add_trial(store, study, SPACE.sample(rng), TrialState.FAILED, failure=OOM)
        make_study(store, name="bare")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = cli.main(["views", *words])
    return code, *capsys.readouterr()


def test_each_view_fits_the_size_asked_for_and_has_no_escapes_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    for view, word in (("parallel", "momentum"), ("importance", "fANOVA"), ("slices", "└")):
        code, out, err = run(capsys, "toy", view, "--width", "90", "--height", "24")
        assert (code, err) == (0, "")
        assert word in out and "\x1b" not in out
        assert len(out.splitlines()) <= 24 and max(map(len, out.splitlines())) <= 90


def test_json_has_the_points_and_the_importances_of_every_view(capsys: pytest.CaptureFixture[str]) -> None:
    for view in ("parallel", "importance", "slices"):
        code, out, err = run(capsys, "toy", view, "--json")
        assert (code, err) == (0, "")
        found = checked(out, "views")
        assert found["view"] == view and len(found["points"]) == 24
        assert found["parameters"][0]["name"] == "layers"
        assert found["parameters"][0]["share"] > 0.5 and found["importance"]["trials"] == 24


def test_a_study_without_trials_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no trials yet" in run(capsys, "bare")[1]
    assert "8 are needed" in run(capsys, "bare", "importance")[1]
    found = checked(run(capsys, "bare", "--json")[1], "views")
    assert found["points"] == [] and found["importance"]["alone"] is None


def test_a_picture_is_written_and_not_over_another(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    assert run(capsys, "toy", "slices", "-o", "s.svg")[0] == 0
    text = (here / "s.svg").read_text()
    assert text.startswith("<svg") and "toy · slices" in text
    assert run(capsys, "toy", "slices", "-o", "s.svg")[0] == 1
    assert run(capsys, "toy", "slices", "-o", "s.svg", "--force")[0] == 0
    assert run(capsys, "toy", "-o", "s.gif")[0] == 2


def test_wrong_requests_name_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "toy", "slice")
    assert code == 2 and "Did you mean 'slices'?" in err
    code, _, err = run(capsys, "toy", "--trial", "99")
    assert code == 2 and "there is no trial 99" in err
