"""The journal of a study as notes of the chat, and the stretches of it that came before what is shown."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter

from agent.store import diagnoses, events, narratives, proposals, trials, turns
from agent.store.connection import Store
from agent.store.events import Event, EventKind
from agent.store.studies import Study
from agent.study.confirmation import run_again, told_at_end
from agent.study.noise import Noise, noise
from agent.study.nouns import Diagnosis, Trial, Turn
from agent.study.repeats import best, of_config
from agent.summary import completed
from agent.tui.errands import Room
from agent.tui.messages import Note
from agent.tui.talk import notes, scores
from agent.tui.talk.notes import Then
from agent.tui.talk.scores import Scores
from trainers.contract import Objective

NOTES_KEPT = 200  # journal entries shown when a study is opened, and added each time that more are wanted
TURNS_KEPT = 30


class Journal:
    """Tells entries. `trials` are by id, and may grow; `stale` is called when they have changed."""

    def __init__(self, store: Store, study: Study, trials: Mapping[int, Trial]) -> None:
        self._store, self.study, self._trials = store, study, trials
        self._scores = Scores(store, study.id)
        self._bests: list[tuple[float, float]] | None = None

        self._chance: Noise | None = None
        self._again: frozenset[int] | None = None  # runs of configs that had been run already, by id
        self._repeated = False

    def stale(self) -> None:
        self._bests = self._chance = self._again = None

    def notes(self, told: Iterable[Event], known: Mapping[int, Diagnosis]) -> Iterator[Note]:
        """Those of some entries, in order. After the last of runs that confirm configs stands what came of them."""
        for event in told:
            if (note := self._note(event, known)) is not None:
                yield note
            if event.kind is EventKind.DIAGNOSED and (said := self._confirmed(event.trial_id)):
                yield notes.confirmed(event.at, said)

    def _confirmed(self, trial_id: int | None) -> list[str]:
        every = self._trials.values()
        if self._again is None:
            self._again = frozenset(t.id for t in run_again(every))
        if trial_id is None or trial_id not in self._again:
            return []
        return told_at_end(list(every), self._trials[trial_id], self.study.spec)

    def _note(self, event: Event, known: Mapping[int, Diagnosis]) -> Note | None:
        """None for an entry that the chat leaves out."""
        trial = self._trials.get(event.trial_id or -1)
        match event.kind:
            case EventKind.STUDY_CREATED:
                return notes.created(event.at, self.study.spec)
            case EventKind.DECIDED if event.proposal_id is not None:
                decision = proposals.decision(self._store, event.proposal_id)
                proposal = proposals.get(self._store, event.proposal_id)
                return None if decision is None else notes.decided(event.at, decision, proposal, trial)
            case EventKind.DIAGNOSED if trial is not None and trial.id in known:
                then, scored = self._then(trial), self._scores.of(trial)
                score = [] if scored is None else scores.line(scored, trial, then.before)
                return notes.diagnosed(event.at, trial, known[trial.id], self.study.spec, then, score)
            case EventKind.EXPLAINED if trial is not None:
                narrative = narratives.get(self._store, trial.id)
                return None if narrative is None else notes.explained(event.at, trial, narrative)
        return notes.told(event.at, str(event.kind), event.data, trial)

    def _then(self, trial: Trial) -> Then:
        """What the trial's end meant for the study."""
        objective, every = self.study.spec.objective, self._trials.values()
        if self._chance is None:
            self._repeated = len({t.key for t in every}) < len(every)
            self._chance = noise(list(every), self.study.spec.space, objective)
        if not self._repeated:
            return Then(trial, self._best_before(trial), self._chance.limit)
        ended = [t for t in every if t.ended_at is not None and t.ended_at <= (trial.ended_at or 0.0)]
        one, top = of_config(trial, ended).as_one(), best([t for t in ended if t.key != trial.key], objective)
        return Then(one, None if top is None else top.value, self._chance.between(one.runs, top.runs if top else 1))

    def _best_before(self, trial: Trial) -> float | None:
        """The best value of the trials that ended before this one."""
        if self._bests is None:
            self._bests = _bests(self._trials.values(), self.study.spec.objective)
        earlier = bisect_left(self._bests, trial.ended_at or 0.0, key=itemgetter(0))
        return self._bests[earlier - 1][1] if earlier else None


def _bests(found: Iterable[Trial], objective: Objective) -> list[tuple[float, float]]:
    """When each completed trial ended, in order, with the best value by then. Worked out once for all:
    a long journal asks for it hundreds of times."""
    ended = sorted((t.ended_at or 0.0, t.value) for t in completed(list(found)) if t.value is not None)
    better = min if objective.sign > 0 else max
    return list(zip((at for at, _ in ended), accumulate((v for _, v in ended), better), strict=True))


@dataclass(frozen=True)
class Place:
    """Where what is shown begins: the first event and the first turn of it; and how many lie before."""

    event: int
    turn: int
    before: int

    @classmethod
    def of(cls, store: Store, study_id: int, event: int, turn: int) -> Place:
        sql = "SELECT count(*) AS n FROM {} WHERE study_id = ? AND id < ?"
        counted = (store.one(sql.format(t), (study_id, i)) for t, i in (("event", event), ("turn", turn)))
        return cls(event, turn, sum(row["n"] for row in counted if row is not None))


def first_kept(store: Store, study_id: int, before: int) -> int:
    """The id of the first of the NOTES_KEPT entries before event `before`."""
    sql = "SELECT id FROM event WHERE study_id = ? AND id < ? ORDER BY id DESC LIMIT 1 OFFSET ?"
    row = store.one(sql, (study_id, before, NOTES_KEPT - 1))
    return int(row["id"]) if row else 0


@dataclass(frozen=True)
class Stretch:
    """What came before, oldest first, and where it begins."""

    notes: tuple[Note, ...]
    turns: tuple[Turn, ...]
    place: Place


def earlier(place: Place) -> Callable[[Room], Stretch]:
    """The errand that reads the stretch before `place`."""

    def read(room: Room) -> Stretch:
        store, study = room.store, room.open.study
        said = turns.last(store, study.id, TURNS_KEPT, before=place.turn)
        start = first_kept(store, study.id, place.event)
        told = [e for e in events.since(store, study.id, start - 1) if e.id < place.event]
        ids = [e.trial_id for e in told if e.kind is EventKind.DIAGNOSED and e.trial_id is not None]
        found = {i: diagnoses.get(store, i) for i in ids}
        journal = Journal(store, study, {t.id: t for t in trials.all_trials(store, study.id)})
        known = {i: d for i, d in found.items() if d is not None}
        shown = list(journal.notes(told, known))
        begins = Place.of(store, study.id, start, said[0].id if said else 0)
        return Stretch(tuple(shown), tuple(said), begins)

    return read
