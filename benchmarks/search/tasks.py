"""The groups of tasks by name, and which of them may be looked at while a search is being written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.search import live, recorded, synthetic, tables
from benchmarks.search.task import Task
from trainers.errors import TunewrightError, nearest

# Judged: nothing is tuned on these.
JUDGED: Mapping[str, tuple[Callable[[str], Task], tuple[str, ...]]] = {
    "hpobench": (tables.hpobench, tables.HPOBENCH),
    "hpolib": (tables.hpolib, tables.HPOLIB),
    "live": (live.live, live.NAMES),
    "hpobench-oom": (tables.hpobench_oom, tables.HPOBENCH),
}
# To write searches on: tune here as much as you like.
DEVELOPMENT: Mapping[str, tuple[Callable[[str], Task], tuple[str, ...]]] = {
    "dev-net": (synthetic.net, synthetic.NET),
    "dev-reg": (synthetic.reg, synthetic.REG),
    "dev-models": (recorded.models, recorded.NAMES),
    "dev-net-oom": (synthetic.net_oom, synthetic.NET),
}
GROUPS = {**JUDGED, **DEVELOPMENT}


def tasks(wanted: str) -> list[Task]:
    """The tasks of a group, or the one called `group/name`. Raises TunewrightError for an unknown one."""
    group, _, name = wanted.partition("/")
    if group not in GROUPS:
        raise TunewrightError(f"there is no group of tasks '{group}'", where="tasks", remedy=nearest(group, GROUPS))
    make, names = GROUPS[group]
    if name and name not in names:
        raise TunewrightError(f"'{group}' has no task '{name}'", where="tasks", remedy=nearest(name, names))
    return [make(n) for n in ([name] if name else names)]
