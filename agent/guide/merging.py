"""What a model has read, laid over what was guessed without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.guide.nouns import FoundMetric, Tunable
from agent.guide.plan import Plan
from agent.guide.trying.proposing import replay
from trainers.errors import SpaceError
from trainers.parameters import parameter_from_dict
from trainers.space import SearchSpace

_LARGEST = 200_000  # characters of a script that are sent on


def question(plan: Plan) -> dict[str, Any]:
    """What the job `read_script` is given."""
    tried = plan.tried
    try:
        script = plan.reading.script.read_text(encoding="utf-8", errors="replace")[:_LARGEST]
    except OSError:
        script = ""
    return {
        "path": plan.reading.script.name,
        "script": script,
        "options": {t.option.name: t.option.default for t in plan.tunables},
        "lines": list(tried.output) if tried is not None else [],
        "json_metrics": [m.name for m in plan.metrics if not m.spec],
    }


def merged(plan: Plan, told: Mapping[str, Any]) -> Plan:
    """The plan with the model's ranges, metrics and objective; each says that it is from the model."""
    model = str(told["model"])
    ranges = {p["name"]: p for p in told["parameters"]}
    tunables = [
        _retold(t, ranges[t.option.name], model) if t.option.name in ranges else replace(t, chosen=False)
        for t in plan.tunables
    ]
    order = list(ranges)
    tunables.sort(key=lambda t: order.index(t.option.name) if t.option.name in ranges else len(order))
    known = {m.name for m in plan.metrics}
    more = [_metric(plan, m, model) for m in told["metrics"] if m["name"] not in known]
    plan = plan.replace(
        tunables=tuple(tunables),
        metrics=(*plan.metrics, *more),
        constraints=_constraints(tunables, told["constraints"]),
        notes=(*plan.notes, *([f"{model}: {told['notes']}"] if told["notes"] else [])),
    )
    goal = told["objective"]
    found = next((m for m in plan.metrics if m.name == goal["metric"]), None)
    if found is None:
        return plan
    found = replace(found, direction=goal["direction"])
    why = f"said by {model}; {found.where}"
    return plan.replace(objective=found, why={**plan.why, "objective": why})


def _retold(tunable: Tunable, told: Mapping[str, Any], model: str) -> Tunable:
    parameter = parameter_from_dict(tunable.option.name, told["spec"])
    return replace(tunable, parameter=parameter, chosen=True, why=f"{model}: {told['why'] or 'no reason given'}")


def _metric(plan: Plan, told: Mapping[str, Any], model: str) -> FoundMetric:
    lines = plan.tried.output if plan.tried is not None else ()
    seen = replay(told["name"], told["spec"], lines) if told["spec"] else []
    return FoundMetric(
        name=told["name"],
        spec=told["spec"],
        seen=tuple(seen),
        where=f"what {model} says",
        direction="minimize",
        sure=bool(seen),
    )


def _constraints(tunables: list[Tunable], constraints: list[str]) -> tuple[str, ...]:
    """Those that hold for the script's own defaults, in a space that takes them."""
    kept: list[str] = []
    for text in constraints:
        try:
            space = SearchSpace([replace(t.parameter, when=None) for t in tunables if t.chosen], [*kept, text])
            space.validate(space.default())
        except SpaceError:
            continue
        kept.append(text)
    return tuple(kept)
