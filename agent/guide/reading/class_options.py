"""Options of what makes a command line of classes and functions: HfArgumentParser, tyro, simple-parsing, draccus,
pyrallis, jsonargparse, LightningCLI, pydantic-settings, fire, and loops over a dataclass's fields."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from agent.guide.nouns import Option, Style
from agent.guide.reading.field_options import Manner, dashed, dotted, option_of, underscored
from agent.guide.reading.fields import flattened, parameters
from agent.guide.reading.found import Found, keyword, kind_of, known, name_of, origin
from agent.guide.reading.hf_arguments import training_arguments
from agent.guide.reading.project import Module, Project


@dataclass(frozen=True)
class _Target:
    """A class or function that becomes options; `under` stands before their names."""

    module: Module
    node: ast.expr
    under: str = ""


def _tyro(word: Callable[..., str] = dashed) -> Manner:
    return Manner(Style.DATACLASS, word, flag="pair", enum_names=True)


_VALUE = Manner(Style.DATACLASS, dotted)
_FLAT = Manner(Style.DATACLASS, underscored)
# The call's last names -> how its options are written. The target is the first argument, or the keyword named.
_CALLS: dict[str, tuple[Manner, str]] = {
    "tyro.cli": (_tyro(), "f"),
    "simple_parsing.parse": (_FLAT, "config_class"),
    "draccus.parse": (_VALUE, "config_class"),
    "pyrallis.parse": (_VALUE, "config_class"),
    "jsonargparse.CLI": (_VALUE, "components"),
    "jsonargparse.auto_cli": (_VALUE, "components"),
    "transformers.HfArgumentParser": (_FLAT, "dataclass_types"),
    "transformers.hf_argparser.HfArgumentParser": (_FLAT, "dataclass_types"),
    "fire.Fire": (Manner(Style.DATACLASS, underscored, joined=True), "component"),
}
_WRAPPERS = ("draccus.wrap", "pyrallis.wrap")
_LIGHTNING = ("lightning.pytorch.cli.LightningCLI", "pytorch_lightning.cli.LightningCLI",
              "pytorch_lightning.utilities.cli.LightningCLI")  # fmt: skip


def read_classes(project: Project) -> Found:
    found = Found()
    for module, scope in project.reachable():
        for node in project.walk(scope):
            if isinstance(node, ast.Call):
                _call(project, module, node, found)
            elif isinstance(node, ast.FunctionDef):
                _wrapped(project, module, node, found)
            elif isinstance(node, ast.For):
                made = _loop(project, module, node)
                found.options += made
                if made:
                    found.covered += [
                        f"{module.path.name}:{n.lineno}:" for n in ast.walk(node) if isinstance(n, ast.Call)
                    ]
    return found


def _call(project: Project, module: Module, call: ast.Call, found: Found) -> None:
    name = module.dotted(call.func)
    if name in _CALLS:
        manner, word = _CALLS[name]
        first = call.args[0] if call.args else keyword(call, word)
        if first is None:
            where = f"{module.path.name}:{call.lineno}"
            found.notes.append(f"{where}: {name}() takes whatever the script holds, which is not read")
            return
        for node in first.elts if isinstance(first, ast.Tuple | ast.List) else [first]:
            found.options += _options(project, _Target(module, node), manner)
    elif name in _LIGHTNING:
        found.subcommand = ("fit",)
        for node, under in zip(call.args, ("model", "data"), strict=False):
            found.options += _options(project, _Target(module, node, under), _VALUE)
        for word, above in (("model_class", "model"), ("datamodule_class", "data")):
            if (given := keyword(call, word)) is not None:
                found.options += _options(project, _Target(module, given, above), _VALUE)
    elif isinstance(call.func, ast.Attribute) and call.args:
        key = keyword(call, "nested_key") or (call.args[1] if len(call.args) > 1 else None)
        prefix = project.value(module, key) if key is not None else ""
        if call.func.attr == "add_arguments":  # simple-parsing: `dest` is no part of the words
            found.options += _options(project, _Target(module, call.args[0]), _FLAT)
        elif call.func.attr in ("add_class_arguments", "add_dataclass_arguments", "add_function_arguments"):
            above = prefix if isinstance(prefix, str) else ""
            found.options += _options(project, _Target(module, call.args[0], above), _VALUE)


def _wrapped(project: Project, module: Module, function: ast.FunctionDef, found: Found) -> None:
    """`@draccus.wrap()` over `def main(cfg: Config)`."""
    for decorator in function.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if module.dotted(call) in _WRAPPERS and function.args.args and function.args.args[0].annotation is not None:
            found.options += _options(project, _Target(module, function.args.args[0].annotation), _VALUE)


def _options(project: Project, target: _Target, manner: Manner) -> Iterator[Option]:
    definition = project.definition(target.module, target.node)
    if definition is None:
        name = target.module.dotted(target.node)
        if name.startswith("transformers.") and name.endswith("TrainingArguments"):
            yield from training_arguments(target.module, target.node)
        return
    module, node = definition
    if isinstance(node, ast.ClassDef):
        for base in node.bases:  # class Arguments(transformers.TrainingArguments)
            if module.dotted(base).startswith("transformers.") and module.dotted(base).endswith("TrainingArguments"):
                yield from training_arguments(module, base)
    fields = parameters(project, module, node)
    if manner.word in (dotted, dashed):
        fields = flattened(project, fields)
    for one in fields:
        if target.under:
            one.path = (target.under, *one.path)
        yield option_of(one, manner)


def _loop(project: Project, module: Module, loop: ast.For) -> list[Option]:
    """`for f in fields(Config): parser.add_argument(f"--{f.name}", …)`, and the same over a dict of defaults."""
    added = [
        n
        for n in ast.walk(loop)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "add_argument" and n.args
    ]
    pattern = next((n.args[0] for n in added if isinstance(n.args[0], ast.JoinedStr)), None)
    if pattern is None:
        return []
    over = loop.iter
    if isinstance(over, ast.Call) and module.dotted(over.func) in ("dataclasses.fields", "fields") and over.args:
        made = list(_options(project, _Target(module, over.args[0]), _FLAT))
    else:
        made = _entries(project, module, over)
    dashes = "replace" in ast.unparse(pattern)
    return [replace(o, words=(o.words[0].replace("_", "-"), "{}")) if dashes else o for o in made]


def _entries(project: Project, module: Module, over: ast.expr) -> list[Option]:
    """Options of `DEFAULTS.items()`."""
    holder = over.func.value if isinstance(over, ast.Call) and isinstance(over.func, ast.Attribute) else over
    values = project.value(module, holder)
    if not isinstance(values, dict):
        return []
    return [
        Option(
            name=name_of(name),
            kind=kind_of(known(value)),
            default=known(value),
            words=(f"--{name}", "{}"),
            origin=origin(module, over, Style.ARGPARSE),
        )
        for name, value in values.items()
        if isinstance(name, str) and known(value) is not None
    ]
