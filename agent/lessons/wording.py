"""What a model makes of a study: its findings in better words, and lessons of its own that the trials bear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema

from agent.digest import digest
from agent.digest.text import shorten
from agent.lessons.borne import borne
from agent.lessons.facts import Facts
from agent.lessons.figures import figures, only_known
from agent.lessons.lesson import MOST_TEXT, Claim, ClaimKind, Lesson, LessonEvidence, LessonSource
from agent.lessons.wire import uid_of
from agent.llm.asking import Judged, ask
from agent.llm.call import Call, Completion
from agent.llm.model import LanguageModel
from agent.llm.seat import Seat
from agent.redaction import redact
from agent.store.aside import aside
from agent.study.nouns import Trial
from prompts.render import Rendered, render
from trainers.dimension import Value, is_finite

MOST_OWN = 3
_KINDS = (ClaimKind.RANGE, ClaimKind.CHOICE, ClaimKind.WORST, ClaimKind.FAILS, ClaimKind.FLAT)
_LENGTH = 300  # asked for; up to MOST_TEXT is taken
_WHEN = 80
_CONFIDENCE = 0.55
_TOKENS = 3_000
_CITATION = re.compile(r"\s*\[t\d[^\]]*\]")
_NUMBER: JsonValue = {"anyOf": [{"type": "number"}, {"type": "null"}]}
_CHOICE: JsonValue = {"type": ["string", "number", "boolean", "null"]}


class Reworded(BaseModel):
    """A finding, by its number, in better words."""

    model_config = ConfigDict(extra="ignore")

    finding: Annotated[Any, WithJsonSchema({"type": "integer"})] = 0
    text: Annotated[Any, WithJsonSchema({"type": "string", "maxLength": MOST_TEXT})] = ""


class Own(BaseModel):
    """A lesson of the model's own, with the one claim it makes."""

    model_config = ConfigDict(extra="ignore")

    text: Annotated[Any, WithJsonSchema({"type": "string", "maxLength": MOST_TEXT})] = ""
    kind: Annotated[Any, WithJsonSchema({"enum": [str(kind) for kind in _KINDS]})] = ""
    parameter: Annotated[Any, WithJsonSchema({"type": "string"})] = ""
    low: Annotated[Any, WithJsonSchema(_NUMBER)] = None
    high: Annotated[Any, WithJsonSchema(_NUMBER)] = None
    choice: Annotated[Any, WithJsonSchema(_CHOICE)] = None
    trials: Annotated[Any, WithJsonSchema({"type": "array", "maxItems": 12, "items": {"type": "integer"}})] = ()
    when: Annotated[Any, WithJsonSchema({"type": "string", "maxLength": _WHEN})] = ""


class Taught(BaseModel):
    """What the study taught."""

    model_config = ConfigDict(extra="ignore")

    reworded: list[Reworded] = Field(default_factory=list, max_length=20)
    lessons: list[Own] = Field(default_factory=list, max_length=8)


@dataclass(frozen=True)
class Words:
    """`texts` by the uid of the finding they replace; `own` lessons; how many were `dropped` as the trials do not
    bear them."""

    texts: Mapping[str, str]
    own: Sequence[Lesson]
    dropped: int


async def words(seat: Seat, model: LanguageModel, facts: Facts, found: Sequence[Lesson], known: Sequence[str]) -> Words:
    """Raises LLMError: of kind REPLY when two replies have nothing of use."""
    agent = seat.study.spec.agent

    def judge(reply: Taught, _: Completion | None) -> Judged[Words]:
        return judged(reply, facts, found)

    prompt = await aside(seat.store, lambda store: asked(digest(store, seat.study, known).context(), facts, found))
    call = Call(
        purpose="lesson",
        messages=prompt.messages,
        template=prompt.template,
        max_tokens=_TOKENS + (agent.thinking or 0),
        temperature=agent.temperature,
        thinking=agent.thinking,
    )
    return await ask(model, call, Taught, judge, folder=agent.prompts, language=agent.language)


def asked(told: Mapping[str, Any], facts: Facts, found: Sequence[Lesson]) -> Rendered:
    agent = facts.study.spec.agent
    context = {**told, "findings": [lesson.text for lesson in found], "most": MOST_OWN, "length": _LENGTH}
    return render("lesson", context, folder=agent.prompts, language=agent.language)


