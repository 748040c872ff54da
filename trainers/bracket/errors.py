"""What a model got wrong: validation questions side by side with the truth, and the kind of each error."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import torch

from trainers import samples
from trainers.bracket.architecture import Architecture
from trainers.bracket.batches import Batch
from trainers.bracket.data import END, INPUT, PAD, TOKENS
from trainers.bracket.evaluate import generate, split
from trainers.samples import TextSample

TOO_SHORT, TOO_LONG, WRONG_ORDER, WRONG_CLOSER = "too short", "too long", "wrong order", "wrong closer"
WRONG_LABEL = "wrong label"  # of `reference` data: the answer closes the brackets, the label does not
MOST_WRONG, MOST_RIGHT = 200, 20  # shown


def keep(model: Architecture, batch: Batch, run_dir: Path, pieces: int = 1) -> None:
    """Writes what `model` answers to the questions of `batch`: the first it got wrong, then some it got right. Asks
    them in `pieces` where they do not fit memory whole."""
    asked = [sample for part in split(batch, pieces) for sample in answers(model, part)]
    wrong = [sample for sample in asked if not sample.right]
    right = [sample for sample in asked if sample.right]
    samples.write(
        run_dir,
        [*distinct(wrong)[:MOST_WRONG], *distinct(right)[:MOST_RIGHT]],
        note="validation questions, answered by the best checkpoint",
        asked=len(asked),
        counts=dict(Counter(sample.error for sample in wrong).most_common()),
    )


def distinct(asked: list[TextSample]) -> list[TextSample]:
    """Each question once, with how often it was asked: short ones come up again and again."""
    times = Counter((sample.question, sample.truth) for sample in asked)  # of one question labels may differ
    first = {(sample.question, sample.truth): sample for sample in asked}
    return [replace(s, note=f"asked {times[key]} times") if times[key] > 1 else s for key, s in first.items()]


@torch.no_grad()
def answers(model: Architecture, batch: Batch) -> list[TextSample]:
    """What `model` answers to each question, with the kind of error. Leaves the model as it was."""
    was_training = model.training
    model.eval()
    memory = model.encode(batch.question_BQ, batch.length_B)
    answer_BA = generate(model, memory, len(batch.answer_BA), batch.answer_BA.device)
    model.train(was_training)
    rows = zip(batch.question_BQ.tolist(), answer_BA.tolist(), batch.answer_BA.tolist(), strict=True)
    return [sample(*row) for row in rows]


def sample(question: list[int], answer: list[int], truth: list[int]) -> TextSample:
    """One question as text, without the words around it. `answer` and `truth` are tokens with END."""
    question = [token for token in question if token not in (PAD, INPUT)]
    said, true = _said(answer), _said(truth)
    right = said == true and END in answer
    return TextSample(
        question=_spelt(question),
        answer=_spelt(said),
        truth=_spelt(true),
        right=right,
        error="" if right else kind_of(question, said, true),
    )


def kind_of(question: list[int], answer: list[int], truth: list[int]) -> str:
    """Of an answer that is not `truth`: by its length, else by whether its tokens are those of the truth."""
    if answer != truth and answer == _closed(question):
        return WRONG_LABEL
    if len(answer) != len(truth):
        return TOO_SHORT if len(answer) < len(truth) else TOO_LONG
    return WRONG_ORDER if sorted(answer) == sorted(truth) else WRONG_CLOSER


def _closed(question: list[int]) -> list[int]:
    """The closers that are owed, innermost first."""
    owed: list[int] = []
    for token in question:
        if token % 2:
            owed.append(token + 1)
        elif owed:
            owed.pop()
    return owed[::-1]


def _said(tokens: list[int]) -> list[int]:
    """What stands before the end."""
    ends = [place for place, token in enumerate(tokens) if token in (END, PAD)]
    return tokens[: ends[0]] if ends else tokens


def _spelt(tokens: list[int]) -> str:
    return "".join(TOKENS[token] for token in tokens)
