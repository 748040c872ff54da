"""Lessons by rule: what a study shows, each a sentence with the figures it rests on."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.digest.text import number, plural, seconds, value
from agent.importance import ENOUGH, Effect, effects
from agent.lessons.facts import Facts
from agent.lessons.lesson import Claim, ClaimKind, Lesson, LessonEvidence, LessonSource
from agent.lessons.regions import Region
from agent.lessons.remedies import Remedy
from agent.lessons.wire import uid_of
from agent.study.aliases import common
from trainers.contract import Objective

_SURE = 0.001  # chance below which an effect is as good as certain
_MANY = 20  # trials; fewer make every lesson less sure
_FLATTERED = 12  # completed trials before the defaults are called hard to beat
_CITED = 8


def written(facts: Facts) -> list[Lesson]:
    """All lessons of the study, the most telling first."""
    return [*_regions(facts), *_effects(facts), *_whole(facts), *of_remedies(facts), *_time(facts)]


def _lesson(
    facts: Facts,
    text: str,
    claim: Claim,
    *,
    trials: Sequence[int] = (),
    effect: str = "",
    confidence: float,
    tags: Sequence[str] = (),
    what: str = "",
) -> Lesson:
    where = " ".join(part for part in (facts.held.trainer, facts.held.task) if part)
    count = plural(sum(t.state.ended for t in facts.trials), "trial")
    return Lesson(
        uid=uid_of(facts.key, what or str(claim.kind), common(claim.parameter)),
        text=f"{text} ({where}, {count}).",
        source=LessonSource.RULES,
        subjects=(claim.parameter,) if claim.parameter else (),
        conditions=facts.held,
        claim=claim,
        evidence=(LessonEvidence(study=facts.study.name, trials=tuple(trials[:_CITED]), effect=effect, key=facts.key),),
        confidence=confidence,
        tags=tuple(tags),
    )


# -- what single parameters do ---------------------------------------------------------


def _effects(facts: Facts) -> Iterator[Lesson]:
    metric = facts.objective.metric
    for effect in facts.effects:
        claim = _claim(effect)
        if claim is None:
            continue
        if not effect.matters:
            yield _lesson(
                facts, f"{effect.text}, in {metric}", claim, confidence=0.55, tags=["what matters"], what="effect"
            )
            continue
        sure = 0.9 if effect.p <= _SURE else 0.75
        confidence = sure if len(facts.completed) >= _MANY else 0.6
        said = f"median {metric} {number(effect.inside or 0.0)}, {number(effect.outside or 0.0)} elsewhere"
        yield _lesson(
            facts,
            effect.text,
            claim,
            trials=effect.trials,
            effect=said,
            confidence=confidence,
            tags=["what matters"],
            what="effect",
        )


def _claim(effect: Effect) -> Claim | None:
    name = effect.parameter
    if not effect.matters:
        return Claim(kind=ClaimKind.FLAT, parameter=name)
    if effect.low is not None and effect.high is not None:
        return Claim(kind=ClaimKind.RANGE, parameter=name, low=effect.low, high=effect.high)
    if effect.inside is None:
        return None
    kind = ClaimKind.WORST if effect.worst else ClaimKind.CHOICE
    choice = effect.choice
    return Claim(kind=kind, parameter=name, choice=choice if isinstance(choice, str | int | float | bool) else None)


def _regions(facts: Facts) -> Iterator[Lesson]:
    for region in facts.regions:
        claim = Claim(
            kind=ClaimKind.FAILS,
            parameter=region.parameter,
            low=region.low,
            high=region.high,
            choice=region.choice,
        )
        elsewhere = f"{region.bad_elsewhere} of {region.elsewhere} elsewhere"
        text = f"{_place(region)} {region.trouble}: {region.bad} of {plural(region.inside, 'trial')}, {elsewhere}"
        confidence = 0.85 if region.bad >= 5 else 0.7
        tags = ["failure", region.trouble]
        what = f"region {region.trouble}"
        yield _lesson(facts, text, claim, trials=region.trials, confidence=confidence, tags=tags, what=what)


def _place(region: Region) -> str:
    if region.low is not None:
        return f"{region.parameter} from {number(region.low, 2)} up"
    if region.high is not None:
        return f"{region.parameter} down from {number(region.high, 2)}"
    return f"{region.parameter} = {value(region.choice)}"


# -- what the study as a whole shows -----------------------------------------------------


def _whole(facts: Facts) -> Iterator[Lesson]:
    metric, done = facts.objective.metric, facts.completed
    if facts.indifferent:
        value_of_all = number(done[0].value or 0.0)
        text = f"No parameter of this space matters to {metric}: all {len(done)} configs came to {value_of_all}"
        claim = Claim(kind=ClaimKind.INDIFFERENT)
        yield _lesson(facts, text, claim, confidence=0.8, tags=["what matters", "defaults"])
    elif len(done) >= _FLATTERED and defaults_hold(facts):
        first, best = facts.first, facts.ranking[0]
        assert first is not None and first.value is not None and best.value is not None
        text = (
            f"Nothing tried was measurably better than the defaults: {metric} {number(first.value)},"
            f" {number(best.value)} at best, runs of one config differ by as much"
        )
        claim, cited = Claim(kind=ClaimKind.DEFAULTS), (first.number, best.number)
        yield _lesson(facts, text, claim, trials=cited, confidence=0.65, tags=["defaults"])


def defaults_hold(facts: Facts) -> bool | None:
    """Whether the best trial is within the noise of the first config; None where that is not known."""
    first, best = facts.first, next(iter(facts.ranking), None)
    if first is None or first.value is None or best is None or best.value is None:
        return None
    limit = facts.noise.between(first.runs, best.runs)
    return None if limit is None else abs(best.value - first.value) <= limit


def _time(facts: Facts) -> Iterator[Lesson]:
    """What a trial takes, and which parameter decides it."""
    timed = [t for t in facts.completed if t.seconds is not None and t.seconds > 0 and not t.cut_short]
    if len(timed) < ENOUGH:
        return
    took = [t.seconds or 0.0 for t in timed]
    tenths = statistics.quantiles(took, n=10)
    longer = _what_takes_time(facts)
    most = _between(tenths[0], tenths[-1])
    text = f"A trial takes about {seconds(statistics.median(took))}, eight in ten {most}{longer}"
    claim = Claim(kind=ClaimKind.SECONDS, low=tenths[0], high=tenths[-1])
    yield _lesson(facts, text, claim, confidence=0.7, tags=["time"])


def _between(low: float, high: float) -> str:
    a, b = seconds(low), seconds(high)
    return f"within {a} to {b}" if a != b else "as long"


def _what_takes_time(facts: Facts) -> str:
    timed = [replace(t, value=t.seconds) for t in facts.completed if t.seconds is not None]
    found = effects(timed, facts.study.spec.space, Objective("seconds"))
    return f"; {found[0].parameter} decides most how long" if found and found[0].matters else ""


# -- what put a trial right ----------------------------------------------------------------


def of_remedies(facts: Facts, only: int | None = None) -> Iterator[Lesson]:
    """One for each verdict and parameter whose suggested change helped; of trial `only`, if it is given."""
    helped: dict[tuple[str, str], list[Remedy]] = {}
    for remedy in facts.remedies:
        if remedy.helped and only in (None, remedy.before.number):
            helped.setdefault((remedy.verdict, remedy.changed[0]), []).append(remedy)
    for (verdict, name), cases in helped.items():
        case = cases[0]
        changes = ", ".join(
            f"{changed} {value(case.before.params.get(changed))} → {value(case.after.params[changed])}"
            for changed in case.changed[:3]
        )
        came = f"{facts.objective.metric} {number(case.after.value or 0.0)}"
        before = "no value before" if case.before.value is None else f"{number(case.before.value)} before"
        again = f"; so it did {len(cases)} times" if len(cases) > 1 else ""
        text = f"After the verdict {verdict}, {changes} helped: {came}, {before}{again}"
        claim = Claim(kind=ClaimKind.REMEDY, parameter=name, choice=verdict)
        cited = [number for c in cases for number in (c.before.number, c.after.number)]
        confidence = 0.75 if len(cases) > 1 else 0.6
        tags = ["remedy", verdict]
        yield _lesson(facts, text, claim, trials=cited, confidence=confidence, tags=tags, what=f"remedy {verdict}")
