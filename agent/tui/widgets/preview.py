"""What an edited config would mean: what it takes, what it risks, what may be expected of it. Written at every key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from textual.widgets import Static

from agent.study.nouns import Proposal
from agent.tui.ink.colours import colours
from agent.tui.model import StudyModel
from agent.tui.talk.behind import Behind
from agent.tui.text import Part, percent
from agent.tui.widgets.card_text import NO_BREAK, cost_parts, expected_parts, labelled, risk_parts
from agent.tui.widgets.drawing import text
from agent.weighing.weigh import Scales
from trainers.space import Config, config_key

if TYPE_CHECKING:
    from agent.mind.client import Done
    from agent.tui.app import TunewrightApp

_STILL = 0.3  # seconds without a key before the model is asked
_LOOK = 0.2  # seconds between looks for its answer


class Preview(Static):
    """`show` takes the values as they are now; None while they do not fit.

    The expectation is a fit in the agent's process: it comes when it comes, for the values written last.
    """

    def __init__(self, proposal: Proposal, model: StudyModel, scales: Scales, behind: Behind) -> None:
        super().__init__(classes="preview", markup=False)
        self._proposal, self._model, self._scales, self._behind = proposal, model, scales, behind
        self._params: Config | None = None
        self._found: dict[str, Mapping[str, Any]] = {}  # by config key; empty where nothing can be said
        self._asked: str | None = None  # under way

    def show(self, params: Config | None) -> None:
        self._params = params
        self.redraw()
        if params is not None and self._edited(params) and config_key(params) not in self._found:
            self.set_timer(_STILL, lambda: self._ask(params))

    def redraw(self) -> None:
        parts = self._parts(self._params) if self._params is not None else []
        while parts and parts[-1][0] == "\n":
            parts.pop()
        self.display = bool(parts)
        self.update(text(parts, colours(self.app.theme)))

    def on_resize(self) -> None:
        self.redraw()

    def _edited(self, params: Config) -> bool:
        return params != self._proposal.params

    def _parts(self, params: Config) -> list[Part]:
        width = max(self.size.width or self.screen.size.width // 2 - 8, 40)
        weighed = self._scales.weigh(self._proposal, self._model.known, params)
        parts = labelled("expect", expected, width) if (expected := self._expected(params)) else []
        return [*parts, *cost_parts(weighed, self._behind, width), *risk_parts(weighed, width)]

    def _expected(self, params: Config) -> list[Part]:
        """Of the proposal's own values what it came with; of others what a GP over the trials says."""
        told = self._proposal.expected
        if not self._edited(params):
            return expected_parts(*told, self._proposal.confidence, self._model) if told is not None else []
        found = self._found.get(config_key(params))
        if found is None:
            return [("…", "muted")] if self._asked is not None else []
        if not found:
            return []
        parts = expected_parts(found["low"], found["high"], found["confidence"], self._model)
        runs = f"runs {percent(found['runs'])}, " if found["runs"] < 1 else ""
        said = f"{runs}by a GP over {found['trials']} trials".replace(" ", NO_BREAK)
        return [*parts, ("  ", ""), (said, "muted" if found["runs"] > 0.5 else "bad")]

    # -- asking ------------------------------------------------------------------

    def _ask(self, params: Config) -> None:
        """Unless more has been typed, or an answer is still awaited: that one's end asks again."""
        if params != self._params or self._asked is not None or not self.is_attached:
            return
        self._asked = config_key(params)
        self._errand(lambda room: room.open.thinking.submit("expect", room.open.study, params=params), self._wait)
        self.redraw()

    def _wait(self, job: int) -> None:
        self._errand(lambda room: room.open.thinking.collect(job), lambda done: self._take(job, done))

    def _take(self, job: int, done: Done | None) -> None:
        if not self.is_attached:
            return
        if done is None:
            self.set_timer(_LOOK, lambda: self._wait(job))
            return
        assert self._asked is not None
        self._found[self._asked], self._asked = done.result, None
        if self._params is not None and config_key(self._params) not in self._found and self._edited(self._params):
            self._ask(self._params)
        self.redraw()

    def _errand(self, do: Any, then: Any) -> None:
        desk = cast("TunewrightApp", self.app).desk
        if desk is not None:
            desk.errand(do, then)
