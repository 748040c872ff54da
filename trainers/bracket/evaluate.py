"""How good a model's answers are: generated without being told their length, all questions in one batch."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor

from trainers.bracket.architecture import Architecture
from trainers.bracket.batches import Batch
from trainers.bracket.data import END, MAX_ANSWER, OUTPUT, PAD


def loss_of(scores_BAV: Tensor, answer_BA: Tensor) -> Tensor:
    """Mean cross-entropy over the answers' tokens, END included: nothing before the separator counts."""
    return F.cross_entropy(scores_BAV.flatten(0, 1), answer_BA.flatten(), ignore_index=PAD)


def shifted(answer_BA: Tensor) -> Tensor:
    """The separator, then the answer without its last column: what each token of the answer follows."""
    return F.pad(answer_BA[:, :-1], (1, 0), value=OUTPUT)


def generate(model: Architecture, memory: Any, rows: int, device: torch.device) -> Tensor:
    """The likeliest token at each place until END, PAD after it, for the `rows` questions that `memory` holds.

    Shape (rows, MAX_ANSWER + 1).
    """
    given_BA = torch.full((rows, 1), OUTPUT, device=device)
    ended_B = torch.zeros(rows, dtype=torch.bool, device=device)
    for _ in range(MAX_ANSWER + 1):
        token_B = model.decode(memory, given_BA)[:, -1].argmax(-1).masked_fill(ended_B, PAD)
        given_BA = torch.cat([given_BA, token_B[:, None]], 1)
        ended_B |= token_B == END
    return given_BA[:, 1:]


def matches(answer_BA: Tensor, truth_BA: Tensor) -> tuple[Tensor, Tensor]:
    """Per row: whether the whole answer is right, order and END included; and the share of closers that stand in
    their place, over the longer of the two answers."""
    exact_B = (answer_BA == truth_BA).all(1)
    closer_BA, true_closer_BA = _closers(answer_BA), _closers(truth_BA)
    right_B = ((answer_BA == truth_BA) & closer_BA & true_closer_BA).sum(1)
    return exact_B, right_B / torch.maximum(closer_BA.sum(1), true_closer_BA.sum(1)).clamp(min=1)


def _closers(answer_BA: Tensor) -> Tensor:
    """Which tokens stand before the end."""
    return ((answer_BA == END) | (answer_BA == PAD)).cumsum(1) == 0


@torch.no_grad()
def evaluate(model: Architecture, batch: Batch, pieces: int = 1) -> dict[str, float]:
    """`exact`, `partial` and `loss` (nats a token) over the batch, in `pieces` where it does not fit memory whole.
    Leaves the model as it was."""
    was_training = model.training
    model.eval()
    rows = len(batch.answer_BA)
    # Divided on the host, where 768 of 1,000 is .768 and not the nearest float32.
    scores = torch.stack([_scored(model, part) for part in split(batch, pieces)])
    exact, partial, nats, tokens = scores.sum(0).tolist()
    model.train(was_training)
    return {"exact": exact / rows, "partial": partial / rows, "loss": nats / tokens}


def split(batch: Batch, pieces: int) -> list[Batch]:
    """The batch in `pieces`, or in as many as it has rows."""
    pieces = min(pieces, len(batch.answer_BA))
    return [Batch(*part) for part in zip(*(tensor.tensor_split(pieces) for tensor in batch), strict=True)]


def _scored(model: Architecture, batch: Batch) -> Tensor:
    """How many answers are right, the shares that are right, the nats; each in sum, and how many tokens there are."""
    memory = model.encode(batch.question_BQ, batch.length_B)
    answer_BA = generate(model, memory, len(batch.answer_BA), batch.answer_BA.device)
    exact_B, partial_B = matches(answer_BA, batch.answer_BA)
    loss = loss_of(model.decode(memory, shifted(batch.answer_BA)), batch.answer_BA)
    tokens = (batch.answer_BA != PAD).sum(dtype=torch.float32)
    return torch.stack([exact_B.sum(dtype=torch.float32), partial_B.sum(), loss * tokens, tokens])
