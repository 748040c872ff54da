"""What a change of the space means for a study as it stands, before the change is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.digest.text import literal, numbers_of, plural
from agent.search.history import has_value
from agent.study.natural_ends import crossing
from agent.study.nouns import Proposal, Trial
from agent.study.space_fit import unread
from agent.study.spec import StudySpec
from trainers.parameters import NumberParameter
from trainers.space import Config, SearchSpace


class Effect(NamedTuple):
    """`warns`: something is lost by it."""

    text: str
    warns: bool = False


def effects(
    spec: StudySpec, space: SearchSpace, trials: Sequence[Trial], pending: Sequence[Proposal], best: Trial | None
) -> list[Effect]:
    """What becomes of trials, defaults and proposals when the study's space is replaced by `space`."""
    return [
        *_trials(space, [t for t in trials if t.state.ended]),
        *_running(space, [t for t in trials if not t.state.ended]),
        *_best(space, best),
        *_defaults(spec, space),
        *_pending(space, pending),
        *_signs(spec.space, space),
        *_fixed(space),
        *(Effect(_never_used(name), warns=True) for name in unread(spec, space)),
    ]


def outside(space: SearchSpace, trials: Sequence[Trial]) -> tuple[list[Trial], Counter[str]]:
    """The trials that do not fit `space`, and how many by the parameter at fault."""
    found, by_name = [], Counter[str]()
    for trial in trials:
        if problems := space.problems(trial.params):
            found.append(trial)
            by_name.update({p.split(" ", 1)[0] for p in problems if p.split(" ", 1)[0] in space.parameters})
    return found, by_name


def _trials(space: SearchSpace, ended: Sequence[Trial]) -> Iterator[Effect]:
    if not ended:
        return
    found, by_name = outside(space, ended)
    if not found:
        yield Effect("every trial so far lies inside" if len(ended) > 1 else "the trial so far lies inside")
        return
    where = ", ".join(f"{name} {count}" for name, count in by_name.most_common(4))
    text = f"{len(found)} of {plural(len(ended), 'trial')} {'lies' if len(found) == 1 else 'lie'} outside"
    missing = [n for n in space.parameters if all(n not in t.params for t in ended) and by_name[n] == len(ended)]
    if missing:
        yield Effect(f"{text}: none has a value for {', '.join(missing)}, so the search begins anew", warns=True)
        return
    lost = sum(has_value(t) for t in found)
    learnt = f"; the search no longer learns from {plural(lost, 'value')}" if lost else ""
    yield Effect(f"{text}{f' ({where})' if where else ''}{learnt}", warns=True)


def _running(space: SearchSpace, live: Sequence[Trial]) -> Iterator[Effect]:
    if found := [t.number for t in live if not space.allows(t.params)]:
        yield Effect(f"{numbers_of(found)} run{'s' if len(found) == 1 else ''} on, outside")


def _best(space: SearchSpace, best: Trial | None) -> Iterator[Effect]:
    if best is not None and (problems := space.problems(best.params)):
        yield Effect(f"the best trial, t{best.number}, would lie outside: {problems[0]}", warns=True)


def _defaults(spec: StudySpec, space: SearchSpace) -> Iterator[Effect]:
    """Whether the first config stays what it was: what the person gave as defaults, or else the space's own."""
    before, after = spec.first_config(), _first(spec.defaults or {}, space)
    if all(after.get(name) == value for name, value in before.items() if name in space.parameters):
        yield Effect("defaults stay valid")
        return
    moved = [
        f"{name} {literal(before[name])} → {literal(after[name])}"
        for name in before
        if name in after and before[name] != after[name]
    ]
    yield Effect(f"defaults move: {', '.join(moved)}" if moved else "defaults change with the conditions", warns=True)


def _first(defaults: Config, space: SearchSpace) -> Config:
    kept = {n: v for n, v in defaults.items() if n in space.parameters and not space.parameters[n].problem(v)}
    return space.snap(kept) if kept else space.default()


def _pending(space: SearchSpace, pending: Sequence[Proposal]) -> Iterator[Effect]:
    for proposal in pending:
        if problems := space.problems(proposal.params):
            yield Effect(f"proposal {proposal.number} would no longer fit and expires: {problems[0]}", warns=True)


def _signs(before: SearchSpace, space: SearchSpace) -> Iterator[Effect]:
    """A range that comes to reach through 0 is allowed, but few quantities mean anything on both sides of it."""
    for name, parameter in space.parameters.items():
        old = before.parameters.get(name)
        if not isinstance(old, NumberParameter) or not isinstance(parameter, NumberParameter):
            continue
        if said := crossing(old, parameter):
            yield Effect(f"{name} reaches through 0 ({said}): be sure that it may", warns=True)


def _fixed(space: SearchSpace) -> Iterator[Effect]:
    for name, parameter in space.parameters.items():
        if parameter.count() == 1:
            yield Effect(f"{name} is fixed at {literal(parameter.middle())}")


def _never_used(name: str) -> str:
    return f"the command never uses '{name}': add \"{{{name}}}\" to it, or read TUNEWRIGHT_CONFIG in the script"
