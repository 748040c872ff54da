"""A few cases run anew, through the worker, and judged: the recorded ones are no accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.diagnosis.labelled import load
from tests.agent.diagnosis.make_cases import Spec, make, specs

NAMES = ("nan_numpy", "softmax_lr_low", "numpy_columns", "healthy_softmax", "healthy_likelihood", "quiet")


@pytest.mark.parametrize("spec", [s for s in specs("second") if s.name in NAMES], ids=lambda spec: spec.name)
def test_case_run_anew(spec: Spec, tmp_path: Path) -> None:
    make(spec, tmp_path / "case")
    case = load(tmp_path / "case")
    diagnosis = case.diagnosis()
    assert case.right(diagnosis), diagnosis
    assert str(tmp_path) not in (tmp_path / "case" / "log.txt").read_text()
