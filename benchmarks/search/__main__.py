"""`python -m benchmarks.search run|report`: measures what is missing from the file of runs, and prints its tables."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

RUNS = Path("benchmarks/recorded/search.jsonl")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--runs", type=Path, default=RUNS, help=f"the file of runs ({RUNS})")
    actions = parser.add_subparsers(dest="action", required=True)
    run = actions.add_parser("run", help="measure")
    run.add_argument("--tasks", default="hpobench,hpolib", help="groups, or group/task, with commas")
    run.add_argument("--methods", default="random,tpe,gp,guided", help="with commas; see methods.py")
    run.add_argument("--seeds", type=int, default=10)
    run.add_argument("--from-seed", type=int, default=0)
    run.add_argument("--trials", type=int, default=30)
    run.add_argument("--given", choices=("llambo",), default="", help="begin with LLAMBO's five configs of that seed")
    run.add_argument("--minutes", type=float, default=float("inf"), help="begin no run after so many")
    whole = actions.add_parser(
        "all", help="measure what docs/search.md shows, as far as it is not measured, and print it"
    )
    whole.add_argument("--minutes", type=float, default=float("inf"), help="begin no run after so many")
    report = actions.add_parser("report", help="print the tables")
    report.add_argument("--tasks", default="", help="groups, with commas; all that were run")
    report.add_argument("--given", choices=("llambo",), default="")
    report.add_argument("--by-task", type=int, metavar="TRIALS", help="every task's regret after so many trials")
    options = parser.parse_args()
    if options.action == "run":
        from benchmarks.search.measure import measure

        seeds = range(options.from_seed, options.from_seed + options.seeds)
        return measure(
            options.runs,
            options.tasks.split(","),
            options.methods.split(","),
            seeds,
            options.trials,
            options.given,
            time.monotonic() + 60 * options.minutes,
        )
    if options.action == "all":
        from benchmarks.search.plan import everything

        if code := everything(options):
            return code
        options = parser.parse_args(["--runs", str(options.runs), "report"])
    from benchmarks.search.report import report as told

    print(told(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
