"""A small part of Hydra for machines without it: a config folder with groups, and key=value on the command line."""

import functools
import sys
from pathlib import Path
from types import SimpleNamespace

import yaml


class _Hydra:
    @staticmethod
    def main(version_base=None, config_path=None, config_name=None):
        def decorate(function):
            @functools.wraps(function)
            def run():
                folder = Path(sys.argv[0]).resolve().parent / config_path
                function(_namespace(compose(folder, config_name, sys.argv[1:])))

            return run

        return decorate


hydra = _Hydra()


def compose(folder, name, overrides):
    root = yaml.safe_load((folder / f"{name}.yaml").read_text())
    given = dict(word.split("=", 1) for word in overrides)
    config = {}
    for entry in root.pop("defaults", []):
        if isinstance(entry, dict):
            for group, choice in entry.items():
                file = folder / group / f"{given.pop(group, choice)}.yaml"
                config[group] = yaml.safe_load(file.read_text())
    config.update(root)
    for path, text in given.items():
        *parents, last = path.lstrip("+").split(".")
        inner = config
        for parent in parents:
            inner = inner[parent]
        if last not in inner and not path.startswith("+"):
            raise SystemExit(f"Could not override '{path}'. Key '{last}' is not in struct")
        inner[last] = yaml.safe_load(text)
    return _resolved(config, config)


def _resolved(value, root):
    if isinstance(value, dict):
        return {key: _resolved(inner, root) for key, inner in value.items()}
    if isinstance(value, str):
        for key, inner in root.items():
            value = value.replace("${" + key + "}", str(inner))
    return value


def _namespace(value):
    return SimpleNamespace(**{k: _namespace(v) for k, v in value.items()}) if isinstance(value, dict) else value
