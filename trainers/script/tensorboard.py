"""Follows the event files that match one pattern."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from trainers.script.declared import TensorboardMetric
from trainers.script.events import BrokenRecord, scalars
from trainers.script.files import matches
from trainers.script.recorder import Recorder

_EVERY = 0.2  # seconds between looks; longer where finding the files takes long
_SHARE = 20  # at most one part in so many of the time is spent looking for files


class EventFiles:
    """Scalars by tag. What stood in the files before the script began is not this trial's."""

    def __init__(self, metrics: Sequence[TensorboardMetric], pattern: str, recorder: Recorder) -> None:
        self._names: dict[str, list[str]] = {}
        for metric in metrics:
            self._names.setdefault(metric.tag, []).append(metric.name)
        self._pattern, self._recorder = pattern, recorder
        self._offsets = {path: os.path.getsize(path) for path in matches(pattern)}
        self._next = 0.0

    def poll(self, *, last: bool = False) -> None:
        begin = time.monotonic()
        if begin < self._next and not last:
            return
        paths = matches(self._pattern)
        self._next = time.monotonic() + max(_EVERY, _SHARE * (time.monotonic() - begin))
        for path in paths:
            self._read(path)

    def _read(self, path: str) -> None:
        offset = self._offsets.get(path, 0)
        try:
            if os.path.getsize(path) <= offset:
                return
            with open(path, "rb") as file:
                file.seek(offset)
                for scalar in scalars(file):
                    for name in self._names.get(scalar.tag, ()):
                        self._recorder.exact(scalar.step, {name: scalar.value})
                    if scalar.tag not in self._names:
                        self._recorder.others.add(scalar.tag)
                self._offsets[path] = file.tell()
        except BrokenRecord:
            self._offsets[path] = 1 << 62  # not an event file, or a damaged one: never looked at again
        except OSError:
            pass  # removed or not readable just now: looked at again at the next poll
