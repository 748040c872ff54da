"""What every trainer promises that trains several configs as one. A test class derives from PackConformance."""

from __future__ import annotations

import importlib
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.trainers.context import RecordingContext
from trainers import catalog
from trainers.contract import Limits, PackingTrainer
from trainers.space import Config

Context = Callable[..., RecordingContext]
STEPS_ALIKE = 40  # so long rounding has not yet grown into another course


class BrokenContext(RecordingContext):
    """Its disk fails with the third report."""

    def report(self, step: int, **metrics: float) -> None:
        if len(self.reports) == 2:
            raise OSError(5, "Input/output error")
        super().report(step, **metrics)


class PackConformance:
    """`configs` change the defaults of `task`; they have one key, and take about a second each. `diverging` makes one
    of them diverge; `endless` makes each take many seconds."""

    name: ClassVar[str]
    task: ClassVar[str]
    configs: ClassVar[tuple[Config, ...]]
    diverging: ClassVar[Config]
    endless: ClassVar[Config]
    another_shape: ClassVar[Config]
    options: ClassVar[Mapping[str, Any]] = {}
    alike: ClassVar[float] = 1e-4  # between the reports of a trial's own run and those in a pack

    @pytest.fixture
    def trainer(self) -> PackingTrainer:
        trainer = catalog.load(self.name)
        for module in trainer.preload:
            importlib.import_module(module)
        assert isinstance(trainer, PackingTrainer)
        return trainer

    @pytest.fixture
    def context(self, trainer: PackingTrainer, tmp_path: Path) -> Context:
        def make(seed: int, kind: type[RecordingContext] = RecordingContext, **more: Any) -> RecordingContext:
            more = {"task": self.task, "options": self.options, "seed": seed, **more}
            run_dir = tmp_path / str(len(list(tmp_path.iterdir())))
            return kind(run_dir=run_dir, objective=trainer.objective(self.task), **more)

        return make

    def whole(self, trainer: PackingTrainer) -> list[Config]:
        return [trainer.space(self.task).validate({**trainer.defaults(self.task), **c}) for c in self.configs]

    def pack(self, trainer: PackingTrainer, ctxs: list[RecordingContext], *changes: Config) -> dict[int, Any]:
        """Runs the configs, the first of them changed, and returns how each ended."""
        configs = self.whole(trainer)
        configs = [{**config, **change} for config, change in zip(configs, (*changes, *({} for _ in configs)))]  # noqa: B905
        return dict(trainer.run_many(configs, ctxs))

    def assert_alike(self, ctx: RecordingContext, other: RecordingContext) -> None:
        """The same reports at the same steps: to within rounding at first, and the last value near it."""
        assert [(step, sorted(m)) for step, m in ctx.reports] == [(step, sorted(m)) for step, m in other.reports]
        for (step, metrics), (_, others) in zip(ctx.reports, other.reports, strict=True):
            if step <= STEPS_ALIKE:
                assert others == pytest.approx(metrics, abs=self.alike, rel=self.alike, nan_ok=True)

    # -- which may train as one --------------------------------------------------

    def test_configs_that_may_train_as_one_have_one_key(self, trainer: PackingTrainer) -> None:
        keys = {trainer.pack_key(config, self.task, self.options) for config in self.whole(trainer)}
        assert len(keys) == 1
        assert None not in keys

    def test_another_shape_has_another_key(self, trainer: PackingTrainer) -> None:
        config = self.whole(trainer)[0]
        other = trainer.pack_key({**config, **self.another_shape}, self.task, self.options)
        assert other != trainer.pack_key(config, self.task, self.options)

    # -- together and alone ------------------------------------------------------

    def test_each_trial_reports_what_its_own_run_reports(self, trainer: PackingTrainer, context: Context) -> None:
        together = [context(seed) for seed in range(len(self.configs))]
        assert self.pack(trainer, together) == dict.fromkeys(range(len(self.configs)))
        for seed, config in enumerate(self.whole(trainer)):
            alone = context(seed)
            trainer.run(config, alone)
            self.assert_alike(alone, together[seed])
            assert together[seed].value() == pytest.approx(alone.value(), abs=0.002, rel=0.002)

    def test_the_same_seeds_give_the_same_reports(self, trainer: PackingTrainer, context: Context) -> None:
        first, second = ([context(seed) for seed in range(len(self.configs))] for _ in range(2))
        self.pack(trainer, first)
        self.pack(trainer, second)
        assert [ctx.reports for ctx in first] == [ctx.reports for ctx in second]

    def test_a_trial_that_diverges_leaves_its_neighbours_as_they_are(
        self, trainer: PackingTrainer, context: Context
    ) -> None:
        calm, beside = ([context(seed) for seed in range(len(self.configs))] for _ in range(2))
        self.pack(trainer, calm)
        self.pack(trainer, beside, self.diverging)
        assert not math.isfinite(beside[0].values(beside[0].objective.metric)[-1])
        assert len(beside[0].reports) < len(calm[0].reports)
        for one, other in zip(calm[1:], beside[1:], strict=True):
            self.assert_alike(one, other)

    def test_a_trial_that_is_stopped_ends_alone_and_with_a_value(
        self, trainer: PackingTrainer, context: Context
    ) -> None:
        calm, beside = ([context(seed) for seed in range(len(self.configs))] for _ in range(2))
        beside[0].stop_after = 2
        self.pack(trainer, calm)
        ended = list(trainer.run_many(self.whole(trainer), beside))
        assert ended[0] == (0, None)
        assert beside[0].value() is not None
        assert len(beside[0].reports) < len(calm[0].reports)
        for one, other in zip(calm[1:], beside[1:], strict=True):
            self.assert_alike(one, other)

    def test_what_is_one_trials_fault_ends_it_alone(self, trainer: PackingTrainer, context: Context) -> None:
        calm = [context(seed) for seed in range(len(self.configs))]
        beside = [context(seed, BrokenContext if seed == 1 else RecordingContext) for seed in range(len(self.configs))]
        self.pack(trainer, calm)
        ended = self.pack(trainer, beside)
        assert [place for place, error in ended.items() if error is not None] == [1]
        assert isinstance(ended[1], OSError)
        for place in set(range(len(calm))) - {1}:
            self.assert_alike(calm[place], beside[place])

    def test_time_limits_end_each_in_time_and_with_a_value(self, trainer: PackingTrainer, context: Context) -> None:
        seconds = (2.0, 3.0)
        ctxs = [context(seed, seconds=limit) for seed, limit in enumerate(seconds)]
        configs = [{**config, **self.endless} for config in self.whole(trainer)[:2]]
        started, ended = time.monotonic(), dict[int, float]()
        for place, error in trainer.run_many(configs, ctxs):
            assert error is None
            ended[place] = time.monotonic() - started
        assert ended[0] < ended[1]
        assert all(ended[place] < limit + Limits().grace for place, limit in enumerate(seconds))
        assert all(ctx.value() is not None for ctx in ctxs)

    def test_how_long_steps_take_is_measured_for_each_size(self, trainer: PackingTrainer) -> None:
        found = trainer.step_seconds(self.whole(trainer)[0], self.task, self.options, "cpu", (1, 3))
        assert sorted(found) == [1, 3]
        assert all(seconds > 0 for seconds in found.values())
