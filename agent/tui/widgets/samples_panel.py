"""SAMPLES: what a trial's model answered, beside the truth; the chosen one in full, a forecast as a plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical

from agent.samples import chosen, tally
from agent.tui.text import Part, fit, plural, spelt, wrap
from agent.tui.trial.sample_plot import curves
from agent.tui.trial.sample_text import head, in_full
from agent.tui.view import ViewState
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.field import Field
from agent.tui.widgets.lines import Lines
from agent.tui.widgets.plot import Plot
from agent.tui.widgets.sample_rows import SampleRows
from agent.tui.widgets.sheet import Sheet
from trainers.samples import Samples, SeriesSample

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_FEWEST = 3  # rows of the table that always stay in sight


class SamplesPanel(Vertical):
    """`show` puts other samples in place, `say` a reason why there are none."""

    def __init__(self) -> None:
        super().__init__(id="trial-samples")
        self.heading, self.field = Bar(classes="heading"), Field("find", "text", id="samples-find")
        self.names = Sheet(self._names, id="sample-names")
        self.rows = SampleRows()
        self.detail, self.plot = (
            Lines(id="sample-detail"),
            Plot(id="sample-plot", still=True),
        )  # left and right turn from sample to sample
        self.found: Samples | None = None
        self.needle = ""
        self._said = ""
        self._view = ViewState()

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.field
        yield self.names
        yield self.rows
        yield self.detail
        yield self.plot

    # -- what is shown -----------------------------------------------------------

    def show(self, found: Samples, view: ViewState) -> None:
        self.found, self._view, self._said = found, view, ""
        self.fill()

    def say(self, reason: str) -> None:
        """In place of samples."""
        self.found, self._said = None, reason
        self.rows.show((), None)
        self.fill()

    def redraw(self) -> None:
        """In the colours of another theme."""
        self.names.redraw()

    def fill(self) -> None:
        found, view = self.found, self._view
        if found is not None:
            shown = chosen(found, everything=view.answers == "all", text=self.needle)
            self.rows.show(shown, view.sample)
        self._draw()

    def _draw(self) -> None:
        one = self.rows.chosen
        series = one is not None and isinstance(one.sample, SeriesSample)
        self.plot.display = series
        self.names.display = self.found is not None
        lines: list[list[Part]] = in_full(one, max(self.size.width - 1, 20)) if one is not None else self._nothing()
        self.detail.following = False
        self.detail.put(lines, to_end=False)
        self.detail.scroll_to(y=0, animate=False, immediate=True)
        self._share(len(lines), series)
        if one is not None and isinstance(one.sample, SeriesSample):
            self.plot.show(*curves(one.sample))
        self.names.redraw()
        self._head()

    def _share(self, lines: int, series: bool) -> None:
        """How the height is divided: the table above, the chosen sample below it."""
        count, full = len(self.rows.samples), lines + 1  # with the rule above it
        heads = 1 + (self.found is not None) + bool(count) + self.field.is_open
        room = max(self.size.height - heads, 4)
        if series:
            table = min(count, max(room // 4, _FEWEST))
        else:
            full = min(full, max(room - min(count, _FEWEST), room // 2)) if count else room
            table = room - full
        self.rows.styles.height, self.detail.styles.height = table, full

    def _names(self, width: int) -> list[list[Part]]:
        """What all of them come to, and the names of the columns."""
        if self.found is None:
            return []
        said: list[Part] = [(fit(" " + spelt(tally(self.found)), width), "strong")]
        return [said, head(self.rows.columns)] if self.rows.samples else [said]

    def _nothing(self) -> list[list[Part]]:
        if self.found is None:
            return [[], *([(" ", ""), *line] for line in wrap([(spelt(self._said), "muted")], self.size.width - 3))]
        if self.needle:
            return [[], [(f" '{spelt(self.needle)}' is in none of them", "muted")]]
        return [[], [(f" every one of them was answered rightly; {self._key} shows them", "good")]]

    @property
    def _key(self) -> str:
        return cast("TunewrightApp", self.app).key_name("only")

    def _head(self) -> None:
        found = self.found
        left = [Piece(" SAMPLES ", "title", "samples", 9)]
        if found is None:
            self.heading.show(left)
            return
        left.append(Piece(f" {spelt(found.note)} ", "muted", "", 2) if found.note else Piece("", "", "", 0))
        if found.left_out:
            left.append(Piece(f" {plural(found.left_out, 'sample')} unreadable ", "ask", "", 5))
        which = "wrong" if self._view.answers == "wrong" else "all"
        right = [
            Piece(
                f" / find {spelt(self.needle)} " if self.needle else " / find ",
                "ask" if self.needle else "muted",
                "find",
                4,
            )
        ]
        if found.texts():
            right.append(Piece(f" {self._key} {which} ", "primary", "only", 7))
        if self.rows.samples:
            right.append(Piece(f" {self.rows.cursor + 1}/{len(self.rows.samples)} ", "muted", "", 8))
        self.heading.show(left, right)

    # -- what the person does ----------------------------------------------------

    def only(self, which: str) -> None:
        """Shows the wrong answers, or all; the other of the two where none is named."""
        self._view.answers = which or ("all" if self._view.answers == "wrong" else "wrong")
        self.fill()

    def ask_search(self) -> None:
        self.field.open(self.needle)
        self._draw()

    def search(self, text: str) -> None:
        self.needle = text
        self.fill()

    @on(SampleRows.Measured)
    def _measured(self, event: SampleRows.Measured) -> None:
        event.stop()
        self.names.redraw()

    @on(SampleRows.Chosen)
    def _chosen(self, event: SampleRows.Chosen) -> None:
        event.stop()
        if self.rows.chosen is not None:
            self._view.sample = self.rows.chosen.number
        self._draw()

    @on(Field.Changed)
    def _typed(self, event: Field.Changed) -> None:
        event.stop()
        self.search(event.value)

    @on(Field.Taken)
    def _taken(self, event: Field.Taken) -> None:
        event.stop()
        self._close_field()

    @on(Field.Left)
    def _left(self, event: Field.Left) -> None:
        event.stop()
        self.needle = ""
        self._close_field()

    def _close_field(self) -> None:
        self.field.close()
        self.fill()
        self.rows.focus()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._draw)
