"""Where the range of a number ends by nature: at 0, counts at 1, shares and probabilities at 1."""

from __future__ import annotations

import re

from agent.study.roles import Role, role
from trainers.parameters import FloatParameter, IntParameter, NumberParameter

_SHARE = re.compile(
    r"p|q|beta_?\d?|rho|tau|alpha_?drop\w*|\w*(fraction|frac|share|ratio|prob|probability|proba|sample|bytree|bylevel"
    r"|bynode|smoothing|keep|momentum|drop(_?out)?(_?(p|rate))?)"
)
_NEAR = 0.02  # of the range: an end as near to its limit is at it
_KEPT = 0.1  # of the way to its limit: what a bound keeps that would be widened past it


def limit(parameter: NumberParameter, side: str) -> float | None:
    """What `side` ("low" or "high") is not to be widened past: None where nothing speaks against it.

    A range on one side of 0 stays there, a count of at least 1 stays one, and what lies between 0 and 1 stays a share,
    except on a logarithmic scale under a name that is neither a share's nor a rate's: C, gamma, a penalty.
    """
    if side == "low":
        if parameter.low < 0:
            return None
        return 1.0 if isinstance(parameter, IntParameter) and parameter.low >= 1 else 0.0
    if parameter.high <= 0:
        return 0.0
    whole = isinstance(parameter, FloatParameter) and parameter.low >= 0 and parameter.high <= 1
    return 1.0 if whole and (not parameter.log or parameter.high == 1 or _is_share(parameter.name)) else None


def _is_share(name: str) -> bool:
    last = name.rsplit(".", 1)[-1].lower()
    return role(name) in (Role.DROPOUT, Role.MOMENTUM, Role.LEARNING_RATE) or _SHARE.fullmatch(last) is not None


def is_natural(parameter: NumberParameter, side: str) -> bool:
    """Whether the bound is at its limit, or so near that widening it would gain nothing."""
    end, bound = limit(parameter, side), parameter.low if side == "low" else parameter.high
    if end is None or bound == end:
        return end is not None
    if parameter.log and side == "low":
        return False
    return abs(bound - end) <= _NEAR * (parameter.high - parameter.low)


def within(parameter: NumberParameter, side: str, wanted: float) -> float:
    """`wanted` as the new bound, or where that lies at its limit or past it, a tenth of the way away from it."""
    end, bound = limit(parameter, side), parameter.low if side == "low" else parameter.high
    if end is None or (wanted > end if side == "low" else wanted < end):
        return wanted
    return float(f"{end + float(f'{_KEPT * (bound - end):.2g}'):.12g}")


def crossing(before: NumberParameter, after: NumberParameter) -> str:
    """`low 32 → -62` where a range that lay on one side of 0 would no longer; empty where none does."""
    if before.low >= 0 > after.low:
        return f"low {before.low:g} → {after.low:g}"
    return f"high {before.high:g} → {after.high:g}" if before.high <= 0 < after.high else ""
