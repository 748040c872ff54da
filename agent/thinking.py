"""What one session asks of the agent's process: answers, explanations and lessons, on request and by itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from agent.chat.questions import checked
from agent.llm.errors import LLMErrorKind
from agent.mind.client import Done, Mind
from agent.store import diagnoses, events, settings, turns
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Diagnosis, Trial, TrialState

_LEARN_FROM = 8  # completed trials below which a study has nothing to teach
_COLLECTED = ("propose", "llambo", "expect")  # jobs whose end somebody waits for by id


class Thinking:
    """One agent's process, and the jobs this session has under way in it. Nothing here waits."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._mind = Mind(store.path)
        self._ended: dict[int, Done] = {}
        self._answering: int | None = None
        self._to_explain: deque[int] = deque()  # trial numbers
        self._said = ""

    @property
    def busy(self) -> tuple[str, ...]:
        """Names of the jobs under way."""
        return self._mind.busy

    def submit(self, job: str, study: Study, **args: Any) -> int:
        """Starts a job whose end `collect` gives."""
        return self._mind.submit(job, study.id, **args)

    def collect(self, job_id: int) -> Done | None:
        """How a submitted job ended, once; None while it is under way."""
        return self._ended.pop(job_id, None)

    # -- what a person asks --------------------------------------------------------

    def ask(self, study: Study, question: str) -> None:
        """Stores the question and starts an answer, which grows in the store's turns; one still being written is
        broken off. Raises TunewrightError for a question that is none."""
        question = checked(question)
        self.interrupt()
        asked = turns.add(self._store, study.id, "person", question)
        self._answering = self._mind.submit("answer", study.id, question=question, asked=asked)

    def interrupt(self) -> bool:
        """Breaks the answer off; whether there was one. What was said stays, marked."""
        if self._answering is None:
            return False
        self._mind.cancel(self._answering)
        self._answering = None
        return True

    def explain(self, trial: Trial) -> None:
        """Has a trial explained; the narrative appears in the store."""
        if trial.number not in self._to_explain:
            self._to_explain.append(trial.number)

    def reshape(self, study: Study) -> None:
        """Asks whether the space should be narrowed or widened; the answer is a card."""
        self._mind.submit("reshape", study.id)

    # -- what it does by itself ----------------------------------------------------

    def diagnosed(self, study: Study, trial: Trial, diagnosis: Diagnosis) -> None:
        """Has the trial explained if it ended worse than the person wants to let pass in silence; and if it ran what
        an earlier diagnosis suggested, has it written down whether that helped."""
        for number in diagnoses.suggested(self._store, study.id, trial.params):
            if number < trial.number and trial.state is not TrialState.STOPPED:
                self._mind.submit("learn", study.id, trial=number)
        limit, objective = study.spec.agent.explain_worse_than, study.spec.objective
        if limit is None:
            return
        bad = trial.state is TrialState.FAILED or trial.value is None or objective.better(limit, trial.value)
        if bad and trial.state is not TrialState.STOPPED:
            self.explain(trial)

    def learns(self, study: Study, trials: Sequence[Trial]) -> bool:
        """Whether the lessons of an ended study are being written; starts that once for each state of it."""
        if "learn" in self.busy:
            return True
        ended = [t for t in trials if t.state.ended]
        done = sum(t.state is TrialState.COMPLETED for t in ended)
        if done < _LEARN_FROM or settings.take(self._store, _scope(study), "learned") == len(ended):
            return False
        settings.put(self._store, _scope(study), "learned", len(ended))
        self._mind.submit("learn", study.id)
        return True

    def round(self, study: Study) -> None:
        """Takes what has ended, and starts the next explanation that waits."""
        for done in self._mind.done():
            if done.id == self._answering:
                self._answering = None
            if done.job in _COLLECTED:
                self._ended[done.id] = done
            if done.error is not None and done.error.kind is LLMErrorKind.DIED:
                turns.cut_orphans(self._store, study.id)
            if done.job not in _COLLECTED and not self._told_in_its_turn(done):
                self._complain(study, done)
        if self._to_explain and "explain" not in self.busy:
            self._mind.submit("explain", study.id, trial=self._to_explain.popleft())

    @staticmethod
    def _told_in_its_turn(done: Done) -> bool:
        """Whether the chat says already why an answer was cut short."""
        return done.job == "answer" and done.error is not None and done.error.kind is not LLMErrorKind.DIED

    def _complain(self, study: Study, done: Done) -> None:
        """What went wrong goes into the journal, the same sentence once in a row."""
        said = "" if done.error is None else f"could not {done.job}: {done.error}"
        if said and said != self._said and done.error is not None and done.error.kind is not LLMErrorKind.CANCELLED:
            self.note(study, said)
        self._said = said

    def note(self, study: Study, text: str) -> None:
        """A sentence in the journal."""
        with self._store.transaction(durable=False):
            events.record(self._store, study.id, events.EventKind.ADVISED, text=text)

    def close(self) -> None:
        """Breaks off what is under way."""
        self._mind.close()


def _scope(study: Study) -> str:
    return f"agent:{study.name}"
