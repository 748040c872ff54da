"""A time is written alike wherever it is given: in a flag, a study file, the REPL and the app."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.commands import overrides
from agent.plain import verbs
from agent.study.spec import Budget, StudySpec
from agent.study.study_file import parse_study
from agent.tui.actions import policy
from agent.tui.requests import SetBudget
from tests.agent.stores import spec
from trainers.errors import TunewrightError

TIMES = {
    "1min": 60, "10min": 600, "1hour": 3600, "6hours": 21_600, "12hours": 43_200, "24hours": 86_400, "2days": 172_800,
    "3min": 180, "90s": 90, "1h30min": 5400,
}  # fmt: skip
STUDY = """
[study]
name = "timed"
trainer = "bracket"
task = "gru-small"
budget = {{ trials = 3, trial_time = "{0}", total = "{0}" }}
"""


@pytest.mark.parametrize(("written", "seconds"), TIMES.items())
class TestEveryFront:
    def test_flags(self, written: str, seconds: int) -> None:
        parser = argparse.ArgumentParser()
        overrides.add_flags(parser)
        args = parser.parse_args(["--budget", written, "--total", written, "--policy", "watch"])
        args.json = False
        assert _limits(overrides.apply(spec(), args)) == (seconds, seconds)

    def test_a_study_file(self, written: str, seconds: int, tmp_path: Path) -> None:
        assert _limits(parse_study(STUDY.format(written), tmp_path / "study.toml")) == (seconds, seconds)

    def test_the_repl(self, written: str, seconds: int) -> None:
        session = SimpleNamespace(spec=spec(budget=Budget(trials=3)))
        session.set_budget = lambda budget: setattr(session, "spec", session.spec.replace(budget=budget))
        verbs.budget(SimpleNamespace(session=session, say=str), [f"trial={written}", f"total={written}"])  # type: ignore[arg-type]
        assert _limits(session.spec) == (seconds, seconds)

    def test_the_app(self, written: str, seconds: int) -> None:
        asked: list[SetBudget] = []
        study = SimpleNamespace(model=SimpleNamespace(spec=spec(budget=Budget(trials=3))), send=asked.append)
        policy.budget(SimpleNamespace(study=study), f"trial={written} total={written}")  # type: ignore[arg-type]
        assert _limits(replace(spec(), budget=asked[0].budget)) == (seconds, seconds)


def _limits(of: StudySpec) -> tuple[float | None, float | None]:
    return of.budget.trial_seconds, of.budget.total_seconds


def test_what_is_no_time_is_said_with_an_example() -> None:
    study = SimpleNamespace(model=SimpleNamespace(spec=spec()), send=None)
    with pytest.raises(TunewrightError, match=r"'2fortnights' is no duration.*2days"):
        policy.budget(SimpleNamespace(study=study), "total=2fortnights")  # type: ignore[arg-type]
