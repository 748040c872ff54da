"""Where trials are placed: this machine now; Ray and Slurm behind the same interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from trainers.contract import RunConfig


class JobStatus(StrEnum):
    """What has become of a launched run. ENDED means its exit.json is there; LOST that it never will be."""

    LAUNCHING = "launching"
    RUNNING = "running"
    ENDED = "ended"
    LOST = "lost"


@dataclass(frozen=True)
class Slot:
    """What a trial has been given: GPUs as CUDA_VISIBLE_DEVICES wants them, each to `share`, and CPU threads."""

    gpus: tuple[str, ...] = ()
    share: float = 0.0
    threads: int = 1

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Slot:
        return cls(tuple(data.get("gpus", ())), float(data.get("share", 0.0)), int(data.get("threads", 1)))


class Engine(Protocol):
    """Starts, finds and ends runs. What it must remember across a restart is in the slot and the run folder."""

    def gpus(self) -> int:
        """How many GPUs there are to hand out."""

    def threads(self) -> int:
        """How many CPU threads there are to hand out."""

    def reserve(self, gpus: float, threads: int, *, force: bool = False) -> Slot | None:
        """Takes resources for one trial: whole GPUs, or a fraction of one. None when they are in use.

        `force` takes CPU threads beyond what is free, for a person who asked for that many jobs.
        """

    def lost(self, slot: Slot) -> float:
        """A trial lost its device: the GPUs of its slot get no other for a while. How many seconds at least."""

    def worked(self, slot: Slot) -> None:
        """A trial has come to its end on the GPUs of its slot."""

    def release(self, slot: Slot) -> None:
        """Gives a slot's resources back."""

    def adopt(self, slot: Slot) -> None:
        """Marks the resources of a run that an earlier runner started as taken."""

    def warm(self, trainer: str, threads: int) -> None:
        """Gets ready to start trials of this trainer quickly."""

    def launch(self, run_dir: Path, config: RunConfig) -> None:
        """Asks for the run described in `run_dir` to be started; returns at once."""

    def launch_pack(self, run_dirs: Sequence[Path], configs: Sequence[RunConfig]) -> None:
        """Asks for runs to be started as one process (`trainers.contract.PackingTrainer`); returns at once.

        Each keeps its own status, stop and end. Killing one kills all, so ask it to stop instead.
        """

    def status(self, run_dir: Path) -> JobStatus:
        """What has become of a run, whoever launched it."""

    def stop(self, run_dir: Path, reason: str, *, prune: bool = False) -> None:
        """Asks a run to end; its supervisor kills it when the grace period is over. `prune`: because it promises too
        little, and it may be taken up again."""

    def kill(self, run_dir: Path) -> None:
        """Ends a run, and every process it started, here and now. It then is LOST, or ENDED if it was quicker."""

    def fence(self, run_dir: Path) -> bool:
        """Makes sure that a run which has not started never will. False when it has started."""

    def close(self) -> None:
        """Lets go of everything but the runs."""
