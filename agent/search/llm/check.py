"""From what a model wrote to drafts that fit: what fits is taken, what can be put right is, the rest is told.

Values are snapped to grids and choices, tiny overshoots clipped, conditional parameters dropped or filled, broken
constraints repaired, configs that were proposed before left out. Nothing here believes anything the model says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.digest.text import literal, number, shorten
from agent.search.draws import repair, settle
from agent.search.history import History
from agent.search.llm import claims, evidence
from agent.search.llm.evidence import Facts
from agent.search.llm.fit import Misfit, fit
from agent.search.llm.reply import Proposed
from agent.study.nouns import Draft, Source
from trainers.parameters import Parameter
from trainers.space import Config, SearchSpace

_ABSENT = object()  # equal to no value, None included


@dataclass(frozen=True)
class Checked:
    """A draft with what was put right about it, or the problem that makes it one of no use."""

    draft: Draft | None = None
    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass
class Checker:
    """Checks one config after the other; each that passes counts as proposed for those after it.

    `lessons` are ids of the lessons shown, in the order of their numbers in the prompt.
    """

    history: History
    facts: Facts
    lessons: Sequence[Any] = ()
    _accepted: set[str] = field(default_factory=set)

    def check(
        self, proposed: Proposed, *, call_id: int | None = None, entropy: Mapping[str, float] | None = None
    ) -> Checked:
        notes: list[str] = []
        try:
            config = self._config(proposed.params, notes)
            self._refuse_repeats(config)
            self._refuse_what_cannot_fit(config)
        except Misfit as misfit:
            return Checked(problem=str(misfit))
        draft = self._draft(proposed, config, notes, call_id, entropy or {})
        self._accepted.add(self.space.key(config))
        self.history = self.history.after(draft)
        return Checked(draft, tuple(notes))

    @property
    def space(self) -> SearchSpace:
        return self.history.space

    # -- the config --------------------------------------------------------------

    def _config(self, params: Any, notes: list[str]) -> Config:
        """A config that fits the space. Raises Misfit."""
        if not isinstance(params, Mapping):
            raise Misfit("it has no params")
        given = self._known(params, notes)
        if self.space.parameters and not given:
            raise Misfit(f"its params name no parameter of the space, which has {', '.join(self.space.parameters)}")
        fitted: Config = {}
        problems: dict[str, str] = {}
        for name, value in given.items():
            try:
                fitted[name], note = fit(self.space.parameters[name], value)
                notes += [note] if note else []
            except Misfit as misfit:
                problems[name] = str(misfit)
        config = self.space.snap({**self._base(), **fitted})
        # What is wrong with a parameter that does not exist in this config does not matter.
        if real := [problem for name, problem in problems.items() if name in config]:
            raise Misfit("; ".join(real))
        notes += self._filled(given, config)
        return self._meeting_constraints(config, notes)

    def _known(self, params: Mapping[Any, Any], notes: list[str]) -> Config:
        """`params` by the space's own names; null stands for a parameter left out where it is no choice."""
        alike = {_plain(name): name for name in self.space.parameters}
        found: Config = {}
        for key, value in params.items():
            name = key if key in self.space.parameters else alike.get(_plain(str(key)))
            if name is None:
                notes.append(f"{shorten(str(key), 40)} dropped: the space has no such parameter")
            elif value is not None or self.space.parameters[name].problem(None) is None:
                found[name] = value
        return found

    def _base(self) -> Config:
        """What stands in for values left out: those of the best trial, else the defaults."""
        base = self.space.snap(self.history.first_config)
        if self.history.ranking:
            best = self.history.ranking[0].params
            base |= {n: v for n, v in best.items() if n in self.space.parameters and _fits(self.space.parameters[n], v)}
        return base

    def _filled(self, given: Config, config: Config) -> list[str]:
        """What was filled in, and what was dropped because it does not exist in this config."""
        best = self.history.ranking[0] if self.history.ranking else None
        notes = []
        for name in config:
            if name not in given:
                is_best = best is not None and best.params.get(name, _ABSENT) == config[name]
                source = f"as in t{best.number}" if is_best and best is not None else "its default"
                notes.append(f"{name} was left out: {literal(config[name])}, {source}")
        for name in given:
            when = self.space.parameters[name].when
            if name not in config and when is not None:
                notes.append(f"{name} dropped: it exists only when {when.text}")
        return notes

    def _meeting_constraints(self, config: Config, notes: list[str]) -> Config:
        if (settled := settle(self.space, config, exactly=True)) is not None:
            return settled
        rng = self.history.rng(f"repair/{len(self._accepted)}")
        repaired = settle(self.space, repair(self.space, config, rng))
        assert repaired is not None  # `repair` gives what the space allows
        moved = [
            f"{name} {literal(config[name]) if name in config else 'unset'} → {literal(value)}"
            for name, value in repaired.items()
            if config.get(name, _ABSENT) != value
        ]
        notes.append(f"{', '.join(moved)}, because {self.space.problems(config)[0]}")
        return repaired

    def _refuse_repeats(self, config: Config) -> None:
        """Raises Misfit for a config proposed before, saying what came of it."""
        key = self.space.key(config)
        if key in self._accepted:
            raise Misfit("it is the same as another proposal made just now")
        if not self.history.seen(config):
            return
        for trial in self.history.trials:
            if trial.params == config:
                metric = self.history.objective.metric
                came_to = str(trial.state) if trial.value is None else f"{metric} {number(trial.value)}"
                raise Misfit(f"it is the config of t{trial.number} again ({came_to})")
        waits = any(self.space.key(c) == key for c in self.history.waiting)
        raise Misfit("it waits for a decision already" if waits else "it was proposed before and turned down")

    def _refuse_what_cannot_fit(self, config: Config) -> None:
        """Raises Misfit for a config that would run out of memory, as an earlier trial taught."""
        if (bound := self.history.beyond(config)) is not None:
            raise Misfit(f"it would run out of memory, being {bound.said}")

    # -- the rest ----------------------------------------------------------------

    def _draft(
        self, proposed: Proposed, config: Config, notes: list[str], call_id: int | None, entropy: Mapping[str, float]
    ) -> Draft:
        cited, dropped = evidence.kept(proposed.evidence, self.facts)
        rationale, removed = evidence.uncited(claims.text(proposed.rationale), self.facts)
        if dropped + removed:
            notes.append(f"{dropped + removed} of its references pointed at nothing and were left out")
        if not rationale:
            notes.append("no reason was given")
        expected = claims.interval(proposed.expected)
        if expected is None and proposed.expected is not None:
            notes.append("its expected interval could not be read")
        insight = {
            "entropy": {name: round(float(nats), 4) for name, nats in entropy.items() if name in config},
            "lessons": self._lessons(proposed.lessons),
            "checked": list(notes),
        }
        return Draft(
            source=Source.LLM,
            params=config,
            rationale=rationale,
            evidence=cited,
            expected=expected,
            confidence=claims.share(proposed.confidence),
            call_id=call_id,
            insight={key: found for key, found in insight.items() if found},
        )

    def _lessons(self, given: Any) -> list[Any]:
        """Ids of the lessons it names by their numbers, 1 being the first."""
        items = given if isinstance(given, list | tuple) else []
        numbers = dict.fromkeys(i for i in items if isinstance(i, int) and not isinstance(i, bool))
        return [self.lessons[i - 1] for i in numbers if 1 <= i <= len(self.lessons)]


def _fits(parameter: Parameter, value: Any) -> bool:
    return parameter.problem(value) is None


def _plain(name: str) -> str:
    """Names that differ in case, dashes and spaces only are meant to be one."""
    return re.sub(r"[\s-]+", "_", name.strip().lower())
