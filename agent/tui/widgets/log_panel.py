"""LOG: the end of a trial's log.txt as it grows, or the lines around a piece of evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from agent.tui.back.logtail import LogTail
from agent.tui.messages import LogLoaded
from agent.tui.text import size
from agent.tui.widgets.bar import Bar, Piece, title
from agent.tui.widgets.field import Field
from agent.tui.widgets.log_lines import LogLines
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


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
        self._loaded: LogLoaded | None = None
        self.name_of = "LOG"  # the heading's word

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.field
        yield self.lines

    # -- what the bridge tells -----------------------------------------------------

    def loaded(self, news: LogLoaded) -> None:
        follow = news.line is None and (self._shown_id != news.trial_id or self.lines.following or not self._at_end)
        self._at_end, self._shown_id, self._loaded = news.at_end, news.trial_id, news
        self.lines.marked = None
        self.lines.replace(news.first, list(news.lines), to_end=follow, counted=news.counted)
        if news.line is not None:
            self.lines.mark(news.line)
        self.head(self._trial, self._said)

    def grown(self, lines: list[str], partial: str) -> None:
        self.lines.grow(lines, partial)

    # -- what the person asks --------------------------------------------------------

    def head(self, trial: int | None, said: str) -> None:
        """Names the trial; `said` is its latest report."""
        self._trial, self._said = trial, said
        following = self._at_end and self.lines.following
        name = f" t{trial} " if trial is not None else " "
        problem = self._problem()
        self.heading.show(
            [
                *title(self, self.name_of),
                Piece(name, "primary", "", 8),
                Piece(f" {problem} " if problem else f" {said} ", "ask" if problem else "muted", "", 2),
            ],
            [
                Piece(" / find ", "muted", "find", 1),
                Piece(" following " if following else " f follow ", "muted" if following else "ask", "follow", 6),
            ],
        )

    def _problem(self) -> str:
        """What the reader should know of the file: that it cannot be read, or that only its end has been."""
        if self._loaded is None or self._loaded.path is None:
            return ""
        if self._loaded.problem and not self.lines.texts and not self.lines.partial:
            return self._loaded.problem
        return "" if self._loaded.counted else f"the end of {size(LogTail(self._loaded.path).size)}"

    @property
    def path(self) -> Path | None:
        """The file whose lines these are."""
        return self._loaded.path if self._loaded is not None else None

    @property
    def at_end(self) -> bool:
        """Whether what is printed next follows what is loaded."""
        return self._at_end

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
        if not self.lines.needle:
            raise TunewrightError("nothing is searched for", remedy="Write /find TEXT, or press / in the log.")
        hits, here = self.lines.matches(), self.lines.marked
        if by > 0:
            wanted = next((h for h in hits if here is not None and h > here), None)
        else:
            wanted = next((h for h in reversed(hits) if here is None or h < here), None)
        if wanted is not None:
            self.lines.mark(wanted)
        elif not self._is_whole and self._loaded is not None and self._loaded.path is not None:
            self._search_file(self._loaded.path, by)
        elif hits:
            self.lines.mark(hits[0 if by > 0 else -1])
        else:
            raise TunewrightError(self._nowhere)

    @property
    def _is_whole(self) -> bool:
        """Whether what is loaded is all there is, or all that can be searched."""
        return self._at_end and (self.lines.first == 1 or not self.lines.counted)

    @property
    def _nowhere(self) -> str:
        where = "this log" if self.lines.counted else "the lines loaded of this log"
        return f"'{self.lines.needle}' is not in {where}"

    def _search_file(self, path: Path, by: int) -> None:
        """Looks for it in lines that are not loaded."""
        app, needle, lines = cast("TunewrightApp", self.app), self.lines.needle, self.lines
        last = lines.first + len(lines.texts)
        here = lines.marked if lines.marked is not None else (lines.first if by > 0 else last)

        def found(line: int | None) -> None:
            if self._loaded is None or self._loaded.path != path or lines.needle != needle:
                return  # another log is shown, or another text is searched for
            if line is None:
                app.complain(TunewrightError(self._nowhere))
            else:
                self.go_to(line)

        assert app.desk is not None  # a log is shown
        app.desk.errand(lambda _: LogTail(path).find(needle, here, by), found)

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
