"""Which parameters matter, and where their good values lie."""

from __future__ import annotations

from agent.chat.tools.base import Args, Tool, within
from agent.digest.seen import see
from agent.importance import ENOUGH, effects, importances
from agent.llm.seat import Seat
from agent.store.aside import aside
from agent.store.connection import Store


class ImportanceArgs(Args):
    """None."""


async def read_importance(seat: Seat, args: ImportanceArgs) -> str:
    """Shares of the spread, and what a permutation test bears out; a forest takes its time."""
    return await aside(seat.store, lambda store: _told(store, seat))


def _told(store: Store, seat: Seat) -> str:
    seen = see(store, seat.study)
    shares = importances(seen.trials, seen.space, seen.objective)
    if not shares:
        return f"Nothing can be said: fewer than {ENOUGH} trials with different values fit the present space."
    lines = [f"share of the spread of {seen.objective.metric} that each parameter explains by itself:"]
    lines += [f"{name}: {100 * share:.0f}%" for name, share in shares.items()]
    found = effects(seen.trials, seen.space, seen.objective)
    lines += [f"{e.text} (p = {e.p:.2g}; trials {', '.join(f't{n}' for n in e.trials[:6])})" for e in found]
    return within([*lines, *([] if found else ["no direction stands out from chance"])])


TOOLS = (Tool("importance", "which parameters matter, and where good values lie", ImportanceArgs, read_importance),)
