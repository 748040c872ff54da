"""`demo` runs a built-in task with nothing set up, and always has something to show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import cli
from agent.plain.demos import demo_spec, find
from agent.study.policy import PolicyKind
from tests.agent.schemas import checked
from tests.agent.scripts import trials_in, workplace
from tests.agent.terminals import Terminal, tunewright
from trainers import catalog
from trainers.errors import TunewrightError

TASK = "decision_tree-iris"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with workplace(tmp_path) as place:
        yield place


def test_without_a_terminal_it_prints_the_best_config(folder: Path) -> None:
    done = tunewright("demo", TASK, "--trials", "2", cwd=folder)
    assert done.returncode == 0
    assert "best: cv_accuracy " in done.stdout and "max_depth" in done.stdout
    assert "t0 completed" in done.stderr
    first, _ = trials_in(folder, "demo-decision-tree-iris")
    assert first.source == "default"


def test_one_that_is_not_finished_is_gone_on_with_and_a_finished_one_is_followed(folder: Path) -> None:
    answers = [
        checked(tunewright("demo", TASK, "--trials", n, "--search", "random", "--json", cwd=folder).stdout, "demo")
        for n in ("1", "2", "1")
    ]
    names = [a["study"] for a in answers]
    assert names == ["demo-decision-tree-iris", "demo-decision-tree-iris", "demo-decision-tree-iris-2"]
    assert [a["trials"]["completed"] for a in answers] == [1, 2, 1]


def test_in_a_terminal_things_move_at_once(folder: Path) -> None:
    terminal = Terminal("demo", TASK, "--trials", "1", "--search", "random", cwd=folder, size=(160, 45))
    try:
        terminal.expect("demo-decision-tree-iris", after=terminal.expect("\x1b[?1049h"))
        terminal.until(lambda: [str(t.state) for t in trials_in(folder, "demo-decision-tree-iris")] == ["completed"])
        terminal.send("\x11")
        assert terminal.wait() == 0
    finally:
        terminal.close()


@pytest.mark.parametrize("name", [name for name in catalog.BUILT_IN if name != "script"])
def test_every_task_of_every_trainer_makes_a_study(name: str) -> None:
    trainer, first = find(name)
    assert first == trainer.tasks()[0]
    names = set()
    for task in trainer.tasks():
        spec = demo_spec(*find(task))
        assert (spec.trainer, spec.task, spec.budget.trials, spec.policy.kind) == (name, task, 12, PolicyKind.WATCH)
        assert spec.space.allows(spec.first_config())
        names.add(spec.name)
    assert len(names) == len(trainer.tasks())


def test_an_unknown_task_names_the_nearest(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["demo", "decision_tree-irs", "--store", str(tmp_path / "s.sqlite"), "--json"]) == 2
    error = checked(capsys.readouterr().out, "error")["error"]
    assert error["remedy"] == "Did you mean 'decision_tree-iris'?"
    assert list(tmp_path.iterdir()) == []


def test_a_task_whose_data_are_not_here_says_how_to_get_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TUNEWRIGHT_ETT", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for task, remedy in (("etth1-24-m", "Download it with 'tunewright data ett'"), ("csv-s", 'Write path = "')):
        assert cli.main(["demo", task, "--store", str(tmp_path / "s.sqlite"), "--json"]) == 2
        assert checked(capsys.readouterr().out, "error")["error"]["remedy"].startswith(remedy)
    assert list(tmp_path.iterdir()) == []


def test_a_script_is_no_demo() -> None:
    with pytest.raises(TunewrightError, match="no built-in task 'script'"):
        find("script")
