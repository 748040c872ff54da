"""`python -m benchmarks.search run|report|plot|all`: measures what the file of runs lacks, prints and draws it."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

RUNS = Path(__file__).parents[1] / "recorded" / "search.jsonl"  # wherever it is run from


def main() -> int:
    parser = _parser()
    options = parser.parse_args()
    if options.action == "run":
        return _measure(options)
    if options.action in ("report", "plot") and not options.runs.is_file():
        parser.error(f"there is no file of runs at {options.runs}; --runs names one, 'run' measures")
    if options.action == "plot":
        from benchmarks.search.plot import draw

        draw(options.runs, options.path, options.tasks.split(","), options.methods.split(","))
        return 0
    if options.action == "all":
        from benchmarks.search.plan import everything

        if code := everything(options.runs, _until(options)):
            return code
    from benchmarks.search.report import report

    print(report(options.runs, options.tasks, options.given, options.by_task))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--runs", type=Path, default=RUNS, help=f"the file of runs ({RUNS})")
    actions = parser.add_subparsers(dest="action", required=True)
    run = actions.add_parser("run", help="measure")
    run.add_argument("--methods", default="random,tpe,gp,guided", help="with commas; see methods.py")
    run.add_argument("--seeds", type=int, default=10)
    run.add_argument("--from-seed", type=int, default=0)
    run.add_argument("--trials", type=int, default=30)
    whole = actions.add_parser("all", help="measure what docs/search.md shows, where it was not yet, and print it")
    for action in (run, whole):
        action.add_argument("--minutes", type=float, default=float("inf"), help="begin no run after so many")
    report = actions.add_parser("report", help="print the tables")
    for action in (run, report, whole):
        default = "hpobench,hpolib" if action is run else ""
        action.add_argument("--tasks", default=default, help="groups, or group/task, with commas")
        action.add_argument(
            "--given", choices=("llambo",), default="", help="runs that begin with LLAMBO's five configs"
        )
    plot = actions.add_parser("plot", help="draw the mean regret by trial")
    plot.add_argument("path", type=Path, metavar="FILE.png")
    plot.add_argument("--tasks", default="hpobench,hpolib")
    plot.add_argument("--methods", default="random,optuna-tpe,gp,guided+portfolio")
    for action in (report, whole):
        action.add_argument("--by-task", type=int, metavar="TRIALS", help="every task's regret after so many trials")
    return parser


def _until(options: argparse.Namespace) -> float:
    return time.monotonic() + 60 * options.minutes


def _measure(options: argparse.Namespace) -> int:
    from benchmarks.search.measure import measure

    seeds = range(options.from_seed, options.from_seed + options.seeds)
    groups, methods = options.tasks.split(","), options.methods.split(",")
    return measure(options.runs, groups, methods, seeds, options.trials, options.given, _until(options))


if __name__ == "__main__":
    sys.exit(main())
