"""Gathers what a report says and writes it into its template."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from agent.exports.report import answers, curves, findings, reproduce
from agent.exports.report.words import shown, span, value
from agent.redaction import redact
from agent.store import points
from agent.store import trials as trial_rows
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.noise import noise
from agent.study.nouns import Trial
from agent.study.verdicts import verdict
from agent.summary import advice, best, counts
from trainers.contract import TELEMETRY
from trainers.parameters import NumberParameter

MOST_ROWS = 1_000  # trials in the table
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def html(store: Store, study: Study) -> str:
    """The whole file. Foreign text in it – names, logs, answers, what models wrote – is escaped, and has neither keys
    nor characters that hide or reorder."""
    trials = trial_rows.all_trials(store, study.id)
    top = best(trials, study.spec.objective)
    environment = Environment(
        loader=PackageLoader("agent.exports.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
    )
    return environment.get_template("report.html.j2").render(
        spec=study.spec,
        made=time.strftime("%d %B %Y, %H:%M"),
        version=version("tunewright"),
        summary=_summary(study, trials, top),
        tiles=_tiles(study, trials, top),
        advice=advice(trials, study.spec.objective, study.spec.space),
        best=_best(store, study, trials, top),
        rows=_rows(store, study, trials, top),
        left_out=max(len(trials) - MOST_ROWS, 0),
        space=_space(study),
        constraints=[str(c) for c in study.spec.space.to_dict().get("constraints", ())],
        curves=curves.figures(store, study, trials, top),
        findings=findings.findings(store, study, trials),
        answers=answers.answers(store, trials, top),
        snippets=reproduce.snippets(study, top, len(trials)),
        commands=reproduce.commands(study, has_best=top is not None),
    )


def _plain(given: Any) -> Any:
    """What is put in place of a value in the template, before it is escaped."""
    return _UNSEEN.sub("�", redact(given)) if isinstance(given, str) and not isinstance(given, Markup) else given


def _summary(study: Study, trials: Sequence[Trial], top: Trial | None) -> str:
    spec = study.spec
    what = f"{spec.trainer} {spec.task}".strip()
    goal = f"{spec.objective.direction.replace('ize', 'ising')} {spec.objective.metric}"
    said = f"{len(trials)} trial{'' if len(trials) == 1 else 's'} of {what}, {goal}."
    if top is None:
        return f"{said} None has completed."
    said += f" The best, t{top.number}, reached {value(top.value)}."
    first = next((t for t in trials if t.number == 0), None)
    if first is not None and first.number != top.number and first.value is not None:
        chance = noise(trials, spec.space, spec.objective)
        said += f" The first config reached {value(first.value)}: {verdict(top, first, chance, spec.objective).text}"
    return said


def _tiles(study: Study, trials: Sequence[Trial], top: Trial | None) -> list[tuple[str, str, str]]:
    """Name, figure and a note."""
    found = counts(trials)
    spent = sum(t.seconds or 0.0 for t in trials)
    states = ", ".join(f"{n} {state}" for state, n in found.items() if n)
    tiles = [("trials", str(len(trials)), states), ("time in trials", span(spent), _days(study, trials))]
    if top is not None:
        tiles.insert(0, (study.spec.objective.metric, value(top.value), f"best, t{top.number}, by {top.source}"))
    return [*tiles, ("search", study.spec.search, f"seed {study.spec.seed}, policy {study.spec.policy.kind}")]


def _days(study: Study, trials: Sequence[Trial]) -> str:
    """When it was begun and when its last trial ended."""
    ended = [t.ended_at for t in trials if t.ended_at is not None]
    first, last = (
        time.strftime("%d %b %Y", time.localtime(at)) for at in (study.created, max(ended, default=study.created))
    )
    return first if first == last else f"{first} to {last}"


def _best(store: Store, study: Study, trials: Sequence[Trial], top: Trial | None) -> dict[str, Any] | None:
    """Its values beside the first config's, each at its place in the range; and the last of each of its metrics."""
    if top is None:
        return None
    first = study.spec.first_config()
    rows = []
    for name, given in top.params.items():
        parameter = study.spec.space.parameters.get(name)
        place = None
        if isinstance(parameter, NumberParameter) and not parameter.problem(given):
            place = round(100 * parameter.unit(given), 1)
        rows.append({"name": name, "value": shown(given), "first": shown(first.get(name)), "place": place})
    latest = points.latest(store, top.id)
    metrics = [(name, value(last), step) for name, (step, last) in latest.items() if name not in TELEMETRY]
    return {"number": top.number, "rows": rows, "metrics": metrics}


def _space(study: Study) -> list[dict[str, str]]:
    """A row a parameter: its type, its range or choices, when it applies."""
    rows = []
    for name, one in study.spec.space.to_dict()["parameters"].items():
        choices = one.get("choices")
        bounds = ", ".join(map(shown, choices)) if choices else f"{shown(one.get('low'))} … {shown(one.get('high'))}"
        rest = [f"step {shown(one['step'])}"] if one.get("step") else []
        rest += ["logarithmic"] if one.get("log") else []
        rest += [f"when {one['when']}"] if one.get("when") else []
        rows.append({"name": name, "type": one["type"], "range": bounds, "more": ", ".join(rest)})
    return rows


def _rows(store: Store, study: Study, trials: Sequence[Trial], top: Trial | None) -> list[dict[str, Any]]:
    """The best first, then those without a value; of very many the first MOST_ROWS."""
    objective = study.spec.objective
    ranked = sorted(trials, key=lambda t: (t.value is None, objective.sign * (t.value or 0.0), t.number))[:MOST_ROWS]
    names = list(study.spec.space.parameters)
    return [
        {
            "number": t.number,
            "best": top is not None and t.number == top.number,
            "state": str(t.state) if t.failure is None else str(t.failure.kind).replace("_", " "),
            "css": str(t.state),
            "source": str(t.source),
            "params": [shown(t.params[name]) if name in t.params else "" for name in names],
            "value": "" if t.value is None else value(t.value),
            "steps": "" if t.last_step is None else f"{t.last_step:,}",
            "seconds": "" if t.seconds is None else span(t.seconds),
        }
        for t in ranked
    ]
