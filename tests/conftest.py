"""Shared by all tests: one numeric thread, as trials have, and no colour or network by accident."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

# The lessons of whoever runs the tests are theirs: from the first import on they lie elsewhere, also for every process
# started from here, and each test gets a file of its own.
_FOLDER = tempfile.TemporaryDirectory(prefix="tunewright-tests-")  # gone with this process
os.environ["TUNEWRIGHT_LESSONS"] = str(Path(_FOLDER.name) / "lessons.sqlite")
os.environ.pop("TUNEWRIGHT_EMBEDDER", None)
# So are their settings and keys.
os.environ["XDG_CONFIG_HOME"] = str(Path(_FOLDER.name) / "config")

# A third party's trainer, installed as far as Python can tell: here and in every process started from here.
_PLUGIN = str(Path(__file__).parent / "plugin")
sys.path.insert(0, _PLUGIN)
os.environ["PYTHONPATH"] = os.pathsep.join([_PLUGIN, *filter(None, [os.environ.get("PYTHONPATH")])])

# Started in the background of a script, or by nohup, we would be deaf to Ctrl-C and to a closed terminal, and so would
# every process started from here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def lessons_of_the_test(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's lessons lie; the file is made by whoever first writes one."""
    path = tmp_path_factory.mktemp("lessons") / "lessons.sqlite"
    monkeypatch.setenv("TUNEWRIGHT_LESSONS", str(path))
    return path
