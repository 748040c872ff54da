"""What each policy lets run, where it stops, and that it says why."""

from __future__ import annotations

import pytest

from agent.study.nouns import Proposal, ProposalState, Source, Trial, TrialState
from agent.study.policy import Policy, PolicyKind, reached_stop, rule
from trainers.contract import Failure, FailureKind, Objective
from trainers.space import CategoricalParameter, FloatParameter, SearchSpace

SPACE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-5, high=1e-1, log=True),
        FloatParameter(name="wd", low=0, high=1),
        CategoricalParameter(name="opt", choices=("sgd", "adam")),
    ]
)
LOSS, ACCURACY = Objective("loss"), Objective("accuracy", "maximize")
LIKE = {"lr": 1e-3, "wd": 0.5, "opt": "sgd"}


def proposal(**params):
    return Proposal(
        id=1, study_id=1, number=0, source=Source.GP, params={**LIKE, **params}, state=ProposalState.PENDING
    )


def trials(*ends: TrialState | float | None, **params):
    """One trial each: a number completed with that value, None failed, a state is in it."""
    found = []
    for n, end in enumerate(ends):
        state = end if isinstance(end, TrialState) else TrialState.FAILED if end is None else TrialState.COMPLETED
        value = end if isinstance(end, float) else None
        failure = Failure(kind=FailureKind.EXCEPTION) if end is None else None
        common = {"id": n + 1, "study_id": 1, "number": n, "proposal_id": n, "source": Source.GP, "seed": 0}
        found.append(Trial(**common, params={**LIKE, "run": n, **params}, state=state, value=value, failure=failure))
    return found


def ruling(policy, history=(), objective=LOSS, **params):
    return rule(policy, proposal(**params), list(history), SPACE, objective)


def test_ask_asks_whatever_has_happened():
    for history in ((), trials(0.1, 0.2, 0.3)):
        assert not ruling(Policy(kind="ask"), history).approve
    assert "waits for you" in ruling(Policy(), ()).clause


def test_watch_runs_everything():
    for history in ((), trials(None, None, None, None, None, None, None), trials(0.1)):
        assert ruling(Policy(kind="watch", trials=1, target=1.0, failures=1), history).approve


def test_a_policy_nobody_knows_asks():
    assert not ruling(Policy(kind="yolo")).approve


# -- auto-until ------------------------------------------------------------------------


def test_auto_goes_on_and_names_its_stops():
    policy = Policy(kind="auto-until", trials=3, target=0.1, failures=2)
    found = ruling(policy, trials(0.5, 0.4))
    assert (found.approve, found.clause) == (True, "auto until 3 trials or target 0.1 or 2 failures")
    assert Policy(kind="auto-until", failures=None).describe() == "auto until the budget"


@pytest.mark.parametrize(
    ("policy", "history", "objective", "said"),
    [
        (Policy(kind="auto-until", trials=2), trials(0.5, TrialState.QUEUED), LOSS, "2 trials reached"),
        (Policy(kind="auto-until", trials=2), trials(None, TrialState.RUNNING, None), LOSS, "3 trials reached"),
        (Policy(kind="auto-until", target=0.4), trials(0.5, 0.4), LOSS, "target 0.4 reached"),
        (Policy(kind="auto-until", target=0.4), trials(0.5, 0.41), LOSS, None),
        (Policy(kind="auto-until", target=0.4), trials(0.1, 0.41), ACCURACY, "target 0.4 reached"),
        (Policy(kind="auto-until", target=0.4), trials(0.1, 0.39), ACCURACY, None),
        (Policy(kind="auto-until", target=-1.0), trials(-2.0), LOSS, "target -1 reached"),
        (Policy(kind="auto-until", target=0.0), trials(0.0), LOSS, "target 0 reached"),
        (Policy(kind="auto-until", failures=2), trials(0.1, None, None), LOSS, "2 failures in a row"),
        (Policy(kind="auto-until", failures=2), trials(None, 0.1, None), LOSS, None),
        (Policy(kind="auto-until", failures=2), trials(None, TrialState.RUNNING, None), LOSS, "2 failures in a row"),
        (Policy(kind="auto-until", failures=2), trials(None, TrialState.STOPPED, None), LOSS, None),
        (Policy(kind="auto-until", failures=2), trials(None), LOSS, None),
        (Policy(kind="auto-until", failures=None), trials(None, None, None, None, None, None), LOSS, None),
        (Policy(kind="auto-until"), trials(None, None, None, None, None), LOSS, "5 failures in a row"),
        (Policy(kind="auto-until"), (), LOSS, None),
    ],
)
def test_each_stop_of_auto(policy, history, objective, said):
    assert reached_stop(policy, history, objective) == said
    found = ruling(policy, history, objective)
    assert found.approve is (said is None)
    assert said is None or found.clause == said


# -- ask-unless-safe -------------------------------------------------------------------

SAFE = Policy(kind=PolicyKind.ASK_UNLESS_SAFE, nearness=0.2)


def test_nothing_is_safe_before_something_has_completed():
    for history in ((), trials(None), trials(TrialState.RUNNING, TrialState.STOPPED, TrialState.PRUNED)):
        found = ruling(SAFE, history)
        assert (found.approve, found.clause) == (False, "nothing has completed yet")


def test_what_is_like_a_completed_trial_is_safe_and_it_is_named():
    found = ruling(SAFE, trials(0.5), lr=1.3e-3, wd=0.55)
    assert (found.approve, found.clause) == (True, "safe: like t0, which completed")


def test_what_is_far_from_all_of_them_is_asked():
    for params in ({"lr": 1e-1}, {"opt": "adam"}, {"wd": 1.0}):
        found = ruling(SAFE, trials(0.5), **params)
        assert (found.approve, found.clause) == (False, "outside the explored range (nearest is t0)")


def test_what_is_as_near_to_a_failure_is_asked():
    history = [*trials(0.5), *trials(TrialState.QUEUED, None, wd=0.6)[1:]]
    assert "closer to a failed trial" in ruling(SAFE, history, wd=0.59).clause
    assert ruling(SAFE, history, wd=0.51).approve


def test_nearness_is_the_persons():
    assert not ruling(Policy(kind="ask-unless-safe", nearness=0.01), trials(0.5), wd=0.6).approve
    assert ruling(Policy(kind="ask-unless-safe", nearness=1.0), trials(0.5), lr=1e-1, wd=0.0).approve


def test_trials_from_before_an_edit_of_the_space_are_far_away_not_an_error():
    old = trials(0.5, lr="auto", depth=3)
    assert not ruling(SAFE, old).approve
