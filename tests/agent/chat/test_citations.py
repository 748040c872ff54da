"""Citations are read as models write them, and held against the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.chat.citations import Citation, checked, find, pieces, settled
from agent.diagnosis.pointers import Pointers
from agent.store import studies, trials
from agent.store.connection import Store, open_store
from tests.agent.stores import toy_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """t0 and t1 have reported loss at steps 0 to 2; t2 has three lines of log."""
    toy_store(tmp_path / "store.sqlite")
    run = tmp_path / "runs/toy/2"
    run.mkdir(parents=True)
    (run / "log.txt").write_text("one\ntwo\nthree\n")
    with open_store(tmp_path / "store.sqlite") as store:
        yield store


@pytest.fixture
def pointers(store: Store) -> Pointers:
    return Pointers(store, studies.get(store, "toy").id)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[t17]", [Citation(17)]),
        ("[T17]", [Citation(17)]),
        ("[trial 17]", [Citation(17)]),
        ("[t17 log:412]", [Citation(17, line=412)]),
        ("[t17 log:412-418]", [Citation(17, line=412)]),
        ("[t17 val_loss@300]", [Citation(17, metric="val_loss", step=300)]),
        ("[t17 val loss @ step 300]", [Citation(17, metric="val loss", step=300)]),
        ("[t17 eval/loss@-1]", [Citation(17, metric="eval/loss", step=-1)]),
        ("[t3, t9]", [Citation(3), Citation(9)]),
        ("[t17 log:4, loss@2; t9]", [Citation(17, line=4), Citation(17, metric="loss", step=2), Citation(9)]),
        ("[log:4]", []),
        ("[1, 2]", []),
        ("[t17 because]", []),
        ("[]", []),
        ("[t17\nlog:4]", []),
    ],
)
def test_reading(written: str, read: list[Citation]) -> None:
    assert find(f"So {written}, then.") == read


def test_each_is_found_once_and_in_order() -> None:
    assert [c.trial for c in find("[t9] and [t3] and [t9]")] == [9, 3]


def test_what_exists_stays_and_what_does_not_is_dropped_and_counted(pointers: Pointers) -> None:
    text = "A [t1 loss@2], B [t1 loss@7] C [t2 log:3] D [t2 log:4] E [t99]. F [trial 0; t88] G [t1 nothing@0]"
    kept, dropped = checked(text, pointers)
    assert kept == "A [t1 loss@2], B C [t2 log:3] D E. F [t0] G"
    assert dropped == 5


def test_a_step_whose_value_is_nan_exists(pointers: Pointers) -> None:
    assert checked("[t1 loss@1]", pointers) == ("[t1 loss@1]", 0)


def test_other_brackets_stay_as_they_are(pointers: Pointers) -> None:
    text = "params[0] = [1, 2], see [docs](x) and [t"
    assert checked(text, pointers) == (text, 0)


def test_numbers_beyond_the_stores_integers_exist_nowhere(pointers: Pointers) -> None:
    assert checked("[t1 loss@999999999999999999]", pointers) == ("", 1)


def test_a_metric_named_as_prompts_write_it_gets_its_own_name_back(store: Store) -> None:
    study = studies.get(store, "toy")
    trial = trials.get(store, study.id, 1)
    with store.transaction() as conn:
        conn.execute("UPDATE metric SET name = 'Val Loss' WHERE name = 'loss'")
    assert Pointers(store, study.id).metric_at(trial.number, "Val_Loss", 0) == "Val Loss"
    assert checked("[t1 Val_Loss@0]", Pointers(store, study.id)) == ("[t1 Val Loss@0]", 0)


def test_pieces_put_together_are_the_text() -> None:
    text = "A [t1], B [x] C [t2 log:3, t4]."
    got = list(pieces(text))
    assert got == ["A ", (Citation(1),), ", B [x] C ", (Citation(2, line=3), Citation(4)), "."]


@pytest.mark.parametrize("text", ["A [t1 loss@2], B [t99] and [t2 log:4] C [t2 log:3].", "  [t99]  [x [t1] ]y[t"])
def test_a_growing_text_only_ever_grows(text: str, pointers: Pointers) -> None:
    shown = ""
    for end in range(len(text) + 1):
        now = checked(settled(text[:end]), pointers)[0]
        assert now.startswith(shown), json.dumps([shown, now])
        shown = now
    assert checked(text, pointers)[0].startswith(shown)
