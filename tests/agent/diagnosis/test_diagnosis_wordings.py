"""Errors that torch, NumPy and scikit-learn really raise, as they word them today, get the right verdict."""

from __future__ import annotations

import json
import sqlite3
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agent.diagnosis.judge import diagnose
from tests.agent.diagnosis.builders import failed

torch = pytest.importorskip("torch")
sklearn = pytest.importorskip("sklearn")

from sklearn import ensemble, linear_model, metrics, model_selection, neighbors, neural_network, preprocessing, svm  # noqa: E402

T = torch
F = torch.nn.functional
R = np.random.default_rng(0)
X, Y = R.normal(size=(30, 4)), R.integers(0, 2, 30)
GAP = np.where(X > 1.5, np.nan, X)


def lin(i: int = 4, o: int = 2) -> Any:
    return T.nn.Linear(i, o)


def fit(model: Any, x: Any = X, y: Any = Y) -> Any:
    return model.fit(x, y)


SHAPE: dict[str, Callable[[], Any]] = {
    "linear": lambda: lin()(T.zeros(3, 5)),
    "add": lambda: T.zeros(3) + T.zeros(4),
    "cat": lambda: T.cat([T.zeros(2, 3), T.zeros(2, 4)]),
    "stack": lambda: T.stack([T.zeros(2), T.zeros(3)]),
    "view": lambda: T.zeros(6).view(4, 2),
    "bmm": lambda: T.bmm(T.zeros(2, 3, 4), T.zeros(2, 5, 6)),
    "conv channels": lambda: T.nn.Conv2d(3, 4, 3)(T.zeros(1, 1, 8, 8)),
    "conv dims": lambda: T.nn.Conv2d(3, 4, 3)(T.zeros(8, 8)),
    "conv kernel": lambda: T.nn.Conv2d(1, 4, 9)(T.zeros(1, 1, 4, 4)),
    "pool": lambda: T.nn.MaxPool2d(4)(T.zeros(1, 1, 2, 2)),
    "batchnorm": lambda: T.nn.BatchNorm1d(5)(T.zeros(3, 4)),
    "batchnorm one": lambda: T.nn.BatchNorm1d(4)(T.zeros(1, 4)),
    "layernorm": lambda: T.nn.LayerNorm(5)(T.zeros(3, 4)),
    "embedding": lambda: T.nn.Embedding(4, 2)(T.tensor([7])),
    "classes": lambda: F.cross_entropy(T.zeros(2, 3), T.tensor([0, 5])),
    "batch": lambda: F.cross_entropy(T.zeros(2, 3), T.tensor([0, 1, 2])),
    "targets": lambda: F.cross_entropy(T.zeros(2, 3), T.zeros(2, 1).long()),
    "bce": lambda: F.binary_cross_entropy_with_logits(T.zeros(4, 1), T.zeros(4)),
    "lstm": lambda: T.nn.LSTM(4, 5)(T.zeros(3, 2, 6)),
    "lstm dims": lambda: T.nn.LSTM(4, 5)(T.zeros(4)),
    "attention": lambda: T.nn.MultiheadAttention(8, 2)(T.zeros(3, 1, 6), T.zeros(3, 1, 6), T.zeros(3, 1, 6)),
    "state dict": lambda: lin().load_state_dict(lin(5, 2).state_dict()),
    "einsum": lambda: T.einsum("ij,jk->ik", T.zeros(2, 3), T.zeros(4, 5)),
    "expand": lambda: T.zeros(3).expand(2, 4),
    "index": lambda: T.zeros(3)[7],
    "dim": lambda: T.zeros(3).sum(dim=2),
    "not scalar": lambda: T.zeros(3, requires_grad=True).mul(2).backward(),
    "item": lambda: T.zeros(3).item(),
    "ragged tensor": lambda: T.tensor([[1, 2], [3]]),
    "unpack": lambda: [a for a, b in [T.zeros(3)]],
    "numpy add": lambda: np.zeros(3) + np.zeros(4),
    "numpy dot": lambda: np.zeros((2, 3)).dot(np.zeros((4, 5))),
    "numpy matmul": lambda: np.zeros((2, 3)) @ np.zeros((4, 5)),
    "numpy reshape": lambda: np.zeros(6).reshape(4, 2),
    "numpy concatenate": lambda: np.concatenate([np.zeros((2, 3)), np.zeros((2, 4))]),
    "numpy stack": lambda: np.stack([np.zeros(2), np.zeros(3)]),
    "numpy ragged": lambda: np.array([[1, 2], [3]]),
    "numpy index": lambda: np.zeros(3)[5],
    "numpy indices": lambda: np.zeros(3)[1, 2],
    "numpy axis": lambda: np.zeros(3).sum(axis=4),
    "numpy assign": lambda: np.zeros((2, 2)).__setitem__(slice(None), np.zeros(3)),
    "samples": lambda: fit(svm.SVC(), X, Y[:-1]),
    "features": lambda: fit(svm.SVC()).predict(X[:, :3]),
    "flat": lambda: fit(svm.SVC(), X[:, 0]),
    "empty": lambda: fit(svm.SVC(), X[:0], Y[:0]),
    "y 2d": lambda: fit(svm.SVC(), X, np.zeros((30, 2))),
    "scaler": lambda: preprocessing.StandardScaler().fit(X).transform(X[:, :2]),
    "scores": lambda: metrics.accuracy_score(Y, Y[:-2]),
    "group norm": lambda: T.nn.GroupNorm(2, 4)(T.zeros(2, 6, 3)),
    "hidden state": lambda: T.nn.GRU(4, 5)(T.zeros(3, 2, 4), T.zeros(1, 3, 5)),
    "unflatten": lambda: T.zeros(2, 6).unflatten(1, (4, 2)),
    "mask": lambda: T.zeros(3)[T.tensor([True, False])],
    "upsample": lambda: F.interpolate(T.zeros(4, 4), size=8),
    "bag": lambda: T.nn.EmbeddingBag(10, 3)(T.tensor([[1, 12]])),
    "data set": lambda: T.utils.data.TensorDataset(T.zeros(3), T.zeros(4)),
    "random split": lambda: T.utils.data.random_split(range(10), [5, 6]),
    "numpy solve": lambda: np.linalg.solve(np.zeros((2, 3)), np.zeros(2)),
    "numpy mask": lambda: np.zeros(3)[np.zeros(4, bool)],
    "numpy tensordot": lambda: np.tensordot(np.zeros((2, 3)), np.zeros((4, 5)), 1),
    "log loss": lambda: metrics.log_loss([0, 1, 2], np.full((3, 2), 0.5)),
}
DTYPE: dict[str, Callable[[], Any]] = {
    "double": lambda: lin()(T.zeros(3, 4).double()),
    "long input": lambda: lin()(T.zeros(3, 4).long()),
    "half": lambda: T.nn.Conv2d(1, 2, 3)(T.zeros(1, 1, 8, 8).half()),
    "float ids": lambda: T.nn.Embedding(4, 2)(T.zeros(2)),
    "float classes": lambda: F.cross_entropy(T.zeros(2, 3), T.zeros(2)),
    "bce long": lambda: F.binary_cross_entropy_with_logits(T.zeros(4), T.zeros(4).long()),
    "softmax int": lambda: T.softmax(T.zeros(3).long(), 0),
    "mean of ints": lambda: T.arange(3).mean(),
    "float index": lambda: T.zeros(3)[T.zeros(2)],
    "in place": lambda: T.arange(3).add_(0.5),
    "object array": lambda: T.tensor(np.array(["a", "b"], dtype=object)),
    "strings": lambda: T.tensor(["a"]),
    "numpy where torch": lambda: lin()(np.zeros((3, 4))),
    "int weights": lambda: T.nn.Parameter(T.arange(3)),
    "numpy strings": lambda: np.array(["1", "2"]) * 2.5,
    "numpy isnan": lambda: np.isnan(np.array(["a"], dtype=object)),
    "cast": lambda: np.arange(3).__iadd__(0.5),
    "float size": lambda: np.zeros(3.0),
    "float range": lambda: range(3.0),
    "text number": lambda: "0.1" * 2.5,
    "text plus": lambda: "lr" + 1,
    "text power": lambda: 10 ** "2",
    "text compare": lambda: max("a", 1),
    "column of text": lambda: fit(svm.SVC(), np.array([["a", "b"]] * 30), Y),
    "continuous labels": lambda: fit(svm.SVC(), X, R.normal(size=30)),
    "mixed metric": lambda: metrics.accuracy_score(Y, R.normal(size=30)),
    "float text": lambda: float("abc"),
    "int text": lambda: int("3.5"),
    "one hot": lambda: F.one_hot(T.zeros(3)),
    "tensor of text": lambda: T.tensor("abc"),
    "list index": lambda: [1, 2].__getitem__(1.0),
    "json": lambda: json.dumps({"loss": np.float32(1)}),
    "layer of text": lambda: T.nn.Linear(4, "3"),
    "mixed labels": lambda: metrics.f1_score([0, 1], ["a", "b"]),
}
ARGUMENT: dict[str, Callable[[], Any]] = {
    "rate": lambda: T.optim.SGD([T.zeros(1, requires_grad=True)], lr=-1.0),
    "momentum": lambda: T.optim.SGD([T.zeros(1, requires_grad=True)], lr=1.0, momentum=-0.5),
    "betas": lambda: T.optim.Adam([T.zeros(1, requires_grad=True)], betas=(1.5, 0.9)),
    "decay": lambda: T.optim.Adam([T.zeros(1, requires_grad=True)], weight_decay=-0.1),
    "dropout": lambda: T.nn.Dropout(1.5),
    "heads": lambda: T.nn.MultiheadAttention(10, 3),
    "groups": lambda: T.nn.Conv2d(3, 4, 3, groups=2),
    "batch": lambda: T.utils.data.DataLoader([1], batch_size=0),
    "workers": lambda: T.utils.data.DataLoader([1], num_workers=-1),
    "negative size": lambda: T.zeros(-3),
    "negative layer": lambda: T.nn.Linear(4, -2),
    "unexpected": lambda: T.nn.Linear(4, 2, width=3),
    "missing": lambda: T.nn.Linear(4),
    "depth": lambda: fit(ensemble.RandomForestClassifier(max_depth=-3)),
    "trees": lambda: fit(ensemble.RandomForestClassifier(0)),
    "C": lambda: fit(svm.SVC(C=0)),
    "kernel": lambda: fit(svm.SVC(kernel="cubic")),
    "penalty": lambda: fit(linear_model.LogisticRegression(solver="sgd")),
    "alpha": lambda: fit(linear_model.Ridge(alpha=-1.0)),
    "activation": lambda: fit(neural_network.MLPClassifier(activation="gelu")),
    "neighbours": lambda: fit(neighbors.KNeighborsClassifier(50)).predict(X),
    "folds": lambda: model_selection.cross_val_score(svm.SVC(), X, Y, cv=40),
    "set_params": lambda: svm.SVC().set_params(depth=3),
    "split": lambda: model_selection.train_test_split(X, test_size=1.5),
    "numpy negative": lambda: np.zeros(-1),
    "numpy choice": lambda: R.normal(size=-2),
    "nesterov": lambda: T.optim.SGD([T.zeros(1, requires_grad=True)], lr=0.1, nesterov=True),
    "encoder activation": lambda: T.nn.TransformerEncoderLayer(8, 2, activation="swish"),
    "rnn": lambda: T.nn.RNN(3, 3, nonlinearity="gelu"),
    "k-fold": lambda: model_selection.KFold(1),
    "sample": lambda: R.choice(3, 5, replace=False),
    "device": lambda: T.device("gpu"),
}
NAN: dict[str, Callable[[], Any]] = {
    "svc": lambda: fit(svm.SVC(), GAP),
    "linear": lambda: fit(linear_model.Ridge(), GAP),
    "y": lambda: fit(linear_model.Ridge(), X, np.full(30, np.nan)),
    "infinite": lambda: fit(svm.SVC(), np.where(X > 1.5, np.inf, X)),
    "int of nan": lambda: int(np.nan),
}
MISSING: dict[str, Callable[[], Any]] = {
    "open": lambda: open("/nowhere/data.csv"),  # noqa: SIM115
    "numpy": lambda: np.load("/nowhere/x.npy"),
    "text": lambda: np.loadtxt("/nowhere/x.txt"),
    "torch": lambda: T.load("/nowhere/m.pt"),
    "save": lambda: T.save({}, "/nowhere/sub/m.pt"),
    "script": lambda: T.jit.load("/nowhere/m.pt"),
    "database": lambda: sqlite3.connect("/nowhere/nope.db"),
}
GROUPS = {
    "shape_error": SHAPE,
    "dtype_error": DTYPE,
    "bad_argument": ARGUMENT,
    "nan_in_data": NAN,
    "missing_file": MISSING,
}
CASES = [(verdict, name, action) for verdict, group in GROUPS.items() for name, action in group.items()]


