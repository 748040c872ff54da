"""What every trainer promises. A trainer's test class derives from TrainerConformance and says what to run."""

from __future__ import annotations

import importlib
import json
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.trainers.context import Killed, RecordingContext
from trainers import catalog
from trainers.contract import Limits, Trainer
from trainers.errors import TunewrightError, nearest
from trainers.space import Config, SearchSpace

HEAVY = ("torch", "sklearn", "numpy", "scipy")
Context = Callable[..., RecordingContext]

_CHEAP = """
import sys
from trainers import catalog
trainer = catalog.load(sys.argv[1])
for task in trainer.tasks():
    trainer.space(task), trainer.objective(task), trainer.defaults(task)
print(*(name for name in sys.argv[2:] if name in sys.modules))
"""

_PRELOAD = """
import importlib, os, sys, threading
from trainers import catalog
for module in catalog.load(sys.argv[1]).preload:
    importlib.import_module(module)
torch = sys.modules.get("torch")
tasks = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else threading.active_count()
print(tasks, bool(torch and torch.cuda.is_initialized()))
"""


class TrainerConformance:
    """`config` changes the defaults of `task` into a run of about a second; `long_config` into one of many."""

    name: ClassVar[str]
    task: ClassVar[str]
    config: ClassVar[Config] = {}
    options: ClassVar[Mapping[str, Any]] = {}
    long_config: ClassVar[Config] = {}
    long_options: ClassVar[Mapping[str, Any]] = {}
    long_task: ClassVar[str] = ""
    seeded: ClassVar[bool] = True  # whether the seed makes a difference
    resumes: ClassVar[bool] = False

    @pytest.fixture
    def trainer(self) -> Trainer:
        trainer = catalog.load(self.name)
        for module in trainer.preload:  # as the warm process has, before a trial's time begins to run
            importlib.import_module(module)
        return trainer

    @pytest.fixture
    def context(self, trainer: Trainer, tmp_path: Path) -> Context:
        def make(**more: Any) -> RecordingContext:
            more = {"task": self.task, "options": self.options, **more}
            run_dir = tmp_path / str(len(list(tmp_path.iterdir())))
            return RecordingContext(run_dir=run_dir, objective=trainer.objective(more["task"]), **more)

        return make

    def run(self, trainer: Trainer, ctx: RecordingContext) -> RecordingContext:
        trainer.run(trainer.space(self.task).validate({**trainer.defaults(self.task), **self.config}), ctx)
        return ctx

    # -- before anything runs ----------------------------------------------------

    def test_it_is_called_by_its_name(self, trainer: Trainer) -> None:
        assert trainer.name == self.name

    def test_every_space_survives_json_and_samples_what_it_allows(self, trainer: Trainer) -> None:
        rng = random.Random(0)
        for task in trainer.tasks():
            space = trainer.space(task)
            assert SearchSpace.from_dict(json.loads(json.dumps(space.to_dict()))) == space
            assert not [p for _ in range(20) for p in space.problems(space.sample(rng))]

    def test_defaults_are_allowed_and_are_the_spaces_own(self, trainer: Trainer) -> None:
        for task in trainer.tasks():
            assert trainer.space(task).problems(trainer.defaults(task)) == []
            assert trainer.space(task).default() == trainer.defaults(task)

    def test_an_unknown_task_is_refused_with_the_nearest_one(self, trainer: Trainer) -> None:
        wrong = trainer.tasks()[0] + "x"
        for ask in (trainer.space, trainer.objective, trainer.defaults):
            with pytest.raises(TunewrightError) as caught:
                ask(wrong)
            assert caught.value.remedy == nearest(wrong, trainer.tasks()) != ""

    def test_describing_tasks_imports_nothing_heavy(self) -> None:
        assert _python(_CHEAP, self.name, *HEAVY) == ""

    def test_preloading_starts_no_thread_and_leaves_the_gpu_alone(self) -> None:
        assert _python(_PRELOAD, self.name) == "1 False"

    # -- a run -------------------------------------------------------------------

    def test_it_reports_its_objective(self, trainer: Trainer, context: Context) -> None:
        ctx = self.run(trainer, context())
        assert ctx.value() is not None
        assert math.isfinite(ctx.values(ctx.objective.metric)[-1])

    def test_reports_are_plain_finite_numbers_in_order(self, trainer: Trainer, context: Context) -> None:
        reports = self.run(trainer, context()).reports
        assert [step for step, _ in reports] == sorted(step for step, _ in reports)
        assert {type(step) for step, _ in reports} == {int}
        values = [value for _, metrics in reports for value in metrics.values()]
        assert {type(value) for value in values} <= {int, float}
        assert all(map(math.isfinite, values))

    def test_held_out_scores_come_once_at_the_end(self, trainer: Trainer, context: Context) -> None:
        ctx = self.run(trainer, context())
        held_out = {name for _, metrics in ctx.reports for name in metrics if name.startswith("test_")}
        assert ctx.objective.metric not in held_out
        assert all(len(ctx.values(name)) == 1 and name in ctx.reports[-1][1] for name in held_out)

    def test_the_same_seed_gives_the_same_reports(self, trainer: Trainer, context: Context) -> None:
        first, second = (self.run(trainer, context(seed=3)) for _ in range(2))
        assert first.reports == second.reports

    def test_another_seed_gives_other_reports(self, trainer: Trainer, context: Context) -> None:
        first, second = (self.run(trainer, context(seed=seed)) for seed in (3, 4))
        assert (first.reports != second.reports) is self.seeded

    def test_it_ends_soon_after_it_is_asked_to(self, trainer: Trainer, context: Context) -> None:
        whole = self.run(trainer, context())
        ctx = self.run(trainer, context(stop_after=1))
        assert ctx.asked_after_stop <= 2
        assert len(ctx.reports) < len(whole.reports)

    def test_a_time_limit_ends_it_in_time_and_with_a_value(self, trainer: Trainer, context: Context) -> None:
        seconds, task = 1.0, self.long_task or self.task
        ctx = context(task=task, options=self.long_options or self.options, seconds=seconds)
        started = time.monotonic()
        trainer.run({**trainer.defaults(task), **self.long_config}, ctx)
        assert time.monotonic() - started < seconds + Limits().grace
        assert ctx.value() is not None

    def test_a_killed_run_goes_on_where_its_checkpoint_stands(self, trainer: Trainer, context: Context) -> None:
        if not self.resumes:
            pytest.skip(f"{self.name} makes no checkpoints")
        whole, killed = self.run(trainer, context()), context(die_after=8)
        with pytest.raises(Killed):
            self.run(trainer, killed)
        resumed = self.run(trainer, context(resume_from=killed.checkpoint_dir))
        later = resumed.reports[1:]  # the first repeats the best so far
        assert 0 < len(later) < len(whole.reports)
        assert later == whole.reports[-len(later) :]
        assert resumed.value() == whole.value()


def _python(program: str, *arguments: str) -> str:
    """What a fresh interpreter with one numeric thread, as the warm process is, prints."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
