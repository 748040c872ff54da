"""How often the diagnosis is right, on the labelled set: one confusion table a set. docs/diagnosis.md
tells how the sets came about and how the rules did on each at first contact.

python -m benchmarks.diagnosis
"""

from __future__ import annotations

from tests.agent.diagnosis import labelled
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


if __name__ == "__main__":
    main()
