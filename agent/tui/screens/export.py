"""Exporting: the formats, what each gives, which trial, and where to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from agent.exports import FORMATS, Export, export
from agent.exports.export import CONFIG_FORMATS
from agent.tui.errands import Room
from agent.tui.ink.colours import colours
from agent.tui.screens.page import Page
from agent.tui.text import Part, neutral
from agent.tui.widgets.drawing import text
from agent.tui.widgets.page_input import PageInput
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.screens.study import StudyScreen

_ENDINGS = {"args": "txt", "python": "py", "optuna": "db"}
_DESCRIBED = {  # in place of a preview
    "optuna": "An Optuna storage, one SQLite file with all trials. It needs a file.",
    "html": "A report: one page for a browser that needs nothing else, with curves, importances, diagnoses, samples of"
    " what the best model answered, all trials, and how to reproduce them.",
}
_SHOWN = 20_000  # characters of a preview


class ExportScreen(Page):
    """Up and down choose the format; t the best trial or the one that was chosen; y copies; enter writes the file."""

    CSS_PATH = ["../styles/fields.tcss", "../styles/export.tcss"]  # noqa: RUF012 – as Textual has it

    def __init__(self, study: StudyScreen, number: int | None) -> None:
        super().__init__()
        self._study, self._chosen = study, number
        self._number: int | None = None  # None: the best
        self._text: str | None = None
        self._overwrite: Path | None = None  # said yes to, once
        self.formats = OptionList(*(Option(name, id=name) for name in FORMATS), id="export-formats")
        self.path = PageInput(compact=True, id="export-path", select_on_focus=False)
        self.path.cursor_blink = False

    def compose(self) -> ComposeResult:
        with Vertical(id="export-box"):
            with Horizontal(id="export-body"):
                yield self.formats
                with VerticalScroll(id="export-scroll"):
                    yield Static(id="export-preview", markup=False)
            yield Static(id="export-trial", markup=False)
            yield self.path
            yield Static(id="export-verdict", markup=False)

    def on_mount(self) -> None:
        box = self.query_one("#export-box")
        box.border_title = f"Export from {neutral(self._study.model.spec.name)}"
        box.border_subtitle = "enter writes · y copies · t trial · tab path · esc leaves"
        self.formats.highlighted = 0
        self.formats.focus()

    @property
    def format(self) -> str:
        return FORMATS[self.formats.highlighted or 0]

    # -- what it shows -----------------------------------------------------------

    def redraw(self) -> None:
        self._preview()
        self._judge_path()

    @on(OptionList.OptionHighlighted)
    def _format_changed(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        path = Path(self.path.value or f"{self._study.model.spec.name}.x")
        self.path.value = str(path.with_name(f"{path.stem}.{_ENDINGS.get(self.format, self.format)}"))
        self._preview()

    def _preview(self) -> None:
        """What would be written, as the store has it now."""
        format, number = self.format, self._number if self.format in CONFIG_FORMATS else None
        best = self._study.model.best
        which = f"t{number}" if number is not None else f"the best, t{best.number}" if best is not None else "the best"
        one = format in CONFIG_FORMATS
        self._say("#export-trial", [(f"trial  {which}" if one else "all trials of the study", "muted")])
        self._text = None
        if format in _DESCRIBED:
            self._say("#export-preview", [(_DESCRIBED[format], "text")])
            return

        def told(made: Export) -> None:
            if (format, number) == (self.format, self._number if one else None) and self.is_attached:
                self._text = made.text or ""
                self._say("#export-preview", [(neutral(self._text[:_SHOWN]), "text")])

        def failed(error: TunewrightError) -> None:
            if self.is_attached and format == self.format:
                self._say("#export-preview", [(neutral(str(error)), "bad")])

        desk = cast("TunewrightApp", self.app).desk
        assert desk is not None  # a study is open
        desk.errand(lambda room: export(room.store, room.open.study, format, number=number), told, failed)

    def _say(self, where: str, parts: list[Part]) -> None:
        self.query_one(where, Static).update(text(parts, colours(self.app.theme)))

    @on(Input.Changed)
    def _path_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._overwrite = None
        self._judge_path()

    def _judge_path(self) -> None:
        problem = path_problem(self.path.value)
        self._say("#export-verdict", [(problem or "enter writes it", "bad" if problem else "muted")])

    # -- what the person does ----------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        if self.path.has_focus:
            return
        if event.key == "t" and self._chosen is not None:
            self._number = self._chosen if self._number is None else None
            self._preview()
        elif event.key == "y":
            self._copy()
        else:
            return
        event.stop()
        event.prevent_default()

    def _copy(self) -> None:
        if self._text is None:
            self._say("#export-verdict", [("there is no text to copy", "bad")])
            return
        self.app.copy_to_clipboard(self._text)  # by OSC 52, which reaches through SSH
        self._say("#export-verdict", [(f"copied {len(self._text):,} characters", "good")])

    @on(OptionList.OptionSelected)
    def _chosen_format(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._write()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._write()

    def _write(self) -> None:
        """Writes the file; one that is there already only when asked a second time."""
        if problem := path_problem(self.path.value):
            self._say("#export-verdict", [(problem, "bad")])
            return
        path = Path(self.path.value).expanduser()
        if path.exists() and self._overwrite != path:
            self._overwrite = path
            self._say("#export-verdict", [(f"{path.name} exists; enter again overwrites it", "ask")])
            return
        format, number, force = self.format, self._number, self._overwrite == path
        app = cast("TunewrightApp", self.app)

        def do(room: Room) -> Export:
            chosen = number if format in CONFIG_FORMATS else None
            return export(room.store, room.open.study, format, number=chosen, output=path, force=force)

        def done(made: Export) -> None:
            app.say(f"exported to {made.path}")
            self.leave()

        assert app.desk is not None  # a study is open
        app.desk.errand(do, done, lambda error: self._say("#export-verdict", [(neutral(str(error)), "bad")]))


def path_problem(written: str) -> str:
    """Why nothing can be written there, in one sentence; empty when something can."""
    if not written.strip():
        return "write a file name"
    if not written.isprintable():
        return "that is no file name"
    path = Path(written.strip()).expanduser()
    folder = path.absolute().parent
    if path.is_dir():
        return f"{path} is a folder: add a file name"
    if not folder.is_dir():
        return f"there is no folder {folder}"
    if not os.access(folder, os.W_OK):
        return f"the folder {folder} cannot be written"
    return ""
