"""The settings of a study, made from the schema of study.toml; where their values stand in a StudySpec."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.settings.setting import PERSON, STUDY, Setting
from agent.study.agent_spec import AgentSpec
from agent.study.key import Key
from agent.study.llambo_spec import LlamboSpec
from agent.study.policy import Policy, PolicyKind
from agent.study.spec import Budget, EngineSpec, StudySpec
from agent.study.stopping_spec import StoppingSpec
from agent.study.study_schema import TABLES

FLAGS = {
    "study.budget.trials": ("--trials", "N"),
    "study.policy": ("--policy", "POLICY"),
    "study.policy.target": ("--target", "VALUE"),
    "study.policy.failures": ("--failures", "N"),
    "study.search": ("--search", "SEARCH"),
    "study.portfolio": ("--portfolio", "ON"),
    "agent.model": ("--model", "MODEL"),
    "agent.api_base": ("--api-base", "URL"),
    "agent.language": ("--language", "NAME"),
    "engine.jobs": ("--jobs", "J"),
    "study.seed": ("--seed", "S"),
    "study.seeds": ("--seeds", "N"),
    "study.budget.trial_time": ("--budget", "TIME"),
    "study.budget.total": ("--total", "TIME"),
    "stopping.rule": ("--stop-rule", "RULE"),
}
# What is a matter of taste or means rather than of one task: a person may have defaults for it.
_PERSONAL = {
    *("study.policy", "study.search", "study.portfolio", "engine.jobs"),
    *("agent.model", "agent.api_base", "agent.language"),
    "stopping.rule",
    *("agent.proposals", "agent.temperature", "agent.thinking", "agent.money", "agent.tokens", "agent.calls_per_day"),
}
_TABLES = ("study.budget", "study.policy", "engine", "agent", "stopping", "llambo")
_FIELDS = {
    "study.budget.trial_time": "budget.trial_seconds",
    "study.budget.total": "budget.total_seconds",
    "study.policy": "policy.kind",
    "study.portfolio": "use_portfolio",
    "engine.memory": "engine.memory_bytes",
    "engine.grace": "engine.grace_seconds",
}
_PLAIN = StudySpec.__dataclass_fields__
_DEFAULTS = {
    "budget": Budget(),
    "policy": Policy(),
    "engine": EngineSpec(),
    "agent": AgentSpec(),
    "stopping": StoppingSpec(),
    "llambo": LlamboSpec(),
}


def _keys() -> dict[str, Key]:
    study = TABLES["study"] or {}
    policy = replace(study["policy"], kind="text", choices=tuple(str(kind) for kind in PolicyKind))
    found = {"study.policy": policy} | {
        f"study.{name}": study[name] for name in ("search", "portfolio", "seed", "seeds")
    }
    for table in _TABLES:
        found |= {f"{table}.{name}": key for name, key in (TABLES[table] or {}).items() if name != "kind"}
    return found | {"engine.jobs": study["jobs"]}


def _place(name: str) -> tuple[str, str]:
    """The part of a spec, and the field of it: ("budget", "trials"); ("", "search") of the spec itself."""
    part, _, field = _FIELDS.get(name, name.removeprefix("study.")).rpartition(".")
    return part, field


def _default(name: str) -> Any:
    part, field = _place(name)
    return getattr(_DEFAULTS[part], field) if part else _PLAIN[field].default


def _setting(name: str, key: Key) -> Setting:
    flag, metavar = FLAGS.get(name, ("", ""))
    scopes = (STUDY, PERSON) if name in _PERSONAL else (STUDY,)
    return Setting(name, key, _default(name), scopes, flag, metavar)


SETTINGS: tuple[Setting, ...] = tuple(_setting(name, key) for name, key in _keys().items())


def get(spec: StudySpec, name: str) -> Any:
    """The value of a study's setting."""
    part, field = _place(name)
    return getattr(getattr(spec, part) if part else spec, field)


def put(spec: StudySpec, name: str, value: Any) -> StudySpec:
    """The study with a setting changed. No failures in a row is no stop, as in a study file."""
    part, field = _place(name)
    if name == "study.policy.failures" and value == 0:
        value = None
    return spec.replace(**({part: replace(getattr(spec, part), **{field: value})} if part else {field: value}))
