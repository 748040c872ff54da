"""One study run for real, without and with a stopping rule: the same configs, the same seeds, real processes.

    python -m benchmarks.fidelity_real [--rule median] [--trials 24] [--samples 800]

Random search proposes the same configs in both, since it looks at nothing. Printed are the best value and the CPU time
of all trials; and, to show that replaying is honest, what `benchmarks.fidelity_replay` makes of the curves of the first
study under the same rule.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from agent.runner.lock import runner_pid
from agent.session import Session
from agent.store import points, studies, trials
from agent.store.connection import Store, open_store
from agent.study.nouns import Trial, TrialState
from agent.study.policy import Policy, PolicyKind
from agent.study.space_edit import edited
from agent.study.spec import Budget, StudySpec
from agent.study.stopping_spec import RULES, StoppingSpec
from benchmarks.fidelity_record import SMALL
from benchmarks.fidelity_replay import Recorded, Replay
from trainers import catalog

TASK = "gru-small"


def study(store: Store, rule: str, args: argparse.Namespace) -> list[Trial]:
    """Runs one study to its end; returns its trials."""
    bracket = catalog.load("bracket")
    spec = StudySpec(
        name=f"{rule} {args.seed}",
        trainer="bracket",
        task=TASK,
        space=edited(bracket.space(TASK), SMALL),
        objective=bracket.objective(TASK),
        options={"train_samples": args.samples},
        budget=Budget(trials=args.trials),
        policy=Policy(kind=PolicyKind.WATCH),
        stopping=StoppingSpec(rule=rule),
        search="random",
        seed=args.seed,
    )
    session = Session(store, studies.create(store, spec, store.folder))
    while session.tick().state != "finished":
        time.sleep(0.05)
    session.close()
    return trials.all_trials(store, session.study.id)


def recorded(store: Store, trial: Trial) -> Recorded:
    """What a trial reported, its CPU seconds laid over its reports as its wall time was."""
    steps, values, ats = points.curve(store, trial.id, "val_exact")
    wall, cpu = trial.seconds or 1.0, trial.cpu_seconds or 0.0
    begun = trial.started_at or 0.0
    return Recorded(steps, values, [(at - begun) / wall * cpu for at in ats], cpu)


def line(name: str, cost: float, best: float, rest: str = "") -> str:
    return f"{name:32} {cost:7.1f} CPU-s   best val_exact {best:.3f}   {rest}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rule", choices=RULES[1:], default="median")
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--samples", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    os.environ |= {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store.sqlite") as store:
        whole, cut = study(store, "none", args), study(store, args.rule, args)
        assert [t.params for t in whole] == [t.params for t in cut]
        curves = [recorded(store, t) for t in whole]
        objective = catalog.load("bracket").objective(TASK)
        out = Replay(curves, range(len(curves)), objective, StoppingSpec(rule=args.rule)).outcome()
        spent = [sum(t.cpu_seconds or 0.0 for t in group) for group in (whole, cut)]
        best = [max(t.value or 0.0 for t in group if t.state is TrialState.COMPLETED) for group in (whole, cut)]
        pruned = sum(t.state is TrialState.PRUNED for t in cut)
        print(line("without a rule", spent[0], best[0]))
        print(line(f"with {args.rule}", spent[1], best[1], f"{pruned} of {len(cut)} pruned, {spent[1] / spent[0]:.2f}"))
        found = -out.found[-1][1]
        print(line("replayed from the first", out.cost, found, f"{len(out.stopped)} pruned, {out.cost / spent[0]:.2f}"))
        if pid := runner_pid(store.path):
            os.kill(pid, signal.SIGTERM)
    return 0


if __name__ == "__main__":
    sys.exit(main())
