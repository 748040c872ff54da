"""The labelled set: really recorded runs with known faults, and healthy ones."""

from __future__ import annotations

import pytest

from agent.diagnosis.curves import Curve
from agent.study.nouns import Evidence
from tests.agent.diagnosis.labelled import VERDICTS, Labelled, labelled, scores

ALL = list(labelled())
SPLITS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def test_set_is_large_and_covers_the_faults() -> None:
    assert len(ALL) >= 40
    assert sum(case.healthy for case in ALL) >= 12
    assert {case.fault for case in ALL} >= VERDICTS.keys() - {"out of GPU memory", "plateau"}


@pytest.mark.parametrize("split", SPLITS)
def test_nine_in_ten_are_right(split: str) -> None:
    found = scores([(case, case.diagnosis()) for case in ALL if case.split == split])
    assert found["right"] >= 0.9 * found["cases"], found["wrong"]


@pytest.mark.parametrize("split", SPLITS)
def test_no_healthy_run_is_accused(split: str) -> None:
    assert scores([(case, case.diagnosis()) for case in ALL if case.split == split])["accused"] == []


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.split}/{case.name}")
def test_evidence_points_to_what_is_there(case: Labelled) -> None:
    diagnosis = case.diagnosis()
    assert diagnosis.evidence, "every verdict cites something"
    for item in diagnosis.evidence:
        if item.line is not None:
            assert _line_is_there(case, item)
        elif item.step is not None:
            assert _step_is_there(case.record.curves[item.metric or ""], item)
        else:
            assert item.kind in ("config", "resource", "trial", "log")
            assert item.text


def _line_is_there(case: Labelled, item: Evidence) -> bool:
    text = next(line.text for line in case.record.log.lines if line.number == item.line)
    cited = item.text.removeprefix("last line: ").rstrip("…")
    return item.line is not None and 1 <= item.line <= case.record.log.total and bool(cited) and cited in text


def _step_is_there(curve: Curve, item: Evidence) -> bool:
    values = curve.values[curve.steps == item.step]
    said = item.text.split(" = ")[1].split(",")[0]
    return any(f"{v:.5g}" == said or str(v) == said for v in values)


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.split}/{case.name}")
def test_suggested_config_is_allowed_new_and_different(case: Labelled) -> None:
    params, space = case.diagnosis().suggested_params, case.record.space
    if params is None:
        return
    assert space is not None
    assert space.problems(params) == []
    assert params != case.record.params
    assert params not in [peer.params for peer in case.peers]


@pytest.mark.parametrize("case", [c for c in ALL if not c.healthy], ids=lambda case: f"{case.split}/{case.name}")
def test_every_fault_gets_an_answer(case: Labelled) -> None:
    diagnosis = case.diagnosis()
    if not case.right(diagnosis):
        return  # one of the few that are missed
    assert diagnosis.suggested_reason or diagnosis.verdict in ("stopped", "pruned")
    assert diagnosis.explanation.count(" ") >= 2 and diagnosis.explanation.endswith((".", "…"))
    assert 0 < diagnosis.confidence <= 1


LOWER_RATE = ("lr too high",)


@pytest.mark.parametrize("case", [c for c in ALL if c.fault in LOWER_RATE], ids=lambda case: case.name)
def test_too_high_rates_are_lowered(case: Labelled) -> None:
    diagnosis = case.diagnosis()
    if not case.right(diagnosis):
        return  # missed
    suggested = diagnosis.suggested_params
    assert suggested is not None
    changed = [name for name in suggested if suggested[name] != case.record.params[name]]
    assert len(changed) == 1
    assert suggested[changed[0]] < case.record.params[changed[0]] / 3


@pytest.mark.parametrize("case", [c for c in ALL if c.fault == "lr too low"], ids=lambda case: case.name)
def test_too_low_rates_are_raised(case: Labelled) -> None:
    diagnosis = case.diagnosis()
    if not case.right(diagnosis):
        return  # missed
    suggested = diagnosis.suggested_params
    assert suggested is not None
    changed = [name for name in suggested if suggested[name] != case.record.params[name]]
    assert suggested[changed[0]] > case.record.params[changed[0]] * 3
