"""Bracket strings: right answers, the stated share of wrong ones, and splits that do not leak."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from trainers.bracket import data
from trainers.bracket.data import END, INPUT, PAD, TOKENS, Samples

PAIRS = {"(": ")", "【": "】", "{": "}"}


def texts(samples: Samples) -> Iterator[tuple[str, str]]:
    """Questions and answers as text, without the marks around them."""
    for question, answer in zip(samples.question_NQ, samples.answer_NA, strict=True):
        assert question[0] == INPUT
        yield "".join(TOKENS[t] for t in question[1:]), "".join(TOKENS[t] for t in answer).removesuffix(TOKENS[END])


def owed(question: str) -> str:
    """The rule itself, one bracket at a time."""
    stack: list[str] = []
    for bracket in question:
        if bracket in PAIRS:
            stack.append(PAIRS[bracket])
        else:
            assert stack.pop() == bracket
    return "".join(reversed(stack))


def draw(mode: str, tries: int = 20_000, seed: int = 0) -> Samples:
    return data.samples(tries, mode, np.random.default_rng(seed))


def test_clean_answers_are_the_closers_owed() -> None:
    assert all(answer == owed(question) for question, answer in texts(draw("clean")))


def test_the_reference_mode_has_its_share_of_wrong_answers() -> None:
    pairs = list(texts(draw("reference", 100_000)))
    wrong = [(question, answer) for question, answer in pairs if answer != owed(question)]
    assert len(wrong) / len(pairs) == pytest.approx(0.056, abs=0.003)
    assert all(sorted(answer) == sorted(owed(question)) for question, answer in wrong)  # only the order is wrong


def test_the_modes_differ_in_answers_only() -> None:
    assert np.array_equal(draw("clean").question_NQ, draw("reference").question_NQ)


def test_questions_and_answers_have_the_stated_lengths_and_end() -> None:
    samples = draw("clean")
    answers = [answer for _, answer in texts(samples)]
    assert {len(answer) for answer in answers} == {1, 2, 3}
    assert samples.length_N.min() >= 4
    assert samples.length_N.max() <= samples.question_NQ.shape[1] == 20
    assert ((samples.answer_NA == END).sum(1) == 1).all()
    assert np.array_equal(samples.length_N, (samples.question_NQ != PAD).sum(1))


def test_whole_strings_are_balanced_and_as_deep_as_five() -> None:
    string_NL, length_N = data.strings(5_000, np.random.default_rng(1))
    whole = ["".join(TOKENS[t] for t in row) for row in string_NL]
    assert {owed(text) for text in whole} == {""}
    assert [len(text) for text in whole] == length_N.tolist()
    assert (length_N.min(), length_N.max()) == (6, 20)  # a balanced string has an even length
    assert max(len(owed(text[:cut])) for text in whole for cut in range(len(text))) == 5


@pytest.mark.parametrize("mode", data.MODES)
def test_no_held_out_question_is_ever_in_training(mode: str) -> None:
    splits = data.splits(60_000, mode)
    train, val, test = ({question for question, _ in texts(part)} for part in (splits.train, splits.val, splits.test))
    assert (len(splits.train), len(splits.val), len(splits.test)) == (60_000, 1_000, 1_000)
    assert not train & val
    assert not train & test
    assert not val & test


def test_a_small_training_set_is_the_beginning_of_a_large_one() -> None:
    small, large = data.splits(500), data.splits(40_000)
    assert np.array_equal(small.train.question_NQ, large.train.question_NQ[:500])
    assert np.array_equal(small.val.question_NQ, large.val.question_NQ)
    assert np.array_equal(small.test.answer_NA, large.test.answer_NA)


def test_different_questions_have_different_codes() -> None:
    samples = draw("clean")
    assert len(set(data.code(samples).tolist())) == len({question for question, _ in texts(samples)})
