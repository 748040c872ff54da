"""Finds metrics in a script's output, which may be anything: long lines, binary, progress bars."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from trainers.script import jsonline
from trainers.script.declared import RegexMetric
from trainers.script.recorder import Recorder
from trainers.stderr import ANSI

LINE_CHARS = 64 << 10  # of a longer line only the beginning is looked at

_VALUE = r"[-+]?(?:\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf(?:inity)?)(?![\w.]*\w)"
_STEP = re.compile(r"(?<![\w/.])(step|iter(?:ation)?|epoch)\s*[=:#]?\s*\[?\s*(\d{1,18})(?![\d.]*\.\d)", re.IGNORECASE)


class LineBuffer:
    """Cuts a byte stream into whole lines; `\\r` ends one too, so that progress bars are seen."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, chunk: bytes) -> str:
        """The lines completed by `chunk`, as one text."""
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) + 1
        if not end:  # only the beginning of an endless line is kept
            self._pending = (self._pending + chunk)[: 4 * LINE_CHARS]
            return ""
        text = self._pending + chunk[:end]
        self._pending = chunk[end:]
        return text.decode("utf-8", "replace")

    def rest(self) -> str:
        """The last line, if it ended without a newline."""
        text, self._pending = self._pending, b""
        return text.decode("utf-8", "replace")


class LineScanner:
    """Reports what it finds in lines: regexes that were declared, JSON objects, and `metric=value`
    for the objective's metric where it was not declared."""

    def __init__(
        self, declared: Sequence[RegexMetric], taken: frozenset[str], objective: str, recorder: Recorder
    ) -> None:
        self._rules = [_Rule(metric) for metric in declared]
        self._taken = taken  # read from elsewhere only, as declared
        self._objective = objective
        self._guess = objective not in taken
        self._named = re.compile(
            rf"(?<![\w/.\-]){re.escape(objective)}[\"']?(?:\s*[=:]\s*|\s+)(?:tensor\()?({_VALUE})", re.IGNORECASE
        )
        self._recorder = recorder

    def scan(self, text: str) -> None:
        """Looks through whole lines."""
        named = self._guess and self._objective in text
        objects = text.startswith("{") or "\n{" in text or "\r{" in text
        if not (named or self._rules or objects):
            return  # nothing to be found: plain lines cost next to nothing
        if "\x1b" in text:
            text = ANSI.sub("", text)
        for line in text.replace("\r", "\n").split("\n"):
            if line:
                self._scan_line(line, named)

    def _scan_line(self, line: str, named: bool) -> None:
        is_json = line[0] == "{" and self._json(line)
        for rule in self._rules:
            rule.apply(line, self._recorder)
        if named and not is_json and self._objective in line and (match := self._named.search(line, 0, LINE_CHARS)):
            step = {m[1].lower()[:4]: int(m[2]) for m in _STEP.finditer(line, 0, LINE_CHARS)}
            guess = step.get("step", step.get("iter", step.get("epoc")))
            self._recorder.guessed(guess, {self._objective: float(match[1])})

    def _json(self, line: str) -> bool:
        if len(line) > LINE_CHARS or (found := jsonline.parse(line.rstrip())) is None:
            return False
        step, metrics = found
        if kept := {name: value for name, value in metrics.items() if name not in self._taken}:
            self._recorder.guessed(step, kept)
        return True


class _Rule:
    """One declared regex, with the last step its `step_regex` has met."""

    def __init__(self, metric: RegexMetric) -> None:
        self._name, self._search = metric.name, metric.pattern.search
        self._group = metric.value_group
        self._step_group = metric.pattern.groupindex.get("step")
        self._step_search = metric.step_pattern.search if metric.step_pattern else None
        self._step_value_group = metric.step_pattern.groupindex.get("step", 1) if metric.step_pattern else 0
        self._last_step: int | None = None

    def apply(self, line: str, recorder: Recorder) -> None:
        if self._step_search is not None and (met := self._step_search(line, 0, LINE_CHARS)):
            step = _whole(met[self._step_value_group])
            self._last_step = self._last_step if step is None else step
        match = self._search(line, 0, LINE_CHARS)
        if match is None or (value := jsonline.number(match[self._group])) is None:
            return
        step = _whole(match[self._step_group]) if self._step_group else self._last_step
        if step is None:
            recorder.guessed(None, {self._name: value})
        else:
            recorder.exact(step, {self._name: value})


def _whole(text: str | None) -> int | None:
    value = jsonline.number(text)
    return int(value) if value is not None and math.isfinite(value) else None
