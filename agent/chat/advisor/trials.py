"""Answers about single trials: what happened, which is best, how two differ, whether that is more than chance."""

from __future__ import annotations

from agent.chat.advisor.facts import Facts, changes, cites, config
from agent.chat.advisor.question import Question
from agent.diagnosis.narrate import narrate
from agent.diagnosis.pointers import read_log
from agent.digest.text import number, plural, seconds
from agent.study.confirmation import conclusion
from agent.study.nouns import Trial, TrialState
from agent.study.verdicts import whole
from trainers.errors import TunewrightError

_LINES = 8  # of a log
_TOP = 3


def why(facts: Facts, question: Question) -> str:
    """What happened to each trial named, or to the latest that ended."""
    chosen = [facts.trial(n) for n in question.numbers[:3]] or _latest(facts, failed="fail" in question.topics)
    if not chosen:
        return "No trial has ended yet."
    return "\n\n".join(_one(facts, trial, asked_failed="fail" in question.topics) for trial in chosen)


def _latest(facts: Facts, *, failed: bool) -> list[Trial]:
    ended = [t for t in facts.seen.trials if t.state.ended]
    wanted = [t for t in ended if t.state is TrialState.FAILED] if failed else ended
    return (wanted or ended)[-1:]


def _one(facts: Facts, trial: Trial, *, asked_failed: bool) -> str:
    not_so = asked_failed and trial.state.ended and trial.state is not TrialState.FAILED
    opening = (
        f"t{trial.number} did not fail: it {facts.how(trial)}" if not_so else f"t{trial.number} {facts.how(trial)}"
    )
    took = f" It took {seconds(trial.seconds)}." if trial.seconds is not None else ""
    head = f"{opening}. [t{trial.number}]{took} It ran {config(trial.params)}."
    if not trial.state.ended:
        return f"t{trial.number} {facts.how(trial)}. {facts.at(trial)} Its config is {config(trial.params)}."
    told = narrate(facts.seen.store, facts.seen.study, trial).text
    expected = facts.seen.expected(trial)
    if expected is not None and trial.value is not None:
        inside = "inside" if expected[0] <= trial.value <= expected[1] else "outside"
        low, high = facts.value(expected[0]), facts.value(expected[1])
        told += f"\n{low} to {high} was expected of it; it came out {inside}."
    known = facts.seen.narratives.get(trial.id)
    if known is not None and known.model:
        told += f"\n{known.model} said of it:\n{known.text}"
    return f"{head}\n{told}"


def best(facts: Facts, question: Question) -> str:
    ranking = facts.seen.ranking
    if not ranking:
        running = [t.number for t in facts.seen.trials if t.state is TrialState.RUNNING]
        return "No trial has a value yet." + (f" Running: {cites(running)}." if running else "")
    top = ranking[0]
    lines = [f"The best is t{top.number}: {facts.metric} {facts.mean(top)} {facts.at(top)}, by {top.source}."]
    lines += [said] if (said := conclusion(facts.seen.trials, facts.noise, facts.seen.objective)) else []
    lines.append(f"Its config: {config(top.params)}.")
    if len(ranking) > 1:
        following = "; ".join(f"t{t.number} {facts.mean(t)} {facts.at(t)}" for t in ranking[1:_TOP])
        lines.append(f"After it: {following}. {_judged(facts, top, ranking[1])}")
    lines.append(_since(facts, top))
    return "\n".join(line for line in lines if line)


def _since(facts: Facts, top: Trial) -> str:
    first = next((t for t in facts.seen.ranking if t.number == 0), None)
    if first is None or first.key == top.key or first.value is None or top.value is None:
        return ""
    gain = facts.seen.objective.sign * (first.value - top.value)
    limit = facts.noise.between(first.runs, top.runs)
    how = "better than" if limit is not None and gain > limit else "ahead of"
    hedge = ", within the noise," if limit is not None and gain <= limit else ""
    return (
        f"That is {number(gain, 3)} {how} the first trial [t0]{hedge} from which it differs in {changes(first, top)}."
    )


def worst(facts: Facts, question: Question) -> str:
    ranking = facts.seen.ranking
    if not ranking:
        return "No trial has a value yet."
    last = ranking[-1]
    failed = sum(t.state is TrialState.FAILED for t in facts.seen.trials)
    got = f"{facts.metric} {facts.value(last.value)} {facts.at(last)}"
    text = f"Of those with a value t{last.number} is the worst: {got}. Its config: {config(last.params)}."
    if len(ranking) > 1:
        text += f" Against the best, [t{ranking[0].number}]: {changes(last, ranking[0])}."
    return text + (f" {failed} more failed; ask what failed." if failed else "")


