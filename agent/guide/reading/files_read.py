"""Settings in files: OmegaConf with overrides on the command line is read, other YAML and TOML files are noted."""

from __future__ import annotations

import ast
from pathlib import Path

from agent.guide.reading.found import Found
from agent.guide.reading.hydra_options import file_options
from agent.guide.reading.project import Module, Project

_LOADS = {
    "yaml.safe_load", "yaml.load", "yaml.full_load", "omegaconf.OmegaConf.load", "tomllib.load", "toml.load",
    "tomli.load",
    "ruamel.yaml.YAML.load", "configparser.ConfigParser",
}  # fmt: skip


def read_files(project: Project) -> Found:
    found = Found()
    loads: list[tuple[Module, ast.Call, str]] = []
    overrides = False
    for module, scope in project.reachable():
        for node in project.walk(scope):
            if isinstance(node, ast.Call):
                name = module.dotted(node.func)
                overrides = overrides or name == "omegaconf.OmegaConf.from_cli"
                if name in _LOADS:
                    loads.append((module, node, name))
    for module, call, name in loads:
        path = _path(project, module, call)
        if path is not None and overrides and name.endswith("OmegaConf.load"):
            found.options += file_options(path, found.notes)
            continue
        what = f"settings in {path.name}" if path is not None else "settings in a file"
        where = f"{module.path.name}:{call.lineno}"
        found.notes.append(f"{where}: it reads {what}, which no option of its command line sets")
    return found


def _path(project: Project, module: Module, call: ast.Call) -> Path | None:
    """The file that is loaded, where its name is written out and it is there: the name itself, or `open(name)`."""
    node = call.args[0] if call.args else None
    if isinstance(node, ast.Call) and module.dotted(node.func) == "open" and node.args:
        node = node.args[0]
    name = project.value(module, node)
    if not isinstance(name, str) or not name.endswith((".yaml", ".yml", ".toml")):
        return None
    try:
        path = project.folder / name
        return path if path.is_file() else None
    except (OSError, ValueError):
        return None
