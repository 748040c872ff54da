"""The shape of what a model reads out of a training script, and what a study file takes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from trainers.contract import Objective
from trainers.errors import SpaceError, TunewrightError, nearest
from trainers.parameters import parameter_from_dict
from trainers.script.command import check_placeholders
from trainers.script.declared import parse_metric
from trainers.space import SearchSpace

_KEYS = ("low", "high", "log", "step", "choices", "default", "when")


class ScriptParameter(BaseModel):
    """One thing worth tuning."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(description="Letters, digits and underscores.")
    type: str = Field(
        description="float, int or categorical.", json_schema_extra={"enum": ["float", "int", "categorical"]}
    )
    low: float | None = Field(default=None, description="The lower end of a number's range.")
    high: float | None = Field(default=None, description="The upper end.")
    log: bool = Field(default=False, description="Whether values are compared by their ratio.")
    step: float | None = Field(default=None, description="The distance between values, where only some are possible.")
    choices: list[str | float | bool | None] | None = Field(default=None, description="Of a categorical.")
    default: str | float | bool | None = Field(default=None, description="The script's own value.")
    when: str = Field(default="", description="A condition on other parameters under which it matters; or empty.")
    why: str = Field(default="", description="What it does here and why this range.")


class ScriptMetric(BaseModel):
    """A number the script reports as it trains."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(description="As the script calls it.")
    regex: str = Field(default="", description="A Python regular expression whose first group is the number.")
    step_regex: str = Field(default="", description="The same for the step; or empty.")


class ScriptObjective(BaseModel):
    """What is optimised."""

    model_config = ConfigDict(extra="ignore")

    metric: str = Field(description="One of the metrics.")
    direction: str = Field(default="minimize", json_schema_extra={"enum": ["minimize", "maximize"]})


class ScriptReading(BaseModel):
    """A command, a search space, metrics and an objective for one training script."""

    model_config = ConfigDict(extra="ignore")

    command: list[str] = Field(description="The program and its arguments, {name} in place of each tuned value.")
    parameters: list[ScriptParameter] = Field(description="The most important first.")
    constraints: list[str] = Field(default_factory=list, description="Conditions every config must meet.")
    metrics: list[ScriptMetric] = Field(default_factory=list, description="Every number it reports.")
    objective: ScriptObjective
    notes: str = Field(default="", description="What the person should know or check; or empty.")

    def space(self) -> SearchSpace:
        """Raises SpaceError naming the parameter and what is wrong with it."""
        return SearchSpace((parameter_from_dict(p.name, parameter_spec(p)) for p in self.parameters), self.constraints)

    def metric_table(self) -> dict[str, Mapping[str, Any]]:
        """`[metrics]` of a study file, those read from JSON lines left out. Raises TunewrightError for a bad one."""
        table: dict[str, Mapping[str, Any]] = {}
        for metric in self.metrics:
            if metric.regex:
                spec = {"regex": metric.regex} | ({"step_regex": metric.step_regex} if metric.step_regex else {})
                parse_metric(metric.name, spec)
                table[metric.name] = spec
        return table

    def goal(self) -> Objective:
        """Raises TunewrightError for a metric that is not among those read."""
        known = [m.name for m in self.metrics]
        if self.objective.metric not in known:
            what = f"'{self.objective.metric}' is not among its metrics"
            raise TunewrightError(what, where="objective.metric", remedy=nearest(self.objective.metric, known))
        if self.objective.direction not in ("minimize", "maximize"):
            what = f"direction = {self.objective.direction!r} is unknown"
            raise TunewrightError(what, where="objective.direction", remedy="Write minimize or maximize.")
        return Objective(self.objective.metric, self.objective.direction)


def problems(reading: ScriptReading) -> list[str]:
    """Everything that keeps a reading from becoming a study, in words that a model can act on."""
    found: list[str] = []
    for check in (reading.space, reading.metric_table, reading.goal):
        try:
            check()
        except TunewrightError as error:
            found.append(str(error))
    if not reading.parameters:
        found.append("there is no parameter to tune")
    if not reading.command:
        found.append("the command is empty")
    for word in reading.command:
        try:
            check_placeholders(word, [p.name for p in reading.parameters])
        except TunewrightError as error:
            found.append(f"command: {error}")
    return found


def parameter_spec(parameter: ScriptParameter) -> dict[str, Any]:
    """As a study file writes it: keys that do not belong to its type are left out where they say nothing."""
    given = {key: getattr(parameter, key) for key in _KEYS}
    spec = {"type": parameter.type} | {k: v for k, v in given.items() if v is not None and v is not False and v != ""}
    for key in ("low", "high", "step", "default"):
        if parameter.type == "int" and isinstance(value := spec.get(key), float):
            if not value.is_integer():
                raise SpaceError(f"{key} = {value:g} is not a whole number", where=f"space.{parameter.name}")
            spec[key] = int(value)
    if parameter.type == "categorical":
        spec |= {"choices": [_whole(c) for c in parameter.choices or ()], "default": _whole(parameter.default)}
        spec = {k: v for k, v in spec.items() if k in ("type", "choices", "default", "when") and v is not None}
    return spec


def _whole(value: Any) -> Any:
    """64.0 as 64: JSON has one kind of number, and so has the shape."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
