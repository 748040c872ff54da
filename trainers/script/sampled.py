"""Samples of a script's answers: what it appends to the file named in TUNEWRIGHT_SAMPLES becomes `samples.json`.

One JSON object a line: `{"question": "2+2", "answer": "5", "truth": "4"}`, or for a series
`{"context": [1, 2], "predicted": [3.1, 4.2], "truth": [3, 4]}`; `trainers.samples` has all fields.
"""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path

from trainers import samples
from trainers.samples import Sample

_READ = samples.MOST_BYTES  # from the end: the newest samples are those of the best trained model


def collect(path: Path, run_dir: Path) -> None:
    """Keeps the newest samples of `path`, if there are any. What is no sample is passed over."""
    found: deque[Sample] = deque(maxlen=samples.MOST)
    try:
        with open(path, "rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - _READ, 0))
            lines = file.read(_READ).splitlines()
    except OSError:  # the script took it away: then there are no samples
        return
    for line in lines:
        try:
            one = samples.from_dict(json.loads(line))
        except (ValueError, RecursionError):
            continue
        if one is not None:
            found.append(one)
    if found:
        samples.write(run_dir, found, note="given by the script")
