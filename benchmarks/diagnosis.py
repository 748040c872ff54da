"""How often the diagnosis is right, on the labelled set: one confusion table a split.

python -m benchmarks.diagnosis
"""

from __future__ import annotations

from tests.agent.diagnosis import labelled

SPLITS = {
    "dev": "the cases the rules were first written on",
    "second": "cases recorded after that, on which the rules were then corrected",
    "third": "and once more",
    "fourth": "and once more",
    "fifth": "and once more",
    "held_out": "cases recorded after the last change of the rules",
}


def main() -> None:
    for split, what in SPLITS.items():
        results = [(case, case.diagnosis()) for case in labelled.labelled(split)]
        found = labelled.scores(results)
        print(f"{split}: {what}\n")
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
