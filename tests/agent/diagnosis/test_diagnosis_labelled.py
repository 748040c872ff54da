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


@pytest.mark.parametrize("split", SPLITS)
def test_evidence_points_to_what_is_there(split: str) -> None:
    for case in _of(split):
        evidence = case.diagnosis().evidence
        assert evidence, f"{case.name}: every verdict cites something"
        assert all(_is_there(case, item) for item in evidence), (case.name, evidence)


def _of(split: str) -> list[Labelled]:
    return [case for case in ALL if case.split == split]


def _is_there(case: Labelled, item: Evidence) -> bool:
    if item.line is not None:
        return _line_is_there(case, item)
    if item.step is not None:
        return _step_is_there(case.record.curves[item.metric or ""], item)
    return item.kind in ("config", "resource", "trial", "log") and bool(item.text)


def _line_is_there(case: Labelled, item: Evidence) -> bool:
    text = next(line.text for line in case.record.log.lines if line.number == item.line)
    cited = item.text.removeprefix("last line: ").rstrip("…")
    return item.line is not None and 1 <= item.line <= case.record.log.total and bool(cited) and cited in text


def _step_is_there(curve: Curve, item: Evidence) -> bool:
    values = curve.values[curve.steps == item.step]
    said = item.text.split(" = ")[1].split(",")[0]
    return any(f"{v:.5g}" == said or str(v) == said for v in values)


@pytest.mark.parametrize("split", SPLITS)
def test_suggested_configs_are_allowed_new_and_different(split: str) -> None:
    for case in _of(split):
        params, space = case.diagnosis().suggested_params, case.record.space
        if params is None:
            continue
        assert space is not None
        assert space.problems(params) == [], case.name
        assert params not in [case.record.params, *(peer.params for peer in case.peers)], case.name


@pytest.mark.parametrize("split", SPLITS)
def test_every_fault_that_is_found_gets_an_answer(split: str) -> None:
    for case in _of(split):
        diagnosis = case.diagnosis()
        if case.healthy or not case.right(diagnosis):
            continue
        assert diagnosis.suggested_reason or diagnosis.verdict in ("stopped", "pruned"), case.name
        assert diagnosis.explanation.count(" ") >= 2 and diagnosis.explanation.endswith((".", "…")), case.name
        assert 0 < diagnosis.confidence <= 1, case.name


@pytest.mark.parametrize(("fault", "factor"), [("lr too high", 1 / 3), ("lr too low", 3.0)])
def test_a_wrong_rate_is_moved_the_right_way(fault: str, factor: float) -> None:
    for case in ALL:
        diagnosis = case.diagnosis()
        if case.fault != fault or not case.right(diagnosis):
            continue
        suggested, params = diagnosis.suggested_params, case.record.params
        assert suggested is not None, case.name
        changed = [name for name in suggested if suggested[name] != params[name]]
        assert len(changed) == 1, case.name
        ratio = suggested[changed[0]] / params[changed[0]]
        assert ratio < factor if factor < 1 else ratio > factor, case.name
