"""What GPUs do, moment by moment: NVIDIA's by NVML, AMD's by the kernel's files; nvidia-smi stands in without NVML.

NVML is asked by a thread, started with the first look and so after the trial was forked: a driver that hangs holds up
neither the trial nor its end. nvidia-ml-py is imported there, if the node has it; torch is not needed.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

_EVERY = 2.0  # seconds between NVML's samples
_DRM = Path("/sys/class/drm")
_AMD_FILES = {"memory": "mem_info_vram_used", "total": "mem_info_vram_total", "busy": "gpu_busy_percent"}

Sample = dict[str, Any]  # id, and as far as they are told memory and total (bytes) and busy (percent)


class StandIn(Protocol):
    def look(self, now: float) -> list[Sample]: ...

    def owns(self, pid: int) -> bool: ...

    def close(self) -> None: ...


class GpusUsed:
    """Samples of the GPUs `ids`, by whatever this machine has; none where nothing tells."""

    def __init__(self, ids: Sequence[str], stand_in: StandIn, drm: Path = _DRM) -> None:
        self._ids, self._stand_in = tuple(ids), stand_in
        self._cards = amd_cards(drm) if ids else []
        self._nvml = Nvml(self._ids)

    def look(self, now: float) -> list[Sample]:
        """What is known now. Waits for nothing."""
        if not self._ids:
            return []
        if self._cards:
            return amd(self._ids, self._cards)
        self._nvml.start()
        return self._stand_in.look(now) if self._nvml.absent else self._nvml.latest

    def owns(self, pid: int) -> bool:
        return self._stand_in.owns(pid)

    def close(self) -> None:
        self._nvml.ended.set()
        self._stand_in.close()


class Nvml:
    """`latest` is what was told last; `absent` turns true where there is no NVML, or it fails."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = ids
        self.latest: list[Sample] = []
        self.absent = False
        self.ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._follow, name="nvml", daemon=True)
            self._thread.start()

    def _follow(self) -> None:
        try:
            import pynvml

            pynvml.nvmlInit()
            handles = [(name, _handle(pynvml, name)) for name in self._ids]
            while True:
                self.latest = [{"id": name, **_sample(pynvml, handle)} for name, handle in handles]
                if self.ended.wait(_EVERY):
                    return
        except Exception:  # noqa: BLE001 (no package, no library, a driver that has gone: nvidia-smi may tell more)
            self.absent = True


def _handle(pynvml: Any, name: str) -> Any:
    """Of a GPU as CUDA_VISIBLE_DEVICES names it."""
    return pynvml.nvmlDeviceGetHandleByIndex(int(name)) if name.isdigit() else pynvml.nvmlDeviceGetHandleByUUID(name)


def _sample(pynvml: Any, handle: Any) -> Sample:
    """What a board does not tell is left out. Raises NVMLError when it tells nothing."""
    found: Sample = {}
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    found |= {"memory": int(memory.used), "total": int(memory.total)}
    with contextlib.suppress(pynvml.NVMLError):  # a MIG slice has no utilisation of its own
        found["busy"] = int(pynvml.nvmlDeviceGetUtilizationRates(handle).gpu)
    return found


def amd_cards(drm: Path) -> list[Path]:
    """The kernel's folders of AMD's GPUs, in its order."""
    with contextlib.suppress(OSError):
        numbered = [p for p in drm.iterdir() if p.name.removeprefix("card").isdigit()]
        cards = (p / "device" for p in sorted(numbered, key=lambda p: int(p.name.removeprefix("card"))))
        return [card for card in cards if (card / "mem_info_vram_used").exists()]
    return []


def amd(ids: Sequence[str], cards: Sequence[Path]) -> list[Sample]:
    """What the kernel's files tell of the GPUs `ids`, as ROCm numbers them."""
    found = []
    for name in ids:
        if not name.isdigit() or int(name) >= len(cards):
            continue
        sample: Sample = {"id": name}
        for key, file in _AMD_FILES.items():
            with contextlib.suppress(OSError, ValueError):
                sample[key] = int((cards[int(name)] / file).read_text())
        found.append(sample)
    return found
