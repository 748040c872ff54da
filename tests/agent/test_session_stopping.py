"""What a person does about trials that a rule would end: real runner, real trials."""

from __future__ import annotations

import pytest

from agent.search.history import History
from agent.store import actions, diagnoses, narratives, trials
from agent.study import action_words
from agent.study.nouns import ActionKind, Narrative, TrialState
from agent.study.policy import Policy, PolicyKind, acts_by_itself
from agent.study.spec import Budget
from agent.study.stopping_spec import StoppingSpec
from tests.agent.test_session import drive, make  # noqa: F401
from trainers.errors import TunewrightError

RULE = StoppingSpec(rule="median", trials=2)
ASK = Policy(kind=PolicyKind.ASK)


def hopeless(make, policy: Policy = ASK, **changes):  # noqa: F811
    """A session whose trials 0 to 2 completed and whose trial 3 runs, slowly, far from the best."""
    session = make("steady", "steady", policy=policy, stopping=RULE, options={"steps": 40}, **changes)
    for i in range(3):
        session.approve(session.propose({"x": 0.1 * i, "y": 0.0}))
    drive(session, lambda s: s.ended == 3)
    session.replace_spec(session.spec.replace(options={"steps": 40, "pause": 0.05}), "slower")
    session.approve(session.propose({"x": 1.5, "y": 0.0}))
    return session


def card(session):
    drive(session, lambda _: actions.pending(session.store, session.study.id))
    return actions.pending(session.store, session.study.id)[0]


def test_an_approved_card_prunes_the_trial_and_its_diagnosis_gives_the_rules_reason(make):  # noqa: F811
    session = hopeless(make, budget=Budget(trials=4))
    asked = card(session)
    session.settle(asked, approve=True)
    drive(session, lambda s: s.state == "finished")
    trial = session.trials[3]
    assert trial.state is TrialState.PRUNED and trial.stop_requested == asked.reason
    said = diagnoses.get(session.store, trial.id)
    assert said.verdict == "pruned" and said.healthy and "is worse than the median" in said.explanation


def test_a_declined_card_lets_the_trial_run_to_its_end_whatever_the_policy_is_then(make):  # noqa: F811
    session = hopeless(make, budget=Budget(trials=4))
    session.settle(card(session), approve=False)
    session.set_policy(Policy(kind=PolicyKind.WATCH))
    drive(session, lambda s: s.state == "finished")
    assert session.trials[3].state is TrialState.COMPLETED and session.trials[3].kept


def test_a_card_approved_too_late_says_so(make):  # noqa: F811
    session = hopeless(make, budget=Budget(trials=4))
    asked = card(session)
    trials.request_stop(session.store, session.trials[3], "enough")
    with pytest.raises(TunewrightError, match="t3 has ended meanwhile, or was asked to end"):
        session.settle(asked, approve=True)


def test_a_resumed_trial_says_where_it_goes_on_and_is_diagnosed_anew(make):  # noqa: F811
    session = hopeless(make, Policy(kind=PolicyKind.WATCH), budget=Budget(trials=4))
    drive(session, lambda s: s.state == "finished")
    trial = session.trials[3]
    assert trial.state is TrialState.PRUNED
    narratives.put(session.store, trial, Narrative(text="It was hopeless."))
    assert session.resume(trial) == f"t3 goes on from its checkpoint, about step {trial.last_step}"
    assert narratives.get(session.store, trial.id) is None
    drive(session, lambda s: s.state == "finished")
    assert session.trials[3].state is TrialState.COMPLETED
    assert diagnoses.get(session.store, trial.id).verdict != "pruned"
    with pytest.raises(TunewrightError, match="t3 is completed"):
        session.resume(session.trials[3])


def test_a_trial_without_a_checkpoint_starts_anew_and_says_so(make):  # noqa: F811
    session = make("slow", "slow", budget=Budget(trials=1))
    drive(session, lambda s: s.running == 1)
    session.stop(session.trials[0])
    drive(session, lambda s: s.state == "finished")
    assert session.resume(session.trials[0]) == "t0 left no checkpoint: it starts again from its first step"
    drive(session, lambda s: s.running == 1)
    session.stop(session.trials[0])


def test_nothing_is_taken_up_again_when_the_total_time_is_spent(make):  # noqa: F811
    session = hopeless(make, Policy(kind=PolicyKind.WATCH), budget=Budget(trials=4))
    drive(session, lambda s: s.state == "finished")
    session.set_budget(Budget(trials=4, total_seconds=0.01))
    with pytest.raises(TunewrightError, match=r"total time is spent.*Raise it"):
        session.resume(session.trials[3])
    assert session.trials[3].state is TrialState.PRUNED


def test_the_search_is_told_what_a_pruned_trial_would_have_come_to(make):  # noqa: F811
    session = hopeless(make, Policy(kind=PolicyKind.WATCH), budget=Budget(trials=4))
    drive(session, lambda s: s.state == "finished")
    pruned = session.trials[3]
    told = History(
        space=session.spec.space,
        objective=session.spec.objective,
        first_config=session.spec.first_config(),
        trials=session.trials,
    )
    assert told.loss(pruned) == pruned.estimate != pruned.value
    assert [t.number for t in told.ranking] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("policy", "alone"),
    [
        (Policy(kind=PolicyKind.ASK), False),
        (Policy(kind=PolicyKind.ASK_UNLESS_SAFE), False),
        (Policy(kind=PolicyKind.WATCH), True),
        (Policy(kind=PolicyKind.AUTO_UNTIL, trials=5), True),
        (Policy(kind=PolicyKind.AUTO_UNTIL, trials=4), False),
    ],
)
def test_a_rule_acts_by_itself_only_where_everything_runs_by_itself(make, policy, alone):  # noqa: F811
    session = make("four", budget=Budget(trials=4))
    drive(session, lambda s: s.state == "finished")
    assert acts_by_itself(policy, session.trials, session.spec.objective) is alone


def test_the_kinds_of_cards_are_named(make):  # noqa: F811
    session = hopeless(make)
    assert action_words.title(card(session)) == "prune t3"
    made = actions.ask(session.store, session.study.id, ActionKind.RESUME_TRIAL, {"trial": 3, "attempt": 1}, "why")
    assert action_words.title(made) == "take t3 up again"
