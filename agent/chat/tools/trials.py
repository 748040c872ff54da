"""Reading trials: a table of those that meet some conditions, or one in full."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import Field

from agent.chat.tools.base import Args, Tool, TrialNumber, clipped, within
from agent.diagnosis.suggest import show
from agent.llm.seat import Seat
from agent.store import diagnoses, narratives, points, proposals, trials
from agent.study.nouns import Trial
from trainers.errors import TunewrightError, nearest

_TEST = re.compile(r"\s*([^<>=!\s]+)\s*(<=|>=|!=|==|=|<|>)\s*(.+?)\s*\Z")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
    "=": operator.eq, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_OWN = ("number", "state", "value", "source", "seconds", "step", "failure", "verdict")


class TrialsArgs(Args):
    where: Annotated[
        tuple[str, ...],
        Field(max_length=8, description='conditions that all must hold, such as ["state=failed", "lr>1e-3"]'),
    ] = ()
    sort: Annotated[str, Field(description="a column; best = best first; -column descends")] = "number"
    limit: Annotated[int, Field(ge=1, le=60)] = 20


class TrialArgs(Args):
    trial: TrialNumber


def list_trials(seat: Seat, args: TrialsArgs) -> str:
    """A row a trial, and how many there are."""
    every = trials.all_trials(seat.store, seat.study.id)
    verdicts = {key: found.verdict for key, found in diagnoses.all_of(seat.store, seat.study.id).items()}
    rows = {t.number: _row(t, verdicts.get(t.id, "")) for t in every}
    kept = [t for t in every if all(_holds(rows[t.number], word, seat) for word in args.where)]
    kept = _sorted(kept, rows, args.sort, seat)
    names = list(seat.study.spec.space.parameters)
    head = [f"{len(kept)} of {len(every)} trials{', the first ' + str(args.limit) if len(kept) > args.limit else ''}"]
    head.append(
        " | ".join(["trial", "state", seat.study.spec.objective.metric, *names, "seconds", "source", "verdict"])
    )
    return within([*head, *(_line(t, names, verdicts.get(t.id, "")) for t in kept[: args.limit])])


def _row(trial: Trial, verdict: str) -> dict[str, Any]:
    own = {
        "number": trial.number,
        "state": str(trial.state),
        "value": trial.value,
        "source": str(trial.source),
        "seconds": trial.seconds,
        "step": trial.last_step,
        "failure": str(trial.failure.kind) if trial.failure else None,
        "verdict": verdict or None,
    }
    return {**own, **trial.params}


def _line(trial: Trial, names: list[str], verdict: str) -> str:
    state = str(trial.state) + (f" ({trial.failure.kind})" if trial.failure else "")
    value = trial.value if trial.state.ended else trial.last_value
    params = [show(trial.params[name]) if name in trial.params else "–" for name in names]
    seconds = "–" if trial.seconds is None else f"{trial.seconds:.3g}"
    return " | ".join(
        [
            f"t{trial.number}",
            state,
            "–" if value is None else f"{value:.6g}",
            *params,
            seconds,
            str(trial.source),
            verdict,
        ]
    )


def _column(seat: Seat, name: str) -> str:
    """Raises TunewrightError naming the nearest for one that is none; the metric's name means the value."""
    known = (*_OWN, *seat.study.spec.space.parameters)
    if name == seat.study.spec.objective.metric and name not in known:
        return "value"
    if name not in known:
        raise TunewrightError(f"trials have no column '{name[:60]}'", remedy=nearest(name, known))
    return name


def _holds(row: Mapping[str, Any], condition: str, seat: Seat) -> bool:
    matched = _TEST.match(condition)
    if matched is None:
        raise TunewrightError(f"'{condition[:60]}' is not a condition", remedy='Write for example "state=failed".')
    found, compare, wanted = row.get(_column(seat, matched[1])), _COMPARE[matched[2]], matched[3].strip("'\"")
    if found is None:
        return False
    if isinstance(found, bool | str):
        return compare(str(found).lower(), wanted.lower())
    try:
        return compare(found, float(wanted.removeprefix("t")))
    except ValueError:
        raise TunewrightError(f"'{wanted[:40]}' in '{condition[:60]}' is not a number") from None


