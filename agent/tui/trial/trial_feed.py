"""What a trial's page wants of the store besides the trial itself: errands, run in the bridge's thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.store import points
from agent.store.points import Curve, Point
from agent.tui.errands import Room


@dataclass(frozen=True)
class Curves:
    """Every metric of a trial's latest attempt, in order of first report, up to the point `cursor`."""

    trial_id: int
    cursor: int
    found: Mapping[str, Curve]


def curves_of(room: Room, trial_id: int) -> Curves:
    """In one read transaction, so that no point is told twice or not at all."""
    conn = room.store.conn
    conn.execute("BEGIN")
    try:
        return Curves(trial_id, points.last_id(room.store), points.curves(room.store, trial_id))
    finally:
        conn.execute("COMMIT")


def grown(room: Room, trial_id: int, cursor: int) -> tuple[Point, ...]:
    """What was reported since `cursor`."""
    return tuple(points.since(room.store, [trial_id], cursor))
