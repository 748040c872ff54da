"""The studies of a store, as the first screen lists them: counts by SQL, however many trials there are."""

from __future__ import annotations

import time

from agent.away import away
from agent.store import calls, studies, trials, upkeep
from agent.store.connection import Store
from agent.study.budget import busy_seconds
from agent.tui.messages import StudyLine


def study_lines(store: Store) -> tuple[StudyLine, ...]:
    """Those changed last first."""
    hidden = upkeep.archived(store)
    lines = [_line(store, study, study.id in hidden) for study in studies.all_studies(store)]
    return tuple(sorted(lines, key=lambda line: -line.changed))


def _line(store: Store, study: studies.Study, archived: bool) -> StudyLine:
    spec = study.spec
    states = store.query("SELECT state, count(*) AS n FROM trial WHERE study_id = ? GROUP BY state", (study.id,))
    extreme = "min" if spec.objective.direction == "minimize" else "max"
    sql = f"SELECT {extreme}(value) AS best FROM trial WHERE study_id = ? AND state = 'completed'"
    best = store.one(sql, (study.id,))
    waiting = store.one("SELECT count(*) AS n FROM proposal WHERE study_id = ? AND state = 'pending'", (study.id,))
    last = store.one("SELECT at FROM event WHERE study_id = ? ORDER BY id DESC LIMIT 1", (study.id,))
    gone = away(store, study)
    return StudyLine(
        name=study.name,
        trainer=spec.trainer,
        task=spec.task,
        metric=spec.objective.metric,
        states={row["state"]: row["n"] for row in states},
        best=best["best"] if best else None,
        pending=waiting["n"] if waiting else 0,
        changed=last["at"] if last else study.created,
        money=calls.spent(store, study.id).money,
        busy=busy_seconds(trials.busy_intervals(store, study.id, time.time())),
        policy=spec.policy.describe(),
        away=gone.words if gone is not None else "",
        archived=archived,
    )
