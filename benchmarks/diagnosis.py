"""How often the diagnosis is right, on the labelled set: one confusion table a set. docs/diagnosis.md
tells how the sets came about and how the rules did on each at first contact. `fresh` runs trainings that nobody
has seen, healthy ones or such with a FAULT ("lr too high", "lr too low"), and counts the right verdicts.

python -m benchmarks.diagnosis
python -m benchmarks.diagnosis fresh [RUNS] [SEED] [FAULT]
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


def fresh_runs(count: int, seed: int, fault: str) -> None:
    true = right = 0
    for case, so_it_is in fresh.runs(count, seed, fault):
        diagnosis = case.diagnosis()
        found = case.right(diagnosis)
        true += so_it_is
        right += so_it_is and found
        if not found:
            counted = "wrong" if so_it_is else "not counted, its objective says otherwise"
            print(f"{case.split}/{case.name} {dict(case.record.params)}: {diagnosis.verdict} ({counted})", flush=True)
            print(f"  {diagnosis.explanation}", flush=True)
    print(f"\nfault {fault}, seed {seed}: {count} runs, {true} of them so by their objective; right: {right} of {true}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["fresh"]:
        given = [*sys.argv[2:], *("100", "0", "none")[len(sys.argv[2:]) :]]
        fresh_runs(int(given[0]), int(given[1]), given[2])
    else:
        main()
