"""Runs a script with other values for the settings that stand in it; the script itself is not changed.

    python tunewright_launch.py [--set NAME,NAME] SCRIPT [ITS ARGUMENTS]

The values come from the JSON file named by TUNEWRIGHT_CONFIG, by name. A setting is a value written out in the script
(a number, a text, true, false, none, simple arithmetic of these): `LEARNING_RATE = 1e-3` at the top level or under
`if __name__ == "__main__":`, an entry of a dict there, a value in the body of a class there, or an argument of a call
such as TrainingArguments(learning_rate=1e-3). `--set` says which names must be settings of the script; without it,
every name that is one is used.

This file needs Python 3.8 and nothing else. It may be read, changed, or deleted when the study is over.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import types
from importlib.machinery import ModuleSpec
from typing import Any, Iterator, NamedTuple  # noqa: UP035  - Python 3.8 has its Iterator here

CALLS = re.compile(
    r"\w*TrainingArguments|\w*TrainingConfig|(Lora|LoHa|LoKr|AdaLora|IA3)Config"
    r"|SGD|Adam\w*|NAdam|RAdam|RMSprop|Adagrad|Adadelta|Adafactor|Lion|LAMB|LARS|Muon"
    r"|\w+Classifier|\w+Regressor|LogisticRegression|Ridge|Lasso|ElasticNet|SVC|SVR|LinearSVC|KernelRidge"
    r"|StepLR|MultiStepLR|ExponentialLR|CosineAnnealing\w*|OneCycleLR|ReduceLROnPlateau|Dropout"
)
_OPERATIONS: dict[type, Any] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.LShift: lambda a, b: a << b if 0 <= b <= 64 else None,
    ast.Pow: lambda a, b: a**b if abs(b) <= 64 and abs(a) <= 1e6 else None,
}


class Place(NamedTuple):
    """One value: the way to it (config, init, scale), what it is part of, and where in that node it stands."""

    path: tuple[str, ...]
    kind: str  # constant, class, entry, call
    holder: ast.AST
    field: str
    at: int | None
    node: ast.expr


class Setting:
    """A value that can be set, and each place where the script gives it."""

    def __init__(self, place: Place) -> None:
        self.path, self.kind = place.path, place.kind
        self.value: Any = None
        self.line = 0
        self.places: list[Place] = []


def literal(node: ast.AST | None) -> tuple[bool, Any]:
    """Whether the node is a value written out, and the value."""
    if isinstance(node, ast.Constant):
        return node.value is None or isinstance(node.value, (bool, int, float, str)), node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        is_one, value = literal(node.operand)
        number = is_one and isinstance(value, (int, float)) and not isinstance(value, bool)
        return number, -value if number else None
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        (one, a), (other, b) = literal(node.left), literal(node.right)
        if one and other and all(isinstance(v, (int, float)) for v in (a, b)):
            try:
                value = _OPERATIONS[type(node.op)](a, b)
            except ArithmeticError:
                return False, None
            return isinstance(value, (int, float)), value
    return False, None


def settings(tree: ast.Module) -> dict[str, Setting]:
    """Every setting of a script by its name: the last word of its path, or the whole path where that is not unique."""
    found: dict[tuple[str, ...], Setting] = {}
    for place in (*_at_top_level(tree), *_in_calls(tree)):
        is_one, value = literal(place.node)
        if not is_one:
            found.pop(place.path, None)  # assigned anew with what is only known when it runs
            continue
        setting = found.setdefault(place.path, Setting(place))
        setting.value, setting.line = value, place.node.lineno
        setting.places.append(place)
    kept = [s for s in found.values() if s.kind != "call" or len(s.places) == 1]  # which of two calls is not said
    short = [_name(s.path[-1:]) for s in kept]
    named: dict[str, Setting] = {}
    for setting, name in zip(kept, short):  # noqa: B905  - strict came with 3.10
        named.setdefault(name if short.count(name) == 1 else _name(setting.path), setting)
    return named


def _name(path: tuple[str, ...]) -> str:
    name = re.sub(r"\W+", "_", "_".join(path), flags=re.ASCII).strip("_").lower() or "value"
    return "_" + name if name[0].isdigit() else name


def _at_top_level(tree: ast.Module) -> Iterator[Place]:
    for statement in tree.body:
        guarded = isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test)
        for inner in statement.body if guarded and isinstance(statement, ast.If) else [statement]:
            if isinstance(inner, ast.ClassDef):
                for line in inner.body:
                    yield from _assigned(line, (inner.name,), "class")
            else:
                yield from _assigned(inner, (), "constant")


def _in_calls(tree: ast.Module) -> Iterator[Place]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if CALLS.fullmatch(name):
                for keyword in node.keywords:
                    if keyword.arg and literal(keyword.value)[0]:
                        yield Place((name, keyword.arg), "call", keyword, "value", None, keyword.value)


def _assigned(statement: ast.stmt, above: tuple[str, ...], kind: str) -> Iterator[Place]:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
        path = (*above, statement.target.id)
        yield from _inside(Place(path, kind, statement, "value", None, statement.value))
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Name):
        yield from _inside(Place((*above, target.id), kind, statement, "value", None, value))
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for i, name in enumerate(target.elts):
            if isinstance(name, ast.Name):
                yield from _inside(Place((*above, name.id), kind, value, "elts", i, value.elts[i]))
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        is_one, key = literal(target.slice)  # config["lr"] = 1e-3
        if is_one and isinstance(key, str):
            yield from _inside(Place((*above, target.value.id, key), "entry", statement, "value", None, value))


def _inside(place: Place) -> Iterator[Place]:
    """The value itself, or those of a dict, however deep."""
    node, path = place.node, place.path
    if isinstance(node, ast.Dict):
        for i, key in enumerate(node.keys):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield from _inside(Place((*path, key.value), "entry", node, "values", i, node.values[i]))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict" and not node.args:
        for keyword in node.keywords:
            if keyword.arg:
                yield from _inside(Place((*path, keyword.arg), "entry", keyword, "value", None, keyword.value))
    else:
        yield place


def change(tree: ast.Module, values: dict[str, Any], wanted: list[str] | None) -> None:
    """Puts the values into the tree. Raises SystemExit for a wanted name that is no setting of the script."""
    known = settings(tree)
    for name in wanted or []:
        if name not in known:
            raise SystemExit(f"tunewright_launch: the script has no setting '{name}'; it has: {', '.join(known)}")
    for name, value in values.items():
        if name not in known or (wanted is not None and name not in wanted):
            continue
        for place in known[name].places:
            new = ast.copy_location(ast.Constant(value=value), place.node)
            if place.at is None:
                setattr(place.holder, place.field, new)
            else:
                getattr(place.holder, place.field)[place.at] = new


def changed_code(script: str, wanted: list[str] | None) -> types.CodeType:
    """The script's code with the values of TUNEWRIGHT_CONFIG in it."""
    with open(script, "rb") as file:
        tree = ast.parse(file.read(), script)
    values: dict[str, Any] = {}
    if os.environ.get("TUNEWRIGHT_CONFIG"):
        with open(os.environ["TUNEWRIGHT_CONFIG"], encoding="utf-8") as file:
            values = json.load(file)
    change(tree, values, wanted)
    return compile(tree, script, "exec", dont_inherit=True)


