"""The network: the plain one's numbers, attention's shortcuts, no look ahead, nothing random in evaluation."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from benchmarks.informer_plain import from_fast
from trainers.informer.attention import Attention, budget
from trainers.informer.dropout import Dropout
from trainers.informer.layers import Distil, Embedding
from trainers.informer.network import Informer, Shape

SMALL: dict[str, Any] = {
    "channels": 7,
    "targets": 7,
    "features": 4,
    "seq_len": 48,
    "label_len": 24,
    "pred_len": 24,
    "d_model": 32,
    "n_heads": 4,
    "d_ff": 64,
    "factor": 3,
    "dropout": 0.0,
}
SHAPES = {
    "sparse": {},
    "full": {"factor": 0},
    "one target": {"targets": 1},
    "odd lengths, many layers": {"seq_len": 51, "label_len": 20, "pred_len": 7, "e_layers": 3, "d_layers": 2},
    "few queries": {"factor": 1},
    "all queries": {"factor": 50},
    "the paper's size": {"d_model": 512, "n_heads": 8, "d_ff": 2048},
    "relu": {"activation": "relu"},
}


def network(**changes: Any) -> Informer:
    torch.manual_seed(0)
    return Informer(Shape(**{**SMALL, **changes}))


def given(shape: Shape, windows: int = 3) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    x_BLC = torch.randn(windows, shape.seq_len, shape.channels, generator=generator)
    return x_BLC, torch.rand(windows, shape.seq_len + shape.pred_len, shape.features, generator=generator) - 0.5


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("changes", SHAPES.values(), ids=SHAPES)
def test_it_computes_what_the_plain_network_computes(changes: dict[str, Any], training: bool) -> None:
    """In training too: both draw the same keys."""
    fast = network(**changes).train(training)
    plain = from_fast(fast).train(training)
    x_BLC, time_BTF = given(fast.shape)
    torch.manual_seed(2)
    answer_BPT = fast(x_BLC, time_BTF)
    torch.manual_seed(2)
    assert (answer_BPT - plain(x_BLC, time_BTF)).abs().max() <= 1e-5
    assert answer_BPT.std() > 0.1


def test_its_gradients_are_the_plain_networks() -> None:
    fast = network(seq_len=51, d_layers=2)
    plain = from_fast(fast)
    x_BLC, time_BTF = given(fast.shape)
    for model in (fast, plain):
        torch.manual_seed(2)
        model(x_BLC, time_BTF).square().mean().backward()
    kernel = fast.distils[0].get_submodule("mix").weight.grad
    plain_kernel = plain.distils[0].get_submodule("conv").weight.grad
    assert isinstance(kernel, Tensor)
    assert isinstance(plain_kernel, Tensor)
    assert torch.allclose(kernel.unflatten(1, (3, -1)).transpose(1, 2), plain_kernel, atol=1e-7)
    norms = [sum(p.grad.square().sum() for p in m.parameters() if p.grad is not None) for m in (fast, plain)]
    assert float(norms[0]) == pytest.approx(float(norms[1]), rel=1e-5)


@pytest.mark.parametrize("causal", [True, False])
def test_sparse_attention_is_full_attention_when_every_query_attends(causal: bool) -> None:
    torch.manual_seed(0)
    full, sparse = Attention(32, 4, 0, 0.0).eval(), Attention(32, 4, 5, 0.0).eval()
    sparse.load_state_dict(full.state_dict())
    x_BLD = torch.randn(2, 12, 32)
    assert budget(5, 12) == 12
    assert torch.equal(full(x_BLD, x_BLD, causal=causal), sparse(x_BLD, x_BLD, causal=causal))
    q_BLHE, kv_BHSE = torch.randn(2, 12, 4, 8), torch.randn(2, 4, 12, 8)
    by_row = sparse._sparse(q_BLHE, kv_BHSE, kv_BHSE, causal)  # the long way round, every query picked
    hidden_LS = torch.ones(12, 12, dtype=torch.bool).triu(1) if causal else None
    direct = full._attend(q_BLHE.transpose(1, 2), kv_BHSE, kv_BHSE, hidden_LS).transpose(1, 2)
    assert torch.allclose(by_row, direct, atol=1e-6)


def test_most_queries_take_the_mean_of_the_values() -> None:
    torch.manual_seed(0)
    attention = Attention(32, 4, 1, 0.0).eval()
    q_BLHE, k_BHSE, v_BHSE = torch.randn(2, 48, 4, 8), torch.randn(2, 4, 48, 8), torch.randn(2, 4, 48, 8)
    y_BLHE = attention._sparse(q_BLHE, k_BHSE, v_BHSE, causal=False)
    lazy_BLH = torch.isclose(y_BLHE, v_BHSE.mean(2)[:, None], atol=1e-6).all(-1)
    assert (lazy_BLH.sum(1) == 48 - budget(1, 48)).all()


@pytest.mark.parametrize("factor", [0, 1, 3])
def test_a_causal_layer_sees_nothing_later(factor: int) -> None:
    """Which queries attend is settled over the whole length, as the paper has it; what they take is not."""
    torch.manual_seed(0)
    attention = Attention(32, 4, factor, 0.0).eval()
    x_BLD = torch.randn(2, 40, 32)
    changed_BLD = x_BLD.clone()
    changed_BLD[:, 30:] *= 2
    top_BHU = torch.randperm(40)[: budget(factor, 40)].expand(2, 4, -1) if factor else None
    attention._most_decided = lambda q, k: top_BHU  # type: ignore[method-assign,assignment,return-value]
    before, after = (attention(x, x, causal=True) for x in (x_BLD, changed_BLD))
    assert torch.allclose(before[:, :30], after[:, :30], atol=1e-6)
    assert not torch.allclose(before[:, 30:], after[:, 30:], atol=1e-4)


def test_what_is_to_be_forecast_never_enters() -> None:
    """Only times are given of the rows to forecast, and the start tokens are the last rows seen."""
    model = network().eval()
    x_BLC, time_BTF = given(model.shape)
    seen = []
    model.embed_answer.register_forward_hook(lambda module, args, out: seen.append(args[0]))
    model(x_BLC, time_BTF)
    assert torch.equal(seen[0][:, :24], x_BLC[:, 24:])
    assert (seen[0][:, 24:] == 0).all()


def test_evaluation_draws_no_random_number_and_training_does() -> None:
    model = network()
    x_BLC, time_BTF = given(model.shape)
    state = torch.get_rng_state()
    first = model.eval()(x_BLC, time_BTF)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first, model(x_BLC, time_BTF))
    assert not torch.equal(first, model.train()(x_BLC, time_BTF))
    assert not torch.equal(torch.get_rng_state(), state)


def test_distilling_is_a_circular_convolution_elu_and_max_pooling() -> None:
    torch.manual_seed(0)
    for length in (1, 2, 7, 8):
        distil, x_BLD = Distil(16), torch.randn(2, length, 16)
        kernel = distil.mix.weight.unflatten(1, (3, -1)).transpose(1, 2)
        padded_BDL = torch.cat([x_BLD[:, -1:], x_BLD, x_BLD[:, :1]], 1).transpose(1, 2)
        convolved = torch.nn.functional.conv1d(padded_BDL, kernel, distil.mix.bias)
        expected = torch.nn.functional.max_pool1d(torch.nn.functional.elu(convolved), 3, 2, 1)
        assert torch.allclose(distil(x_BLD), expected.transpose(1, 2), atol=1e-5)


def test_each_position_has_its_own_embedding() -> None:
    torch.manual_seed(0)
    embed = Embedding(1, 4, 48, 17, 0.0)  # an odd width too
    embedded_BLD = embed(torch.zeros(1, 48, 1), torch.zeros(1, 48, 4))
    assert torch.cdist(embedded_BLD[0], embedded_BLD[0]).fill_diagonal_(1.0).min() > 0.1


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5])
def test_dropout_drops_its_share_and_keeps_the_mean(rate: float) -> None:
    torch.manual_seed(0)
    drop = Dropout(rate)
    x = torch.ones(1001, 333, requires_grad=True)
    y = drop(x)
    y.sum().backward()  # type: ignore[no-untyped-call]
    share = float((y == 0).float().mean())
    assert share == pytest.approx(rate, abs=0.003)
    assert float(y.detach().mean()) == pytest.approx(1.0, abs=0.01)
    assert x.grad is not None
    assert torch.equal(x.grad, y)
    assert torch.equal(drop.eval()(x), x)
    assert [y.unique().numel(), float(y.detach().max())] == [2, pytest.approx(1 / (1 - rate), rel=1e-4)]
