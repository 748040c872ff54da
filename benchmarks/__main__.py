"""`python -m benchmarks [NAME …] [--quick]`: runs them one after another and prints one table."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from benchmarks.harness import Figure, table

NAMES = (
    "first_paint",
    "key_to_screen",
    "reports",
    "opening",
    "curves",
    "table",
    "long_session",
    "chat",
    "first_step",
    "ask",
    "fidelity",
    "prompt_tokens",
    "first_token",
    "llm_overhead",
    "local_tokens",
    "pack",
    "informer_step",
)


def main() -> int:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Figures beside their peers.")
    parser.add_argument("names", nargs="*", default=NAMES, help=f"any of {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="small sizes and few repeats: a check that it runs")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in NAMES]:
        parser.error(f"there is no benchmark {', '.join(unknown)}; known: {', '.join(NAMES)}")
    figures: list[Figure] = []
    loads = [os.getloadavg()[0]]
    for name in options.names:
        print(f"{name} …", file=sys.stderr, flush=True)
        figures += importlib.import_module(f"benchmarks.{name}").figures(quick=options.quick)
        loads.append(os.getloadavg()[0])
    print(table(figures))
    between = ", ".join(f"{load:.1f}" for load in loads)
    print(f"\n{os.cpu_count()} cores; load average over a minute before the first and after each: {between}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
