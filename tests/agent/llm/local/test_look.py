"""`tunewright look` on a study whose model's inner life was recorded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent import cli
from agent.llm import insight
from agent.llm.attention import Recorder, load
from agent.store import calls, proposals
from agent.store.connection import Store, open_store
from agent.study.nouns import Draft, Source
from tests.agent.llm.local.test_heat import pixels
from tests.agent.schemas import checked
from tests.agent.stores import GOOD, make_study

PROMPT = ("<s>", "Task\n", "t0 lr=0.1\n", "t1 lr\x1b[31m=1\n")
REPLY = ('{"lr": ', "0.001", ', "opt": "', "sgd", '", "layers": 2}')


def noted(store: Store, *, attention: bool) -> int:
    """A call with a recording in which each value looks at another line."""
    call = calls.begin(store, None, purpose="next", model="local:tiny.gguf", template="", messages=[])
    extra = {}
    if attention:
        recorder = Recorder((1,), (0, 2), PROMPT)
        for row in range(len(REPLY)):
            shares = np.full((1, 2, len(PROMPT) + row), 0.1, np.float32)
            shares[..., {1: 2, 3: 3}.get(row, 1)] = 0.5
            recorder.add(shares)
        extra = insight.kept({"attention": recorder.recording(REPLY)}, store.folder, call)
    calls.end(store, call, state="ok", extra=extra)
    return call


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Proposals: 0 not a model's, 1 with everything, 2 with entropy alone, 3 with nothing."""
    monkeypatch.chdir(tmp_path)
    with open_store(tmp_path / "store.sqlite") as store:
        study = make_study(store)
        entropy = {"entropy": {"lr": 0.125, "opt": 1.5}}
        drafts = [
            Draft(source=Source.GP, params=GOOD),
            Draft(source=Source.LLM, params=GOOD, call_id=noted(store, attention=True), insight=entropy),
            Draft(source=Source.LLM, params=GOOD, call_id=noted(store, attention=False), insight=entropy),
            Draft(source=Source.LLM, params=GOOD, call_id=noted(store, attention=False)),
        ]
        proposals.add(store, study.id, drafts)
    return tmp_path


def look(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = cli.main(["look", "toy", *words])
    return (code, *capsys.readouterr())


class TestText:
    def test_entropy_beside_each_value_and_where_it_looked(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, err = look(capsys, "1")
        assert (code, err) == (0, "")
        lines = out.splitlines()
        assert lines[0] == "proposal 1, from local:tiny.gguf"
        rows = {line.split()[0]: line.split()[1:] for line in lines[3:8]}
        assert rows["lr"] == ["0.001", "0.12", "▄█▄"]
        assert rows["opt"] == ["sgd", "1.50", "▄▄█"]
        assert rows["momentum"] == ["0.9", "–"]
        assert "Attention of layers 1, heads 0, 2, the mean over the values:" in out
        assert lines[-3:] == ["█  33%  <s>Task", "█  33%  t0 lr=0.1", "█  33%  t1 lr�[31m=1"]

    def test_entropy_alone(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = look(capsys, "2")
        assert code == 0 and "1.50" in out and "where it looked" not in out


class TestJson:
    def test_everything(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, err = look(capsys, "1", "--json")
        found = checked(out, "look")
        assert (code, err, found["proposal"], found["model"]) == (0, "", 1, "local:tiny.gguf")
        assert {v["name"]: v["entropy"] for v in found["values"]} == {
            "lr": 0.125, "opt": 1.5, "momentum": None, "layers": None, "warm": None,
        }  # fmt: skip
        assert set(found["attention"]["by_value"]) == {"lr", "opt", "layers"}
        assert sum(line["weight"] for line in found["attention"]["lines"]) == pytest.approx(1)

    def test_without_attention(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert checked(look(capsys, "2", "--json")[1], "look")["attention"] is None


class TestFiles:
    def test_picture_and_arrays(self, capsys: pytest.CaptureFixture[str], here: Path) -> None:
        code, _, err = look(capsys, "1", "--png", "1.png", "--npz", "1.npz")
        assert (code, err) == (0, "Wrote 1.png.\nWrote 1.npz.\n")
        assert pixels((here / "1.png").read_bytes()).shape[1] > 100
        assert load(here / "1.npz").reply == REPLY

    def test_nothing_is_replaced_without_force(self, capsys: pytest.CaptureFixture[str], here: Path) -> None:
        (here / "1.png").write_text("mine")
        code, _, err = look(capsys, "1", "--png", "1.png")
        assert code != 0 and "the file exists" in err and (here / "1.png").read_text() == "mine"
        assert look(capsys, "1", "--png", "1.png", "--force")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("0",), "proposal 0 came from gp, not from a model"),
        (("3",), "nothing was recorded for proposal 3. Set entropy = true"),
        (("2", "--png", "x.png"), "no attention was recorded for proposal 2"),
        (("9",), "there is no proposal 9. The study has proposals 0 to 3."),
        (("x",), "'x' is not a whole number"),
    ],
)
def test_what_there_is_not_is_said(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str) -> None:
    code, out, err = look(capsys, *words)
    assert (code, out) == (2, "")
    assert said in err


def test_a_recording_that_is_gone_is_said(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    for path in (here / "insight").iterdir():
        path.unlink()
    code, _, err = look(capsys, "1")
    assert code == 2 and "there is no such file" in err
