"""Files and functions stay small, and the tree speaks only of itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import sizes

# Written so that this file does not find itself.
_OF_ONE_MACHINE = re.compile("|".join(("/" + place + "/") for place in ("work", "root", "tmp/lead", "home/[a-z]+")))
_MAY_SAY_HOME = re.compile(r"/home/(?:you|user|me|ada|alice)\b")


def _tracked() -> list[Path]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=sizes.ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [sizes.ROOT / name for name in listed.decode().split("\0") if name]


def test_no_file_and_no_function_has_grown_too_long():
    assert sizes.all_offenders() == []


def test_a_long_file_and_a_long_function_are_found(monkeypatch, tmp_path):
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    path = tmp_path / "long.py"
    path.write_text("def f():\n" + "    x = 1\n" * 300)
    assert list(sizes.offenders(path)) == [
        "long.py:1: 301 lines, at most 300",
        "long.py:1: f has 301 lines, at most 40",
    ]


def test_no_tracked_file_names_a_place_on_one_machine():
    found = []
    for path in _tracked():
        if not path.is_file():
            continue
        text = _MAY_SAY_HOME.sub("", path.read_bytes().decode("utf-8", "replace"))
        found += [f"{path.relative_to(sizes.ROOT)}: {match[0]}" for match in _OF_ONE_MACHINE.finditer(text)][:1]
    assert found == []
