"""What a pack of each size gains, measured once for a shape on a device, and remembered in the store."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.store import settings
from agent.store.connection import Store
from trainers import pack_speed
from trainers.engines import Engine, Slot

_SCOPE = "packs"
_PATIENCE = 180.0  # seconds; importing torch from a cold disk takes many
_WORTH = 1.25  # how much faster a pack must be than its trials one after another: less is soon lost to padding
_SIZES = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Rates:
    """How many times as fast as one after another so many trials are as one; by size, as measured."""

    gains: Mapping[int, float] = field(default_factory=dict)

    def best(self, wanted: int) -> int:
        """How many of `wanted` trials should train as one: what gains most; 1 where nothing gains enough."""
        known = {size: gain for size, gain in self.gains.items() if 1 < size <= wanted}
        best = max(known, key=lambda size: known[size], default=1)
        if known.get(best, 0.0) < _WORTH:
            return 1
        return wanted if best == max(known) else best

    @classmethod
    def of(cls, seconds: Mapping[int, float]) -> Rates:
        alone = seconds.get(1, 0.0)
        return cls({size: size * alone / taken for size, taken in seconds.items() if taken > 0 and size > 1})


@dataclass
class _Measuring:
    process: subprocess.Popen[bytes]
    key: str
    slot: Slot | None
    until: float


class PackRates:
    """Remembers what was measured, and measures what is asked for, one shape at a time, in another process."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store, self._engine = store, engine
        self._known: dict[str, Rates] = {}
        self._now: _Measuring | None = None

    def known(self, trainer: str, key: str, gpus: bool) -> Rates | None:
        """What was found for this shape on this machine; None while nobody has measured it."""
        name = _name(trainer, key, gpus)
        if name not in self._known:
            said = settings.take(self._store, _SCOPE, name)
            if said is None:
                return None
            self._known[name] = Rates.of({int(size): float(seconds) for size, seconds in said.items()})
        return self._known[name]

    @property
    def busy(self) -> bool:
        return self._now is not None

    def ask(self, asked: Mapping[str, Any], key: str, most: int, share: float, threads: int) -> bool:
        """Begins to measure packs of up to `most` trials, unless another shape is being measured or no GPU is free;
        whether one is being measured now."""
        if self._now is not None:
            return True
        slot = self._engine.reserve(share, threads) if share else None  # on a CPU it is nice enough to need none
        if share and slot is None:
            return False
        gpus = slot.gpus if slot is not None else ()
        question = {**asked, "gpus": gpus, "sizes": [size for size in _SIZES if size <= most]}
        process = subprocess.Popen(
            pack_speed.command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=pack_speed.environment(gpus),
            start_new_session=True,
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(json.dumps(question).encode())
        name = _name(str(asked["trainer"]), key, bool(share))
        self._now = _Measuring(process, name, slot, time.monotonic() + _PATIENCE)
        return True

    def look(self) -> bool:
        """Takes in what has been measured; whether there was anything. What cannot be measured is not packed."""
        now = self._now
        if now is None or (now.process.poll() is None and time.monotonic() < now.until):
            return False
        self._now = None
        now.process.kill()
        assert now.process.stdout is not None
        with now.process.stdout:
            answer = now.process.stdout.read()
        now.process.wait()
        if now.slot is not None:
            self._engine.release(now.slot)
        seconds: dict[str, float] = {}
        with contextlib.suppress(ValueError, AttributeError):
            seconds = {size: float(value) for size, value in json.loads(answer).items()}
        settings.put(self._store, _SCOPE, now.key, seconds)
        return True

    def close(self) -> None:
        if self._now is not None:
            self._now.process.kill()
            self._now.process.wait()


def _name(trainer: str, key: str, gpus: bool) -> str:
    return f"{socket.gethostname()} {'GPU' if gpus else 'CPU'} {trainer} {key}"
