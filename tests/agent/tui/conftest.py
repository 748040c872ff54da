"""Stores for tests of the app."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.tui import seed


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """A study with 12 ended trials, two that run and one proposal."""
    return seed.make(tmp_path / "store.sqlite")