def main() -> None:
    """Becomes the script: its __main__, its arguments, its folder in front of the path."""
    if sys.version_info < (3, 8):  # noqa: UP036  - its syntax trees differ: no value would be set
        raise SystemExit("tunewright_launch: this needs Python 3.8 or newer")
    arguments, wanted = sys.argv[1:], None
    if arguments[:1] == ["--set"] and len(arguments) > 1:
        wanted, arguments = [name for name in arguments[1].split(",") if name], arguments[2:]
    if not arguments:
        raise SystemExit(__doc__)
    here = os.path.abspath(__file__)
    sys.argv = arguments
    script = arguments[0]
    code = changed_code(script, wanted)
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    os.environ["TUNEWRIGHT_LAUNCHED"] = json.dumps([os.path.abspath(script), wanted])
    module = types.ModuleType("__main__")
    module.__file__ = script
    # A process that multiprocessing spawns imports the main module by the name in its spec: this file again, which then
    # gives it the changed script (below). Without it the child would see the values that stand in the script.
    module.__spec__ = ModuleSpec(os.path.splitext(os.path.basename(here))[0], None)
    if os.path.dirname(here) not in sys.path:
        sys.path.append(os.path.dirname(here))
    sys.modules["__main__"] = module
    exec(code, module.__dict__)  # noqa: S102  - the person's own script, which is what this is for


if __name__ == "__main__":
    main()
elif __name__ == "__mp_main__":
    __file__, _wanted = json.loads(os.environ["TUNEWRIGHT_LAUNCHED"])
    exec(changed_code(__file__, _wanted), globals())  # noqa: S102
