"""`ledger`: sums per purpose and model, unknown costs said to be unknown, one call in full."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent import cli
from agent.store import calls
from agent.store.connection import open_store
from agent.study.agent_spec import AgentSpec
from tests.agent.schemas import checked
from tests.agent.stores import make_study


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.sqlite"
    with open_store(path) as store:
        study = make_study(store, agent=AgentSpec(model="m", money=2.0))
        for purpose, cost, state, error in (
            ("next", 0.5, "ok", ""),
            ("next", None, "failed", "timeout"),
            ("answer", None, "ok", ""),
        ):
            messages = [{"role": "user", "content": "what \x1b[31mnext[/red]?"}]
            call = calls.begin(store, study.id, purpose=purpose, model="m", template="next@1:0", messages=messages)
            calls.end(
                store,
                call,
                state=state,
                error=error,
                reply="{}",
                prompt_tokens=10,
                completion_tokens=1,
                cost=cost,
                seconds=2,
            )
    return path


def run(capsys: pytest.CaptureFixture[str], path: Path, *words: str) -> tuple[int, str, str]:
    code = cli.main(["ledger", *words, "--store", str(path)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_it_adds_up(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, path, "toy", "--json")
    found = checked(out, "ledger")
    assert code == 0
    assert (found["calls"], found["failed"], found["money"], found["unpriced"]) == (3, 1, 0.5, 1)
    by = {group["purpose"]: group for group in found["by"]}
    assert sum(group["prompt_tokens"] for group in by.values()) == found["prompt_tokens"] == 30
    assert by["answer"]["money"] is None, "unknown is not 0"
    assert found["failures"] == {"timeout": 1}
    assert found["limits"] == [{"limit": "money", "spent": 0.5, "of": 2.0, "share": 0.25}]


def test_a_person_is_told_what_is_unknown(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, path)
    rows = {line.split()[1]: line for line in out.splitlines() if line.startswith("toy")}
    assert "unknown" in rows["answer"] and "$0.5000" in rows["next"]
    assert "$0.5000 + 1 unknown" in out
    assert "Failed: 1 timeout." in out


def test_one_call_in_full_and_harmless(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, path, "--call", "1")
    assert "[user]\nwhat �[31mnext[/red]?" in out and "[reply]\n{}" in out
    _, out, _ = run(capsys, path, "--call", "1", "--json")
    assert json.loads(out)["call"]["messages"][0]["content"].startswith("what")


def test_every_call_on_a_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, path, "toy", "--calls")
    head, *rows = out.splitlines()
    assert head.split()[:5] == ["#", "at", "study", "purpose", "model"]
    assert [row.split()[0] for row in rows] == ["1", "2", "3"]
    assert "failed: timeout" in rows[1] and "unknown" in rows[2] and "$0.5000" in rows[0]
    _, out, _ = run(capsys, path, "--calls", "--json")
    found = json.loads(out)
    assert found["study"] is None
    assert [(c["purpose"], c["study"], c["cost"]) for c in found["calls"]] == [
        ("next", "toy", 0.5),
        ("next", "toy", None),
        ("answer", "toy", None),
    ]


def test_tokens_that_nobody_counted_are_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(tmp_path / "store.sqlite") as store:
        study = make_study(store)
        call = calls.begin(store, study.id, purpose="next", model="m", template="", messages=[])
        calls.end(store, call, state="ok", reply="{}", seconds=2.0, first_token_seconds=0.5)
    _, out, _ = run(capsys, tmp_path / "store.sqlite", "toy", "--json")
    found = checked(out, "ledger")
    assert (found["prompt_tokens"], found["completion_tokens"], found["uncounted"]) == (None, None, 1)
    assert (found["money"], found["first_token_seconds"]["median"]) == (None, 0.5)
    _, out, _ = run(capsys, tmp_path / "store.sqlite", "toy")
    assert out.count("unknown") >= 6 and "Tokens of 1 calls are unknown" in out and "0.50 s" in out
    _, out, _ = run(capsys, tmp_path / "store.sqlite", "--call", "1")
    assert "? tokens in, ? out, cost unknown, first token 0.50 s, took 2.00 s" in out


def test_keys_are_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one that reached the store before this process knew that it is one."""
    with open_store(tmp_path / "store.sqlite") as store:
        messages = [{"role": "user", "content": "use planted-0123456789abcdef"}]
        call = calls.begin(store, make_study(store).id, purpose="next", model="m", template="", messages=messages)
        calls.end(store, call, state="ok", reply="planted-0123456789abcdef", seconds=2.0)
    monkeypatch.setenv("OPENAI_API_KEY", "planted-0123456789abcdef")
    for words in (("--call", "1"), ("--call", "1", "--json")):
        _, out, _ = run(capsys, tmp_path / "store.sqlite", *words)
        assert "planted" not in out and out.count("[key]") == 2


@pytest.mark.parametrize(("words", "said"), [(("--call", "9"), "there is no call 9"), (("tyo",), "'toy'")])
def test_what_is_not_there(path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str) -> None:
    code, _, err = run(capsys, path, *words)
    assert code == 2 and said in err


def test_nothing_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(tmp_path / "store.sqlite") as store:
        make_study(store)
    _, out, _ = run(capsys, tmp_path / "store.sqlite")
    assert out == "No model has been called yet.\n"
