"""Generation, matching and batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from trainers.bracket import data
from trainers.bracket.architecture import Architecture
from trainers.bracket.attention import BERT
from trainers.bracket.batches import Batch, Corpus
from trainers.bracket.data import END, PAD
from trainers.bracket.evaluate import evaluate, generate, loss_of, matches, shifted
from trainers.bracket.models import ARCHITECTURES, build
from trainers.bracket.tasks import TASKS


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(data.samples(2_000, "clean", np.random.default_rng(0)), "cpu")


@pytest.fixture(params=ARCHITECTURES)
def model(request: pytest.FixtureRequest) -> Architecture:
    """Untrained, of each architecture, in its default shape."""
    torch.manual_seed(0)
    return build(request.param, TASKS[f"{request.param}-small"].space.default(), "cpu").eval()


def test_a_question_is_answered_alike_alone_and_among_others(corpus: Corpus, model: Architecture) -> None:
    row_B = torch.arange(40)
    batch = corpus.batch(row_B)
    together = generate(model, model.encode(batch.question_BQ, batch.length_B), len(row_B), torch.device("cpu"))
    for row in row_B.tolist():
        alone = corpus.batch(torch.tensor([row]))
        memory = model.encode(alone.question_BQ, alone.length_B)
        assert torch.equal(generate(model, memory, 1, torch.device("cpu"))[0], together[row])


def test_scores_depend_on_earlier_tokens_only(corpus: Corpus, model: Architecture) -> None:
    batch = corpus.batch(torch.arange(20))
    memory, given_BA = model.encode(batch.question_BQ, batch.length_B), shifted(batch.answer_BA)
    before = model.decode(memory, given_BA)
    given_BA[:, 2:] = 1
    after = model.decode(memory, given_BA)
    assert torch.equal(before[:, :2], after[:, :2])
    assert torch.equal(before[:, 2:], after[:, 2:]) is isinstance(model, BERT)  # which sees no token of an answer


def test_generation_stops_at_the_end_token(corpus: Corpus, model: Architecture) -> None:
    torch.nn.init.zeros_(model.head.weight)
    model.head.bias.data[END] = 10.0
    batch = corpus.all()
    answer_BA = generate(model, model.encode(batch.question_BQ, batch.length_B), len(corpus), torch.device("cpu"))
    assert answer_BA.unique(dim=0).tolist() == [[END, PAD, PAD, PAD]]


def test_exact_match_wants_order_and_end_and_partial_match_counts_places() -> None:
    truth = torch.tensor([[2, 4, 9, 0]] * 6)
    answers = torch.tensor([[2, 4, 9, 0], [4, 2, 9, 0], [2, 4, 4, 9], [2, 9, 0, 0], [2, 6, 9, 0], [9, 0, 0, 0]])
    exact_B, partial_B = matches(answers, truth)
    assert exact_B.tolist() == [True, False, False, False, False, False]
    assert partial_B.tolist() == pytest.approx([1.0, 0.0, 2 / 3, 0.5, 0.5, 0.0])


def test_only_the_answer_counts_in_the_loss(corpus: Corpus, model: Architecture) -> None:
    narrow = corpus.batch(torch.nonzero(corpus.answer_length_N == 2).flatten()[:8])
    wide = Batch(narrow.question_BQ, narrow.length_B, torch.nn.functional.pad(narrow.answer_BA, (0, 2)))
    losses = [
        loss_of(model.decode(model.encode(b.question_BQ, b.length_B), shifted(b.answer_BA)), b.answer_BA)
        for b in (narrow, wide)
    ]
    assert losses[0].item() == pytest.approx(losses[1].item())


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_evaluation_leaves_training_as_it_was(corpus: Corpus, name: str) -> None:
    model = build(name, {**TASKS[f"{name}-small"].space.default(), "dropout": 0.5}, "cpu").train()
    state = torch.get_rng_state()
    scores = evaluate(model, corpus.all())
    assert model.training
    assert torch.equal(state, torch.get_rng_state())
    assert scores == evaluate(model, corpus.all())
    assert scores["exact"] < 0.1 < scores["loss"]


def test_an_epoch_deals_every_row_once_and_hardly_any_padding(corpus: Corpus) -> None:
    order = corpus.epoch(32, seed=5)
    assert sorted(torch.cat(order).tolist()) == list(range(len(corpus)))
    batches = [corpus.batch(row_B) for row_B in order]
    padding = sum(int((batch.question_BQ == PAD).sum()) for batch in batches)
    assert padding / sum(batch.question_BQ.numel() for batch in batches) < 0.05
    assert [o.tolist() for o in order] == [o.tolist() for o in corpus.epoch(32, seed=5)]
    assert [o.tolist() for o in order] != [o.tolist() for o in corpus.epoch(32, seed=6)]