def _sorted(kept: list[Trial], rows: Mapping[int, Mapping[str, Any]], by: str, seat: Seat) -> list[Trial]:
    """Those without the value come last, whichever the direction."""
    name, down = by.removeprefix("-"), by.startswith("-")
    if name == "best":
        name, down = "value", (seat.study.spec.objective.sign < 0) is not down
    name = _column(seat, name)
    have = [t for t in kept if rows[t.number].get(name) is not None]
    numbers = all(isinstance(rows[t.number][name], int | float) for t in have)
    have.sort(key=lambda t: rows[t.number][name] if numbers else str(rows[t.number][name]), reverse=down)
    return have + [t for t in kept if rows[t.number].get(name) is None]


def one_trial(seat: Seat, args: TrialArgs) -> str:
    """Everything about one trial, in lines."""
    trial = trials.get(seat.store, seat.study.id, args.trial)
    proposal = proposals.get(seat.store, trial.proposal_id)
    decided = proposals.decision(seat.store, proposal.id)
    lines = [
        f"t{trial.number}: {trial.state}{', cut short by its time limit' if trial.cut_short else ''};"
        f" proposal {proposal.number} by {proposal.source}; seed {trial.seed}; attempts {trial.attempts}",
        "params: " + ", ".join(f"{name} = {show(value)}" for name, value in trial.params.items()),
        f"{seat.study.spec.objective.metric}: {_number(trial.value)} (newest report {_number(trial.last_value)},"
        f" step {trial.last_step}); seconds {_number(trial.seconds)}",
    ]
    lines += [_metric(name, curve) for name, curve in points.curves(seat.store, trial.id).items()]
    lines += [f"why it was proposed: {clipped(proposal.rationale, 600)}"] if proposal.rationale else []
    if proposal.expected is not None:
        lines.append(f"expected: {_number(proposal.expected[0])} … {_number(proposal.expected[1])}")
    if decided is not None:
        lines.append(
            f"decided by {decided.actor}: {decided.action} {clipped(decided.clause or decided.reason, 200)}".rstrip()
        )
    if trial.stop_requested:
        lines.append(f"asked to stop: {clipped(trial.stop_requested, 200)}")
    if trial.failure is not None:
        lines.append(f"failure: {trial.failure.kind}: {clipped(trial.failure.message, 600)}")
    return within([*lines, *_judged(seat, trial)])


def _judged(seat: Seat, trial: Trial) -> list[str]:
    diagnosis, narrative = diagnoses.get(seat.store, trial.id), narratives.get(seat.store, trial.id)
    lines = []
    if diagnosis is not None:
        lines.append(f"verdict of the rules: {diagnosis.verdict} ({diagnosis.confidence:.0%}): {diagnosis.explanation}")
    if narrative is not None:
        lines.append(f"explained: {clipped(narrative.text, 800)}")
    return lines


def _metric(name: str, curve: points.Curve) -> str:
    finite = [(v, s) for s, v in zip(curve.steps, curve.values, strict=True) if math.isfinite(v)]
    if not finite:
        return f"metric {name}: {len(curve.steps)} reports, none finite"
    (low, at_low), (high, at_high) = min(finite), max(finite)
    return (
        f"metric {name}: {len(curve.steps)} reports, first {curve.values[0]:.5g}@{curve.steps[0]},"
        f" lowest {low:.5g}@{at_low}, highest {high:.5g}@{at_high}, last {curve.values[-1]:.5g}@{curve.steps[-1]}"
    )


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


TOOLS = (
    Tool("trials", "a table of trials with state, value, params and verdict", TrialsArgs, list_trials),
    Tool("trial", "one trial in full: params, metrics, why it was proposed, how it ended", TrialArgs, one_trial),
)
