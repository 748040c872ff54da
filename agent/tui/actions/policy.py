"""Policy and budget."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.study.durations import parse_duration
from agent.study.policy import Policy, PolicyKind
from agent.tui.actions.words import pairs
from agent.tui.requests import SetBudget, SetPolicy
from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_STOPS = ("trials", "target", "failures", "nearness")
_BUDGET = ("trials", "total", "trial", "time", "gpu")


def choose(app: TunewrightApp, args: str) -> None:
    study = app.study
    if args.strip():
        study.send(SetPolicy(parse(args)))
        return
    from agent.tui.screens.policy import PolicyScreen

    app.push_screen(PolicyScreen(study.model.spec.policy))


def revoke(app: TunewrightApp, args: str) -> None:
    app.study.send(SetPolicy(replace(app.study.model.spec.policy, kind=PolicyKind.ASK)))


def parse(args: str) -> Policy:
    """`auto-until trials=20 target=.3`. Raises TunewrightError saying which word is wrong."""
    head, _, rest = args.strip().partition(" ")
    kinds = [str(k) for k in PolicyKind]
    if head not in kinds:
        raise TunewrightError(f"there is no policy '{head}'", remedy=nearest(head, kinds))
    given = pairs(rest)
    for name in given:
        if name not in _STOPS:
            raise TunewrightError(f"'{name}' is no stop of a policy", remedy=nearest(name, _STOPS))
    return Policy(
        kind=head,
        trials=_whole("trials", given["trials"]) if "trials" in given else None,
        target=_real("target", given["target"]) if "target" in given else None,
        failures=_whole("failures", given["failures"]) if "failures" in given else Policy().failures,
        nearness=_real("nearness", given["nearness"]) if "nearness" in given else Policy().nearness,
    )


def budget(app: TunewrightApp, args: str) -> None:
    study = app.study
    changed = study.model.spec.budget
    for name, text in pairs(args).items():
        if name not in _BUDGET:
            raise TunewrightError(f"'{name}' is no part of the budget", remedy=nearest(name, _BUDGET))
        none = text.lower() in ("none", "no", "unlimited")
        if name == "trials":
            changed = replace(changed, trials=None if none else _whole(name, text))
        elif name == "gpu":
            changed = replace(changed, gpu_hours=None if none else _hours(text))
        elif name == "trial":
            changed = replace(changed, trial_seconds=None if none else parse_duration(text))
        else:
            changed = replace(changed, total_seconds=None if none else parse_duration(text))
    if changed == study.model.spec.budget:
        raise TunewrightError("that changes nothing", remedy="Write for example /budget trials=20 total=8h.")
    study.send(SetBudget(changed))


def _whole(name: str, text: str) -> int | None:
    if text.lower() == "none":
        return None
    if not text.isdigit() or int(text) < 1:
        raise TunewrightError(f"{name} = {text} is not a whole number above 0")
    return int(text)


def _hours(text: str) -> float:
    """GPU hours: `8`, or a time such as `90min`."""
    try:
        hours = float(text)
    except ValueError:
        hours = parse_duration(text) / 3600
    if not 0 < hours < float("inf"):
        raise TunewrightError(f"gpu = {text} is not above 0", remedy="Write for example gpu=8, or gpu=90min.")
    return hours


def _real(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise TunewrightError(f"{name} = {text} is not a number") from None
