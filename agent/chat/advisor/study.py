"""Answers about the study: how it stands, what failed, what matters, what to do next."""

from __future__ import annotations

import math
import time

from agent import standing, summary
from agent.chat.advisor.facts import Facts, cites, config
from agent.chat.advisor.question import Question
from agent.digest.space import parameters as described
from agent.digest.text import number, plural, seconds
from agent.digest.troubles import troubles
from agent.importance import ENOUGH
from agent.store import actions, trials
from agent.study import action_words
from agent.study.budget import busy_seconds
from agent.study.natural_ends import is_natural
from agent.study.nouns import ProposalState, Trial, TrialState
from trainers.parameters import NumberParameter

_TOP = 3
_PARAMETERS = 8  # told of one by one
_EDGE = 0.02  # of a range, as optimisers see it


def status(facts: Facts, question: Question) -> str:
    """Counts, what runs, the best, the time left."""
    seen = facts.seen
    states = [f"{n} {state}" for state, n in summary.counts(seen.trials).items() if n]
    limit = seen.spec.budget.trials
    lines = [
        f"{plural(len(seen.trials), 'trial')}{f' of {limit}' if limit else ''}: {', '.join(states) or 'none yet'}."
    ]
    running = [t for t in seen.trials if t.state is TrialState.RUNNING]
    lines += [f"t{t.number} {facts.how(t)}. {facts.at(t)}" for t in running[:4]]
    if seen.best is not None:
        best = seen.best
        lines.append(f"The best is t{best.number}, {facts.metric} {facts.value(best.value)}. {facts.at(best)}")
    lines.append(_left(facts))
    lines.append(_waits(facts))
    lines.append(summary.advice(seen.trials, seen.objective, seen.space))
    return "\n".join(line for line in lines if line)


def _left(facts: Facts) -> str:
    """What is spent, and how long the rest will take."""
    seen, budget = facts.seen, facts.seen.spec.budget
    spent = busy_seconds(trials.busy_intervals(seen.store, seen.study.id, time.time()))
    usual = summary.expected_seconds(seen.trials)
    limit = f" of {seconds(budget.total_seconds)}" if budget.total_seconds else ""
    text = f"{seconds(spent)} of running time spent{limit}"
    if usual is None:
        return f"{text}; how long a trial takes is not known before one has completed."
    text += f"; a trial takes {seconds(usual)}"
    open_ = sum(not t.state.ended for t in seen.trials)
    left = open_ if budget.trials is None else max(budget.trials - len(seen.trials), 0) + open_
    if budget.trials is None or not left:
        return f"{text}." if left else f"{text}. The budget of {budget.trials} trials is spent."
    wide = max(standing.width(seen.spec), 1)
    return f"{text}, so the {left} that are left need about {seconds(math.ceil(left / wide) * usual)}, {wide} at once."


def _waits(facts: Facts) -> str:
    waiting = [p for p in facts.seen.proposals if p.state is ProposalState.PENDING]
    if not waiting:
        return ""
    first = waiting[0]
    more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    return f"Proposal {first.number}{more} waits for you: {config(first.params)}."


def failures(facts: Facts, question: Question) -> str:
    """What failed, by kind, and where in the space."""
    found = troubles(facts.seen)
    if not found:
        ended = sum(t.state.ended for t in facts.seen.trials)
        return f"Nothing has failed: {plural(ended, 'trial')} ended, all sound." if ended else "No trial has ended yet."
    failed = [t for t in facts.seen.trials if t.state is TrialState.FAILED]
    every = plural(len(facts.seen.trials), "trial")
    lines = [f"None of {every} failed, but the rules find fault with some:"]
    if failed:
        lines = [f"{len(failed)} of {every} failed: {cites(t.number for t in failed)}."]
    for trouble in found:
        where = f"; where {trouble.where}" if trouble.where else ""
        said = f" The last one said: {trouble.message}" if trouble.message else ""
        lines.append(f"- {trouble.what}: {trouble.trials}{where}.{said}")
    if failed:
        lines.append(f"Ask why {failed[-1].number} failed for one of them in full.")
    return "\n".join(lines)


def following(facts: Facts, question: Question) -> str:
    """What to do next: what waits, what stands out, what diagnoses suggest."""
    seen, budget = facts.seen, facts.seen.spec.budget
    lines = [_waits(facts)]
    if lines[0]:
        lines[0] += " /approve runs it."
    lines.append(summary.advice(seen.trials, seen.objective, seen.space))
    lines += [*_suggested(facts), *_avoidable(facts)]
    if budget.trials is not None and len(seen.trials) >= budget.trials:
        lines.append(f"The budget of {budget.trials} trials is spent: /export takes the best, /budget adds trials.")
    told = [line for line in lines if line]
    if not told:
        best = seen.best
        near = f" Until then [t{best.number}] is the one to beat, at {facts.value(best.value)}." if best else ""
        return f"Nothing stands out: let the search '{seen.spec.search}' go on.{near}"
    return "\n".join(told)


