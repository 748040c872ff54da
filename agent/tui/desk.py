"""Between the bridge and the screens: opens studies, hands each message to the screen it is for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from agent.plain.background import goes_on_alone
from agent.tui.back.bridge import Bridge
from agent.tui.errands import ErrandDone, Room, Waiting
from agent.tui.messages import ModelsFound, News, Refused, StudiesListed, StudyOpened, TrialRead
from agent.tui.requests import CloseStudy, ListStudies, OpenStudy
from agent.tui.screens.study import StudyScreen

if TYPE_CHECKING:
    from agent.study.spec import StudySpec
    from agent.tui.app import TunewrightApp
    from agent.tui.back.bridge import SessionOpener
    from trainers.errors import TunewrightError

T = TypeVar("T")


class Desk:
    """Owns the bridge, and the screen of the study that is open."""

    def __init__(
        self,
        app: TunewrightApp,
        store_path: Path,
        open_session: SessionOpener | None,
        clock: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        self._app, self._clock, self._now = app, clock, now
        self._bridge = Bridge(store_path, open_session)
        self._send = self._bridge.send
        self._arrived: deque[News] = deque()
        self._straight_in = False  # a list of one study opens it
        self._errands = Waiting(self._send)
        self.study: StudyScreen | None = None

    def begin(self, study: str | None) -> None:
        """Starts the bridge; opens a study, or lists them all."""
        self._bridge.start()
        if study is not None:
            self.open(study)
        else:
            self._straight_in = True
            self._send(ListStudies())

    def open(self, name: str) -> None:
        self.study = StudyScreen(self._send, self._clock, self._now)
        self._app.push_screen(self.study)
        if (before := self._app.studies.notice).is_fault:  # what was wrong so far is still worth reading
            self.study.notice.complain(before.said)
            before.clear()
        self._send(OpenStudy(name))

    def show_studies(self) -> None:
        """Back to the list; the study's trials run on."""
        if self.study is not None:
            self.study.remember()
            self.study = None
            self._send(CloseStudy())
        self._send(ListStudies())
        while len(self._app.screen_stack) > 1:
            self._app.pop_screen()

    def list_again(self, opened: str | None = None) -> None:
        """Reads the list of studies anew where it is what is looked at, as every few seconds. `opened` is the name to
        stand on, if another than now."""
        if self.study is None and self._app.studies.is_filled:
            self._app.studies.stand_on(opened)
            self._send(ListStudies())

    def errand(
        self,
        do: Callable[[Room], T],
        then: Callable[[T], None],
        failed: Callable[[TunewrightError], None] | None = None,
    ) -> None:
        """Has `do` run where the store is, then hands on what it returned; an error becomes a sentence unless `failed`
        takes it. `then` is called whatever screen is on top by then."""
        self._errands.send(do, then, failed or self._app.complain)

    def close(self) -> None:
        """Keeps what would be missed, and ends the bridge."""
        if self.study is not None:
            self.study.remember()
        self._bridge.close()

    @property
    def running(self) -> int:
        """How many trials of the open study run."""
        return len(self.study.loaded.running) if self.study is not None and self.study.loaded is not None else 0

    @property
    def goes_on_alone(self) -> StudySpec | None:
        """The open study, if its policy asks nobody and it is not finished."""
        model = self.study.loaded if self.study is not None else None
        if model is None or model.standing.state in ("finished", "waiting") or not goes_on_alone(model.spec):
            return None
        return model.spec

    # -- what the bridge tells -----------------------------------------------------

    def drain(self) -> None:
        """Takes what has arrived, once there is a screen to show it on."""
        self._arrived += self._bridge.drain()
        while self._arrived and self._is_ready:  # what is taken may open another screen
            self._take(self._arrived.popleft())
        self._app.caller.look(self.study.loaded if self.study is not None else None)

    @property
    def _is_ready(self) -> bool:
        if not self._app.is_running:  # it is being closed, its widgets one after another
            return False
        return self._app.studies.is_mounted and (self.study is None or self.study.ready)

    def _take(self, news: News) -> None:
        match news:
            case Refused(fatal=True):
                self._app.failed = news
                self._app.exit("")
            case Refused() if self.study is not None and self.study.loaded is None:
                self.show_studies()  # a study that cannot be opened
                self._app.studies.notice.complain(str(news))
            case Refused() if self.study is None:
                self._app.studies.notice.complain(str(news))
            case StudiesListed():
                self._take_list(news)
            case ModelsFound() if self.study is None:
                self._app.studies.offer(news)
                if (offer := getattr(self._app.screen, "offer", None)) is not None and self._app.screen.is_modal:
                    offer(news)  # the guide, which lies over it
            case ErrandDone():
                self._errands.done(news)
            case TrialRead():
                self._show_trial(news)
            case StudyOpened() if self.study is None:
                return  # it was left again meanwhile
            case _ if self.study is not None:
                self.study.apply(news)

    def _take_list(self, news: StudiesListed) -> None:
        """Straight into the only study there is, where the app was started without naming one."""
        self._app.studies.listed(news)
        if len(news.studies) == 1 and self._straight_in and self.study is None:
            self.open(news.studies[0].name)
        elif not news.studies and self._straight_in and self.study is None:
            self._app.run_command("init")
        self._straight_in = False

    def _show_trial(self, news: TrialRead) -> None:
        from agent.tui.screens.trial import TrialScreen

        if self.study is None or self.study.loaded is None:
            return
        for screen in self._app.screen_stack:  # others, such as the help, may lie over it
            if isinstance(screen, TrialScreen):
                screen.show(news)
                return
        self.study.side.select(news.trial.number)
        self._app.push_screen(TrialScreen(news, self.study.loaded, self._now))
