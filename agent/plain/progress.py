"""How a headless run shows itself on stderr: a live line in a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.live import Live
from rich.text import Text

from agent.plain.cards import span
from agent.plain.output import clean, number
from agent.standing import Status
from agent.store.studies import Study
from agent.study.nouns import Trial, TrialState
from agent.summary import best

_HEARTBEAT = 30.0  # seconds between plain lines when nothing happens


class Progress:
    """Shows news and status. A terminal that goes away is no reason to stop: its errors are dropped."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._live: Live | None = None
        self._line = ""
        self._quiet_since = time.monotonic()

    def __enter__(self) -> Progress:
        if sys.stderr.isatty() and not self._console.is_dumb_terminal:
            self._live = Live(console=self._console, refresh_per_second=4, transient=True, redirect_stdout=False)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            with contextlib.suppress(OSError):
                self._live.stop()

    def news(self, lines: Sequence[str]) -> None:
        with contextlib.suppress(OSError):
            for line in lines:
                self._console.print(Text(clean(line)))
                self._quiet_since = time.monotonic()

    def status(self, study: Study, status: Status, trials: Sequence[Trial]) -> None:
        """The line at the bottom; where there is no such place, a line now and then."""
        line = status_line(study, status, trials)
        if self._live is not None:
            if line != self._line:
                with contextlib.suppress(OSError):
                    self._live.update(Text(clean(line), overflow="ellipsis", no_wrap=True))
        elif time.monotonic() - self._quiet_since > _HEARTBEAT:
            self.news([line])
        self._line = line

    def pause(self) -> None:
        """While the person types, nothing is redrawn."""
        if self._live is not None:
            self._live.stop()

    def resume(self) -> None:
        if self._live is not None:
            self._live.start()


def status_line(study: Study, status: Status, trials: Sequence[Trial]) -> str:
    """`3/12 trials · t3 running step 40 val_loss 0.31 · best 0.29 (t1) · 1 min 05 s spent`."""
    budget, metric = study.spec.budget, study.spec.objective.metric
    total = "" if budget.trials is None else f"/{budget.trials}"
    parts = [f"{status.ended}{total} trials"]
    for trial in [t for t in trials if t.state is TrialState.RUNNING][:3]:
        at = "" if trial.last_step is None else f" step {trial.last_step} {metric} {number(trial.last_value, 4)}"
        parts.append(f"t{trial.number} running{at}")
    if status.state != "running":
        parts.append(status.reason)
    if (top := best(trials, study.spec.objective)) is not None:
        parts.append(f"best {number(top.value)} (t{top.number})")
    limit = "" if budget.total_seconds is None else f" of {span(budget.total_seconds)}"
    return " · ".join([*parts, f"{span(status.spent_seconds)}{limit} spent"])
