"""Reads the labelled set and judges the rules by it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from agent.diagnosis.judge import diagnose
from agent.diagnosis.record import Peer, TrialRecord, from_run_dir
from agent.study.nouns import Diagnosis, TrialState
from trainers.space import SearchSpace

# The verdicts that are right for a fault. More than one where the same fault shows in different ways.
VERDICTS: dict[str, tuple[str, ...]] = {
    "none": ("healthy",),
    "import error": ("import_error",),
    "bad argument": ("bad_argument",),
    "command not found": ("command_not_found",),
    "missing script": ("command_not_found", "missing_file"),
    "missing file": ("missing_file",),
    "wrong shape": ("shape_error",),
    "wrong dtype": ("dtype_error",),
    "NaN in the data": ("nan_in_data",),
    "out of memory": ("host_oom",),
    "out of GPU memory": ("cuda_oom",),
    "disk full": ("disk_full",),
    "killed": ("killed",),
    "hang": ("timeout",),
    "timeout": ("timeout",),
    "too slow": ("too_slow",),
    "bug": ("exception",),
    "gave up": ("nonzero_exit",),
    "metric never printed": ("metric_missing",),
    "metric misspelt": ("metric_misspelt",),
    "stopped by a person": ("stopped",),
    "pruned": ("pruned",),
    "loss became NaN": ("non_finite_loss",),
    "lr too high": ("lr_too_high", "diverged", "non_finite_loss"),
    "gradient spike": ("gradient_spike", "non_finite_loss"),
    "lr too low": ("lr_too_low",),
    "overfitting": ("overfitting",),
    "underfitting": ("underfitting",),
    "dead units": ("dead_units", "flat_from_start"),
    "nothing is trained": ("dead_units", "flat_from_start"),
    "plateau": ("plateau",),
}
CASES = Path(__file__).resolve().parent / "cases"


@dataclass(frozen=True)
class Labelled:
    """One recorded run and what is known of it."""

    name: str
    split: str
    record: TrialRecord
    peers: tuple[Peer, ...]
    fault: str

    @property
    def healthy(self) -> bool:
        return self.fault == "none"

    def diagnosis(self) -> Diagnosis:
        return self._diagnosis

    @cached_property
    def _diagnosis(self) -> Diagnosis:
        return diagnose(self.record, self.peers)

    def right(self, diagnosis: Diagnosis) -> bool:
        return diagnosis.verdict in VERDICTS[self.fault]


def load(folder: Path, split: str = "") -> Labelled:
    label = json.loads((folder / "label.json").read_text())
    record = from_run_dir(folder, space=SearchSpace.from_dict(label["space"]))
    peers = tuple(Peer(**{**p, "state": TrialState(p["state"])}) for p in label["peers"])
    return Labelled(folder.name, split, record, peers, label["fault"])


def labelled(*splits: str) -> Iterator[Labelled]:
    for split in splits or sorted(p.name for p in CASES.iterdir() if p.is_dir()):
        for folder in sorted((CASES / split).iterdir()):
            if (folder / "label.json").exists():
                yield load(folder, split)


def confusion(results: Iterable[tuple[Labelled, Diagnosis]]) -> Counter[tuple[str, str]]:
    """How often each fault got each verdict."""
    return Counter((case.fault, diagnosis.verdict) for case, diagnosis in results)


def scores(results: list[tuple[Labelled, Diagnosis]]) -> dict[str, Any]:
    right = [case.right(diagnosis) for case, diagnosis in results]
    healthy = [(case, diagnosis) for case, diagnosis in results if case.healthy]
    return {
        "cases": len(right),
        "right": sum(right),
        "healthy": len(healthy),
        "accused": [case.name for case, diagnosis in healthy if not diagnosis.healthy],
        "wrong": [(case.name, diagnosis.verdict) for case, diagnosis in results if not case.right(diagnosis)],
    }
