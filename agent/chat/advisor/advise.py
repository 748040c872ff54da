"""From a question to an answer in plain sentences, each fact with its citation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agent.chat.advisor import proposals as of_proposals
from agent.chat.advisor import study as of_study
from agent.chat.advisor import trials as of_trials
from agent.chat.advisor.facts import Facts
from agent.chat.advisor.question import Kind, Question, read
from agent.diagnosis.citations import checked
from agent.diagnosis.pointers import Pointers
from agent.store import points
from agent.store.connection import Store
from agent.store.studies import Study
from trainers.errors import TunewrightError

ABLE = (
    "why did 17 fail",
    "which is the best",
    "compare 3 and 9",
    "what changed between 3 and 9",
    "is the difference real",
    "what matters",
    "which parameters are at the edge",
    "what failed",
    "what next",
    "how is it going",
    "why did you propose 12",
)

_ANSWERS: Mapping[Kind, Callable[[Facts, Question], str]] = {
    Kind.WHY: of_trials.why,
    Kind.BEST: of_trials.best,
    Kind.WORST: of_trials.worst,
    Kind.COMPARE: of_trials.compare,
    Kind.CHANGED: of_trials.changed,
    Kind.REAL: of_trials.real,
    Kind.LOG: of_trials.log,
    Kind.NEXT: of_study.following,
    Kind.MATTERS: of_study.matters,
    Kind.FAILURES: of_study.failures,
    Kind.STATUS: of_study.status,
    Kind.PROPOSED: of_proposals.proposed,
    Kind.EDGES: of_study.edges,
    Kind.WAITING: of_study.waiting,
    Kind.PARAMETER: of_study.parameter,
}


def advise(store: Store, study: Study, question: str) -> str:
    """The answer, in English. A question beyond the advisor is told what it can answer."""
    facts = Facts.of(store, study)
    metrics = {study.spec.objective.metric, *_metrics(store, facts)}
    asked = read(question, list(study.spec.space.parameters), sorted(metrics))
    if asked.kind is Kind.ORDER:
        return _order(asked)
    answer = _ANSWERS.get(asked.kind)
    try:
        text = _able() if answer is None else answer(facts, asked)
    except TunewrightError as error:
        return str(error)
    return checked(text, Pointers(store, study.id))[0]


def _metrics(store: Store, facts: Facts) -> list[str]:
    """What the newest trial with reports has reported."""
    reported = [t for t in facts.seen.trials if t.last_step is not None]
    return points.metrics(store, reported[-1].id) if reported else []


def _order(asked: Question) -> str:
    number = f" {asked.numbers[0]}" if asked.numbers else ""
    return f"That is yours to do, I only answer: /{asked.order}{number} does it, and /help lists all commands."


def _able() -> str:
    examples = "\n".join(f"- {question}" for question in ABLE)
    return (
        "No model is set, so I answer from what the store holds, in English. I understand questions such as:\n"
        f"{examples}\n/model chooses a model, which can be asked anything about this study."
    )
