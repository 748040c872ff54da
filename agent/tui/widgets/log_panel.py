"""LOG: the end of a trial's log.txt as it grows, or the lines around a piece of evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.style import Style
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.strip import Strip

from agent.tui.colours import colours
from agent.tui.commands import bindings
from agent.tui.messages import LogLoaded
from agent.tui.text import Part
from agent.tui.widgets.bar import Bar, Piece, title
from agent.tui.widgets.drawing import strip
from agent.tui.widgets.field import Field
from agent.tui.widgets.lines import Lines
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_MOST = 20_000  # lines kept


class LogLines(Lines):
    """Numbered lines, shown as they are: no markup, no escapes. Left and right scroll sideways."""

    BINDINGS = bindings("log")

    def __init__(self) -> None:
        super().__init__(id="lines")
        self.texts: list[str] = []
        self.first = 1
        self.partial = ""
        self.marked: int | None = None  # line number that is pointed at
        self.needle = ""
        self._shift = 0

    def replace(self, first: int, texts: list[str], *, to_end: bool) -> None:
        self.first, self.texts, self.partial = first, texts, ""
        self._shift = 0
        self.put([()] * len(texts), to_end=to_end)

    def grow(self, texts: list[str], partial: str) -> None:
        """Adds whole lines; `partial` is the unfinished one after them."""
        if self.partial:
            self._lines.pop()
            self._strips.pop(len(self._lines), None)
        self.texts += texts
        self.partial = partial
        self.add([()] * (len(texts) + bool(partial)), len(texts))
        surplus = len(self.texts) - _MOST
        if surplus > 0:
            del self.texts[:surplus]
            self.first += surplus
            self.drop_first(surplus)

    def mark(self, line: int) -> None:
        """Points at a line and brings it into sight."""
        self.marked = line
        self._strips.clear()
        height = self.scrollable_content_region.height
        self.scroll_to(y=max(line - self.first - height // 2, 0), animate=False, immediate=True)
        self.refresh()

    def line_strip(self, number: int, width: int, base: Style) -> Strip:
        text = self.texts[number] if number < len(self.texts) else self.partial
        line = self.first + number
        marked = line == self.marked
        digits = max(len(str(self.first + len(self._lines))), 3)
        parts: list[Part] = [(f"{'▶' if marked else ' '}{line:>{digits}} ", "ask" if marked else "faint")]
        parts += self._found(text[self._shift :], "strong" if marked else "text")
        return strip(parts, width, base, colours(self.app.theme))

    def _found(self, text: str, role: str) -> list[Part]:
        """The text with every match of the search reversed."""
        if not self.needle:
            return [(text, role)]
        parts: list[Part] = []
        lowered, needle, at = text.lower(), self.needle.lower(), 0
        while (place := lowered.find(needle, at)) >= 0:
            parts += [(text[at:place], role), (text[place : place + len(needle)], "ask+reverse")]
            at = place + len(needle)
        return [*parts, (text[at:], role)]

    def on_key(self, event: events.Key) -> None:
        if event.key in ("left", "right"):
            event.stop()
            event.prevent_default()
            self._shift = max(self._shift + (20 if event.key == "right" else -20), 0)
            self._strips.clear()
            self.refresh()

    @property
    def shown(self) -> str:
        height = self.scrollable_content_region.height
        return "\n".join(self.render_line(y).text.rstrip() for y in range(height))


class LogPanel(Vertical):
    """The log of the selected trial."""

    class LineWanted(Message):
        """A line is wanted that is not among those loaded."""

        def __init__(self, line: int | None) -> None:
            super().__init__()
            self.line = line

    def __init__(self) -> None:
        super().__init__(id="log")
        self.heading = Bar(classes="heading")
        self.field = Field("search", "text", id="search")
        self.lines = LogLines()
        self._at_end = True
        self._trial: int | None = None
        self._said = ""
        self._shown_id: int | None = None

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.field
        yield self.lines

    # -- what the bridge tells -----------------------------------------------------

    def loaded(self, news: LogLoaded) -> None:
        self._at_end, self._shown_id = news.at_end, news.trial_id
        self.lines.marked = None
        self.lines.replace(news.first, list(news.lines), to_end=news.line is None)
        if news.line is not None:
            self.lines.mark(news.line)

    def grown(self, lines: list[str], partial: str) -> None:
        self.lines.grow(lines, partial)

    # -- what the person asks --------------------------------------------------------

    def head(self, trial: int | None, said: str) -> None:
        """Names the trial; `said` is its latest report."""
        self._trial, self._said = trial, said
        following = self._at_end and self.lines.following
        name = f" t{trial} " if trial is not None else " "
        self.heading.show(
            [*title(self, "LOG"), Piece(name, "primary", "", 8), Piece(f" {said} ", "muted", "", 2)],
            [
                Piece(" / find ", "muted", "find", 1),
                Piece(" following " if following else " f follow ", "muted" if following else "ask", "follow", 6),
            ],
        )

    def shows(self, trial_id: int) -> bool:
        """Whether the lines are those of this trial."""
        return self._shown_id == trial_id

    def go_to(self, line: int) -> None:
        """Shows a line, loading the stretch around it where needed."""
        if self._at_end and self.lines.first <= line < self.lines.first + len(self.lines.texts):
            self.lines.mark(line)
            self.head(self._trial, self._said)
            return
        self.post_message(self.LineWanted(line))

    def follow(self) -> None:
        self.lines.marked = None
        if self._at_end:
            self.lines.scroll_to_end()
            self.lines.notify_style_update()
            self.lines.refresh()
        else:
            self.post_message(self.LineWanted(None))
        self.head(self._trial, self._said)

    def ask_search(self) -> None:
        self.field.open(self.lines.needle)

    def search(self, text: str) -> None:
        """Marks every match and goes to the last. Raises TunewrightError when there is none."""
        self.lines.needle = text
        self.lines.notify_style_update()
        self.lines.refresh()
        if text:
            self.lines.marked = None
            self.step_match(-1)

    def step_match(self, by: int) -> None:
        """The next or previous match from the marked line on; around the ends."""
        needle = self.lines.needle.lower()
        if not needle:
            raise TunewrightError("nothing is searched for", remedy="Write /find TEXT, or press / in the log.")
        hits = [self.lines.first + i for i, text in enumerate(self.lines.texts) if needle in text.lower()]
        if not hits:
            raise TunewrightError(f"'{self.lines.needle}' is not in the lines loaded of this log")
        here = self.lines.marked
        if by > 0:
            wanted = next((h for h in hits if here is not None and h > here), hits[0])
        else:
            wanted = next((h for h in reversed(hits) if here is None or h < here), hits[-1])
        self.lines.mark(wanted)

    @on(Field.Taken)
    def _taken(self, event: Field.Taken) -> None:
        event.stop()
        self.field.close()
        self.lines.focus()
        cast("TunewrightApp", self.app).attempt(lambda: self.search(event.value))

    @on(Field.Changed)
    def _typed(self, event: Field.Changed) -> None:
        event.stop()

    @on(Field.Left)
    def _left(self, event: Field.Left) -> None:
        event.stop()
        self.field.close()
        self.lines.focus()
        self.search("")
