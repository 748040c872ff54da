"""The lines above and below a trial's page: which trial, which parts, which keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from agent.study.nouns import Evidence, TrialState
from agent.tui.commands import shown_key
from agent.tui.ink.looks import look
from agent.tui.messages import TrialRead
from agent.tui.model import StudyModel
from agent.tui.text import number, seconds, signed, steps
from agent.tui.view import PARTS
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.curves_text import KEYS
from trainers.samples import SAMPLES

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

COMMAND_OF = {
    "why": "diagnosis",
    "config": "config",
    "origin": "origin",
    "files": "files",
    "curves": "curve",
    "samples": "samples",
    "log": "read",
}


class TrialHeader(Bar):
    """`TRIAL 9 ✗ diverged  val_loss nan  +.02 to the best`, and its neighbours."""

    def __init__(self) -> None:
        super().__init__(id="trial-header")

    def show_trial(self, read: TrialRead, model: StudyModel, now: float) -> None:
        trial, seen, best = read.trial, look(read.trial), model.best
        left = [
            Piece(f" TRIAL {trial.number} ", "title", "", 9),
            Piece(f" {seen.glyph} {seen.word} ", seen.role, "", 9),
        ]
        value = trial.value if trial.value is not None else trial.last_value
        if value is not None:
            left.append(Piece(f" {model.spec.objective.metric} {number(value, 6)} ", "strong", "", 8))
        if best is not None and best.number == trial.number:
            left.append(Piece(" ★ the best ", "best", "", 7))
        elif best is not None and best.value is not None and value is not None and value == value:
            left.append(Piece(f" {signed(value - best.value)} to the best, t{best.number} ", "muted", "", 5))
        if trial.last_step is not None:
            left.append(Piece(f" step {steps(trial.last_step)} ", "muted", "", 4))
        took = trial.seconds if trial.ended_at is not None else now - trial.started_at if trial.started_at else None
        if took is not None:
            left.append(Piece(f" ran {seconds(took)} ", "muted", "", 3))
        numbers = sorted(model.trials)
        at = numbers.index(trial.number) if trial.number in model.trials else 0
        right = [Piece(f" {model.spec.name} ", "muted", "close", 2)]
        right += [Piece(f" ‹ t{numbers[at - 1]} ", "primary", "earlier", 6)] if at > 0 else []
        right += [Piece(f" t{numbers[at + 1]} › ", "primary", "later", 6)] if at + 1 < len(numbers) else []
        self.show(left, right)


class PartTabs(Bar):
    """The parts with their keys; the one in front stands out."""

    def __init__(self) -> None:
        super().__init__(id="trial-tabs")

    def show_part(self, here: str, read: TrialRead) -> None:
        """Samples are named where there are some."""
        app = cast("TunewrightApp", self.app)
        pieces = []
        sampled = here == "samples" or any(path.name == SAMPLES for path, _ in read.files)
        for name in PARTS if sampled else (part for part in PARTS if part != "samples"):
            command, active = COMMAND_OF[name], name == here
            pieces.append(Piece(f" {app.key_name(command)}", "primary", command, 9))
            role = "primary+bold" if active else "muted"
            pieces.append(Piece(f" {'▸' if active else ''}{name.upper()} ", role, command, 9))
        self.show(pieces)


class KeysBar(Bar):
    """What can be done with this trial."""

    def __init__(self) -> None:
        super().__init__(id="trial-keys")

    def _key(self, command: str, word: str, keep: int) -> list[Piece]:
        name = cast("TunewrightApp", self.app).key_name(command)
        return [Piece(f" {name}", "primary", command, keep), Piece(f" {word} ", "muted", command, keep)] if name else []

    def show_trial(self, read: TrialRead, evidence: Sequence[Evidence], part: str, *, within: bool = False) -> None:
        """`within`: the keys of the curves act."""
        app, key = cast("TunewrightApp", self.app), self._key
        back = Piece(f" {shown_key('escape')} back ", "muted", "back", 8)
        if within:
            named = [piece for one in KEYS for piece in key(*one)]
            self.show(named, [*key("curve", "page's keys", 8), back])
            return
        pieces: list[Piece] = []
        if evidence:
            digits = "1" if len(evidence) == 1 else f"1–{len(evidence)}"
            pieces += [Piece(f" {digits}", "primary", "", 8), Piece(" evidence ", "muted", "", 8)]
        said = read.narrative or read.diagnosis
        if said is not None and said.suggested_params:
            pieces += key("suggest", "suggest", 7)
        if read.trial.state.ended:
            paused = read.trial.state in (TrialState.PRUNED, TrialState.STOPPED)
            pieces += [*key("resume", "resume", 7)] if paused else []
            pieces += [*key("explain", "explain", 6), *key("retry", "retry", 5)]
        else:
            pieces += key("stop", "stop", 7)
        pieces += [*key("beside", "beside best", 4), *key("export", "export", 4), *key("pin", "curve", 3)]
        before, after, what = ("earlier", "later", "neighbours")
        if part == "samples":
            before, after, what = ("sample-before", "sample-after", "samples")
        turning = f" {app.key_name(before)} {app.key_name(after)}"
        right = [Piece(turning, "primary", "", 6), Piece(f" {what} ", "muted", "", 6)]
        self.show(pieces, [*right, back])
