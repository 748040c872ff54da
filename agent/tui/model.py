"""What the screens know of a study. Lives in the screens' thread; fed by the bridge's messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent import summary
from agent.study.nouns import Action, Diagnosis, Proposal, Trial, TrialState
from agent.study.spec import StudySpec
from agent.tui import messages as told
from agent.tui.charts.curve import CurveData
from agent.tui.groups import Groups
from agent.tui.messages import News, Note, Standing
from agent.weighing.known import Known

TRIALS, CARDS, CURVES, HEAD, CHAT, LOG = "trials", "cards", "curves", "head", "chat", "log"


class StudyModel:
    """`apply` takes a message in and says which topics it touched."""

    def __init__(self, opened: told.StudyOpened) -> None:
        self.spec: StudySpec = opened.spec
        self.trials: dict[int, Trial] = {}  # by number
        self.pending: tuple[Proposal, ...] = opened.pending
        self.diagnoses: dict[int, Diagnosis] = dict(opened.diagnoses)
        self.notes: list[Note] = list(opened.notes)
        self.actions: tuple[Action, ...] = opened.actions
        self.standing = Standing()
        self.metrics: tuple[str, ...] = (opened.spec.objective.metric,)
        self.curves: dict[tuple[int, str], CurveData] = {}  # by trial id and metric: those on the screen
        self._values: dict[str, set[str]] = {}
        self.groups = Groups(self.trials)
        self._live: set[int] = set()  # numbers of trials that have not ended
        self._best: Trial | None = None
        self._typical: float | None = None
        self.shape = 0  # counts changes that can reorder or rewiden the table: not those of a step alone
        self._put(opened.trials)

    def _put(self, trials: Sequence[Trial]) -> None:
        for trial in trials:
            known = self.trials.get(trial.number)
            self.shape += known is None or (known.state, known.value) != (trial.state, trial.value)
            self.trials[trial.number] = trial
            if known is None:  # its config stays what it is
                self.groups.put(trial)
            (self._live.discard if trial.state.ended else self._live.add)(trial.number)
            for name, value in trial.params.items():
                seen = self._values.setdefault(name, set())
                if len(seen) < 2:
                    seen.add(repr(value))
        if any(t.state.ended for t in trials):
            self._best = summary.best(list(self.trials.values()), self.spec.objective)
            self._typical = summary.expected_seconds(list(self.trials.values()))

    # -- what can be asked -------------------------------------------------------

    @property
    def best(self) -> Trial | None:
        return self._best

    @property
    def typical_seconds(self) -> float | None:
        """The median wall time of completed trials."""
        return self._typical

    @property
    def running(self) -> list[Trial]:
        return [t for t in self.live if t.state is TrialState.RUNNING]

    @property
    def live(self) -> list[Trial]:
        """Those queued or running, by number."""
        return [self.trials[n] for n in sorted(self._live)]

    def ended_lines(self, *, single: bool) -> list[Trial]:
        """What the table lists of what has ended. One a config, unless `single`."""
        every = self.trials.values() if single or not self.groups.any else self.groups.lines()
        return [t for t in every if t.state.ended]

    def live_lines(self, *, single: bool) -> list[Trial]:
        """And of what has not; costs what runs."""
        if single or not self.groups.any:
            return self.live
        return [self.groups.line(n) for n in dict.fromkeys(map(self.groups.head, sorted(self._live)))]

    @property
    def newest(self) -> Trial | None:
        """The running trial with the highest number, or else the trial with the highest number."""
        running = self.running
        if running:
            return running[-1]
        return self.trials[max(self.trials)] if self.trials else None

    @property
    def known(self) -> Known:
        """What a config is weighed against."""
        ended = [t for t in self.trials.values() if t.state.ended]
        return Known(
            spec=self.spec, ended=ended, best=self.best, spent_seconds=self.standing.spent_seconds, version=self.shape
        )

    def varying(self) -> list[str]:
        """Parameters that differ between trials, in the order of the space."""
        names = [*self.spec.space.parameters, *(n for n in self._values if n not in self.spec.space.parameters)]
        total = len(self.trials)
        return [n for n in names if len(self._values.get(n, ())) > 1 or (total == 1 and n in self._values)]

    def counts(self) -> Mapping[str, int]:
        return summary.counts(list(self.trials.values()))

    def diagnosis(self, number: int) -> Diagnosis | None:
        trial = self.trials.get(number)
        return None if trial is None else self.diagnoses.get(trial.id)

    def _began(self, trial_id: int) -> float | None:
        return next((t.started_at for t in self.trials.values() if t.id == trial_id), None)

    def keep_curves(self, trial_ids: Sequence[int], metrics: Sequence[str]) -> None:
        """Lets go of the curves that are on the screen no longer."""
        self.curves = {key: c for key, c in self.curves.items() if key[0] in trial_ids and key[1] in metrics}

    # -- what is told ------------------------------------------------------------

    def apply(self, news: News) -> set[str]:
        """Takes one message in; the topics whose picture has changed."""
        match news:
            case told.TrialsChanged(trials):
                self._put(trials)
                return {TRIALS, CURVES, HEAD, CARDS} if any(t.state.ended for t in trials) else {TRIALS, CURVES, HEAD}
            case told.PendingChanged(pending):
                self.pending = pending
                return {CARDS, HEAD}
            case told.StandingChanged(standing):
                self.standing = standing
                return {HEAD, CHAT}
            case told.SpecChanged(spec):
                self.spec = spec
                return {HEAD, TRIALS}
            case told.TrialDiagnosed(trial_id, diagnosis):
                self.diagnoses[trial_id] = diagnosis
                return {TRIALS}
            case told.ActionsChanged(actions):
                self.actions = actions
                return {CARDS, HEAD}
            case told.Noted(notes):
                self.notes += notes
                return {CHAT}
            case told.MetricsFound(names):
                objective = self.spec.objective.metric
                self.metrics = (objective, *(n for n in names if n != objective))
                return {CURVES}
            case told.CurveLoaded(trial_id, metric, steps, values, ats):
                self.curves[trial_id, metric] = CurveData(self._began(trial_id))
                self.curves[trial_id, metric].extend(steps, values, ats)
                return {CURVES}
            case told.CurveGrew(trial_id, metric, steps, values, ats):
                if (trial_id, metric) in self.curves:
                    self.curves[trial_id, metric].extend(steps, values, ats)
                return {CURVES}
        return set()
