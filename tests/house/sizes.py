"""A file is at most 300 lines, a function at most 40; when one grows, it is two things.

Run as a script it prints every offender and exits 1.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

MOST_FILE_LINES, MOST_FUNCTION_LINES = 300, 40
ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("agent", "trainers", "prompts", "benchmarks")


def offenders(path: Path) -> Iterator[str]:
    """What in one file is too long, as `file:line: what`."""
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    name = path.relative_to(ROOT)
    if lines > MOST_FILE_LINES:
        yield f"{name}:1: {lines} lines, at most {MOST_FILE_LINES}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > MOST_FUNCTION_LINES:
                yield f"{name}:{node.lineno}: {node.name} has {size} lines, at most {MOST_FUNCTION_LINES}"


def all_offenders() -> list[str]:
    return [found for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) for found in offenders(path)]


if __name__ == "__main__":
    found = all_offenders()
    print(*found, sep="\n")
    sys.exit(bool(found))
