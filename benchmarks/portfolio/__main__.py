"""Builds the portfolios that ship, from recorded runs and public tables.

    python -m benchmarks.portfolio            writes agent/lessons/portfolios.toml
    python -m benchmarks.portfolio --check    says whether the file is what the builder makes; exit code 1 if not

The tables of HPOBench and HPOLib come with the extra `bench`.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.portfolio.build import build
from benchmarks.portfolio.families import FAMILIES
from benchmarks.portfolio.tables import tables
from benchmarks.portfolio.write import PATH, toml


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    args = parser.parse_args()
    built = [build(tables(name)) for name in FAMILIES]
    text = toml(lesson for lesson in built if lesson is not None)
    if args.check:
        same = PATH.read_text(encoding="utf-8") == text
        print("as built" if same else f"{PATH} is not what the builder makes")
        return 0 if same else 1
    PATH.write_text(text, encoding="utf-8")
    for lesson in built:
        print(lesson.text if lesson else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
