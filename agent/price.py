"""What a proposal costs in money: the GPUs its trial holds, and its part of the model's call it came from."""

from __future__ import annotations

from dataclasses import dataclass

from agent.standing import gpus
from agent.store.connection import Store
from agent.study.nouns import Proposal
from agent.study.spec import StudySpec


@dataclass(frozen=True)
class Price:
    """In US dollars. `an_hour` is that of the GPUs a trial holds, None where nobody said or none is used; `asked` what
    the proposal itself cost, None without a call, and `unpriced` where that has no known price."""

    an_hour: float | None = None
    asked: float | None = None
    unpriced: bool = False

    def words(self, seconds: float | None) -> str:
        """`$0.45 of GPU, $0.002 for asking`; empty where nothing costs money."""
        told = [f"{dollars(self.an_hour * seconds / 3600)} of GPU"] if self.an_hour and seconds else []
        if self.unpriced:
            told.append("asking: price unknown")
        elif self.asked:
            told.append(f"{dollars(self.asked)} for asking")
        return ", ".join(told)


def price(store: Store, spec: StudySpec, proposal: Proposal) -> Price:
    rate = spec.engine.price_per_gpu_hour
    an_hour = rate * gpus(spec) if rate is not None else None
    if proposal.call_id is None:
        return Price(an_hour)
    sql = "SELECT cost, (SELECT count(*) FROM proposal WHERE call_id = call.id) AS shared FROM call WHERE id = ?"
    row = store.one(sql, (proposal.call_id,))
    if row is None:
        return Price(an_hour)
    return Price(an_hour, None if row["cost"] is None else row["cost"] / max(row["shared"], 1), row["cost"] is None)


def dollars(amount: float) -> str:
    """`$12.30`, `$0.45`, `$0.0021`."""
    return f"${amount:.2f}" if amount >= 0.1 or amount == 0 else f"${amount:.2g}"
