"""What went on in a study while nobody had it open in the app."""

from __future__ import annotations

from dataclasses import dataclass

from agent.store import settings
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.figures import number


@dataclass(frozen=True)
class Away:
    """Since `since`: trials that ended, failed ones among them; the best value before and now; what waits."""

    since: float
    ended: int
    failed: int
    before: float | None
    now: float | None
    waiting: int

    @property
    def anything(self) -> bool:
        return self.ended > 0

    @property
    def words(self) -> str:
        """`5 trials ended (1 failed), new best .31 → .29, 2 proposals wait`; empty where no trial has ended."""
        if not self.anything:
            return ""
        said = [_count(self.ended, "trial") + " ended" + (f" ({self.failed} failed)" if self.failed else "")]
        if self.now is not None and self.now != self.before:
            said.append(f"new best {number(self.before) + ' → ' if self.before is not None else ''}{number(self.now)}")
        if self.waiting:
            said.append(f"{_count(self.waiting, 'proposal')} wait{'s' if self.waiting == 1 else ''}")
        return ", ".join(said)


def _count(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def see(store: Store, study: Study, at: float) -> None:
    """Remembers that the study is open in the app now."""
    settings.put(store, f"tui:{study.name}", "seen", at)


def last_seen(store: Store, study: Study) -> float | None:
    found = settings.take(store, f"tui:{study.name}", "seen")
    return float(found) if isinstance(found, int | float) else None


def away(store: Store, study: Study) -> Away | None:
    """None for a study that has never been open in the app."""
    since = last_seen(store, study)
    if since is None:
        return None
    before = f"study_id = {study.id} AND ended_at <= {since!r}"
    after = f"study_id = {study.id} AND ended_at > {since!r}"
    return Away(
        since=since,
        ended=_number(store, f"SELECT count(*) AS n FROM trial WHERE {after}"),
        failed=_number(store, f"SELECT count(*) AS n FROM trial WHERE {after} AND state = 'failed'"),
        before=_best(store, study, before),
        now=_best(store, study, f"study_id = {study.id}"),
        waiting=_number(store, f"SELECT count(*) AS n FROM proposal WHERE study_id = {study.id} AND state = 'pending'"),
    )


def _number(store: Store, sql: str) -> int:
    row = store.one(sql, ())
    return int(row["n"]) if row else 0


def _best(store: Store, study: Study, where: str) -> float | None:
    """The best mean of a config, by SQL, however many trials there are."""
    extreme = "min" if study.spec.objective.direction == "minimize" else "max"
    means = f"SELECT avg(value) AS mean FROM trial WHERE {where} AND state = 'completed' GROUP BY config_key"
    row = store.one(f"SELECT {extreme}(mean) AS best FROM ({means})", ())
    return row["best"] if row else None
