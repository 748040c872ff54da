"""What the page of ledger and budgets shows, read where the store is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.store import calls, trials
from agent.study.budget import busy_seconds
from agent.study.durations import format_duration
from agent.study.nouns import CallRecord
from agent.tui.text import seconds

if TYPE_CHECKING:
    from agent.tui.errands import Room

LATEST = 500  # calls listed
_SLICES = 48  # of the strip of spending


@dataclass(frozen=True)
class Limit:
    """One budget. `limit` is "none" where there is none; `change` is the command that sets another."""

    name: str
    used: str
    limit: str
    share: float | None
    change: str


@dataclass(frozen=True)
class LedgerRead:
    """`sums` is as `tunewright ledger --json` has it; `calls` are the latest, newest first; `spending` is money a
    slice of the time since the first call, or tokens where no price is known."""

    limits: tuple[Limit, ...]
    sums: dict[str, Any]
    calls: tuple[CallRecord, ...]
    spending: tuple[float, ...]
    in_money: bool
    since: float


def read(room: Room) -> LedgerRead:
    from agent.plain.ledger import document

    store, study = room.store, room.open.study
    every = calls.all_of(store, study.id, limit=1_000_000)
    spending, in_money = _spending(every)
    sums = document(store, study)
    return LedgerRead(
        (*_of_study(room), *_of_agent(room, sums)),
        sums,
        tuple(reversed(every[-LATEST:])),
        spending,
        in_money,
        every[0].at if every else 0.0,
    )


def text_of(number: int) -> Callable[[Room], str]:
    """One call in full: what was asked and the raw reply, without keys."""

    def do(room: Room) -> str:
        from agent.plain.ledger import call_lines
        from trainers.errors import TunewrightError

        found = calls.all_of(room.store, after=number - 1, limit=1)
        if not found or found[0].id != number:
            raise TunewrightError(f"there is no call {number}", remedy="The ledger lists them.")
        return call_lines(found[0], *calls.text_of(room.store, number))

    return do


def _of_study(room: Room) -> tuple[Limit, ...]:
    from agent.llm.budget import GPU, standings

    store, study = room.store, room.open.study
    budget, now = study.spec.budget, time.time()
    done = len(trials.all_trials(store, study.id))
    busy = busy_seconds(trials.busy_intervals(store, study.id, now))
    gpu = trials.gpu_seconds(store, study.id, now) / 3600
    most = next((s.most for s in standings(store, study) if s.limit == GPU), budget.gpu_hours)
    each = budget.trial_seconds
    return (
        _limit("trials", f"{done}", budget.trials, done, f"{budget.trials}", "budget trials"),
        _limit("time in all", seconds(busy), budget.total_seconds, busy, _time(budget.total_seconds), "budget total"),
        Limit("time a trial", "", _time(each), None, f"/budget trial={_time(each)}"),
        _limit("GPU hours", f"{gpu:.2f}", most, gpu, f"{most:g}" if most is not None else "none", "budget gpu"),
    )


def _of_agent(room: Room, sums: dict[str, Any]) -> tuple[Limit, ...]:
    from agent.llm.budget import standings

    store, study = room.store, room.open.study
    spent, agent = calls.spent(store, study.id), study.spec.agent
    most = {s.limit: s.most for s in standings(store, study)}
    money = most.get("money", agent.money)
    tokens, today = most.get("tokens", agent.tokens), most.get("calls_per_day", agent.calls_per_day)
    used = "unknown" if sums["money"] is None and sums["unpriced"] else f"${spent.money:.2f}"
    unknown = f" + {spent.unpriced} of unknown price" if spent.unpriced and used != "unknown" else ""
    calls_today = f"{spent.calls_today}"
    return (
        _limit("money", used + unknown, money, spent.money, f"{money or 0:g}", "agent money"),
        _limit("tokens", f"{spent.tokens:,}", tokens, spent.tokens, f"{tokens or 0:.0f}", "agent tokens"),
        _limit("calls a day", calls_today, today, spent.calls_today, f"{today or 0:.0f}", "agent calls_per_day"),
    )


def _limit(name: str, used: str, most: float | None, spent: float, said: str, change: str) -> Limit:
    if most is None:
        return Limit(name, used, "none", None, f"/{change}=")
    return Limit(name, used, said, spent / most if most else 1.0, f"/{change}={said}")


def _time(value: float | None) -> str:
    return "none" if value is None else format_duration(value)


def _spending(every: list[CallRecord]) -> tuple[tuple[float, ...], bool]:
    """By slice of the time from the first call to the last; money, or tokens where there is no money."""
    if not every:
        return (), True
    in_money = any(call.cost for call in every)
    first, last = every[0].at, max(every[-1].at, every[0].at + 1.0)
    slices = [0.0] * _SLICES
    for call in every:
        place = min(int((call.at - first) / (last - first) * _SLICES), _SLICES - 1)
        slices[place] += (call.cost or 0.0) if in_money else (call.prompt_tokens or 0) + (call.completion_tokens or 0)
    return tuple(slices), in_money
