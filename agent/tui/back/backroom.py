"""What the bridge's thread does: serves requests, lets the session go its round, tells what is new."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from agent import away
from agent.store import settings, trials
from agent.store.connection import Store
from agent.tui import errands
from agent.tui import messages as told
from agent.tui import requests as ask
from agent.tui.back.bridge import refusal
from agent.tui.back.curvewatch import CurveWatch
from agent.tui.back.follower import Follower, read_trial
from agent.tui.back.listing import study_lines
from agent.tui.back.logread import anew, stretch
from agent.tui.back.logtail import LogTail
from agent.tui.back.orders import Driver, carry_out, models
from agent.tui.messages import News
from agent.tui.talk.notes import ADVISOR
from trainers.errors import TunewrightError

_FRONT = "tui"  # settings of the app as a whole
_SEEN_EVERY = 10.0  # seconds: a crash forgets no more of what was seen


class Backroom:
    """One store, and at most one study open. `tell` takes each message."""

    def __init__(
        self, store: Store, open_session: Callable[[Store, str], Driver], tell: Callable[[News], None]
    ) -> None:
        self._store, self._open_session, self._tell = store, open_session, tell
        self._session: Driver | None = None
        self._follower: Follower | None = None
        self._curves: CurveWatch | None = None
        self._log: tuple[int, LogTail, str] | None = None  # trial id, file, unfinished line told last
        self._standing = told.Standing()
        self._seen = 0.0

    def serve(self, requests: Iterable[ask.Request]) -> None:
        """Each request on its own: one that is refused does not hold the others up."""
        for request in requests:
            try:
                self._serve(request)
            except TunewrightError as error:
                self._tell(refusal(error))

    def _serve(self, request: ask.Request) -> None:
        match request:
            case ask.ListStudies():
                opened = settings.take(self._store, _FRONT, "study")
                listed = study_lines(self._store)
                self._tell(told.StudiesListed(listed, opened))
                if not listed:  # the guide of the first run names the models one could begin with
                    self._tell(models())
            case ask.OpenStudy(name):
                self._open(name)
            case ask.CloseStudy():
                self.close()
            case errands.Errand():
                self._tell(errands.run(request, errands.Room(self._store, self._session)))
            case ask.WatchCurves() if self._curves is not None:
                self._curves.watch(request)
            case ask.WatchLog(trial_id, line):
                self._watch_log(trial_id, line)
            case ask.ReadTrial(number) if self._session is not None and self._follower is not None:
                self._tell(read_trial(self._store, self._session.study, number, self._follower.noise))
            case _ if self._session is not None:
                if (answer := carry_out(self._store, self._session, request)) is not None:
                    self._tell(answer)

    def _open(self, name: str) -> None:
        self.close()
        session = self._open_session(self._store, name)
        self._session = session
        self._follower = Follower(self._store, session.study)
        self._curves = CurveWatch(self._store, self._follower.trial)
        self._tell(self._follower.opened())
        self._standing = told.Standing()
        settings.put(self._store, _FRONT, "study", session.study.name)
        gone = away.away(self._store, session.study)
        if gone is not None and gone.anything:
            said = f"While you were away: {gone.words}."
            self._tell(told.Noted((told.Note(time.time(), ADVISOR, ((said, "text"),)),)))
        self._see()

    def _see(self) -> None:
        """The study is open: what goes on from here on is seen."""
        if self._session is not None:
            self._seen = time.time()
            away.see(self._store, self._session.study, self._seen)

    def close(self) -> None:
        """Lets go of the study, if one is open."""
        self._see()
        if self._session is not None:
            self._session.close()
        self._session = self._follower = self._curves = self._log = None

    # -- rounds ------------------------------------------------------------------

    def tick(self) -> None:
        """One round of the session, and everything that is new since the last. Tells first what is
        known, so that a session that cannot go on does not blind the screen."""
        if self._session is None or self._follower is None or self._curves is None:
            return
        try:
            self._stand(self._session)
        finally:
            for news in self._follower.news():
                self._tell(news)
            for news in self._curves.news():
                self._tell(news)
            self._follow_log()
        if time.time() - self._seen > _SEEN_EVERY:
            self._see()

    def _stand(self, session: Driver) -> None:
        status = session.tick()
        standing = told.Standing(
            state=status.state,
            reason=status.reason,
            advice=status.advice,
            spent_seconds=round(status.spent_seconds),
            gpu_seconds=round(status.gpu_seconds),
            thinking=status.thinking,
            spent=status.spent,
            calibration=status.calibration,
        )
        if standing != self._standing:
            self._standing = standing
            self._tell(told.StandingChanged(standing))

    # -- the log -----------------------------------------------------------------

    def _watch_log(self, trial_id: int | None, line: int | None) -> None:
        self._log = None
        attempts = trials.attempts(self._store, trial_id) if trial_id is not None else []
        if trial_id is None or not attempts:
            self._tell(told.LogLoaded(trial_id or 0, None, 1, (), at_end=True))
            return
        tail = LogTail(self._store.folder / attempts[-1]["run_dir"] / "log.txt")
        loaded = stretch(tail, trial_id, line)
        self._log = (trial_id, tail, "") if loaded.at_end else None
        self._tell(loaded)

    def _follow_log(self) -> None:
        if self._log is None:
            return
        trial_id, tail, before = self._log
        grown = tail.grown()
        if grown.first is not None:
            self._tell(anew(tail, trial_id, grown))
        if grown.lines or grown.partial != before:
            self._log = (trial_id, tail, grown.partial)
            lines = () if grown.first is not None else tuple(grown.lines)
            self._tell(told.LogGrew(trial_id, lines, grown.partial))
