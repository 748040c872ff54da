"""What has happened in a study since last asked, one line each."""

from __future__ import annotations

from collections.abc import Iterator

from agent.plain.agent_verbs import action_card
from agent.plain.cards import span
from agent.plain.output import clean, config_line, number
from agent.store import actions, diagnoses, events, narratives, studies, trials
from agent.store.connection import Store
from agent.store.events import Event, EventKind
from agent.store.studies import Study
from agent.study.confirmation import told_at_end
from agent.study.noise import noise
from agent.study.nouns import Trial, TrialState
from agent.study.repeats import of_config
from agent.study.verdicts import leading
from agent.summary import best


class News:
    """Follows the journal of one study. Lines hold no control characters. `confirms`: what came of configs that were
    run again is told with the last of these runs. `cards`: what the agent asks for is told, since nobody is asked."""

    def __init__(self, store: Store, study: Study, *, confirms: bool = True, cards: bool = True) -> None:
        self._store, self._study, self._confirms, self._cards = store, study, confirms, cards
        self._cursor = events.last_id(store, study.id)
        top = best(trials.all_trials(store, study.id), study.spec.objective)
        self._best = None if top is None else top.key

    def lines(self) -> list[str]:
        """Lines for everything new, oldest first."""
        found = []
        for event in events.since(self._store, self._study.id, self._cursor):
            self._cursor = event.id
            found += [clean(line) for line in self._told(event)]
        return found

    def _told(self, event: Event) -> Iterator[str]:
        if event.kind is EventKind.STUDY_CHANGED:
            yield f"changed by {event.data.get('who', '?')}: {event.data.get('what', '')}"
        if event.kind is EventKind.ADVISED:
            yield str(event.data.get("text", ""))
        if event.kind is EventKind.ACTION_ASKED and self._cards:
            yield from self._card(event.data["action"])
        if event.trial_id is None:
            return
        trial = trials.by_id(self._store, event.trial_id)
        match event.kind:
            case EventKind.TRIAL_STARTED:
                again = f", attempt {event.data['attempt']}" if event.data["attempt"] > 1 else ""
                yield f"t{trial.number} started ({trial.source}{again}): {config_line(trial.params)}"
            case EventKind.TRIAL_RETRIED:
                failed = f"attempt {event.data['attempt']} failed ({event.data['failure']}); it runs again"
                yield f"t{trial.number} {event.data.get('text') or failed}"
            case EventKind.TRIAL_ENDED:
                yield self._ended(trial)
                if self._confirms:
                    every = trials.all_trials(self._store, self._study.id)
                    yield from told_at_end(every, trial, self._study.spec)
            case EventKind.STOP_REQUESTED:
                asked = "is pruned" if event.data.get("prune") else "was asked to stop"
                yield f"t{trial.number} {asked}: {event.data['reason']}"
            case EventKind.TRIAL_RESUMED:
                yield f"t{trial.number} is taken up again: {event.data['reason']}"
            case EventKind.EXPLAINED:
                if (narrative := narratives.get(self._store, trial.id)) is not None:
                    yield f"t{trial.number} explained: {narrative.text}"
            case EventKind.DIAGNOSED:
                diagnosis = diagnoses.get(self._store, trial.id)
                if diagnosis is not None and not diagnosis.healthy:
                    yield f"t{trial.number} diagnosis: {diagnosis.verdict} – {diagnosis.explanation}"

    def _card(self, number: int) -> Iterator[str]:
        """What the agent asks for, while it waits for an answer."""
        spec = studies.by_id(self._store, self._study.id).spec
        for action in actions.pending(self._store, self._study.id):
            if action.number == number:
                yield from action_card(action, spec).splitlines()

    def _led(self, trial: Trial) -> str:
        """Whether its config has come to lead, by the mean of its runs, and what that is worth."""
        spec, every = self._study.spec, trials.all_trials(self._store, self._study.id)
        one = of_config(trial, every).as_one()
        mean = f" (mean of {one.runs}: {number(one.value)})" if one.runs > 1 else ""
        top = best(every, spec.objective)
        if top is None or top.key != trial.key or self._best == trial.key:
            return mean
        self._best = trial.key
        return f"{mean}, {leading(every, noise(every, spec.space, spec.objective), spec.objective)}"

    def _ended(self, trial: Trial) -> str:
        took = "" if trial.seconds is None else f" after {span(trial.seconds)}"
        if trial.failure is not None:
            return f"t{trial.number} failed{took}: {trial.failure.kind}: {trial.failure.message}"
        objective = self._study.spec.objective
        said = f"t{trial.number} {trial.state}{took}"
        if trial.value is None:
            return said
        said += f": {objective.metric} {number(trial.value)}"
        if trial.state is TrialState.COMPLETED:
            said += self._led(trial)
        return said + (" (cut short by its time limit)" if trial.cut_short else "")
