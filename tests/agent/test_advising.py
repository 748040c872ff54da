"""The model as adviser: what the journal says of its turns, and that an answer that comes late is not lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from agent.advising import PATIENCE, Advising
from agent.llm.errors import LLMError, LLMErrorKind
from agent.mind.client import Done
from agent.search import wire
from agent.search.from_store import history
from agent.search.history import History
from agent.search.trust import wants_advice
from agent.store import events, studies
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import Draft, Source
from tests.agent.search.growing import ran
from tests.agent.stores import GOOD, make_study


@dataclass
class Jobs:
    """Stands for the agent's process: jobs end when the test says so. The real one is in test_session_agent."""

    submitted: list[dict[str, Any]] = field(default_factory=list)
    ended: dict[int, Done] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def submit(self, job: str, study: Study, **args: Any) -> int:
        self.submitted.append({"job": job, **args})
        return len(self.submitted)

    def collect(self, job_id: int) -> Done | None:
        return self.ended.pop(job_id, None)

    def note(self, study: Study, text: str) -> None:
        self.notes.append(text)

    def answer(self, *drafts: Draft, error: LLMError | None = None) -> None:
        job = len(self.submitted)
        result = {"drafts": [wire.draft_to_dict(d) for d in drafts], "note": ""}
        self.ended[job] = Done(id=job, job="propose", args={}, result=result, error=error)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.sqlite") as opened:
        yield opened


@pytest.fixture
def study(store: Store) -> Study:
    made = make_study(store)
    studies.update(store, made.id, made.spec.replace(agent=AgentSpec(model="gpt")), who="person", what="model")
    return studies.by_id(store, made.id)


def past(store: Store, study: Study, *results: tuple[Source, float]) -> History:
    """Trials of different configs with these values, at a turn that would be the model's."""
    found, rng = history(store, study, (), (), 0), History.rng
    for number, (source, value) in enumerate(results):
        config = study.spec.space.canonical(study.spec.space.sample(rng(replace(found, number=number), "test")))
        found = ran(replace(found, number=number), Draft(source=source, params=config), value)
    turns = (replace(found, number=n) for n in range(len(results), 200))
    return next(h for h in turns if wants_advice(h))


OTHERS = [(Source.GP, 1.0 + i / 50) for i in range(6)]
DRAFT = Draft(source=Source.LLM, params=GOOD, rationale="so")


class TestTurns:
    def test_it_asks_once_and_hands_over_what_is_said(self, store: Store, study: Study) -> None:
        jobs = Jobs()
        advising = Advising(store, jobs)  # type: ignore[arg-type]
        assert advising.begin(study, past(store, study, *OTHERS)) and advising.waiting
        assert advising.take(study, urgent=True) is None
        jobs.answer(DRAFT)
        heard = advising.take(study, urgent=True)
        assert heard is not None and heard.drafts == (DRAFT,) and heard.why == ""
        assert not advising.waiting and [j["job"] for j in jobs.submitted] == ["propose"]

    def test_a_failure_is_told_once_for_each_reason_in_a_row(self, store: Store, study: Study) -> None:
        jobs = Jobs()
        advising = Advising(store, jobs)  # type: ignore[arg-type]
        for _ in range(2):
            assert advising.begin(study, past(store, study, *OTHERS))
            jobs.answer(error=LLMError(LLMErrorKind.SERVER, "the server answered 500"))
            heard = advising.take(study, urgent=True)
            assert heard is not None and heard.drafts == () and heard.why == "gpt could not propose (server)"
        assert len(jobs.notes) == 1 and "500" in jobs.notes[0]

    def test_a_circuit_that_counts_down_is_told_once(self, store: Store, study: Study) -> None:
        jobs = Jobs()
        advising = Advising(store, jobs)  # type: ignore[arg-type]
        open_at = [(30, "refused"), (29, "refused"), (28, "refused"), (30, "reset"), (1, "refused")]
        for left, last in open_at:
            assert advising.begin(study, past(store, study, *OTHERS))
            what, remedy = f"it is tried again in {left} s", f"The last failure was: {last}."
            jobs.answer(error=LLMError(LLMErrorKind.UNAVAILABLE, what, remedy=remedy))
            assert advising.take(study, urgent=True) is not None
        assert len(jobs.notes) == 2, "one for each last failure"
        assert advising.begin(study, past(store, study, *OTHERS))
        jobs.answer(DRAFT)
        assert advising.take(study, urgent=True) is not None
        assert advising.begin(study, past(store, study, *OTHERS))
        jobs.answer(error=LLMError(LLMErrorKind.UNAVAILABLE, "again", remedy="The last failure was: refused."))
        assert advising.take(study, urgent=True) is not None
        assert len(jobs.notes) == 3, "once it has answered, it may be said again"

    def test_late_advice_is_heard_in_the_next_turn_without_another_call(
        self, store: Store, study: Study, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        jobs = Jobs()
        advising = Advising(store, jobs)  # type: ignore[arg-type]
        assert advising.begin(study, past(store, study, *OTHERS))
        advising._since -= PATIENCE
        assert advising.take(study, urgent=False) is None, "others are ready: there is time"
        heard = advising.take(study, urgent=True)
        assert heard is not None and heard.drafts == () and "has not answered" in heard.why
        jobs.answer(DRAFT)
        advising.look()
        assert advising.begin(study, past(store, study, *OTHERS))
        heard = advising.take(study, urgent=True)
        assert heard is not None and heard.drafts == (DRAFT,)
        assert len(jobs.submitted) == 1

    def test_without_a_model_it_never_asks(self, store: Store) -> None:
        study = make_study(store)
        jobs = Jobs()
        advising = Advising(store, jobs)  # type: ignore[arg-type]
        assert not advising.begin(study, past(store, study, *OTHERS)) and not jobs.submitted


class TestStanding:
    def test_the_journal_says_once_that_turns_are_lost_and_once_that_they_are_back(
        self, store: Store, study: Study
    ) -> None:
        lost = past(store, study, *OTHERS, *[(Source.LLM, 9.0), (Source.GP, 1.0)] * 3)
        back = past(store, study, *OTHERS, *[(Source.LLM, 0.5 - i / 10) for i in range(4)])
        fronts = [Advising(store, Jobs()) for _ in range(2)]  # type: ignore[arg-type]
        for state in (lost, lost, back, back):
            for front in fronts:
                front.begin(study, state)
        entries = events.since(store, study.id, 0)
        told = [str(e.data["text"]) for e in entries if e.kind is events.EventKind.ADVISED]
        assert len(told) == 2
        assert told[0].startswith("gpt has lost its turns") and told[1].startswith("gpt has its turns back")
