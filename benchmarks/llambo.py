"""What LLAMBO makes of a fair predictor: the whole search over a real socket, its model one that knows only the prompt.

The model (tests/agent/search/llambo/playing.py) reads the trials in the prompt and predicts by the three nearest of
them, with some noise from one answer to the next. `blind` gives candidates at random, so that only its predictions
help; `near` also gives candidates as it would itself choose them. Beside it, from the same default config and with the
same seeds, random search and our GP. The figure is the true value of the config that looks best, minus the optimum.

    python -m benchmarks.llambo [--seeds 5] [--trials 20] [--only NAME …] [--functions NAME …]
        [--out FILE.jsonl]

With --out what is measured is appended, a study a line, and what stands there already is not run again.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.study.llambo_spec import LlamboSpec
from agent.study.nouns import Source
from benchmarks.search_quality import Function, grid, hartmann, network
from benchmarks.studies import Outcome, our_study
from tests.agent.search.llambo.playing import Player
from tests.agent.search.llm.advising import desk

FUNCTIONS = {"network": network, "hartmann": hartmann, "grid": grid}
AT = (10, 15, 20)
METHODS: dict[str, dict[str, Any] | None] = {
    "random": None,
    "gp": None,
    "llambo blind": {"blind": True},
    "llambo near": {},
    "llambo near, ucb": {"acquisition": "ucb"},
    "llambo near, generative": {"surrogate": "generative"},
}


def llambo(function: Function, trials: int, seed: int, *, blind: bool = False, **spec: Any) -> tuple[Outcome, int, int]:
    """A study of `trials` trials, the calls it made, and the turns its model lost."""
    player = Player(function.space, seed=seed, blind=blind)
    outcome = Outcome()
    with (
        tempfile.TemporaryDirectory() as folder,
        desk(Path(folder), function.space, player, search="llambo", llambo=LlamboSpec(**spec), seed=seed) as one,
    ):
        one.loss = function.seen
        while len(outcome.values) < trials and (got := one.turn(trials - len(outcome.values))):
            for draft in got:
                one.run(draft)
                outcome.configs.append(draft.params)
                outcome.values.append(function.seen(draft.params))
                outcome.drafts.append(draft)
        return outcome, len(one.endpoint.requests), len(one.stood_in)


def measured(make: Callable[[], Function], method: str, seed: int, trials: int) -> dict[str, Any]:
    function, spec = make(), METHODS[method]
    began, made, lost = time.process_time(), 0, 0
    if spec is None:
        outcome = our_study(function.space, function.seen, method, trials, seed)
    else:
        outcome, made, lost = llambo(function, trials, seed, **spec)
    from_llambo = [d for d in outcome.drafts if d.source is Source.LLAMBO and d.expected is not None]
    inside = [
        d.expected[0] <= v <= d.expected[1]
        for d, v in zip(outcome.drafts, outcome.values, strict=True)
        if d in from_llambo and d.expected is not None and v is not None
    ]
    return {
        "function": function.name,
        "method": method,
        "seed": seed,
        "trials": trials,
        "regret": {at: function.regret(outcome, at) for at in AT if at <= trials},
        "calls": made,
        "lost": lost,
        "inside": [sum(inside), len(inside)],
        "cpu": time.process_time() - began,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--only", nargs="*", default=list(METHODS), help="methods to run")
    parser.add_argument("--functions", nargs="*", default=list(FUNCTIONS))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="no study is begun after so many of CPU")
    args = parser.parse_args()
    known = [json.loads(line) for line in args.out.read_text().splitlines()] if args.out and args.out.exists() else []
    done = {(row["function"], row["method"], row["seed"], row["trials"]) for row in known}
    for seed in range(args.seeds):
        for make in (FUNCTIONS[name] for name in args.functions):
            for method in args.only:
                if time.process_time() > args.seconds or (make().name, method, seed, args.trials) in done:
                    continue
                known.append(json.loads(json.dumps(measured(make, method, seed, args.trials))))
                if args.out:
                    with args.out.open("a") as out:
                        out.write(json.dumps(known[-1]) + "\n")
    show([row for row in known if row["trials"] == args.trials])


def show(rows: list[dict[str, Any]]) -> None:
    print(f"{'function':10s} {'method':24s} {'mean regret after ' + ' / '.join(map(str, AT)):38s} seeds  calls a trial")
    for name in dict.fromkeys(row["function"] for row in rows):
        for method in METHODS:
            some = [row for row in rows if (row["function"], row["method"]) == (name, method)]
            if not some:
                continue
            regrets = " / ".join(f"{statistics.fmean(row['regret'][str(at)] for row in some):8.4f}" for at in AT)
            calls = statistics.fmean(row["calls"] / row["trials"] for row in some)
            lost = sum(row["lost"] for row in some)
            hit, of = (sum(row["inside"][i] for row in some) for i in (0, 1))
            told = f"{calls:4.1f}  turns lost {lost}" if METHODS[method] is not None else ""
            told += f"  in the interval {hit / of:.0%}" if of else ""
            print(f"{name:10s} {method:24s} {regrets:38s} {len(some):5d}  {told}")


if __name__ == "__main__":
    main()