def compare(facts: Facts, question: Question) -> str:
    """Values first, then what differs."""
    first, second = _pair(facts, question)
    return "\n".join([_values(facts, first, second), _differs(first, second), *_others(facts, question, first)])


def changed(facts: Facts, question: Question) -> str:
    """What differs first, then what came of it."""
    first, second = _pair(facts, question)
    return "\n".join([_differs(first, second), _values(facts, first, second), *_others(facts, question, first)])


def _pair(facts: Facts, question: Question) -> tuple[Trial, Trial]:
    """The first two named; with one, that one and the best, or else the one before it."""
    named = whole([facts.trial(n) for n in question.numbers], facts.seen.trials)
    if len(named) >= 2:
        return named[0], named[1]
    if not named:
        raise TunewrightError("Two trials are needed", remedy="For example: compare 3 and 9.")
    other = next((t for t in facts.seen.ranking if t.key != named[0].key), None) or facts.by_number.get(
        named[0].number - 1
    )
    if other is None:
        raise TunewrightError(f"There is nothing yet to compare t{named[0].number} with")
    return named[0], other


def _others(facts: Facts, question: Question, first: Trial) -> list[str]:
    more = [facts.trial(n) for n in question.numbers[2:5]]
    return [f"{_values(facts, first, t)} {_differs(first, t)}" for t in more]


def _differs(first: Trial, second: Trial) -> str:
    changed_ = changes(first, second)
    if not changed_:
        return f"[t{first.number}] and [t{second.number}] have the same config."
    return f"What differs from [t{first.number}] to [t{second.number}]: {changed_}."


def _values(facts: Facts, first: Trial, second: Trial) -> str:
    parts = [f"t{t.number} {facts.how(t)} {facts.at(t)}" for t in (first, second)]
    return f"{'; '.join(parts)}. {_judged(facts, first, second)}".rstrip()


def _judged(facts: Facts, first: Trial, second: Trial) -> str:
    """The difference of two values, beside the noise."""
    if first.value is None or second.value is None:
        return ""
    gap = abs(first.value - second.value)
    better = first if facts.seen.objective.better(first.value, second.value) else second
    if gap == 0:
        return "Their values are the same."
    ahead = f"t{better.number} is ahead by {number(gap, 3)}"
    deviation, limit = facts.noise.deviation, facts.noise.between(first.runs, second.runs)
    if deviation is None or limit is None:
        return f"{ahead}; how much of that is chance is not known, as no config was run twice and no two are alike."
    about = "at most about " if facts.noise.is_bound else ""
    rests = f"{about}{number(deviation, 2)} from run to run, by {facts.noise.rests_on}"
    if gap > limit:
        return f"t{better.number} is better by {number(gap, 3)}, more than chance explains (noise {rests})."
    return f"{ahead}, which may be chance alone: the noise is {rests}, and less than {number(limit, 2)} tells nothing."


def real(facts: Facts, question: Question) -> str:
    """Whether two trials differ by more than noise: the two named, one and the best, or the two best."""
    if question.numbers:
        first, second = _pair(facts, question)
    elif len(facts.seen.ranking) >= 2:
        first, second = facts.seen.ranking[:2]
    else:
        return "Fewer than two trials have a value: there is no difference to judge yet."
    valued = [t for t in (first, second) if t.value is None]
    if valued:
        return f"t{valued[0].number} {facts.how(valued[0])}: it has no value to compare. [t{valued[0].number}]"
    shown = " and ".join(f"t{t.number} {facts.mean(t)} {facts.at(t)}" for t in (first, second))
    return f"{shown}: {_judged(facts, first, second)}\n{_differs(first, second)}"


def log(facts: Facts, question: Question) -> str:
    """The last lines a trial printed."""
    chosen = [facts.trial(n) for n in question.numbers[:1]] or _latest(facts, failed=False)
    if not chosen:
        return "No trial has ended yet; ask for the log of one by its number."
    trial = chosen[0]
    found = read_log(facts.seen.store, trial)
    lines = [line for line in found.lines if line.text.strip()][-_LINES:]
    if not lines:
        return f"t{trial.number} has printed nothing. [t{trial.number}]"
    head = f"t{trial.number} printed {plural(found.total, 'line')}, at the end:"
    shown = [f"- {line.text.strip()[:200]} [t{trial.number} log:{line.number}]" for line in lines]
    return "\n".join([head, *shown, f"/log {trial.number} shows all."])
