"""The explanation of a trial: the verdict of the rules, and a model's narrative held to evidence that exists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from agent.diagnosis import citations
from agent.diagnosis.brief import brief
from agent.diagnosis.citations import Citation
from agent.diagnosis.narrate import narrate, words
from agent.diagnosis.of_trial import diagnosis_of
from agent.diagnosis.pointers import Pointers
from agent.diagnosis.taught import taught
from agent.digest.text import shorten
from agent.llm.asking import Judged, ask, whole_items
from agent.llm.call import Call, Completion
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.keys import redact
from agent.llm.model import LanguageModel
from agent.llm.seat import Seat
from agent.store import narratives, trials
from agent.store.aside import aside
from agent.study.nouns import Claim, Evidence, Narrative, Trial
from prompts.render import render
from trainers.errors import SpaceError
from trainers.space import Config, config_key

_CLAIMS, _EVIDENCE, _TEXT = 8, 6, 800  # kept of a reply: claims, evidence of each, characters of a text
_NOWHERE = 2**63  # the step of a metric cited without one: no report has it
_QUOTED = 160  # characters of a log line


class Pointer(BaseModel):
    """What a claim points at; a trial alone, a line of a log, or a step of a metric."""

    trial: int | None = None
    metric: str | None = None
    step: int | None = None
    line: int | None = None


class ClaimReply(BaseModel):
    text: str
    evidence: list[Pointer] = Field(default_factory=list)


class Explanation(BaseModel):
    """The reply as `explain.j2` asks for it."""

    claims: list[ClaimReply]
    change: dict[str, Any] | None = None
    because: str = ""
    check_next: str = ""


async def explain(seat: Seat, *, trial: int) -> dict[str, Any]:
    """Explains an ended trial and stores the narrative; `{text, dropped, note}`.

    Without a model the narrative is that of the rules. So it is, with a note that says so, when a model twice gives
    nothing that can be used. Raises LLMError for a model that cannot be asked, TunewrightError for a trial that runs.
    """
    found = trials.get(seat.store, seat.study.id, trial)
    if seat.model is None:
        made, note = narrate(seat.store, seat.study, found), ""
    else:
        made, note = await _asked(seat, seat.model, found)
    narratives.put(seat.store, found, made)
    return {"text": made.text, "dropped": made.dropped, "note": note}


async def _asked(seat: Seat, model: LanguageModel, trial: Trial) -> tuple[Narrative, str]:
    """The model's narrative, or that of the rules with the reason why it is theirs."""
    agent, pointers = seat.study.spec.agent, Pointers(seat.store, seat.study.id)
    dropped = 0

    def judge(reply: Explanation, completion: Completion | None) -> Judged[Narrative]:
        nonlocal dropped
        claims, missing = _held(pointers, trial, reply.claims)
        dropped += missing
        if not claims:
            return Judged(None, ["no claim cites a step, a log line or a trial that exists and was given above"])
        call = None if completion is None else completion.call_id
        return Judged(_narrative(seat, trial, reply, claims, dropped, model.name, call))

    call = await _call(seat, trial)
    try:
        said = await ask(
            model, call, Explanation, judge, folder=agent.prompts, language=agent.language, salvage=_salvaged
        )
    except LLMError as error:
        if error.kind is not LLMErrorKind.REPLY:
            raise
        rules = narrate(seat.store, seat.study, trial)
        note = f"{model.name} gave no explanation that could be used ({error.what}); this is what the rules say."
        return Narrative(text=f"{note}\n{rules.text}", claims=rules.claims, dropped=dropped), note
    return said, ""


async def _call(seat: Seat, trial: Trial) -> Call:
    agent, study = seat.study.spec.agent, seat.study
    diagnosis = diagnosis_of(seat.store, study, trial)
    context = await aside(seat.store, lambda store: brief(store, study, trial, diagnosis, taught(study)))
    prompt = render("explain", context, folder=agent.prompts, language=agent.language)
    return Call(
        purpose="explain",
        messages=prompt.messages,
        template=prompt.template,
        temperature=agent.temperature,
        thinking=agent.thinking,
    )


def _salvaged(text: str) -> Explanation | None:
    """The claims that are whole in a reply that breaks off."""
    try:
        found = [ClaimReply.model_validate(item) for item in whole_items(text, "claims")]
    except ValidationError:
        return None
    return Explanation(claims=found) if found else None


def _held(pointers: Pointers, trial: Trial, claims: Sequence[ClaimReply]) -> tuple[tuple[Claim, ...], int]:
    """The claims that point only at what exists, and how many do not, or point at nothing at all."""
    kept = []
    for claim in claims[:_CLAIMS]:
        cited = [_citation(p, trial.number).found(pointers) for p in claim.evidence[:_EVIDENCE]]
        text, wrong = citations.checked(_clean(claim.text), pointers)
        if text and cited and None not in cited and not wrong:
            kept.append(Claim(text=text, evidence=tuple(_evidence(c, trial, pointers) for c in cited if c)))
    return tuple(kept), len(claims) - len(kept)


def _citation(pointer: Pointer, trial: int) -> Citation:
    number = trial if pointer.trial is None else pointer.trial
    if pointer.line is not None:
        return Citation(number, line=pointer.line)
    if pointer.metric:
        step = _NOWHERE if pointer.step is None else pointer.step
        return Citation(number, metric=pointer.metric, step=step)
    return Citation(number)


def _evidence(cited: Citation, trial: Trial, pointers: Pointers) -> Evidence:
    """With what stands there as its text."""
    found = pointers.trials[cited.trial]
    other = None if found.number == trial.number else found.number
    if cited.line is not None:
        text = shorten(pointers.line(found.number, cited.line), _QUOTED)
        return Evidence(kind="log", text=text or f"line {cited.line} of the log", line=cited.line, trial=other)
    if cited.step is not None and cited.metric:
        text = f"{cited.metric} = {pointers.value(found.number, cited.metric, cited.step):.5g}"
        return Evidence(kind="metric", text=text, metric=cited.metric, step=cited.step, trial=other)
    ended = f"{found.state}" + ("" if found.value is None else f", {found.value:.5g}")
    return Evidence(kind="config" if other is None else "trial", text=f"t{found.number} {ended}", trial=other)


def _narrative(
    seat: Seat, trial: Trial, reply: Explanation, claims: tuple[Claim, ...], dropped: int, model: str, call: int | None
) -> Narrative:
    params = _change(seat, trial, reply.change) if reply.change else None
    last = f"To check next: {_clean(reply.check_next)}" if reply.check_next.strip() else ""
    return Narrative(
        text=words(trial.number, claims, last),
        claims=claims,
        dropped=dropped,
        suggested_params=params,
        suggested_reason=_clean(reply.because) if params else "",
        model=model,
        call_id=call,
    )


def _change(seat: Seat, trial: Trial, change: dict[str, Any]) -> Config | None:
    """The trial's config with the change, on the grid and inside the space; None when it does not fit or was tried."""
    space = seat.study.spec.space
    known = {name: value for name, value in change.items() if name in space.parameters}
    try:
        config = space.validate(space.snap({**trial.params, **known}))
    except SpaceError:
        return None
    tried = {config_key(t.params) for t in trials.all_trials(seat.store, seat.study.id)}
    return None if config_key(config) in tried or not known else config


def _clean(text: str) -> str:
    """One line, storable, without keys, of bounded length."""
    line = " ".join(redact(text).encode("utf-8", "replace").decode().split())
    return line if len(line) <= _TEXT else f"{line[: _TEXT - 1]}…"
