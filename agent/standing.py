"""Where a study stands, in a word and a reason."""

from __future__ import annotations

from dataclasses import dataclass

from agent.store.calls import Spent
from agent.study.spec import StudySpec
from trainers import catalog
from trainers.contract import PackingTrainer
from trainers.engines import devices


@dataclass(frozen=True)
class Status:
    """Where the study stands. `reason` says it in words; `advice` is the built-in advisor's, or empty.

    `thinking` names what the agent's process is at; `spent` is what its calls have used, None without a model.
    """

    state: str  # running, waiting (for the person), idle, finished
    reason: str
    advice: str
    spent_seconds: float
    queued: int
    running: int
    pending: int
    ended: int
    jobs: int
    thinking: tuple[str, ...] = ()
    spent: Spent | None = None
    gpu_seconds: float = 0.0  # of all trials, a part of a GPU counting as that part
    calibration: str = ""  # of the model's predictions, such as "7/9 inside"


def width(spec: StudySpec) -> int:
    """How many trials of the study run at once on this machine."""
    uses_gpu = _uses_gpu(spec)
    packs = isinstance(catalog.load(spec.trainer), PackingTrainer)
    return spec.engine.width(devices.count() if uses_gpu else 0, uses_gpu, packs=packs)


def gpus(spec: StudySpec) -> float:
    """How many GPUs one trial of the study holds on this machine."""
    if spec.engine.gpus_per_trial is not None:
        return spec.engine.gpus_per_trial
    uses_gpu = _uses_gpu(spec)
    return spec.engine.share(devices.count() if uses_gpu else 0, uses_gpu)


def _uses_gpu(spec: StudySpec) -> bool:
    return bool(getattr(catalog.load(spec.trainer), "uses_gpu", True))


def missing_gpus(spec: StudySpec) -> str:
    """Why no trial of this study can ever start on this machine; empty where one can."""
    wanted = spec.engine.gpus_per_trial
    if not wanted or wanted <= devices.count():
        return ""
    what = f"a trial wants {wanted:g} of a GPU" if wanted < 1 else f"a trial wants {wanted:g} GPUs"
    return f"{what} and this machine shows {devices.count()}: change gpus_per_trial, or see 'tunewright doctor'"
