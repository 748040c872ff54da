"""What one proposal costs, in CPU seconds, after 10, 1,000 and 10,000 trials of 8 parameters; one in twenty failed.
`guided` is asked for one with a portfolio, and for one that an adviser, whose trials one in ten were, is heard for.

Ours: a whole `propose`, reasons and expected value included, from a history nobody has looked at yet.
Peer: `study.ask` of Optuna's sampler of the same kind on its SQLite storage with the same trials, in turns.
"""

from __future__ import annotations

import datetime
import itertools
import math
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from agent.search.catalog import proposer
from agent.search.history import History
from agent.search.trust import wants_advice
from agent.study.nouns import Draft, Source
from agent.study.suggested import Suggested
from benchmarks.harness import Figure, medians
from benchmarks.studies import add_trial, optuna
from trainers.contract import Objective
from trainers.distributions import optuna_trial, to_distributions
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, SearchSpace

SPACE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-5, high=1.0, log=True),
        FloatParameter(name="wd", low=0.0, high=0.3),
        FloatParameter(name="momentum", low=0.0, high=0.99),
        FloatParameter(name="dropout", low=0.0, high=0.6),
        FloatParameter(name="warmup", low=0.0, high=0.2),
        IntParameter(name="width", low=32, high=2048, log=True),
        IntParameter(name="layers", low=1, high=12),
        CategoricalParameter(name="optimizer", choices=("adam", "sgd", "lion")),
    ]
)


SAMPLERS: dict[str, Callable[[], optuna.samplers.BaseSampler]] = {
    "random": optuna.samplers.RandomSampler,
    "cmaes": optuna.samplers.CmaEsSampler,
    "tpe": optuna.samplers.TPESampler,
    "gp": optuna.samplers.GPSampler,
}
GP_PEER_UP_TO = 1_000  # at 10,000 Optuna's GP asks for more memory than this is worth


def figures(*, quick: bool) -> list[Figure]:
    sizes, repeats = ((10, 200), 1) if quick else ((10, 1_000, 10_000), 5)
    found = []
    for size in sizes:
        history = grown(size)
        with tempfile.TemporaryDirectory() as folder:
            storage = optuna.storages.RDBStorage(f"sqlite:///{Path(folder) / 'optuna.db'}")
            optuna.create_study(study_name="bench", storage=storage)
            _fill(storage, history)
            found += [_figure(search, history, storage, repeats) for search in SAMPLERS]
        found += [_guided(history, advised, repeats) for advised in (False, True)]
    return found


def _guided(history: History, advised: bool, repeats: int) -> Figure:
    rng, size = random.Random(0), len(history.trials)
    sources = {0: Source.DEFAULT, **dict.fromkeys(range(3, size, 10), Source.LLM)}
    trials = tuple(replace(t, source=sources.get(t.number, Source.GP)) for t in history.trials)
    portfolio = tuple(Suggested(params=SPACE.sample(rng), origin="another study.") for _ in range(10))
    history = replace(history, trials=trials, portfolio=portfolio)
    numbers = (n for n in itertools.count(size) if not advised or wants_advice(replace(history, number=n)))

    def ask() -> float:
        advice = tuple(Draft(source=Source.LLM, params=SPACE.sample(rng)) for _ in range(3 * advised))
        fresh = replace(history, number=next(numbers), advice=advice)
        return _cpu(lambda: proposer("guided").propose(fresh, 1))

    ask()
    (ours,) = medians([ask], repeats)
    name = f"ask guided{', advised' * advised} at {size:,} trials"
    return Figure(name, ours, None, "CPU s", "", "≤ 0.5 s", ours <= 0.5, repeats)


def _figure(search: str, history: History, storage: optuna.storages.RDBStorage, repeats: int) -> Figure:
    size, numbers = len(history.trials), itertools.count()
    measures = [lambda: _cpu(lambda: _propose(history, search, next(numbers)))]
    if search != "gp" or size <= GP_PEER_UP_TO:
        study = optuna.load_study(study_name="bench", storage=storage, sampler=SAMPLERS[search]())
        distributions = to_distributions(history.space)
        measures.append(lambda: _cpu(lambda: study.ask(distributions)))
    for measure in measures:
        measure()  # the first imports the libraries; Optuna's reads every trial, and later finds the finished in memory
    ours, *peers = medians(measures, repeats)
    peer = peers[0] if peers else None
    name = f"ask {search} at {size:,} trials"
    return Figure(name, ours, peer, "CPU s", "the same sampler, Optuna RDB", "≤ 0.5 s", ours <= 0.5, repeats)


def loss(config: Config) -> float | None:
    """A bowl with a valley and some noise; None, a failure, beyond a learning rate."""
    if config["lr"] > 0.3:
        return None
    noise = random.Random(repr(config)).gauss(0, 0.01)
    bowl = 0.05 * (math.log10(config["lr"]) + 2) ** 2 + config["wd"] * 0.2 + 0.3 * (config["dropout"] - 0.2) ** 2
    return bowl + 0.02 * abs(math.log2(config["width"] * config["layers"]) - 11) + config["warmup"] * 0.3 + noise


def grown(size: int) -> History:
    """A study of `size` trials, half of them drawn everywhere and half around the best, as a search would."""
    rng = random.Random(0)
    history = History(space=SPACE, objective=Objective("loss"), first_config=SPACE.default())
    for number in range(size):
        config = SPACE.sample(rng) if number else history.first_config
        if number % 2 and history.trials:
            config |= {name: history.trials[number // 2].params[name] for name in ("lr", "width", "optimizer")}
        # Keys once at the end: `after` would copy the set of them ten thousand times.
        history = replace(
            add_trial(history, Draft(source=Source.RANDOM, params=config), loss(config)), taken=frozenset()
        )
    return replace(history, taken=frozenset(SPACE.key(t.params) for t in history.trials), trials=tuple(history.trials))


def _propose(history: History, search: str, repeat: int) -> None:
    fresh = replace(history, number=history.number + repeat)  # nothing cached from the ask before
    (draft,) = proposer(search).propose(fresh, 1)
    assert draft.source == search, draft


def _cpu(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def _fill(storage: optuna.storages.RDBStorage, history: History) -> None:
    """The history through Optuna's own schema, inserted in bulk: its API would take an hour."""
    import sqlalchemy
    from optuna.distributions import distribution_to_json
    from optuna.storages._rdb import models

    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC).replace(tzinfo=None)
    times = {"datetime_start": now, "datetime_complete": now}
    trials, values, params = [], [], []
    for row, trial in enumerate(history.trials, start=1):
        state = "FAIL" if trial.value is None else "COMPLETE"
        trials.append({"trial_id": row, "number": row - 1, "study_id": 1, "state": state, **times})
        if trial.value is not None:
            values.append({"trial_id": row, "objective": 0, "value": trial.value, "value_type": "FINITE"})
        exact, distributions = optuna_trial(history.space, trial.params)
        for name, distribution in distributions.items():
            inside = {"param_name": name, "param_value": distribution.to_internal_repr(exact[name])}
            params.append({"trial_id": row, **inside, "distribution_json": distribution_to_json(distribution)})
    tables = ((models.TrialModel, trials), (models.TrialValueModel, values), (models.TrialParamModel, params))
    with storage.engine.begin() as connection:
        for model, rows in tables:
            connection.execute(sqlalchemy.insert(model), rows)
