"""CSV files for the tests, and the published ones where this machine has them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

HEADER = "date,load,OT"


def ett_folder() -> Path:
    """The folder with the ETT files. Skips the test where there is none."""
    beside = Path(__file__).parents[3].parent / "shared" / "data"
    folder = Path(os.environ.get("TUNEWRIGHT_ETT", beside))
    if not (folder / "ETTh1.csv").is_file():
        pytest.skip("the ETT files are not here: set TUNEWRIGHT_ETT to their folder")
    return folder.resolve()


def hourly(count: int = 10) -> list[str]:
    """Rows from the first of January 2024, a Monday: the hour of the series, and that modulo 7."""
    return [f"2024-01-{1 + hour // 24:02d} {hour % 24:02d}:00:00,{hour}.5,{hour % 7}" for hour in range(count)]


def write(folder: Path, rows: Sequence[str], header: str = HEADER, name: str = "series.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path
