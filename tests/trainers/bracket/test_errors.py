"""What a model got wrong is kept beside the truth, with the kind of each error, and never from the test set."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trainers.bracket.test_train import FEW, SMALL, run
from trainers import checkpoint, samples
from trainers.bracket import data, errors
from trainers.bracket.batches import Corpus
from trainers.bracket.data import END, INPUT, PAD
from trainers.bracket.models import build
from trainers.bracket.tasks import find

ROUND, SQUARE, CURLY = (1, 2), (3, 4), (5, 6)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ([2, 6, END, PAD], ""),
        ([2, END, PAD, PAD], "too short"),
        ([END, PAD, PAD, PAD], "too short"),
        ([2, 6, 2, END], "too long"),
        ([2, 6, 2, 2], "too long"),  # it never ended
        ([6, 2, END, PAD], "wrong order"),
        ([2, 4, END, PAD], "wrong closer"),
        ([2, 8, END, PAD], "wrong closer"),
    ],
)
def test_an_error_has_a_kind(answer: list[int], kind: str) -> None:
    found = errors.sample([INPUT, 5, 1, PAD], answer, [2, 6, END, PAD])
    assert (found.question, found.truth) == ("{(", ")}")
    assert (found.error, found.right) == (kind, not kind)


def test_an_answer_that_closes_the_brackets_is_told_from_a_wrong_label() -> None:
    found = errors.sample([INPUT, 5, 1, PAD], [2, 6, END, PAD], [6, 2, END, PAD])
    assert (found.error, found.right) == ("wrong label", False)


def test_a_question_asked_again_is_shown_once_with_its_count() -> None:
    one, other = (errors.sample([INPUT, 5, bracket, PAD], [END], [2, 6, END, PAD]) for bracket in (1, 3))
    found = errors.distinct([one, other, one, one])
    assert [(sample.question, sample.note) for sample in found] == [("{(", "asked 3 times"), ("{【", "")]


def test_a_trial_leaves_the_validation_questions_it_got_wrong(tmp_path: Path) -> None:
    ctx = run(tmp_path / "run", SMALL, options=FEW)
    found = samples.read(ctx.run_dir)
    assert found is not None
    assert found.asked == data.HELD_OUT
    assert found.wrong == round((1 - (ctx.value() or 0.0)) * data.HELD_OUT)
    wrong = [sample for sample in found.texts() if not sample.right]
    assert 0 < len(wrong) <= min(found.wrong or 0, errors.MOST_WRONG)
    assert len({sample.question for sample in wrong}) == len(wrong)  # one that is asked again is shown once
    assert all(sample.answer != sample.truth for sample in wrong)
    assert any(sample.right for sample in found.texts())
    assert {sample.error for sample in wrong} <= set(found.counts)
    splits = data.splits(FEW["train_samples"])
    test = {errors.sample(q, [END], a).question for q, a in zip(*_rows(splits.test), strict=True)}
    validation = {errors.sample(q, [END], a).question for q, a in zip(*_rows(splits.val), strict=True)}
    asked = {sample.question for sample in found.texts()}
    assert asked <= validation
    assert not asked & test


def _rows(part: data.Samples) -> tuple[list[list[int]], list[list[int]]]:
    return part.question_NQ.tolist(), part.answer_NA.tolist()


def test_asked_in_pieces_the_same_errors_are_kept(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", SMALL, options=FEW)
    batch = Corpus(data.splits(FEW["train_samples"]).val, "cpu").all()
    kept = checkpoint.load(whole.checkpoint_dir / checkpoint.MODEL, "cpu")
    model = build(find(kept["task"]).architecture, kept["config"], "cpu")
    model.load_state_dict(kept["model"])
    errors.keep(model, batch, tmp_path, pieces=7)
    assert samples.read(tmp_path) == samples.read(whole.run_dir)