def judged(reply: Taught, facts: Facts, found: Sequence[Lesson]) -> Judged[Words]:
    """What of the reply is kept; the problems where it said much and nothing is of use."""
    problems: list[str] = []
    texts: dict[str, str] = {}
    for said in reply.reworded:
        number = said.finding if isinstance(said.finding, int) else 0
        if not 1 <= number <= len(found):
            problems.append(f"there is no finding {shorten(str(said.finding), 20)}")
            continue
        text, wrong = _reworded(said.text, found[number - 1])
        problems += [f"finding {number}: {wrong}"] if wrong else []
        texts |= {} if wrong else {found[number - 1].uid: text}
    own: dict[str, Lesson] = {}
    for index, one in enumerate(reply.lessons, start=1):
        lesson, wrong = _own(one, facts, found)
        problems += [f"lesson {index}: {wrong}"] if wrong else []
        if lesson is not None and len(own) < MOST_OWN:
            own[lesson.uid] = lesson
    if problems and not texts and not own:
        return Judged(None, problems)
    return Judged(Words(texts, tuple(own.values()), len(problems)))


def _text(given: Any) -> str:
    return " ".join(redact(_CITATION.sub("", str(given))).split())


def _reworded(given: Any, finding: Lesson) -> tuple[str, str]:
    """The new text, and what is wrong with it."""
    text = _text(given)
    if not text or len(text) > MOST_TEXT:
        return "", f"its text has {len(text)} characters"
    if missing := [name for name in finding.subjects if name not in text]:
        return "", f"it does not name {missing[0]}"
    if odd := only_known(text, figures(finding.text)):
        return "", f"the figure {odd[0]} is not in the finding"
    return text, ""


def _own(one: Own, facts: Facts, found: Sequence[Lesson]) -> tuple[Lesson | None, str]:
    """The lesson, or what is wrong with it."""
    text, claim = _text(one.text), _claim(one)
    if claim is None or not text or len(text) > MOST_TEXT:
        return None, "it makes no claim of a known kind" if claim is None else f"its text has {len(text)} characters"
    if claim.parameter not in facts.study.spec.space.parameters:
        return None, f"there is no parameter '{shorten(claim.parameter, 40)}'"
    if any(f.claim == claim for f in found):
        return None, "a finding says so already"
    by_number = {t.number: t for t in facts.trials if t.state.ended}
    given = one.trials if isinstance(one.trials, list | tuple) else ()
    cited = [by_number[n] for n in dict.fromkeys(n for n in given if isinstance(n, int)) if n in by_number]
    if len(cited) < 2:
        return None, "it names fewer than two trials that have ended"
    if not borne(claim, facts):
        return None, f"the trials do not bear that {claim.parameter} does this"
    if odd := only_known(text, [*_figures_of(claim, cited), *figures(" ".join(f.text for f in found))]):
        return None, f"the figure {odd[0]} is in none of the trials it names"
    evidence = LessonEvidence(study=facts.study.name, trials=tuple(t.number for t in cited), key=facts.key)
    return Lesson(
        uid=uid_of(facts.key, "model", str(claim.kind), claim.parameter),
        text=text,
        source=LessonSource.MODEL,
        subjects=(claim.parameter,),
        conditions=replace(facts.held, when=shorten(_text(one.when), _WHEN)),
        claim=claim,
        evidence=(evidence,),
        confidence=_CONFIDENCE,
    ), ""


def _claim(one: Own) -> Claim | None:
    if one.kind not in [str(kind) for kind in _KINDS]:
        return None
    low, high = (float(end) if is_finite(end) else None for end in (one.low, one.high))
    choice: Value = one.choice if isinstance(one.choice, str | int | float | bool) else None
    return Claim(kind=ClaimKind(one.kind), parameter=str(one.parameter), low=low, high=high, choice=choice)


def _figures_of(claim: Claim, trials: Iterable[Trial]) -> list[float]:
    """All numbers a text on these trials may name: their values, params and numbers, and the ends it claims."""
    found = [end for end in (claim.low, claim.high) if end is not None]
    count = 0
    for trial in trials:
        count += 1
        found += [float(v) for v in trial.params.values() if is_finite(v)]
        found += [float(trial.number), *(v for v in (trial.value, trial.seconds) if v is not None)]
    return [*found, float(count)]
