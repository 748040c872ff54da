"""Finding the script that trains: by its name and what it holds, without reading much and without running anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.guide.reading.find import find_scripts

SCRIPTS = Path(__file__).parent / "scripts"
LOOP = "for epoch in range(3):\n    loss.backward()\n"


@pytest.mark.parametrize(
    ("folder", "script"),
    [
        ("torch_argparse", "train.py"), ("lightning_like", "train.py"), ("hf_like", "finetune.py"),
        ("keras_like", "train.py"), ("sklearn_cv", "train_model.py"), ("hydra_like", "train.py"),
        ("constants", "train.py"), ("click_cli", "train.py"), ("typer_cli", "train.py"),
        ("dataclass_loop", "train.py"), ("pydantic_cli", "train.py"),
    ],
)  # fmt: skip
def test_the_training_script_of_each_example_comes_first(folder, script):
    assert find_scripts(SCRIPTS / folder)[0].path.name == script


def test_a_wrapper_is_offered_before_the_script_that_cannot_run_without_it():
    assert [c.path.name for c in find_scripts(SCRIPTS / "shell")] == ["run.sh", "main.py"]


def test_the_reason_names_what_was_seen():
    assert find_scripts(SCRIPTS / "torch_argparse")[0].reason == "train.py: has a training loop, argparse and constants"
    assert find_scripts(SCRIPTS / "shell")[0].reason == "run.sh: starts main.py"


def test_helpers_tests_and_packages_are_no_candidates(tmp_path):
    for name in ("utils.py", "model.py", "setup.py", "test_train.py", "conftest.py"):
        (tmp_path / name).write_text("import torch\n")
    for folder in (".hidden", "tests", "build", "node_modules", "env/lib/site-packages/torch"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "train.py").write_text(LOOP)
    (tmp_path / "myenv").mkdir()
    (tmp_path / "myenv" / "pyvenv.cfg").touch()
    (tmp_path / "myenv" / "train.py").write_text(LOOP)
    assert find_scripts(tmp_path) == []


def test_one_in_a_subfolder_is_found_and_comes_after_the_folders_own(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text(LOOP)
    (tmp_path / "train.py").write_text(LOOP)
    found = find_scripts(tmp_path)
    assert [str(c.path.relative_to(tmp_path)) for c in found] == ["train.py", "src/train.py"]
    assert found[1].reason.startswith("src/train.py:")


def test_what_cannot_be_read_is_passed_over(tmp_path):
    (tmp_path / "binary.py").write_bytes(os.urandom(4096) + b"\0")
    (tmp_path / "empty.py").touch()
    (tmp_path / "latin_train.py").write_bytes("# é\n".encode("latin-1") + LOOP.encode())
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "train.py").mkdir()
    assert [c.path.name for c in find_scripts(tmp_path)] == ["latin_train.py"]


def test_a_huge_folder_costs_a_bounded_number_of_files(tmp_path, monkeypatch):
    for i in range(600):
        (tmp_path / f"part{i:03}.py").write_text(LOOP)
    opened = []
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *a, **k: (opened.append(self), real(self, *a, **k))[1])
    assert len(find_scripts(tmp_path)) == 12
    assert len(opened) == 400


def test_a_folder_that_is_not_there_has_none(tmp_path):
    assert find_scripts(tmp_path / "nowhere") == []
