"""A store with one study of two finished trials, made by the real thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.terminals import tunewright


@pytest.fixture(scope="session")
def store_of_one_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = tunewright("demo", "--trials", "2", "--policy", "auto", "--headless", cwd=folder, timeout=150)
    assert done.returncode == 0, done.stderr
    return folder
