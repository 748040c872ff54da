"""The whole study at a glance: parallel coordinates, importances and slices, live."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult

from agent.tui.commands import bindings
from agent.tui.ink.looks import look
from agent.tui.paging import brushing
from agent.tui.paging.weigher import Weigher
from agent.tui.screens.page import Page
from agent.tui.sights.parallel import Brush, lit
from agent.tui.sights.pictured import VIEWS, Sight
from agent.tui.sights.placed import Axis, Placed, Placer
from agent.tui.text import config, number
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.notice import Notice
from agent.tui.widgets.sight import SightView

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.screens.study import StudyScreen

_LOOK = 1.0  # seconds between looks at what has changed
_KEYS = {
    "parallel": "turn axisleft axisright brush brushup brushdown widen narrow better worse",
    "importance": "turn axisleft axisright",
    "slices": "turn axisleft axisright better worse",
}
_SAID = {
    "turn": "view",
    "axisright": "axis",
    "brush": "brush",
    "brushdown": "move",
    "narrow": "width",
    "worse": "trial",
    "why": "its page",
}


class ViewsScreen(Page):
    """The trial chosen here is the one selected in the study."""

    CSS_PATH = ["../styles/views.tcss"]  # noqa: RUF012 – as Textual has it
    BINDINGS = bindings("views")

    def __init__(self, study: StudyScreen) -> None:
        super().__init__()
        self._study, self._model = study, study.model
        self.view = study.side.view.sight if study.side.view.sight in VIEWS else VIEWS[0]
        self._space = self._model.spec.space
        self._placer = Placer(self._space, self._model.spec.objective)
        self._placed: Placed = self._placer.place(())
        self._shape, self._weighed = -1, -1  # of the model, when placed and when weighed
        self._chosen = next(iter(self._space.parameters), "")
        self._brushes: dict[str, Brush] = {}
        self._weigher, self._place = Weigher(), (Path(), 0)
        self._shown: object = None
        self.heading, self.about, self.keys = Bar(classes="heading"), Bar(id="sight-about"), Bar(id="keys")
        self.canvas, self.notice = SightView(), Notice()

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.about
        yield self.canvas
        yield self.notice
        yield self.keys

    def on_mount(self) -> None:
        self.canvas.focus()
        desk = cast("TunewrightApp", self.app).desk
        if desk is not None:
            desk.errand(lambda room: (room.store.path, room.open.study.id), self._told)
        self._look()
        self.set_interval(_LOOK, self._look)

    def on_unmount(self) -> None:
        self._weigher.close()

    def _told(self, place: tuple[Path, int]) -> None:
        self._place = place
        if self.is_attached:
            self._look()

    # -- keeping up -----------------------------------------------------------------------

    def _look(self) -> None:
        """Once a second at most: places the trials anew where one has come or ended, and has them weighed."""
        model = self._model
        if model.shape != self._shape or model.spec.space is not self._space:
            if model.spec.space is not self._space:
                self._space = model.spec.space
                self._placer, self._brushes = Placer(self._space, model.spec.objective), {}
            self._shape = model.shape
            self._placed = self._placer.place(list(model.trials.values()))
        self._weigher.take()
        ended = sum(t.state.ended for t in model.trials.values())
        if self._place[1] and ended != self._weighed and not self._weigher.busy:
            self._weighed = ended
            self._weigher.ask(*self._place)
        self.draw()

    def redraw(self) -> None:
        self._shown = None
        self.draw()

    def draw(self) -> None:
        """Shows everything anew, where it has changed."""
        sight = Sight(
            self._model.spec.name,
            self._placed,
            self._weigher.known,
            self._chosen,
            self._study.side.selected,
            dict(self._brushes),
        )
        key = (id(self._placed), id(sight.known), self._chosen, sight.selected, tuple(self._brushes.items()), self.view)
        if key != self._shown:
            self._shown = key
            self.canvas.show(sight, self.view)
            self.heading.show(*self._titles())
            self.about.show(self._chosen_trial())
            self.keys.show(self._pieces())

    def _titles(self) -> tuple[list[Piece], list[Piece]]:
        tabs = [
            Piece(
                f" {'▸' if name == self.view else ' '}{name.upper()} ",
                "primary+bold" if name == self.view else "muted",
                f"turn {name}",
                9,
            )
            for name in VIEWS
        ]
        total, bright = len(self._placed.numbers), int(lit(self._placed, self._brushes).sum())
        counted = f" {bright:,} of {total:,} trials lit " if self._brushes else f" {total:,} trials "
        objective = self._model.spec.objective
        said = f" {objective.direction} {objective.metric} "
        return tabs, [Piece(counted, "ask" if self._brushes else "muted", "", 5), Piece(said, "muted", "", 3)]

    def _chosen_trial(self) -> list[Piece]:
        trial = self._model.trials.get(self._study.side.selected or 0)
        if trial is None:
            return []
        seen = look(trial)
        value = number(trial.value if trial.state.ended else trial.last_value)
        return [
            Piece(f" ● t{trial.number} ", "strong", f"why {trial.number}", 9),
            Piece(f"{seen.glyph} {seen.word} {value}  ", seen.role, f"why {trial.number}", 8),
            Piece(config(trial.params), "muted", f"why {trial.number}", 9),
        ]

    def _pieces(self) -> list[Piece]:
        app = cast("TunewrightApp", self.app)
        pieces = []
        for name in (*_KEYS[self.view].split(), "why"):
            pieces.append(Piece(f" {app.key_name(name)}", "primary", name, 6))
            if said := _SAID.get(name):
                pieces.append(Piece(f" {said} ", "muted", name, 6))
        return [*pieces, Piece(" esc back", "muted", "back", 3)]

    # -- what the person does -------------------------------------------------------------

    def turn_to(self, view: str) -> None:
        self.view = self._study.side.view.sight = view
        if self.is_open:
            self.draw()

    @property
    def _names(self) -> list[str]:
        """The axes that can be chosen, as they stand: the objective only where it is one."""
        sight = Sight("", self._placed, self._weigher.known)
        return [*sight.names, *([self._placed.objective.name] if self.view == "parallel" else [])]

    def choose_next(self, by: int) -> None:
        names = self._names
        at = names.index(self._chosen) if self._chosen in names else 0
        self._chosen = names[(at + by) % len(names)] if names else ""
        self.draw()

    @property
    def _axis(self) -> Axis:
        return next((a for a in self._placed.axes if a.name == self._chosen), self._placed.objective)

    def brush(self, name: str, made: Brush) -> None:
        self.turn_to("parallel")
        self._chosen, self._brushes[name] = name, made
        if self.is_open:
            self.draw()

    def clear_brushes(self) -> None:
        self._brushes.clear()
        self.draw()

    def toggle_brush(self) -> None:
        """Of the chosen axis."""
        if self._brushes.pop(self._chosen, None) is None:
            self._brushes[self._chosen] = brushing.first(self._placed, self._axis)
        self.draw()

    def change_brush(self, change: Callable[[Brush, Axis], Brush]) -> None:
        """Where the chosen axis has none yet, it gets one."""
        held = self._brushes.get(self._chosen)
        if held is None:
            self.toggle_brush()
        else:
            self._brushes[self._chosen] = change(held, self._axis)
            self.draw()

    def step(self, by: int) -> None:
        """To the next better (−1) or worse trial of those that are lit."""
        bright = set(self._placed.numbers[lit(self._placed, self._brushes)].tolist())
        ranked = [n for n in self._placed.ranked if n in bright]
        if not ranked:
            return
        now = self._study.side.selected
        at = ranked.index(now) + by if now in ranked else 0
        self._study.side.select(ranked[min(max(at, 0), len(ranked) - 1)])
        self.draw()

    @on(SightView.Pointed)
    def _pointed(self, event: SightView.Pointed) -> None:
        event.stop()
        if event.axis in self._names:
            self._chosen = event.axis
        if event.trial is not None:
            self._study.side.select(event.trial)
            if event.twice:
                cast("TunewrightApp", self.app).run_command("why", str(event.trial))
        self.draw()
