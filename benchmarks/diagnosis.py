"""How often the diagnosis is right, on the labelled set: one confusion table a set. docs/diagnosis.md
tells how the sets came about and how the rules did on each at first contact. `fresh` runs healthy trainings
that nobody has seen, and counts how many of them are accused.

python -m benchmarks.diagnosis
python -m benchmarks.diagnosis fresh [RUNS] [SEED]
"""

from __future__ import annotations

import sys

from tests.agent.diagnosis import fresh, labelled
from tests.agent.diagnosis.make_cases import SPLITS


def main() -> None:
    for split in SPLITS:
        results = [(case, case.diagnosis()) for case in labelled.labelled(split)]
        found = labelled.scores(results)
        print(f"the {split} set\n")
        print(f"| {'fault':<24} | verdicts |\n|{'-' * 26}|----------|")
        table = labelled.confusion(results)
        for fault in sorted({fault for fault, _ in table}):
            verdicts = ", ".join(f"{v} {n}" for (f, v), n in table.most_common() if f == fault)
            print(f"| {fault:<24} | {verdicts} |")
        share = found["right"] / max(found["cases"], 1)
        print(f"\nright: {found['right']} of {found['cases']} ({share:.1%})")
        print(f"healthy runs accused: {len(found['accused'])} of {found['healthy']} {found['accused'] or ''}")
        for name, verdict in found["wrong"]:
            print(f"  wrong: {name} was called {verdict}")
        print()


def fresh_runs(count: int, seed: int) -> None:
    healthy = accused = 0
    for case, came_as_far in fresh.runs(count, seed):
        verdict = case.diagnosis()
        healthy += came_as_far
        accused += came_as_far and not verdict.healthy
        if not verdict.healthy:
            counted = "accused" if came_as_far else "not counted, it fell short"
            print(f"{case.split}/{case.name} {dict(case.record.params)}: {verdict.verdict} ({counted})", flush=True)
            print(f"  {verdict.explanation}", flush=True)
    print(f"\nseed {seed}: {count} runs, {healthy} of them healthy by their objective; accused: {accused} of {healthy}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["fresh"]:
        fresh_runs(*map(int, [*sys.argv[2:4], *("100", "0")[len(sys.argv[2:4]) :]]))
    else:
        main()