@pytest.mark.parametrize(("verdict", "name", "action"), CASES, ids=[f"{v}-{n}" for v, n, _ in CASES])
@pytest.mark.filterwarnings("ignore")
def test_real_errors(verdict: str, name: str, action: Callable[[], Any]) -> None:
    with pytest.raises(Exception) as caught:
        action()
    log = "".join(traceback.format_exception(caught.value))
    diagnosis = diagnose(failed(log))
    assert diagnosis.verdict == verdict, str(caught.value)
    assert any(item.line for item in diagnosis.evidence)


WORDINGS = [
    ("cuda_oom", "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total of 79 GiB"),
    ("cuda_oom", "RuntimeError: CUDA error: out of memory"),
    ("cuda_oom", "RuntimeError: MPS backend out of memory (MPS allocated: 17 GB)"),
    ("host_oom", "RuntimeError: DataLoader worker (pid 71) is killed by signal: Killed."),
    ("device_error", "RuntimeError: Expected all tensors to be on the same device, but found cuda:0 and cpu!"),
    ("device_error", "AssertionError: Torch not compiled with CUDA enabled"),
    ("shape_error", "RuntimeError: CUDA error: device-side assert triggered"),
    ("disk_full", "OSError: [Errno 28] No space left on device"),
    ("network_error", "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='x'): Max retries exceeded"),
    ("import_error", "ImportError: cannot import name 'foo' from 'bar' (unknown location)"),
    ("non_finite_loss", "ValueError: Expected parameter loc to satisfy Real(), but found invalid values:"),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "line"), WORDINGS, ids=[line[:40] for _, line in WORDINGS])
def test_wordings_of_what_cannot_be_raised_here(verdict: str, line: str) -> None:
    log = f'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\n    step()\n{line}\n'
    assert diagnose(failed(log)).verdict == verdict


def test_a_choice_that_the_script_does_not_know_is_a_bad_argument() -> None:
    log = (
        "Traceback (most recent call last):\n  File \"train.py\", line 3, in <module>\n    step()\nKeyError: 'adamax'\n"
    )
    assert diagnose(failed(log)).verdict == "exception"
    found = diagnose(failed(log, params={"optimizer": "adamax"}))
    assert found.verdict == "bad_argument"
    assert any("optimizer = adamax" in item.text for item in found.evidence)
