"""What the text of a Python script says it prints: for a script that was not tried, or showed nothing in the time.

Its f-strings, % and .format texts are read as if a number stood in each gap; so are the keys of dicts that are printed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from agent.guide.nouns import FoundMetric, Reading
from agent.guide.trying import names
from agent.guide.trying.line import Sighting, StepSeen, read
from agent.guide.trying.proposing import way

_LARGEST = 1 << 20  # bytes of a script
_GAP = "0.5"
_PERCENT = re.compile(r"%[-+ 0#]*\d*(?:\.\d+)?[defgEGs]")
_BRACES = re.compile(r"\{[^{}]*\}")
_PRINTERS = re.compile(r"print|info|debug|warning|log|write|echo|secho|dumps|log_metrics|log_dict|report")


def printed(reading: Reading) -> list[FoundMetric]:
    """Guesses, none of them sure, in the order of the text; nothing for what is not Python."""
    try:
        if reading.script.suffix != ".py" or reading.script.stat().st_size > _LARGEST:
            return []
        tree = ast.parse(reading.script.read_text(encoding="utf-8", errors="replace"))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: dict[str, FoundMetric] = {}
    for sighting, steps, line in _sightings(tree):
        if names.known(sighting.name) and sighting.name not in found:
            found[sighting.name] = _guess(sighting, steps, reading.script, line)
    return list(found.values())


def _sightings(tree: ast.Module) -> Iterator[tuple[Sighting, tuple[StepSeen, ...], int]]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not _PRINTERS.fullmatch(_called(call.func)):
            continue
        for argument in call.args:
            if isinstance(argument, ast.Dict):
                keys = [k.value for k in argument.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
                yield from ((Sighting(key, 0.5, ""), (), argument.lineno) for key in keys)
                continue
            for line in _text(argument).split("\n"):
                seen = read(line)
                yield from ((s, seen.steps, argument.lineno) for s in seen.sightings)


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _text(node: ast.expr) -> str:
    """What would be printed, with a number in each gap; a whole number where the text before it speaks of a step."""
    match node:
        case ast.JoinedStr():
            text = ""
            for part in node.values:
                text += str(part.value) if isinstance(part, ast.Constant) else _number(text)
            return text
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
            return _filled(text, _PERCENT)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left) + _text(right)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            return _filled(text, _BRACES)
        case ast.Constant(value=str(text)):
            return text
    return ""


def _filled(text: str, gaps: re.Pattern[str]) -> str:
    made, at = "", 0
    for gap in gaps.finditer(text):
        made += text[at : gap.start()]
        made, at = made + _number(made), gap.end()
    return made + text[at:]


def _number(before: str) -> str:
    return "1" if re.search(r"(?i)(step|iter|epoch|round)\w*\W*(\d+\s*/\s*)?\Z|/\s*\Z", before) else _GAP


def _guess(sighting: Sighting, steps: tuple[StepSeen, ...], script: Path, line: int) -> FoundMetric:
    spec = {"regex": sighting.regex} if sighting.regex else {}
    step = next((s.regex for s in steps if s.regex), "")
    return FoundMetric(
        name=sighting.name,
        spec=spec | ({"step_regex": step} if spec and step else {}),
        seen=(),
        where=f"the text at {script.name}:{line}",
        direction=way(sighting.name),
        sure=False,
    )
