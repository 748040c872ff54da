"""The order of rules, what peers change, and records that hold little or nonsense."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.diagnosis.judge import diagnose
from agent.diagnosis.record import Peer
from agent.study.nouns import Diagnosis, TrialState
from tests.agent.diagnosis.builders import PARAMS, failed, record
from trainers.contract import FailureKind, Limits, Objective

FALLING = [2.3 * 0.8**i + 0.1 for i in range(20)]
RISING = [0.5 * 1.6**i for i in range(20)]


def test_a_running_trial_is_refused() -> None:
    with pytest.raises(ValueError, match="only ended trials"):
        diagnose(record(state=TrialState.RUNNING))


def test_nothing_known_is_no_fault() -> None:
    diagnosis = diagnose(record({"val_loss": [0.4]}))
    assert (diagnosis.verdict, diagnosis.healthy) == ("healthy", True)


@pytest.mark.parametrize("state", [TrialState.STOPPED, TrialState.PRUNED])
def test_a_stopped_trial_keeps_its_verdict_and_says_what_its_curve_showed(state: TrialState) -> None:
    calm = diagnose(record({"train_loss": FALLING, "val_loss": FALLING}, state=state, stop_reason="enough"))
    assert (calm.verdict, calm.healthy, calm.suggested_params) == (str(state), True, None)
    assert "enough" in calm.explanation
    wild = diagnose(record({"train_loss": RISING, "val_loss": RISING}, state=state))
    assert wild.verdict == str(state)
    assert "rose instead of falling" in wild.explanation
    assert wild.suggested_params is not None and wild.suggested_params["lr"] < PARAMS["lr"]


def test_an_error_caught_and_printed_does_not_accuse_a_trial_that_completed() -> None:
    log = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nFileNotFoundError: cache\ngoing on\n'
    assert diagnose(record({"train_loss": FALLING, "val_loss": FALLING}, log=log)).healthy


def test_a_kill_at_the_memory_limit_is_out_of_memory() -> None:
    made = failed("", FailureKind.SIGNAL, failure={"signal": 9}, limits=Limits(memory_bytes=10**9))
    assert diagnose(replace(made, peak_host_bytes=10**8)).verdict == "killed"
    assert diagnose(replace(made, peak_host_bytes=98 * 10**7)).verdict == "host_oom"


def test_nan_from_the_first_report_is_put_down_to_the_data_unless_a_peer_stayed_finite() -> None:
    bad = record({"train_loss": [math.nan] * 5, "val_loss": [math.nan] * 5}, state=TrialState.FAILED)
    assert diagnose(bad).verdict == "nan_in_data"
    fine = Peer(number=3, params=PARAMS | {"lr": 0.001}, state=TrialState.COMPLETED, value=0.3)
    diagnosis = diagnose(bad, [fine])
    assert diagnosis.verdict == "non_finite_loss"
    assert any(e.trial == 3 for e in diagnosis.evidence)


def test_a_skipped_batch_is_got_over() -> None:
    values = [*FALLING[:5], math.nan, *FALLING[6:]]
    assert diagnose(record({"train_loss": values, "val_loss": FALLING})).healthy


def test_slow_beside_its_peers_and_no_better() -> None:
    peers = [
        Peer(number=i, params=PARAMS | {"layers": i}, state=TrialState.COMPLETED, value=0.1 * i, seconds=10.0)
        for i in range(1, 5)
    ]
    made = record({"val_loss": [0.9]}, value=0.9, wall_seconds=70.0)
    assert diagnose(made, peers).verdict == "too_slow"
    assert diagnose(replace(made, value=0.01), peers).healthy, "the best may take its time"
    assert diagnose(replace(made, wall_seconds=20.0), peers).healthy


def test_a_plateau_is_poor_only_beside_others() -> None:
    stuck = [2.0, 1.5, 1.2, 1.1, 1.0, 0.95, 0.92, *[0.9 + 0.002 * (i % 3) for i in range(30)]]
    made = record({"train_loss": stuck, "val_loss": stuck}, value=0.9)
    assert diagnose(made).healthy
    better = [Peer(number=i, params=PARAMS, state=TrialState.COMPLETED, value=0.1 + 0.01 * i) for i in range(4)]
    diagnosis = diagnose(made, better)
    assert diagnosis.verdict == "plateau"
    assert any(e.kind == "trial" for e in diagnosis.evidence)


def wine(value: float, *others: float) -> Diagnosis:
    """What is said of a cross-validated score beside those of others."""
    peers = [Peer(number=i, params=PARAMS, state=TrialState.COMPLETED, value=v) for i, v in enumerate(others)]
    goal = Objective("cv_accuracy", "maximize")
    return diagnose(record({"cv_accuracy": [value - 0.01, value + 0.01]}, value=value, objective=goal), peers)


@pytest.mark.parametrize("others", [(0.8, 0.82), (0.81, 0.82, 0.8, 0.79), (0.7, 0.82, 0.75, 0.65, 0.78)])
def test_a_trial_far_behind_the_bulk_is_not_simply_healthy(others: tuple[float, ...]) -> None:
    said = wine(0.056, *others)
    start = "Nothing went wrong while it ran, but it is far behind the best, t1 (0.82)."
    assert said.explanation.startswith(start) and "No fault was found" not in said.explanation
    ranks = f"ranks {len(others) + 1} of the {len(others) + 1} that had completed by then."
    assert ranks in said.explanation
    assert [e.text for e in said.evidence] == ["cv_accuracy = 0.066, its best", "t1 reached 0.82"]


@pytest.mark.parametrize(
    ("value", "others"),
    [
        (0.056, (0.82,)),
        (0.6, (0.82, 0.7)),
        (0.79, (0.81, 0.82, 0.8)),
        (0.4, (0.82, 0.06, 0.05, 0.5)),
        (0.9, (0.1, 0.1)),
    ],
)
def test_one_that_is_merely_second_or_lies_in_the_bulk_is_healthy(value: float, others: tuple[float, ...]) -> None:
    assert wine(value, *others).explanation.startswith("No fault was found.")


def test_folds_are_no_curve() -> None:
    made = record({"cv_accuracy": [0.55] * 6}, objective=Objective("cv_accuracy", "maximize"))
    assert diagnose(made).healthy


VALUES = st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=40)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(["val_loss", "train_loss", "val_acc", "grad_norm", "r2", "x"]), VALUES, max_size=5),
    st.sampled_from([s for s in TrialState if s.ended]),
    st.sampled_from(["", "Traceback (most recent call last):\n", "val_loss: nan\rError:\n", "MemoryError"]),
    st.sampled_from(["val_loss", "val_acc"]),
)
def test_any_curves_get_a_verdict(curves: dict[str, list[float]], state: TrialState, log: str, metric: str) -> None:
    with np.errstate(all="ignore"):
        diagnosis = diagnose(record(curves, log=log, state=state, objective=Objective(metric)))
    assert diagnosis.verdict
    assert diagnosis.explanation
