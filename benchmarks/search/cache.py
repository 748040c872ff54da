"""Where the search benchmark keeps what is dear to make: outside the project, so that reruns are cheap."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def folder() -> Path:
    """TUNEWRIGHT_BENCH_CACHE, or a folder of the person's cache."""
    path = Path(os.environ.get("TUNEWRIGHT_BENCH_CACHE") or platformdirs.user_cache_path("tunewright") / "benchmarks")
    path.mkdir(parents=True, exist_ok=True)
    return path
