"""The app: paints first, opens the store after; runs commands; hands the bridge's messages to the screens.

Nothing is imported here that the first frame does not need.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.driver import Driver

from agent.settings import effective
from agent.tui import commands
from agent.tui.ink.themes import Redrawing, themes
from agent.tui.preferences import Preferences
from agent.tui.screens.studies import StudiesScreen
from agent.tui.terminal.caller import Caller
from agent.tui.terminal.lost_terminal import lasting
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.filter import LineFilter

    from agent.settings.effective import Settings
    from agent.tui.back.bridge import SessionOpener
    from agent.tui.desk import Desk
    from agent.tui.guide.guiding import Guiding
    from agent.tui.messages import Refused
    from agent.tui.screens.study import StudyScreen
    from agent.tui.widgets.notice import Notice

_DRAIN = 0.1  # seconds
_SOON = 0.02


def _palette() -> type[Provider]:
    from agent.tui.palette import CommandsProvider

    return CommandsProvider


class TunewrightApp(App[str], inherit_bindings=False):
    """Returns the sentence to leave with. `clock` counts seconds, `now` is the time of day; tests give their own."""

    TITLE = "tunewright"
    CSS_PATH = Path(__file__).parent / "styles" / "app.tcss"
    COMMANDS = {_palette}  # noqa: RUF012 – as Textual has it
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (150, "-wide")]  # noqa: RUF012
    BINDINGS = [*commands.bindings("everywhere"), Binding("ctrl+c", "copy_or_say", show=False)]  # noqa: RUF012

    def __init__(
        self,
        store_path: Path,
        study: str | None = None,
        *,
        open_session: SessionOpener | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        keys: Path | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.preferences = Preferences(settings or effective.load())
        super().__init__()
        self._wanted, self.store_path, self._keys_path = study, store_path, keys
        self._open_session, self._clock, self._now = open_session, clock, now
        self._keys: dict[str, str] = {}
        self.desk: Desk | None = None  # from the first frame on
        self.studies = StudiesScreen(str(store_path), study, now)
        self.failed: Refused | None = None
        self.asked_to_leave = False
        self.guide: Guiding | None = None  # how far the guide of the first run has come
        self.carried_on = ""  # the study that goes on when this app has ended
        for theme in themes():
            self.register_theme(theme)
        self.preferences.begin(self)
        self.caller = Caller(self.preferences, self.write_beside, clock)

    # -- starting and leaving ----------------------------------------------------

    def get_default_screen(self) -> StudiesScreen:
        return self.studies

    def get_driver_class(self) -> type[Driver]:
        return lasting(super().get_driver_class(), self.leave, titled=not self.preferences.kind.console)

    def write_beside(self, sequence: str) -> None:
        """To the terminal itself, beside the screen; nowhere where there is none."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self.caller.person_acts()
        elif isinstance(event, (events.AppFocus, events.AppBlur)):
            self.caller.focused = isinstance(event, events.AppFocus)
        await super().on_event(event)

    def get_line_filters(self) -> list[LineFilter]:
        return self.preferences.filters(list(super().get_line_filters()))

    def on_mount(self) -> None:
        self.call_after_refresh(self._begin)
        for number in (signal.SIGHUP, signal.SIGTERM):
            try:
                asyncio.get_running_loop().add_signal_handler(number, self.leave)
            except (ValueError, RuntimeError, NotImplementedError):
                break  # not in the main thread, where signals can be handled

    def _begin(self) -> None:
        """After the first frame: the keys, the store, and ten looks a second at what it tells."""
        from agent.tui.desk import Desk

        self.attempt(self._load_keys)
        for said in self.preferences.settings.complaints():
            self._notice.complain(said)
        self.desk = Desk(self, self.store_path, self._open_session, self._clock, self._now)
        self.desk.begin(self._wanted)
        self.set_interval(_DRAIN, self.desk.drain)

    def _load_keys(self) -> None:
        from agent.tui import keymap

        self._keys = keymap.load(self.keys_path)
        self.set_keymap(self._keys)

    @property
    def keys_path(self) -> Path:
        from agent.tui import keymap

        return self._keys_path or keymap.keys_file()

    def watch_theme(self) -> None:
        self.call_next(self._repaint)

    def _repaint(self) -> None:
        """What screens have written in the colours of a theme they write anew. None of them subscribes to the change:
        Textual keeps a subscriber, and so every page that was ever opened."""
        for screen in self.screen_stack:
            if isinstance(screen, Redrawing) and screen.is_mounted and screen.is_attached:
                screen.redraw()

    def leave(self) -> None:
        """Quits; says what goes on without us."""
        if self.desk is not None and (alone := self.desk.goes_on_alone) is not None:
            self.carried_on = alone.name
            policy = alone.policy.describe()
            self.exit(f"{alone.name} goes on without a terminal (policy {policy}); tunewright to come back")
            return
        running = self.desk.running if self.desk is not None else 0
        kept = f"{running} trial{'' if running == 1 else 's'} keep{'s' if running == 1 else ''} running"
        self.exit(f"{kept}; tunewright to come back" if running else "")

    def on_unmount(self) -> None:
        if self.guide is not None:
            self.guide.stop(patience=8.0)  # a script that is being tried does not outlive us
        if self.desk is not None:
            self.desk.close()

    def on_studies_screen_study_chosen(self, event: StudiesScreen.StudyChosen) -> None:
        if self.desk is not None:
            self.desk.open(event.name)

    # -- commands ----------------------------------------------------------------

    @property
    def study(self) -> StudyScreen:
        """The open study. Raises TunewrightError when there is none."""
        if self.desk is None or self.desk.study is None:
            raise TunewrightError("no study is open", remedy="Choose one with up, down and enter.")
        return self.desk.study

    @property
    def _notice(self) -> Notice:
        own: Notice | None = getattr(self.screen, "notice", None)  # of a page that covers everything
        if own is not None:
            return own
        study = self.desk.study if self.desk is not None else None
        return study.notice if study is not None else self.studies.notice

    def action_command(self, name: str) -> None:
        self.run_command(name)

    def run_command(self, name: str, args: str = "") -> None:
        """Runs a command of the table; what is wrong with it is said on the screen."""
        if self.screen.is_modal and not self.screen.is_mounted:  # a page that is only just being opened
            self.set_timer(_SOON, lambda: self.run_command(name, args))
            return
        self._notice.pass_by()
        self.attempt(lambda: self._run(name, args))

    def _run(self, name: str, args: str) -> None:
        command = commands.find(name)
        if command.scope == "everywhere" and name not in ("back", "palette", "help", "theme", "keys", "save", "quit"):
            self.close_pages()
        if command.needs and not args.strip():
            self.study.composer.write(f"/{name} ")
            self.study.composer.focus()
            return
        command.function()(self, args)

    def run_slash(self, text: str) -> None:
        """Runs `/name words`."""
        name, _, args = text.removeprefix("/").partition(" ")
        self.run_command(name.strip(), args)

    def run_from_palette(self, name: str, args: str = "") -> None:
        self.call_later(self.run_command, name, args)

    def attempt(self, do: Callable[[], None]) -> None:
        """Does something a person asked for; an error of ours becomes a sentence."""
        try:
            do()
        except TunewrightError as error:
            self.complain(error)

    def complain(self, error: TunewrightError) -> None:
        self._notice.complain(str(error), passes=True)

    def say(self, words: str) -> None:
        """What came of something a person asked for."""
        self._notice.say(words)

    def follow_link(self, target: str) -> None:
        """Where a piece of text leads: evidence, a suggestion, a command. A page may follow it itself."""
        takes = getattr(self.screen, "take_link", None)
        if takes is not None and takes(target):
            return
        kind, _, rest = target.partition(":")
        if kind in ("suggest", "help", "why", "log", "question", "more", "fold"):
            self.run_command(kind, rest)
        else:
            self.run_command("go", target)

    def pop_screen(self) -> AwaitComplete:
        popped = super().pop_screen()
        if self.desk is not None and self.desk.study is not None:
            self.desk.study.uncovered()
        return popped

    def close_pages(self) -> None:
        """Whatever lies over the study."""
        while self.screen.is_modal:
            self.pop_screen()

    def go_back(self) -> None:
        """Escape: closes the top page, or goes to the input line."""
        if self.screen.is_modal:
            self.pop_screen()
        elif self.screen is not self.studies:
            self._notice.clear()
            self.study.composer.focus()

    def key_name(self, name: str) -> str:
        """The key of a command as the screens write it; empty when it has none."""
        return commands.shown_key(self._keys.get(name, commands.BY_NAME[name].key))

    def action_copy_or_say(self) -> None:
        """ctrl+c copies what is selected; otherwise it says how to leave."""
        if (selected := self.screen.get_selected_text()) is not None:
            self.copy_to_clipboard(selected)
        else:
            self._notice.say(f"{self.key_name('quit')} quits; trials keep running")


def run(store_path: Path, study: str | None = None, flags: Mapping[str, Any] | None = None) -> int:
    """Opens the app on a store, and on a study of it. `flags` are settings given for this time. Returns the exit code.

    0 when the person left; otherwise why the store could not be used is said on stderr.
    """
    app = TunewrightApp(Path(store_path), study, settings=effective.load(flags=flags))
    said = app.run(mouse=app.preferences["look.mouse"])
    if app.carried_on:
        from agent.plain.background import carry_on

        carry_on(Path(store_path), app.carried_on)
    if app.failed is not None:
        print(f"tunewright: {app.failed}", file=sys.stderr)
        return app.failed.code
    if said:
        with contextlib.suppress(OSError):  # the terminal may be gone
            print(said, flush=True)
    return app.return_code or 0
