"""Who has which GPU and how many CPU threads are in use."""

from __future__ import annotations

import math

from trainers.engines import Slot


class Slots:
    """Hands out whole GPUs or fractions of one, and CPU threads. Fractions pack onto the fullest GPU they fit."""

    def __init__(self, gpu_ids: list[str], threads: int) -> None:
        self._free = dict.fromkeys(gpu_ids, 1.0)
        self._threads = self._all_threads = threads
        self.aside: set[str] = set()  # GPUs that are given to no trial

    def take(self, gpus: float, threads: int, *, force: bool = False) -> Slot | None:
        """None when not enough is free. Raises ValueError for a part of more than one GPU.

        More threads than there are CPUs wait for all of them.
        """
        if gpus < 0 or (gpus > 1 and gpus != int(gpus)):
            raise ValueError(f"{gpus:g} GPUs a trial: give a whole number, or a fraction below 1")
        if self._threads < min(threads, self._all_threads) and not force:
            return None
        share = min(gpus, 1.0)
        usable = {gpu: free for gpu, free in self._free.items() if gpu not in self.aside}
        room = sorted((free, gpu) for gpu, free in usable.items() if free >= share - 1e-9)
        wanted = math.ceil(gpus) if gpus > 0 else 0
        if len(room) < wanted:
            return None
        slot = Slot(tuple(gpu for _, gpu in room[:wanted]), share if wanted else 0.0, threads)
        self.adopt(slot)
        return slot

    def adopt(self, slot: Slot) -> None:
        self._add(slot, -1)

    def release(self, slot: Slot) -> None:
        self._add(slot, 1)

    def _add(self, slot: Slot, sign: int) -> None:
        self._threads += sign * slot.threads
        for gpu in slot.gpus:
            if gpu in self._free:  # a GPU may be gone since an adopted run started on it
                self._free[gpu] += sign * slot.share
