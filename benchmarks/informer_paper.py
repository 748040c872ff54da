"""The paper's table: mean test error of Informer over seeds, beside what Zhou et al. (AAAI 2021) report.

    python -m benchmarks.informer_paper etth1-24-m etth2-48-s … [--seeds 5] [--out informer_paper.jsonl] [--minutes 5]
    python -m benchmarks.informer_paper --table

Each seed trains one trial of a small config (SMALL below, chosen by validation error) under the paper's
protocol, and its best checkpoint is tested once on all test windows. A line of JSON a trial is appended to `--out`;
what stands there is not run again, so a run that was cut short goes on. `--minutes` ends the process in between two
trials; `--set d_model=512` trains another config. The ETT files are found by the variable TUNEWRIGHT_ETT.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from trainers import catalog, rundir
from trainers.context import WorkerContext
from trainers.contract import RunConfig

# (MSE, MAE) of the paper's tables 1 and 2.
PAPER = {
    "etth1-24-m": (0.577, 0.549),
    "etth1-48-m": (0.685, 0.625),
    "etth1-168-m": (0.931, 0.752),
    "etth1-336-m": (1.128, 0.873),
    "etth1-720-m": (1.215, 0.896),
    "etth2-24-m": (0.720, 0.665),
    "etth2-48-m": (1.457, 1.001),
    "etth2-168-m": (3.489, 1.515),
    "etth2-336-m": (2.723, 1.340),
    "etth2-720-m": (3.467, 1.473),
    "etth1-24-s": (0.098, 0.247),
    "etth1-48-s": (0.158, 0.319),
    "etth1-168-s": (0.183, 0.346),
    "etth1-336-s": (0.222, 0.387),
    "etth1-720-s": (0.269, 0.435),
    "etth2-24-s": (0.093, 0.240),
    "etth2-48-s": (0.155, 0.314),
    "etth2-168-s": (0.232, 0.389),
    "etth2-336-s": (0.263, 0.417),
    "etth2-720-s": (0.277, 0.431),
}
SMALL: dict[str, Any] = {
    "seq_len": 48,
    "label_len": 24,
    "d_model": 64,
    "n_heads": 2,
    "d_ff": 128,
    "e_layers": 2,
    "d_layers": 1,
    "attention": "prob",
    "factor": 3,
    "dropout": 0.05,
    "lr": 1e-3,
    "batch_size": 32,
    "epochs": 3,
}
T_95 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26}  # Student's, by seeds


def trial(task: str, config: dict[str, Any], seed: int) -> dict[str, Any]:
    """One trial's line: the best validation error, the test errors, CPU seconds."""
    trainer = catalog.load("informer")
    run = RunConfig(
        study="paper",
        trial=seed,
        trainer="informer",
        task=task,
        params=trainer.space(task).validate(config),
        objective=trainer.objective(task),
        seed=seed,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        rundir.create(path, run)
        ctx = WorkerContext(path, run, deadline=math.inf)
        started = time.process_time()
        trainer.run(run.params, ctx)
        seconds = time.process_time() - started
        ctx.close()
        reports = [report.metrics for report in rundir.all_reports(path)]
    val = [metrics["val_mse"] for metrics in reports if "val_mse" in metrics]
    told = {"task": task, "seed": seed, "val_mse": min(val), "epochs": len(val), "cpu_seconds": round(seconds, 1)}
    return {**told, "test_mse": reports[-1]["test_mse"], "test_mae": reports[-1]["test_mae"], "config": config}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("informer_paper.jsonl"))
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--table", action="store_true")
    args = parser.parse_args()
    os.environ |= {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for module in catalog.load("informer").preload:
        importlib.import_module(module)
    changes = {name: json.loads(value) for name, _, value in (one.partition("=") for one in args.set)}
    until = time.monotonic() + 60 * args.minutes
    for task in args.tasks:
        config = {**SMALL, **changes}
        for seed in range(args.seeds):
            if time.monotonic() > until:
                return
            if any(_same(line, task, config, seed) for line in lines(args.out)):
                continue
            line = trial(task, config, seed)
            with open(args.out, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(json.dumps({name: line[name] for name in line if name != "config"}), flush=True)
    if args.table:
        print(table(lines(args.out)))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _same(line: dict[str, Any], task: str, config: dict[str, Any], seed: int) -> bool:
    return bool(line["task"] == task and line["config"] == config and line["seed"] == seed)


def table(found: list[dict[str, Any]]) -> str:
    """Markdown: a row for each setting and config, the paper's order."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in found:
        groups.setdefault((line["task"], json.dumps(line["config"], sort_keys=True)), []).append(line)
    rows = [
        "| task | config | seeds | test MSE | 95% interval | MAE | paper MSE / MAE | at or below | CPU-s a trial |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    order = list(PAPER)
    for (task, _), group in sorted(groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1])):
        rows.append(_row(task, group))
    return "\n".join(rows)


def _row(task: str, group: list[dict[str, Any]]) -> str:
    mse, mae = ([line[name] for line in group] for name in ("test_mse", "test_mae"))
    mean, paper = statistics.mean(mse), PAPER[task]
    spread = "–"
    if len(mse) in T_95:
        half = T_95[len(mse)] * statistics.stdev(mse) / math.sqrt(len(mse))
        spread = f"{mean - half:.3f} … {mean + half:.3f}"
    config = group[0]["config"]
    size = "{seq_len}/{label_len}, d {d_model}/{d_ff}, batch {batch_size}".format(**config)
    cells = [task, size, str(len(group)), f"{mean:.3f}", spread, f"{statistics.mean(mae):.3f}"]
    cells += [f"{paper[0]:.3f} / {paper[1]:.3f}", "yes" if mean <= paper[0] else "no"]
    return f"| {' | '.join(cells)} | {statistics.mean(line['cpu_seconds'] for line in group):.0f} |"


if __name__ == "__main__":
    main()
