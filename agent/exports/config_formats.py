"""One config as text: toml, json, yaml and python, each with its provenance."""

from __future__ import annotations

import json

from agent.exports.provenance import Provenance
from trainers.space import Config


def as_toml(config: Config, origin: Provenance) -> str:
    """A flat TOML document. TOML has no null, so a parameter that is None becomes a comment."""
    import tomlkit

    document = tomlkit.document()
    for line in origin.lines():
        document.add(tomlkit.comment(line))
    for name, value in config.items():
        if value is None:
            document.add(tomlkit.comment(f"{name} is null, which TOML cannot say"))
        else:
            document.append(tomlkit.key([name]), tomlkit.item(value))  # a dot in a name is quoted, not nested
    return tomlkit.dumps(document)


def as_json(config: Config, origin: Provenance) -> str:
    """`{"params": {...}, "provenance": {...}}`."""
    return json.dumps({"params": config, "provenance": origin.to_dict()}, indent=2, ensure_ascii=False) + "\n"


def as_yaml(config: Config, origin: Provenance) -> str:
    """A flat YAML 1.1 mapping, which 1.2 readers take as well."""
    import yaml

    body = yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, default_flow_style=False)
    return _commented(origin) + body


def as_python(config: Config, origin: Provenance) -> str:
    """An assignment of a dict literal to `config`."""
    items = "".join(f"    {name!r}: {value!r},\n" for name, value in config.items())
    return f"{_commented(origin)}config = {{\n{items}}}\n"


def _commented(origin: Provenance) -> str:
    return "".join(f"# {line}\n" for line in origin.lines())