def _suggested(facts: Facts) -> list[str]:
    """Changes that diagnoses suggest and that nobody has tried, the latest first."""
    tried = [t.params for t in facts.seen.trials] + [p.params for p in facts.seen.proposals]
    lines = []
    for trial in reversed(facts.seen.trials):
        found = facts.seen.diagnoses.get(trial.id)
        if found is None or found.healthy or not found.suggested_params or found.suggested_params in tried:
            continue
        verdict, what = found.verdict.replace("_", " "), found.suggested_reason.rstrip(".")
        lines.append(f"After [t{trial.number}] ({verdict}): {what}. /suggest {trial.number} proposes it.")
    return lines[:_TOP]


def _avoidable(facts: Facts) -> list[str]:
    """Where trials fail so surely that they need not be run."""
    return [
        f"Trials end in '{trouble.what}' where {trouble.where}: a narrower space would save them."
        for trouble in troubles(facts.seen)
        if trouble.where
    ][:1]


def waiting(facts: Facts, question: Question) -> str:
    """Proposals and changes that a person has to settle."""
    pending = [p for p in facts.seen.proposals if p.state is ProposalState.PENDING]
    asked = actions.pending(facts.seen.store, facts.seen.study.id)
    lines = [f"Proposal {p.number}, by {p.source}: {config(p.params)}. {p.rationale}".rstrip() for p in pending]
    lines += [f"Asked for: {action_words.title(a)}. {a.reason}".rstrip() for a in asked]
    return "\n".join(lines) or "Nothing waits for you."


def matters(facts: Facts, question: Question) -> str:
    """Which parameters the values depend on, and which way."""
    if not facts.shares:
        count = len(facts.seen.ranking)
        return f"Too early to say: {plural(count, 'trial')} with a value, and {ENOUGH} different ones are needed."
    wanted = [name for name in facts.shares if name in question.parameters] or list(facts.shares)
    lines = [_matter(facts, name) for name in wanted[:_PARAMETERS]]
    rest = wanted[_PARAMETERS:]
    head = f"How much of the spread of {facts.metric} each parameter explains by itself:"
    return "\n".join([head, *(f"- {line}" for line in lines), *([f"- less: {', '.join(rest)}."] if rest else [])])


def _matter(facts: Facts, name: str) -> str:
    """One parameter's share and effect, with the trials it rests on."""
    share, effect = facts.shares.get(name, 0.0), facts.effects.get(name)
    if effect is None:
        return f"{name} {share:.0%}; which way is not clear yet."
    text = effect.text.removeprefix(name).strip(" :,").rstrip(".")
    return f"{name} {share:.0%}: {text}. {cites(effect.trials, 4)}".rstrip()


def edges(facts: Facts, question: Question) -> str:
    """Parameters of the best trials that lie at an end of their range."""
    top = facts.seen.ranking[:_TOP]
    if not top:
        return "No trial has a value yet."
    lines = []
    for name, parameter in facts.seen.space.parameters.items():
        if isinstance(parameter, NumberParameter) and parameter.count() > 1:
            lines += [line for side in ("lower", "upper") if (line := _edge(parameter, name, side, top))]
    if not lines:
        which = f"the best {plural(len(top), 'trial')} ({cites(t.number for t in top)})"
        return f"None: in {which} every number lies inside its range."
    return "\n".join([f"In the best {plural(len(top), 'trial')}:", *lines])


def _edge(parameter: NumberParameter, name: str, side: str, top: tuple[Trial, ...]) -> str:
    there = [t for t in top if _place(parameter, t.params.get(name), side)]
    if not there:
        return ""
    end = parameter.low if side == "lower" else parameter.high
    what = f"- {name} is at its {side} end, {number(float(end))}, in {cites(t.number for t in there)}"
    if is_natural(parameter, "low" if side == "lower" else "high"):
        return f"{what}; it cannot well go further."
    return f"{what}; a wider range may hold something better." if top[0] in there else f"{what}, but not in the best."


def _place(parameter: NumberParameter, given: object, side: str) -> bool:
    if not isinstance(given, int | float) or isinstance(given, bool) or parameter.problem(given):
        return False
    unit = parameter.unit(given)
    return unit < _EDGE if side == "lower" else unit > 1 - _EDGE


def parameter(facts: Facts, question: Question) -> str:
    """A parameter's range, what it does, and its value in the best trial."""
    lines = []
    for name in question.parameters[:3]:
        lines += [f"{line}." for line in described(facts.seen.space) if line.startswith(f"{name}:")]
        if name in facts.shares:
            lines.append(f"Of the spread of {facts.metric} it explains: {_matter(facts, name)}")
        lines += [f"Trials end in '{t.what}' where {t.where}." for t in troubles(facts.seen) if name in t.where.split()]
        best = facts.seen.best
        if best is not None and name in best.params:
            lines.append(f"The best trial, [t{best.number}], has {config({name: best.params[name]})}.")
    return "\n".join(lines)
