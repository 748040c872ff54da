"""Which parameters matter: how often the right one is named, how often a bystander, and what it takes.

Simulated studies of six parameters of which one or two do something, run by random search and by TPE, which moves
every parameter as it closes in. Peers of the shares: Optuna's fANOVA and PED-ANOVA on the same trials.

    python -m benchmarks.importance      the whole table; some minutes
"""

from __future__ import annotations

import math
import random
import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import optuna
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator, get_param_importances

from agent.importance import effects, importances
from agent.study.nouns import Source, Trial, TrialState
from trainers.contract import Objective
from trainers.distributions import to_distributions
from trainers.space import Config, SearchSpace

SPACE = SearchSpace.from_dict(
    {
        "parameters": {
            "lr": {"type": "float", "low": 1e-5, "high": 1e-1, "log": True},
            "wd": {"type": "float", "low": 0.0, "high": 0.3},
            "batch": {"type": "categorical", "choices": [32, 64, 128]},
            "layers": {"type": "int", "low": 1, "high": 6},
            "dropout": {"type": "float", "low": 0.0, "high": 0.5},
            "junk": {"type": "float", "low": 0.0, "high": 1.0},
        }
    }
)
LOSS = Objective("loss")
SIZES, SEEDS = (12, 24, 60, 150), 20
Function = Callable[[Config, random.Random], float]


def _rate(config: Config, rng: random.Random) -> float:
    return (math.log10(config["lr"]) + 3) ** 2 + rng.gauss(0, 0.3)


def _rate_and_layers(config: Config, rng: random.Random) -> float:
    return _rate(config, rng) + 0.5 * abs(config["layers"] - 3)


def _batch(config: Config, rng: random.Random) -> float:
    return (config["batch"] == 64) + rng.gauss(0, 0.3)


def _noise(_: Config, rng: random.Random) -> float:
    return rng.gauss(0, 1)


# What is simulated, and the parameters that matter there, the most important first.
FUNCTIONS: Mapping[str, tuple[Function, Sequence[str]]] = {
    "rate": (_rate, ("lr",)),
    "rate and layers": (_rate_and_layers, ("lr", "layers")),
    "batch": (_batch, ("batch",)),
    "noise": (_noise, ()),
}
SAMPLERS: Mapping[str, Callable[[int], optuna.samplers.BaseSampler]] = {
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "TPE": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=6),
}


def study(function: Function, sampler: str, count: int, seed: int) -> optuna.Study:
    made = optuna.create_study(sampler=SAMPLERS[sampler](seed))
    rng = random.Random(seed)
    distributions = to_distributions(SPACE)
    for _ in range(count):
        trial = made.ask(distributions)
        made.tell(trial, function(trial.params, rng))
    return made


def trials(of: optuna.Study) -> list[Trial]:
    common: dict[str, Any] = {"study_id": 1, "source": Source.TPE, "seed": 0, "state": TrialState.COMPLETED}
    return [Trial(id=t.number, number=t.number, proposal_id=t.number, params=t.params, value=t.value, **common)
            for t in of.trials]  # fmt: skip


def first(shares: Mapping[str, float]) -> str:
    return max(shares, key=lambda name: shares[name])


def shares(made: optuna.Study) -> dict[str, Mapping[str, float]]:
    """By method."""
    return {
        "ours": importances(trials(made), SPACE, LOSS),
        "fANOVA": get_param_importances(made, evaluator=FanovaImportanceEvaluator(seed=0)),
        "PED-ANOVA": get_param_importances(made, evaluator=PedAnovaImportanceEvaluator()),
    }


def row(name: str, sampler: str, count: int) -> str:
    function, matter = FUNCTIONS[name]
    right: Counter[str] = Counter()
    hits = wrong = 0
    for seed in range(SEEDS):
        made = study(function, sampler, count, seed)
        if matter:
            right.update(method for method, found in shares(made).items() if first(found) == matter[0])
        claimed = {e.parameter for e in effects(trials(made), SPACE, LOSS) if e.matters}
        hits += len(claimed & set(matter))
        wrong += bool(claimed - set(matter))
    named = " | ".join(str(right[method]) if matter else "–" for method in ("ours", "fANOVA", "PED-ANOVA"))
    found = f"{hits} of {SEEDS * len(matter)}" if matter else "–"
    return f"| {name} | {sampler} | {count} | {named} | {found} | {wrong} |"


def cpu_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    print(
        f"Of {SEEDS} studies each: how often the share of the right parameter was the largest (ours, Optuna's fANOVA,"
    )
    print("PED-ANOVA), how many of the parameters that matter were said to, and in how many studies a bystander was.\n")
    print("| what matters | search | trials | ours | fANOVA | PED-ANOVA | said to matter | wrongly |")
    print("|---|---|---|---|---|---|---|---|")
    for name in FUNCTIONS:
        for sampler in SAMPLERS:
            for count in SIZES:
                print(row(name, sampler, count), flush=True)
    made = study(_rate_and_layers, "random", 1_000, 0)
    ours = trials(made)
    importances(ours[:20], SPACE, LOSS)  # imports
    peer = cpu_seconds(lambda: get_param_importances(made, evaluator=FanovaImportanceEvaluator(seed=0)))
    spent = [cpu_seconds(lambda f=f: f(ours, SPACE, LOSS)) for f in (importances, effects)]  # type: ignore[misc]
    print(f"\nCPU at 1,000 trials: shares {spent[0]:.2f} s, effects {spent[1]:.2f} s; Optuna's fANOVA {peer:.1f} s.")


if __name__ == "__main__":
    main()
