"""Whatever a file holds, reading it ends in a Reading or in one clear message."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.guide.nouns import Reading
from agent.guide.reading.read import read_script
from agent.guide.reading.tunables import tunables
from trainers.errors import TunewrightError

SCRIPTS = Path(__file__).parent / "scripts"
SOURCES = [p.read_text(encoding="utf-8") for p in sorted(SCRIPTS.rglob("*.py"))]
WRAPPER = (SCRIPTS / "shell/run.sh").read_text(encoding="utf-8")


def outcome(path: Path) -> Reading | str:
    """The reading, or the message; anything else that is raised fails the test."""
    try:
        reading = read_script(path)
    except TunewrightError as error:
        assert str(path.name) in str(error)
        return str(error)
    tunables(reading)
    return reading


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x7fELF\0\0\0", "binary"),
        (b"print 'hello'\n", "train.py:1: it is not valid Python"),
        (b"def f(:\n  pass\n", "train.py:1: it is not valid Python"),
        (b"x = " + b"(" * 5000, "train.py"),
        (b"#" * (3 << 20), "larger than 2 MiB"),
    ],
    ids=["binary", "python2", "syntax", "nested", "huge"],
)
def test_what_is_no_script_of_today_is_told_with_its_place(tmp_path, data, message):
    (tmp_path / "train.py").write_bytes(data)
    assert message in outcome(tmp_path / "train.py")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbfLR = 1e-3\n",
        b"# -*- coding: latin-1 -*-\nLR = 1e-3  # \xe9\n",
        b"# coding: no-such-encoding\nLR = 1e-3\n",
        b"LR = 1e-3  # \xff\xfe\n",
        b"LR = 1e-3\r\nWD = 1\r\n",
        b"LR = 10 ** 10 ** 10\nX = 1 << 10 ** 9\nY = 'a' * 10 ** 12\nZ = 1e308 * 10\nW = 2 ** -1e9\n",
        b"LR = " + b" + ".join([b"1"] * 3000) + b"\n",
        b"A = B\nB = A\nimport train\nfrom train import A as C\nclass D(D): x: int = 1\n",
    ],
    ids=["empty", "bom", "latin1", "cookie", "utf8", "crlf", "powers", "long", "circles"],
)
def test_odd_scripts_are_read(tmp_path, data):
    (tmp_path / "train.py").write_bytes(data)
    found = outcome(tmp_path / "train.py")
    assert isinstance(found, Reading) or "nested too deeply" in found or "cannot be parsed" in found


def test_folders_missing_files_pipes_and_files_without_permission(tmp_path):
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    assert "it is a folder" in outcome(tmp_path / "folder.py")
    assert "no such file" in outcome(tmp_path / "gone.py")
    assert "no such file" in outcome(tmp_path / "pipe.py")
    (tmp_path / "loop.py").symlink_to(tmp_path / "loop.py")
    assert "loop.py" in outcome(tmp_path / "loop.py")


def test_modules_that_import_each_other_end(tmp_path):
    (tmp_path / "a.py").write_text("from b import *\nfrom b import g\ndef f(): return g()\n")
    (tmp_path / "b.py").write_text("from a import f\ndef g(p): f(); p.add_argument('--lr', default=0.1)\n")
    (tmp_path / "train.py").write_text("from a import f\nimport broken\nbroken.x\nf()\n")
    (tmp_path / "broken.py").write_text("print 'two'\n")
    found = outcome(tmp_path / "train.py")
    assert isinstance(found, Reading)
    assert [o.name for o in found.options] == ["lr"]


def test_nothing_of_the_script_is_run_or_imported(tmp_path):
    (tmp_path / "side.py").write_text("open('ran', 'w')\nLR = 1\n")
    (tmp_path / "train.py").write_text("import side\nopen('ran', 'w')\nLR = side.LR\nexec('x')\n")
    before, modules = os.getcwd(), set(sys.modules)
    outcome(tmp_path / "train.py")
    assert not (tmp_path / "ran").exists()
    assert "side" not in set(sys.modules) - modules
    assert os.getcwd() == before


_FEW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_FEW
@given(data=st.binary(max_size=400), name=st.sampled_from(["train.py", "run.sh", "run"]))
def test_any_bytes(tmp_path, data, name):
    (tmp_path / name).write_bytes(data)
    outcome(tmp_path / name)


@_FEW
@given(data=st.data())
def test_scripts_with_lines_lost_doubled_and_cut(tmp_path, data):
    """Code that nearly is right reaches further than noise."""
    lines = data.draw(st.sampled_from(SOURCES)).split("\n")
    keep = data.draw(st.lists(st.integers(0, len(lines) - 1), max_size=len(lines)))
    cut = data.draw(st.sampled_from(["", "}", '"', ")", "    x = [", "\\"]))
    mixed = [line for i, line in enumerate(lines) if i not in set(keep[:8])]
    (tmp_path / "train.py").write_text("\n".join(mixed) + cut, encoding="utf-8")
    outcome(tmp_path / "train.py")


@_FEW
@given(data=st.data())
def test_expressions_in_the_place_of_others(tmp_path, data):
    """Arguments of every kind where options expect a name, a type or a default."""
    odd = st.sampled_from(["None", "...", "x", "*a", "**k", "lambda: 0", "f'{x}'", "[1, *a]", "{**k}", "b'x'", "1j", "x.y[0]",
                           "-'a'", "not 1", "'a' 'b'", "1 if x else 2", "float('inf')", "range(0, 9, 0)", "10 ** 99", "(y := 1)"])  # fmt: skip
    a, b, c, d = (data.draw(odd) for _ in range(4))
    text = (
        "import argparse, click, typer, os, hydra, tyro\nfrom absl import flags\nfrom dataclasses import dataclass\n"
        f"p = argparse.ArgumentParser()\np.add_argument('--x', {_as_keyword('type', a)}, {_as_keyword('default', b)},"
        f" {_as_keyword('choices', c)}, {_as_keyword('action', d)})\np.add_argument({_plain(a)}, {_plain(b)})\n"
        f"p.set_defaults({_as_keyword('x', c)})\nflags.DEFINE_float('y', {_plain(a)}, {_plain(b)}, {_as_keyword('lower_bound', c)})\n"
        f"@click.command({_plain(d)})\n@click.option('--z', {_as_keyword('type', a)}, {_as_keyword('default', b)}, {_as_keyword('multiple', c)})\n"
        f"@click.option('--w', type=click.IntRange({_plain(a)}, {_plain(b)}))\ndef c(): pass\n"
        f"def t(a: {_plain(a)} = {_plain(b)}, *, q: 'Optional[' = typer.Option({_plain(c)}, {_as_keyword('min', d)})): pass\ntyper.run(t)\n"
        f"@dataclass\nclass K:\n    a: int = {_plain(c)}\n    b: {_plain(d)} = 1\ntyro.cli(K)\ntyro.cli({_plain(a)})\n"
        f"os.environ.get({_plain(a)}, {_plain(b)})\nos.getenv('V', {_plain(c)})\nLR = {_plain(d)}\n"
        f"@hydra.main(config_path={_plain(a)}, config_name={_plain(b)})\ndef h(): pass\n"
    )
    (tmp_path / "train.py").write_text(text, encoding="utf-8")
    outcome(tmp_path / "train.py")


def _plain(text: str) -> str:
    return "0" if text.startswith("*") else f"({text})"


def _as_keyword(name: str, text: str) -> str:
    return text if text.startswith("**") else f"{name}={_plain(text)}"


@_FEW
@given(
    lines=st.lists(
        st.sampled_from([*WRAPPER.split("\n"), "python", "python -m", "LR=$(", "X=${", "'", "python x.py --lr", "cd"])
    )
)
def test_wrappers_in_any_order(tmp_path, lines):
    (tmp_path / "main.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float)\n"
    )
    (tmp_path / "run.sh").write_text("\n".join(lines))
    outcome(tmp_path / "run.sh")


@_FEW
@given(text=st.text(max_size=300))
def test_any_text_as_a_hydra_config(tmp_path, text):
    (tmp_path / "train.py").write_text(
        "import hydra\n@hydra.main(config_path='conf', config_name='c')\ndef main(cfg): ...\n", encoding="utf-8"
    )
    (tmp_path / "conf").mkdir(exist_ok=True)
    (tmp_path / "conf" / "c.yaml").write_text("defaults:\n - a: b\n" + text, encoding="utf-8")
    assert isinstance(outcome(tmp_path / "train.py"), Reading)
