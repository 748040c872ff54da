"""Turns, actions, narratives and calls: what a crash leaves, what two fronts do at once, what a reader sees."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.store import actions, calls, narratives, trials, turns
from agent.store.connection import Store, open_store
from agent.store.proposals import AlreadyDecidedError
from agent.store.studies import Study
from agent.study.nouns import ActionKind, Claim, Evidence, Narrative, ProposalState, TurnState
from tests.agent.stores import GOOD, add_trial, make_study


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.sqlite") as opened:
        yield opened


@pytest.fixture
def study(store: Store) -> Study:
    return make_study(store)


class TestTurns:
    def test_a_reader_from_the_oldest_growing_turn_misses_nothing(self, store: Store, study: Study) -> None:
        first = turns.add(store, study.id, "agent", "one", state=TurnState.WRITING)
        second = turns.add(store, study.id, "person", "two")
        turns.write(store, first, "one and more", state=TurnState.WHOLE, note="fine")
        found = turns.since(store, study.id, first)
        assert [(t.id, t.text, t.state) for t in found] == [
            (first, "one and more", TurnState.WHOLE),
            (second, "two", TurnState.WHOLE),
        ]
        assert turns.last(store, study.id, 1)[0].id == second

    def test_a_turn_whose_writer_is_gone_is_cut_and_no_other(self, store: Store, study: Study) -> None:
        ours = turns.add(store, study.id, "agent", "mine", state=TurnState.WRITING)
        code = (
            "import sys; from agent.store import turns; from agent.store.connection import open_store;"
            "from agent.study.nouns import TurnState; store = open_store(sys.argv[1]);"
            "print(turns.add(store, int(sys.argv[2]), 'agent', 'theirs', state=TurnState.WRITING))"
        )
        words = [sys.executable, "-c", code, str(store.path), str(study.id)]
        theirs = int(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
        assert turns.cut_orphans(store, study.id) == 1
        gone, kept = turns.get(store, theirs), turns.get(store, ours)
        assert gone is not None and (gone.state, gone.text, gone.note) == (TurnState.CUT, "theirs", "interrupted")
        assert kept is not None and kept.state is TurnState.WRITING


class TestActions:
    def test_the_same_wish_is_stored_once_while_it_waits(self, store: Store, study: Study) -> None:
        first = actions.ask(store, study.id, ActionKind.STOP_TRIAL, {"trial": 3}, "it is slow")
        assert actions.ask(store, study.id, ActionKind.STOP_TRIAL, {"trial": 3}, "again").id == first.id
        actions.settle(store, first, ProposalState.REJECTED)
        assert actions.ask(store, study.id, ActionKind.STOP_TRIAL, {"trial": 3}, "later").id != first.id

    def test_of_two_fronts_one_settles_it(self, store: Store, study: Study) -> None:
        action = actions.ask(store, study.id, ActionKind.STOP_TRIAL, {"trial": 3}, "")
        with open_store(store.path, check=False) as other:
            actions.settle(other, action, ProposalState.APPROVED)
        with pytest.raises(AlreadyDecidedError, match="already approved"):
            actions.settle(store, action, ProposalState.REJECTED)

    def test_one_that_could_not_be_done_waits_again(self, store: Store, study: Study) -> None:
        action = actions.ask(store, study.id, ActionKind.STOP_TRIAL, {"trial": 3}, "")
        actions.settle(store, action, ProposalState.APPROVED)
        actions.reopen(store, action)
        assert [a.id for a in actions.pending(store, study.id)] == [action.id]


class TestCalls:
    def test_what_is_unknown_is_no_nought(self, store: Store, study: Study) -> None:
        for cost in (0.25, None, 0.5):
            call = calls.begin(store, study.id, purpose="next", model="m", template="next@1:0", messages=[])
            calls.end(store, call, state="ok", prompt_tokens=100, completion_tokens=10, cost=cost)
        running = calls.begin(store, study.id, purpose="answer", model="m", template="", messages=[])
        spent = calls.spent(store, study.id)
        assert (spent.calls, spent.calls_today, spent.tokens, spent.money, spent.unpriced) == (4, 4, 330, 0.75, 1)
        assert calls.all_of(store, study.id, after=running - 1)[0].cost is None

    def test_yesterdays_calls_are_not_todays(self, store: Store, study: Study) -> None:
        call = calls.begin(store, study.id, purpose="next", model="m", template="", messages=[])
        at = calls.all_of(store, study.id)[0].at
        assert calls.spent(store, study.id, now=at + 25 * 3600).calls_today == 0
        assert calls.spent(store, study.id, now=at + 23 * 3600).calls_today == 1
        assert call

    def test_prompt_and_reply_are_kept_as_they_were(self, store: Store, study: Study) -> None:
        messages = [{"role": "user", "content": "почему 17 упал? 日本語"}]
        call = calls.begin(store, study.id, purpose="answer", model="m", template="", messages=messages)
        calls.end(store, call, state="ok", reply="потому что")
        assert calls.text_of(store, call) == (messages, "потому что")


def test_a_narrative_comes_back_whole(store: Store, study: Study) -> None:
    trial = trials.get(store, study.id, add_trial(store, study, GOOD, value=0.5))
    evidence = (Evidence(kind="log", text="nan", line=4), Evidence(kind="metric", text="", metric="loss", step=3))
    made = Narrative(text="It diverged.", claims=(Claim(text="It did.", evidence=evidence),), dropped=2, model="m")
    narratives.put(store, trial, made)
    assert narratives.get(store, trial.id) == made
    narratives.put(store, trial, Narrative(text="Again."))
    assert narratives.all_of(store, study.id)[trial.id].text == "Again."


def test_a_store_from_before_the_agent_is_migrated_with_a_copy_beside_it(tmp_path: Path) -> None:
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    from agent.store.schema import m001_spine

    path = tmp_path / "store.sqlite"
    old = Database(path)
    before = Migrations("tunewright")
    before()(m001_spine)
    before.apply(old)
    old.execute("INSERT INTO study (name, spec, folder, created) VALUES ('s', '{}', '.', 0)")
    old.conn.commit()
    old.conn.execute("PRAGMA application_id = 1414876759")
    old.conn.execute("PRAGMA user_version = 1")
    old.conn.close()
    with open_store(path) as store:
        assert store.one("SELECT count(*) AS n FROM call") == {"n": 0}
        assert store.one("SELECT name FROM study") == {"name": "s"}
    assert list(tmp_path.glob("store.sqlite.v1-*.bak"))
