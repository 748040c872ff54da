"""Options from environment variables: `os.environ.get("LR", "1e-3")`, `os.getenv`, `os.environ["LR"]`."""

from __future__ import annotations

import ast
import re
from typing import Any

from agent.guide.nouns import Option, Style
from agent.guide.reading.folding import UNKNOWN, is_environment
from agent.guide.reading.found import Found, as_kind, kind_of, known, name_of, origin, without_repeats
from agent.guide.reading.project import Module, Project

_SYSTEM = re.compile(
    r"(CUDA|NVIDIA|HIP|SLURM|SGE|LSB|PBS|OMP|MKL|OPENBLAS|NCCL|PYTORCH|TORCH|TF|HF|WANDB|MLFLOW|COMET|XDG|AWS|TUNEWRIGHT)_.*"
    r"|(LOCAL_|NODE_|GROUP_)?RANK|(LOCAL_)?WORLD_SIZE|MASTER_(ADDR|PORT)|HOME|PATH|USER|PWD|SHELL|TMPDIR|HOSTNAME|DISPLAY"
    r"|LANG|PYTHON.*|.*_(TOKEN|KEY|SECRET|PASSWORD)"
)
_CASTS = ("int", "float", "bool")


def read_environment(project: Project) -> Found:
    found = Found()
    for module, scope in project.reachable():
        parents = {id(child): node for node in project.walk(scope) for child in ast.iter_child_nodes(node)}
        for node in project.walk(scope):
            variable, default = _asked(project, module, node)
            if variable and not _SYSTEM.fullmatch(variable) and not _inside_option(node, parents):
                found.options.append(_option(project, module, node, variable, default, parents))
    found.options = without_repeats(
        sorted(found.options, key=lambda o: (o.origin.path != project.script, o.origin.line))
    )
    return found


def _asked(project: Project, module: Module, node: ast.AST) -> tuple[str, Any]:
    """The variable that is asked for, and its default."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get" | "getenv", value=who), args=[first, *rest]) if is_environment(who):
            pass
        case ast.Call(func=ast.Name() as func, args=[first, *rest]) if module.dotted(func) == "os.getenv":
            pass
        case ast.Subscript(value=owner, slice=first, ctx=ast.Load()) if module.dotted(owner) == "os.environ":
            rest = []
        case _:
            return "", None
    variable = project.value(module, first)
    if not isinstance(variable, str) or not re.fullmatch(r"[A-Za-z_]\w*", variable):
        return "", None
    return variable, project.value(module, rest[0]) if rest else None


def _inside_option(node: ast.AST, parents: dict[int, ast.AST]) -> bool:
    """Whether it is only the default of an option of the command line."""
    while (node := parents.get(id(node))) is not None:  # type: ignore[assignment]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name in ("add_argument", "option", "Option", "argument", "Argument"):
                return True
    return False


def _option(
    project: Project, module: Module, node: ast.AST, variable: str, default: Any, parents: dict[int, ast.AST]
) -> Option:
    kind, inner = "", node
    while (outer := parents.get(id(inner))) is not None and isinstance(outer, ast.Call | ast.BoolOp):
        if isinstance(outer, ast.BoolOp) and default in (None, UNKNOWN) and len(outer.values) == 2:
            default = project.value(module, outer.values[1])
        if isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id in _CASTS:
            kind = outer.func.id
        inner = outer
    kind = kind or kind_of(known(default))
    return Option(
        name=name_of(variable).lower(),
        kind=kind,
        default=as_kind(default, kind),
        words=(),
        origin=origin(module, node, Style.ENVIRONMENT),
        required=isinstance(node, ast.Subscript),
        variable=variable,
        help=f"variable {variable}",
    )
