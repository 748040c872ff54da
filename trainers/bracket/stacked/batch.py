"""One batch of each of several trials as one: padded to a common size, trials with long questions first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor

from trainers.bracket.batches import Corpus
from trainers.bracket.data import OUTPUT


class Size(NamedTuple):
    """A trial's own batch before padding: rows, and columns of questions and answers."""

    rows: int
    question: int
    answer: int


class StackedBatch(NamedTuple):
    """`order` are the trials in the order of the rows. `length_KB` stays on the host; a row of padding has length 1.

    Rows whose answers are all padding count for nothing.
    """

    order: list[int]
    sizes: list[Size]
    question_KBQ: Tensor
    length_KB: Tensor
    answer_KBA: Tensor

    @property
    def given_KBA(self) -> Tensor:
        """The separator, then the answer without its last column: what each token of the answer follows."""
        return F.pad(self.answer_KBA[..., :-1], (1, 0), value=OUTPUT)


def stack(corpus: Corpus, rows: Sequence[Tensor]) -> StackedBatch:
    """The batches that `rows` (on the host) name, one a trial."""
    lengths = [corpus.length_N[row_B] for row_B in rows]
    questions = [int(length_B.max()) for length_B in lengths]
    order = sorted(range(len(rows)), key=lambda k: -questions[k])
    sizes = [Size(len(rows[k]), questions[k], int(corpus.answer_length_N[rows[k]].max())) for k in order]
    most, columns = max(size.rows for size in sizes), max(size.answer for size in sizes)
    row_KB, length_KB, empty_KB = (torch.zeros(len(rows), most, dtype=torch.long) for _ in range(3))
    length_KB += 1
    for place, k in enumerate(order):
        row_KB[place, : len(rows[k])], length_KB[place, : len(rows[k])] = rows[k], lengths[k]
        empty_KB[place, len(rows[k]) :] = 1
    device = corpus.question_NQ.device
    row_KB = row_KB.to(device, non_blocking=True)
    answer_KBA = corpus.answer_NA[row_KB][..., :columns]
    if bool(empty_KB.any()):
        answer_KBA = answer_KBA.masked_fill(empty_KB.to(device)[..., None] > 0, 0)
    return StackedBatch(order, sizes, corpus.question_NQ[row_KB][..., : sizes[0].question], length_KB, answer_KBA)
