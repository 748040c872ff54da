"""How to have it again: the study's file, the commands, the best config in a project's own format."""

from __future__ import annotations

import shlex

from agent.exports.arguments import as_args
from agent.exports.config_formats import as_json, as_python, as_toml, as_yaml
from agent.exports.provenance import provenance
from agent.store.studies import Study
from agent.study.nouns import Trial
from agent.study.study_writer import to_toml
from trainers.errors import TunewrightError

_HIDDEN = "…"  # in place of a variable of the environment, which may be a key


def commands(study: Study, *, has_best: bool) -> list[str]:
    """From the study file below to the same study, to its best config and to this page."""
    name = shlex.quote(study.name)
    found = ["tunewright run study.toml"] if _study_file(study) else []
    found += [f"tunewright export {name} --format toml -o best.toml"] if has_best else []
    return [*found, f"tunewright report {name} -o report.html"]


def snippets(study: Study, top: Trial | None, count: int) -> list[tuple[str, str]]:
    """Each a name and a text."""
    found = [("study.toml", text)] if (text := _study_file(study)) else []
    if top is None:
        return found
    origin = provenance(study, top, count)
    for name, write in (("best.toml", as_toml), ("best.json", as_json), ("best.yaml", as_yaml), ("best.py", as_python)):
        found.append((name, write(top.params, origin)))
    return [*found, ("as arguments", as_args(top, study.spec))]


def _study_file(study: Study) -> str:
    """Without the values of its environment; empty where TOML cannot say it."""
    spec = study.spec
    if spec.options.get("env"):
        spec = spec.replace(options={**spec.options, "env": dict.fromkeys(spec.options["env"], _HIDDEN)})
    try:
        return to_toml(spec, study.folder)
    except TunewrightError:
        return ""
