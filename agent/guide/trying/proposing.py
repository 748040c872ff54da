"""From what was seen to entries of [metrics]: each is checked by the script trainer's own reader on the lines seen."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from agent.diagnosis.metrics import Split, meaning
from agent.guide.nouns import FoundMetric
from agent.guide.trying import names, patterns
from agent.guide.trying.detector import Detector, Track
from trainers.errors import TunewrightError
from trainers.script.declared import RegexMetric, parse_metric
from trainers.script.lines import LineScanner
from trainers.script.recorder import Recorder

_MATCHED = 0.9  # of the values seen, an expression must find so many
_KEPT = 1000  # values of a metric that are kept
_NOBODY = "\0"  # an objective that no script prints


class Points:
    """Takes the place of a trial: keeps what is reported, by name."""

    def __init__(self) -> None:
        self.by_name: dict[str, list[tuple[int, float]]] = {}

    def report(self, step: int, **metrics: float) -> None:
        for name, value in metrics.items():
            self.by_name.setdefault(name, []).append((step, value))


def replay(name: str, spec: Mapping[str, Any], lines: Sequence[str]) -> list[tuple[int, float]]:
    """The (step, value) pairs that the trainer would read from `lines`. Raises TunewrightError for a bad spec."""
    metric = parse_metric(name, spec)
    assert isinstance(metric, RegexMetric)
    seen = Points()
    LineScanner([metric], frozenset([name]), _NOBODY, Recorder(seen)).scan("\n".join(lines) + "\n")
    return seen.by_name.get(name, [])


def propose(detector: Detector) -> list[FoundMetric]:
    """What the output reports, in the order in which it first came; nothing that could not be read back."""
    found = []
    for track in detector.tracks.values():
        metric = _of_json(track) if track.regexes.most_common(1)[0][0] == "" else _of_lines(track, detector)
        if metric is not None:
            found.append(metric)
    return found


def _is_metric(track: Track) -> bool:
    """A name that says nothing must at least change: settings are printed too."""
    return names.known(track.name) or len({repr(value) for _, value, _ in track.seen}) >= 3


def _of_json(track: Track) -> FoundMetric | None:
    if not _is_metric(track):
        return None
    points: list[tuple[int, float]] = []
    for _, value, steps in track.seen:  # as trainers.script.recorder settles a guessed step
        last = points[-1][0] if points else -1
        step = steps.get("json")
        points.append((step if step is not None and step > last else last + 1, value))
    return _metric(track, {}, points, sure=names.known(track.name))


def _of_lines(track: Track, detector: Detector) -> FoundMetric | None:
    if not _is_metric(track):
        return None
    regex = track.regexes.most_common(1)[0][0]
    wanted = [value for _, value, _ in track.seen]
    others = sorted({p for t in detector.tracks.values() if t is not track for p in t.phases})
    for pattern in (
        regex,
        patterns.without(others, regex) if others and meaning(track.name).split is Split.NONE else "",
    ):
        for step in [*_step_patterns(track, pattern), ""] if pattern else ():
            spec = {"regex": pattern} | ({"step_regex": step} if step else {})
            points = _checked(track.name, spec, detector.lines)
            if _agree([value for _, value in points], wanted):
                return _metric(track, spec, points, sure=names.known(track.name))
    return None


def _checked(name: str, spec: dict[str, Any], lines: Sequence[str]) -> list[tuple[int, float]]:
    try:
        return replay(name, spec, lines)
    except TunewrightError:
        return []


def _agree(read: Sequence[float], wanted: Sequence[float]) -> bool:
    """Whether nearly all values are read, and nothing else. A long output was kept in part only."""
    if not read or (len(read) > len(wanted) / _MATCHED and len(wanted) < _KEPT):
        return False
    same = sum(_same(a, b) for a, b in zip(read, wanted, strict=False))
    return same >= _MATCHED * min(len(read), len(wanted)) and len(read) >= _MATCHED * min(len(wanted), _KEPT)


def _same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def _step_patterns(track: Track, pattern: str) -> list[str]:
    """The steps that rise with the metric, those of its own line first, the finest first."""
    if "(?P<step>" in pattern:
        return []
    numbers: dict[str, list[int]] = {}
    for _, _, steps in track.seen:
        for regex, number in steps.items():
            numbers.setdefault(regex, []).append(number)
    count = len(track.seen)
    rising = [
        regex
        for regex, seen in numbers.items()
        if regex not in ("json", "in the row")
        and len(seen) == count
        and all(a < b for a, b in itertools.pairwise(seen))
    ]
    own = [r for r in rising if track.own_steps[r] >= _MATCHED * count]
    if count == 1:
        rising = own  # one value after a step proves nothing
    return sorted(rising, key=lambda r: (r not in own, numbers[r][0] - numbers[r][-1], "epoch" not in r.lower()))


def _metric(track: Track, spec: dict[str, Any], points: list[tuple[int, float]], *, sure: bool) -> FoundMetric:
    way, said = names.direction(track.name, [value for _, value in points])
    return FoundMetric(
        name=track.name,
        spec=spec,
        seen=tuple(points[-_KEPT:]),
        where=f"output line {track.first_line}",
        direction=way,
        sure=sure and said,
    )


def way(name: str) -> str:
    """minimize or maximize, by the name alone."""
    return names.direction(name, ())[0]


def objective(found: Sequence[FoundMetric]) -> FoundMetric | None:
    """What should be optimised: on validation data rather than on training data, and on test data only where there is
    nothing else; None when nothing looks like a loss or a score."""
    fit = [metric for metric in found if names.fitness(metric.name)[0] >= 0]
    return max(fit, key=lambda m: (names.fitness(m.name), not _in_a_file(m), -len(m.name)), default=None)


def _in_a_file(metric: FoundMetric) -> bool:
    """Whether it is read from a file that trials may share."""
    return "csv" in metric.spec or "tensorboard" in metric.spec
