"""The Electricity Transformer Temperature data (Zhou et al., AAAI 2021): which files, and where they are kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "TUNEWRIGHT_ETT"  # a folder that holds the files
ADDRESS = "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small"
LICENCE = "CC BY-ND 4.0, github.com/zhouhaoyi/ETDataset"


@dataclass(frozen=True)
class DataFile:
    """A file as it is published: its size in bytes and SHA-256."""

    name: str
    size: int
    sha256: str


FILES = {
    "etth1": DataFile("ETTh1.csv", 2_589_657, "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066"),
    "etth2": DataFile("ETTh2.csv", 2_417_960, "a3dc2c597b9218c7ce1cd55eb77b283fd459a1d09d753063f944967dd6b9218b"),
}


def data_folder() -> Path:
    """Where `tunewright data ett` puts them unless told."""
    try:
        from platformdirs import user_data_path
    except ImportError:  # a bare node, with what a trial needs and no more
        return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "tunewright" / "ett"
    return user_data_path("tunewright") / "ett"
