"""What of a card only the store knows: the cost in money, and how the predictions of its source have fared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.study.nouns import Proposal
from agent.tui.errands import Room

if TYPE_CHECKING:
    from agent.price import Price


@dataclass(frozen=True)
class Behind:
    """`record` is `7 of 9 held`, of the intervals that the proposal's source has given."""

    price: Price | None = None
    record: str = ""


def look_up(proposal: Proposal) -> Callable[[Room], Behind]:
    """The errand that finds it out."""

    def look(room: Room) -> Behind:
        from agent.price import price
        from agent.store import predictions

        found = predictions.settled(room.store, proposal.study_id) if proposal.expected is not None else ()
        told = price(room.store, room.open.spec, proposal)
        return Behind(told, predictions.record(found, str(proposal.source)))

    return look
