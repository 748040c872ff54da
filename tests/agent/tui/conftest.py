"""Stores for tests of the app."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import seed  # noqa: E402 – after the path


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """A study with 12 ended trials, two that run and one proposal."""
    return seed.make(tmp_path / "store.sqlite")
