"""The benchmark of the paper's table: every setting has the paper's figure and a config its space allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import informer_paper
from trainers.informer import InformerTrainer

LINE = {"task": "etth1-24-m", "seed": 0, "val_mse": 0.6, "epochs": 3, "cpu_seconds": 20.0}


@pytest.mark.parametrize("task", informer_paper.PAPER)
def test_every_setting_has_a_config_of_its_tasks_space(task: str) -> None:
    assert InformerTrainer().space(task).problems(informer_paper.SMALL) == []


def test_the_table_gives_mean_interval_and_whether_it_is_at_or_below_the_papers() -> None:
    config = informer_paper.SMALL
    lines = [
        {**LINE, "seed": seed, "config": config, "test_mse": 0.5 + 0.01 * seed, "test_mae": 0.5} for seed in range(5)
    ]
    row = informer_paper.table(lines).splitlines()[-1]
    assert "| 5 | 0.520 | 0.500 … 0.540 | 0.500 | 0.577 / 0.549 | yes |" in row
    worse = [{**line, "test_mse": 0.6} for line in lines]
    assert "| no |" in informer_paper.table(worse).splitlines()[-1]


def test_a_trial_that_was_run_is_found_again(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert informer_paper.lines(out) == []
    out.write_text('{"task": "etth1-24-m", "seed": 0, "config": {"lr": 0.1}}\n')
    (line,) = informer_paper.lines(out)
    assert informer_paper._same(line, "etth1-24-m", {"lr": 0.1}, 0)
    assert not informer_paper._same(line, "etth1-24-m", {"lr": 0.2}, 0)
    assert not informer_paper._same(line, "etth1-24-m", {"lr": 0.1}, 1)
