"""The job `read_script`: a model reads a script and what it printed. Its reading is checked against both.

It belongs to no study yet: its calls stand in the ledger without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.guide.script_reply import ScriptMetric, ScriptParameter, ScriptReading, parameter_spec
from agent.guide.trying import names
from agent.guide.trying.proposing import replay
from agent.llm.asking import Judged, ask
from agent.llm.call import Call, Completion
from agent.llm.seat import Seat
from prompts.render import render
from trainers.errors import SpaceError, TunewrightError, nearest
from trainers.parameters import parameter_from_dict

_TOKENS = 4_000
_SECONDS = 60.0


async def read_script(
    seat: Seat,
    *,
    path: str,
    script: str,
    options: Mapping[str, Any],
    lines: Sequence[str],
    json_metrics: Sequence[str],
    wish: str = "",
) -> dict[str, Any]:
    """`{parameters, metrics, objective, notes, model}` of a script with these `options` (name → default).

    `lines` are of its output, `json_metrics` those it reports as JSON. Raises LLMError when two replies are of no use.
    """
    model = seat.need_model()
    context = {"path": path, "script": script, "help": "", "output": "\n".join(lines[-200:]), "wish": wish}
    rendered = render("read_script", context)
    call = Call(
        purpose="read_script",
        messages=rendered.messages,
        template=rendered.template,
        max_tokens=_TOKENS,
        seconds=_SECONDS,
    )

    def judge(reading: ScriptReading, _: Completion | None) -> Judged[ScriptReading]:
        found = problems(reading, options, lines, json_metrics)
        return Judged(None, found) if found else Judged(reading)

    return _as_json(await ask(model, call, ScriptReading, judge), options, model.name)


def _as_json(reading: ScriptReading, options: Mapping[str, Any], model: str) -> dict[str, Any]:
    return {
        "parameters": [
            {"name": option_name(p.name, options), "spec": with_default(p, options), "why": p.why}
            for p in reading.parameters
        ],
        "constraints": reading.constraints,
        "metrics": [{"name": m.name, "spec": _spec(m)} for m in reading.metrics],
        "objective": {"metric": reading.objective.metric, "direction": reading.objective.direction},
        "notes": reading.notes,
        "model": model,
    }


def problems(
    reading: ScriptReading, options: Mapping[str, Any], lines: Sequence[str], json_metrics: Sequence[str]
) -> list[str]:
    """What is wrong with a reading, in words that a model can act on."""
    found = [told for p in reading.parameters if (told := _parameter_problem(p, options))]
    if not reading.parameters:
        found.append("there is no parameter to tune")
    found += [told for m in reading.metrics if (told := _metric_problem(m, lines, json_metrics))]
    try:
        reading.goal()
    except TunewrightError as error:
        return [*found, str(error)]
    return [*found, *_goal_problem(reading)]


def option_name(name: str, options: Mapping[str, Any]) -> str:
    """The option that is meant: dashes, underscores and case do not matter. Empty for none."""
    plain = {_plain(known): known for known in options}
    return plain.get(_plain(name), "")


def _plain(name: str) -> str:
    return name.lstrip("-").replace("-", "_").lower()


def with_default(parameter: ScriptParameter, options: Mapping[str, Any]) -> dict[str, Any]:
    """The parameter as a study file writes it, with the script's own default whatever the model took it for."""
    own = options.get(option_name(parameter.name, options))
    spec = parameter_spec(parameter)
    if own is not None:
        spec["default"] = own
    return spec


def _parameter_problem(parameter: ScriptParameter, options: Mapping[str, Any]) -> str:
    name = option_name(parameter.name, options)
    if not name:
        return f"the script has no option '{parameter.name}'. {nearest(parameter.name, options)}"
    try:
        parameter_from_dict(name, with_default(parameter, options))
    except SpaceError as error:
        return str(error)
    return ""


def _spec(metric: ScriptMetric) -> dict[str, str]:
    if not metric.regex:
        return {}
    return {"regex": metric.regex} | ({"step_regex": metric.step_regex} if metric.step_regex else {})


def _metric_problem(metric: ScriptMetric, lines: Sequence[str], json_metrics: Sequence[str]) -> str:
    """Of a metric that is not read from the lines that were seen. Where none were seen, it is taken on trust."""
    if not metric.regex:
        known = not lines or metric.name in json_metrics
        return "" if known else f"'{metric.name}' is in no JSON line of the output: give an expression for it"
    try:
        points = replay(metric.name, _spec(metric), lines)
    except TunewrightError as error:
        return str(error)
    return f"the expression for '{metric.name}' matches no line of the output" if lines and not points else ""


def _goal_problem(reading: ScriptReading) -> list[str]:
    goal = reading.objective.metric
    held = [m.name for m in reading.metrics if names.is_held_out(m.name) and not names.is_test(m.name)]
    if held and goal not in held and (names.is_test(goal) or names.fitness(goal)[0] <= 0):
        return [f"the objective must be measured on validation data ({', '.join(held)}), not be '{goal}'"]
    return []
