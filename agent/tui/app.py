"""The app: paints first, opens the store after; runs commands; hands the bridge's messages to the screens.

Nothing is imported here that the first frame does not need.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.binding import Binding

from agent.tui import commands, keymap
from agent.tui.bridge import Bridge
from agent.tui.colours import DARK, themes
from agent.tui.messages import News, Refused, StudiesListed, StudyOpened, TrialRead
from agent.tui.palette import CommandsProvider
from agent.tui.requests import CloseStudy, ListStudies, OpenStudy
from agent.tui.screens.studies import StudiesScreen
from agent.tui.screens.study import StudyScreen
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.bridge import SessionOpener

_DRAIN = 0.1  # seconds


class TunewrightApp(App[str], inherit_bindings=False):
    """Returns the sentence to leave with. `clock` counts seconds, `now` is the time of day; tests give their own."""

    TITLE = "tunewright"
    CSS_PATH = ["styles/app.tcss", "styles/study.tcss", "styles/pages.tcss"]  # noqa: RUF012
    COMMANDS = {CommandsProvider}  # noqa: RUF012 – as Textual has it
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
    ) -> None:
        super().__init__()
        self._wanted = study
        self._path, self._keys_path = store_path, keys
        self._bridge = Bridge(store_path, open_session)
        self._clock, self._now = clock, now
        self._keymap_shown: dict[str, str] = {}
        self._study: StudyScreen | None = None
        self._studies = StudiesScreen(str(store_path), now)
        self.failed: Refused | None = None
        for theme in themes():
            self.register_theme(theme)
        self.theme = DARK

    # -- starting and leaving ----------------------------------------------------

    def get_default_screen(self) -> StudiesScreen:
        return self._studies

    def on_mount(self) -> None:
        if self._wanted is not None:
            self._push_study()
        self.call_after_refresh(self._start)
        for number in (signal.SIGHUP, signal.SIGTERM):
            try:
                asyncio.get_running_loop().add_signal_handler(number, self.leave)
            except (ValueError, RuntimeError, NotImplementedError):
                break  # not in the main thread, where signals can be handled

    def _start(self) -> None:
        """After the first frame: the keys, the store, and ten looks a second at what it tells."""
        self.attempt(self._load_keys)
        self._bridge.start()
        self._bridge.send(OpenStudy(self._wanted) if self._wanted is not None else ListStudies())
        self.set_interval(_DRAIN, self._drain)

    def _load_keys(self) -> None:
        self._keymap_shown = keymap.load(self._keys_path or keymap.keys_file())
        self.set_keymap(self._keymap_shown)

    def leave(self) -> None:
        """Quits; says what goes on without us."""
        running = len(self._study.loaded.running) if self._study is not None and self._study.loaded is not None else 0
        if running:
            kept = f"{running} trial{'' if running == 1 else 's'} keep{'s' if running == 1 else ''} running"
            self.exit(f"{kept}; tunewright to come back")
        else:
            self.exit("")

    def on_unmount(self) -> None:
        if self._study is not None:
            self._study.remember()
        self._bridge.close()

    # -- the bridge --------------------------------------------------------------

    def _drain(self) -> None:
        for news in self._bridge.drain():
            self._take(news)

    def _take(self, news: News) -> None:
        match news:
            case Refused(fatal=True):
                self.failed = news
                self.exit("")
            case StudiesListed():
                self._listed(news)
            case StudyOpened() if self._study is None:
                pass  # it was left again meanwhile
            case TrialRead():
                self._show_trial(news)
            case Refused() if self._study is None:
                self._studies.notice.complain(str(news))
            case _ if self._study is not None:
                self._study.apply(news)

    def _listed(self, news: StudiesListed) -> None:
        """Straight into the only study there is, the first time."""
        self._studies.listed(news)
        if len(news.studies) == 1 and self._wanted is None and self._study is None:
            self._open(news.studies[0].name)

    def on_studies_screen_study_chosen(self, event: StudiesScreen.StudyChosen) -> None:
        self._open(event.name)

    def _open(self, name: str) -> None:
        self._wanted = name
        self._push_study()
        self._bridge.send(OpenStudy(name))

    def _push_study(self) -> None:
        self._study = StudyScreen(self._bridge.send, self._clock, self._now)
        self.push_screen(self._study)

    def show_studies(self) -> None:
        """Back to the list; the study's trials run on."""
        if self._study is None:
            return
        self._study.remember()
        self._study = None
        self._bridge.send(CloseStudy())
        self._bridge.send(ListStudies())
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def _show_trial(self, news: TrialRead) -> None:
        from agent.tui.screens.trial import TrialScreen

        if self._study is None or self._study.loaded is None:
            return
        if isinstance(self.screen, TrialScreen):
            self.screen.show(news)
            return
        self._study.select(news.trial.number)
        self.push_screen(TrialScreen(news, self._study.loaded, self._now()))

    # -- commands ----------------------------------------------------------------

    @property
    def study(self) -> StudyScreen:
        """The open study. Raises TunewrightError when there is none."""
        if self._study is None:
            raise TunewrightError("no study is open", remedy="Choose one with up, down and enter.")
        return self._study

    def action_command(self, name: str) -> None:
        self.run_command(name)

    def run_command(self, name: str, args: str = "") -> None:
        """Runs a command of the table; what is wrong with it is said on the screen."""
        self.attempt(lambda: self._run(name, args))

    def _run(self, name: str, args: str) -> None:
        command = commands.find(name)
        if command.scope == "everywhere" and name not in ("back", "palette", "help", "theme", "quit"):
            while self.screen.is_modal:
                self.pop_screen()
        if command.needs and not args.strip():
            self.study.composer.write(f"/{name} ")
            self.study.composer.focus()
            return
        command.run(self, args)

    def run_slash(self, text: str) -> None:
        """Runs `/name words`."""
        name, _, args = text.removeprefix("/").partition(" ")
        self.run_command(name.strip(), args)

    def run_from_palette(self, name: str) -> None:
        self.call_later(self.run_command, name)

    def attempt(self, do: Callable[[], None]) -> None:
        """Does something a person asked for; an error of ours becomes a sentence."""
        try:
            do()
        except TunewrightError as error:
            self.complain(error)

    def complain(self, error: TunewrightError) -> None:
        notice = self._study.notice if self._study is not None else self._studies.notice
        notice.complain(str(error))

    def follow_link(self, target: str) -> None:
        """Where a piece of text leads: evidence, a suggestion, a command."""
        kind, _, rest = target.partition(":")
        if kind in ("suggest", "help"):
            self.run_command(kind, rest)
        else:
            self.run_command("go", target)

    def go_back(self) -> None:
        """Escape: closes the top page, or goes to the input line."""
        if len(self.screen_stack) > (2 if self._study is not None else 1):
            self.pop_screen()
        elif self._study is not None:
            self._study.notice.clear()
            self._study.composer.focus()

    def key_name(self, name: str) -> str:
        """The key of a command as the screens write it; empty when it has none."""
        return keymap.shown(self._keymap_shown.get(name, commands.BY_NAME[name].key))

    def action_copy_or_say(self) -> None:
        """ctrl+c copies what is selected; otherwise it says how to leave."""
        if self._study is not None:
            self._study.notice.say(f"{self.key_name('quit')} quits; trials keep running")


def run(store_path: Path, study: str | None = None) -> int:
    """Opens the app on a store, and on a study of it. Returns the exit code.

    0 when the person left; otherwise why the store could not be used is said on stderr.
    """
    app = TunewrightApp(Path(store_path), study)
    said = app.run()
    if app.failed is not None:
        print(f"tunewright: {app.failed}", file=sys.stderr)
        return app.failed.code
    if said:
        print(said)
    return app.return_code or 0
