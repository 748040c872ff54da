"""The job `reshape`: whether the search space should be narrowed or widened. What comes of it is a card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema

from agent.digest import digest
from agent.digest.text import shorten
from agent.llm.asking import Judged, ask
from agent.llm.call import Call, Completion
from agent.llm.seat import Seat
from agent.search import reshaping
from agent.search.from_store import history
from agent.search.history import History
from agent.search.llm import claims, evidence
from agent.search.llm.evidence import Facts
from agent.search.llm.lessons import fitting
from agent.search.reshaping import Reshaped
from agent.store import actions, proposals, trials, turns
from agent.store.aside import aside
from agent.study.natural_ends import crossing
from agent.study.nouns import ActionKind
from agent.study.space_edit import edited
from prompts.render import render
from trainers.errors import SpaceError
from trainers.parameters import CategoricalParameter, NumberParameter
from trainers.space import SearchSpace

_END = {"anyOf": [{"type": "number"}, {"type": "null"}]}
_CHOICES = {"anyOf": [{"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}}, {"type": "null"}]}
_REQUIRED: list[JsonValue] = ["verdict", "changes", "reason"]
_TOKENS = 3_000


class Change(BaseModel):
    """What is new about one parameter; null leaves as it is."""

    model_config = ConfigDict(extra="ignore")

    parameter: Annotated[Any, WithJsonSchema({"type": "string"})] = Field(default="", description="Its name.")
    low: Annotated[Any, WithJsonSchema(_END)] = Field(default=None, description="The new lower end of its range.")
    high: Annotated[Any, WithJsonSchema(_END)] = Field(default=None, description="The new upper end of its range.")
    choices: Annotated[Any, WithJsonSchema(_CHOICES)] = Field(default=None, description="All choices it shall have.")


class Reshaping(BaseModel):
    """Whether the space should change, and how."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"required": _REQUIRED})

    verdict: Annotated[Any, WithJsonSchema({"enum": ["keep", "narrow", "widen", "both"]})] = Field(default="")
    changes: list[Change] = Field(default_factory=list, description="One entry a parameter that changes.")
    reason: Annotated[Any, WithJsonSchema({"type": "string", "maxLength": 1000})] = Field(default="")
    evidence: Annotated[Any, WithJsonSchema({"type": "array", "maxItems": 8})] = Field(default=())


@dataclass(frozen=True)
class _Verdict:
    changes: Mapping[str, Mapping[str, Any]]
    reason: str


async def reshape(seat: Seat) -> dict[str, Any]:
    """Asks for a change of the space: `{action, text}`, the number of the card and the reason for it. Where the
    space should be kept, `action` is None and the reason goes into the chat. Without a model the trials alone decide.

    Raises LLMError when the model says nothing of use in two replies.
    """
    every = trials.all_trials(seat.store, seat.study.id)
    number = proposals.next_number(seat.store, seat.study.id)
    past = history(seat.store, seat.study, every, proposals.pending(seat.store, seat.study.id), number)
    found = reshaping.reshaped(past) if seat.model is None else await _asked(seat, past)
    if not found.changes:
        speaker = "" if seat.model is None else seat.model.name
        turns.add(seat.store, seat.study.id, "agent", found.reason, model=speaker)
        return {"action": None, "text": found.reason}
    action = actions.ask(seat.store, seat.study.id, ActionKind.EDIT_SPACE, {"changes": found.changes}, found.reason)
    return {"action": action.number, "text": found.reason}


async def _asked(seat: Seat, past: History) -> Reshaped:
    agent = seat.study.spec.agent
    lessons = [lesson.text for lesson in fitting(seat)]
    told = await aside(seat.store, lambda store: digest(store, seat.study, lessons))
    rendered = render("reshape", told.context(), folder=agent.prompts, language=agent.language)
    call = Call(
        purpose="reshape",
        messages=rendered.messages,
        template=rendered.template,
        max_tokens=_TOKENS + (agent.thinking or 0),
        temperature=agent.temperature,
        thinking=agent.thinking,
    )
    facts = Facts(seat.store, past.trials)

    def judge(reply: Reshaping, _: Completion | None) -> Judged[Reshaped]:
        return judged(reply, past, facts)

    return await ask(seat.need_model(), call, Reshaping, judge, folder=agent.prompts, language=agent.language)


def judged(reply: Reshaping, past: History, facts: Facts) -> Judged[Reshaped]:
    """The change, as far as the space takes it; or what is wrong with it."""
    reason, _ = evidence.uncited(claims.text(reply.reason), facts)
    keeps = str(reply.verdict).strip().lower() == "keep"
    if keeps or not reply.changes:
        if reason and (keeps or not reply.verdict):
            return Judged(Reshaped(reason=reason))
        return Judged(None, ["it names no change" if reason else "it gives no reason"])
    changes: dict[str, Mapping[str, Any]] = {}
    problems: list[str] = []
    for change in reply.changes:
        try:
            if keys := _keys(past.space, change):
                changes[str(change.parameter)] = keys
        except SpaceError as error:
            problems.append(str(error))
    problems += _unfit(past, changes) if not problems else []
    if problems or not reason:
        return Judged(None, problems or ["it gives no reason"])
    return Judged(Reshaped(changes, reason))


def _keys(space: SearchSpace, change: Change) -> dict[str, Any]:
    """What differs from the parameter as it is. Raises SpaceError."""
    parameter = space.parameters.get(str(change.parameter))
    where = f"space.{shorten(str(change.parameter), 40)}"
    if parameter is None:
        raise SpaceError(
            "the space has no such parameter", where=where, remedy=f"It has {', '.join(space.parameters)}."
        )
    if isinstance(parameter, CategoricalParameter):
        if not isinstance(change.choices, list) or not change.choices:
            raise SpaceError("it is categorical: only its choices can change", where=where)
        return {} if change.choices == list(parameter.choices) else {"choices": change.choices}
    assert isinstance(parameter, NumberParameter)
    given = {"low": change.low, "high": change.high}
    return {key: end for key, end in given.items() if end is not None and end != getattr(parameter, key)}


def _unfit(past: History, changes: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """What speaks against the space as it would be: it is none, or the best trial falls out of it."""
    if not changes:
        return ["it changes nothing: those are the present ranges"]
    try:
        space = edited(past.space, changes)
    except SpaceError as error:
        return [str(error)]
    best = next((t for t in past.ranking if past.space.allows(t.params)), None)
    if best is not None and (outside := space.problems(best.params)):
        return [f"the best trial, t{best.number}, would fall out of the space: {outside[0]}"]
    return list(_crossed(past.space, space))


def _crossed(before: SearchSpace, space: SearchSpace) -> Iterator[str]:
    """A person may let a range reach through 0; a model is asked to stay on its side."""
    for name, parameter in space.parameters.items():
        old = before.parameters[name]
        if (
            isinstance(old, NumberParameter)
            and isinstance(parameter, NumberParameter)
            and (c := crossing(old, parameter))
        ):
            yield f"{name} would reach through 0 ({c}); keep it on its side"
