"""Reads one study by cursor, in the bridge's thread, and says only what is new."""

from __future__ import annotations

from collections.abc import Iterator

from agent.store import actions, diagnoses, events, narratives, proposals, settings, studies, trials, turns
from agent.store.connection import Store
from agent.store.events import Event, EventKind
from agent.store.studies import Study
from agent.study.noise import Noise, noise
from agent.study.nouns import Diagnosis, Trial, TrialState
from agent.tui import messages as told
from agent.tui.back.journal import Journal, Place, first_kept
from agent.tui.back.orders import scope
from agent.tui.back.runfiles import files_in
from agent.tui.back.turnwatch import TurnWatch
from agent.tui.messages import News


class Follower:
    """What has been told of one study, and where each cursor stands."""

    def __init__(self, store: Store, study: Study) -> None:
        self._store, self.study = store, study
        self._turns = TurnWatch(store, study.id)
        self._cursor = 0
        self._version = -1
        self._trials: dict[int, Trial] = {}
        self._journal = Journal(store, study, self._trials)
        self._noise: tuple[object, Noise] | None = None

    def opened(self) -> told.StudyOpened:
        """Everything, once."""
        store, study = self._store, self.study
        self._cursor = events.last_id(store, study.id)
        self._trials.update((t.id, t) for t in trials.all_trials(store, study.id))
        self._journal.stale()
        known = diagnoses.all_of(store, study.id)
        start = first_kept(store, study.id, self._cursor + 1)
        journal = [e for e in events.since(store, study.id, start - 1) if e.id <= self._cursor]
        said = self._turns.opened()
        remembered = {key: settings.take(store, scope(study.name), key) for key in ("draft", "view", "history")}
        return told.StudyOpened(
            spec=study.spec,
            trials=tuple(self._trials.values()),
            pending=tuple(proposals.pending(store, study.id)),
            diagnoses=known,
            notes=tuple(self._journal.notes(journal, known)),
            remembered={key: value for key, value in remembered.items() if value is not None},
            turns=said,
            place=Place.of(store, study.id, start, said[0].id if said else 0),
            actions=tuple(actions.pending(store, study.id)),
        )

    @property
    def noise(self) -> Noise:
        """Of the study as told; worked out again when another trial has ended."""
        ended = sum(t.state.ended for t in self._trials.values())
        if self._noise is None or self._noise[0] != (ended, self.study.spec):
            found = noise(list(self._trials.values()), self.study.spec.space, self.study.spec.objective)
            self._noise = (ended, self.study.spec), found
        return self._noise[1]

    def trial(self, trial_id: int) -> Trial | None:
        return self._trials.get(trial_id)

    def news(self) -> Iterator[News]:
        """What has changed since the last call."""
        journal = list(events.since(self._store, self.study.id, self._cursor))
        written = self._written()
        changed = {e.trial_id for e in journal if e.trial_id is not None} | (self._moving() if written else set())
        fresh = [t for i in sorted(changed) if (t := trials.by_id(self._store, i)) != self._trials.get(i)]
        if fresh:
            self._trials.update((t.id, t) for t in fresh)
            self._journal.stale()
            yield told.TrialsChanged(tuple(fresh))
        if journal:
            self._cursor = journal[-1].id
            yield from self._journal_news(journal)
        if said := self._turns.news():  # a question of ours does not count as written by somebody else
            yield told.TurnsChanged(said)

    def _written(self) -> bool:
        """Whether anybody else has written to the store since the last call."""
        version, self._version = self._version, self._store.version()
        return version != self._version

    def _moving(self) -> set[int]:
        """Trials whose step may have changed without an entry in the journal."""
        return {t.id for t in self._trials.values() if t.state is TrialState.RUNNING}

    def _journal_news(self, journal: list[Event]) -> Iterator[News]:
        kinds = {e.kind for e in journal}
        if EventKind.STUDY_CHANGED in kinds:
            self.study = self._journal.study = studies.by_id(self._store, self.study.id)
            yield told.SpecChanged(self.study.spec)
        if kinds & {EventKind.PROPOSED, EventKind.DECIDED}:
            yield told.PendingChanged(tuple(proposals.pending(self._store, self.study.id)))
        for event in journal:
            if event.kind is EventKind.REWOUND:
                yield told.TurnsChanged(tuple(turns.since(self._store, self.study.id, event.data["first"])))
        if kinds & {EventKind.ACTION_ASKED, EventKind.ACTION_SETTLED}:
            yield told.ActionsChanged(tuple(actions.pending(self._store, self.study.id)))
        known = self._diagnosed(journal)
        for trial_id, diagnosis in known.items():
            yield told.TrialDiagnosed(trial_id, diagnosis)
        if found := tuple(self._journal.notes(journal, known)):
            yield told.Noted(found)

    def _diagnosed(self, journal: list[Event]) -> dict[int, Diagnosis]:
        ids = [e.trial_id for e in journal if e.kind is EventKind.DIAGNOSED and e.trial_id is not None]
        found = {i: diagnoses.get(self._store, i) for i in ids}
        return {i: d for i, d in found.items() if d is not None}


def read_trial(store: Store, study: Study, number: int, chance: Noise) -> told.TrialRead:
    """A trial in full. Raises TunewrightError when the study has none of that number."""
    from agent.store import points

    trial = trials.get(store, study.id, number)
    attempts = trials.attempts(store, trial.id)
    folder = store.folder / attempts[-1]["run_dir"] if attempts else None
    files, more = files_in(folder) if folder is not None else ((), 0)
    return told.TrialRead(
        trial=trial,
        diagnosis=diagnoses.get(store, trial.id),
        narrative=narratives.get(store, trial.id),
        proposal=proposals.get(store, trial.proposal_id),
        decision=proposals.decision(store, trial.proposal_id),
        attempts=tuple(attempts),
        metrics=points.latest(store, trial.id),
        files=files,
        more_files=more,
        noise=chance,
    )
