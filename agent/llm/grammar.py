"""A JSON schema as a grammar of llama.cpp's (GBNF): what a model may write, token by token.

Objects are closed and in the schema's order, numbers finite and inside their bounds, strings free of control
characters and lone surrogates. What is not understood may be any JSON.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from agent.llm import numerals

_BASE = {
    "ws": r'| " " | "\n" [ \t]{0,16}',
    "char": r'[^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" ([0-9A-CEFa-cef] hex{3} | [dD] [0-7] hex{2}))',
    "hex": "[0-9a-fA-F]",
    "string": r'"\"" char* "\""',
    "whole": '"0" | [1-9] [0-9]{0,15}',
    "part": '"." [0-9] digits',
    "digits": "[0-9]{0,16}",
    "zeros": '"0"{0,16}',
    "integer": '"-"? whole',
    "size": "whole part? ([eE] [-+]? [0-9]{1,2})?",
    "number": '"-"? size',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "object": r'"{" ws (member ("," ws member)*)? ws "}"',
    "member": r'string ":" ws value',
    "array": r'"[" ws (value ("," ws value)*)? ws "]"',
    "value": "object | array | string | number | boolean | null",
}
_MOST_REPEATS = 1_000  # llama.cpp refuses many more
Schema = Mapping[str, Any]


def gbnf(schema: Schema) -> str:
    """The grammar of `schema`; its first rule is `root`."""
    rules = _Rules(schema)
    root = rules.of(schema, "root-")
    return "\n".join(f"{name} ::= {body}" for name, body in {"root": root, **rules.bodies, **_BASE}.items())


def any_json() -> str:
    """The grammar of any JSON object."""
    return gbnf({"type": "object"})


class _Rules:
    """`of` gives the expression of a schema and adds the rules it needs to `bodies`."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._refs: dict[str, str] = {}
        self.bodies: dict[str, str] = {}

    def of(self, schema: Any, name: str) -> str:
        if not isinstance(schema, Mapping):
            return "value"
        if "$ref" in schema:
            return self._ref(str(schema["$ref"]))
        if "const" in schema:
            return _literal(schema["const"])
        if isinstance(schema.get("enum"), Sequence):
            return self._any([_literal(value) for value in schema["enum"]])
        for key in ("anyOf", "oneOf"):
            if isinstance(schema.get(key), Sequence):
                return self._any([self.of(part, f"{name}{i}-") for i, part in enumerate(schema[key])])
        if isinstance(schema.get("allOf"), Sequence):
            return self.of(self._merged(schema), name)
        if isinstance(kind := schema.get("type"), Sequence) and not isinstance(kind, str):
            return self._any([self.of({**schema, "type": one}, f"{name}{one}-") for one in kind])
        return self._typed(schema, name)

    def _typed(self, schema: Schema, name: str) -> str:
        kind = schema.get("type")
        if kind == "object" or (kind is None and "properties" in schema):
            return self._object(schema, name)
        if kind == "array" or (kind is None and ("items" in schema or "prefixItems" in schema)):
            return self._array(schema, name)
        if kind == "string":
            return _string(schema)
        if kind in ("integer", "number"):
            return _number(schema, kind)
        return str(kind) if kind in ("boolean", "null") else "value"

    def _ref(self, ref: str) -> str:
        """A rule of its own for each definition, so that definitions may refer to themselves."""
        if ref not in self._refs:
            self._refs[ref] = name = f"def-{len(self._refs)}"
            self.bodies[name] = self.of(self._resolved(ref), f"{name}-")
        return self._refs[ref]

    def _resolved(self, ref: str) -> Any:
        found: Any = self._schema
        for word in ref.removeprefix("#").split("/")[1:]:
            word = word.replace("~1", "/").replace("~0", "~")
            found = found.get(word) if isinstance(found, Mapping) else None
        return found if ref.startswith("#") else None

    def _merged(self, schema: Schema) -> Schema:
        """The parts of `allOf` in one, as far as they are objects with properties."""
        whole: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            part = self._resolved(str(part["$ref"])) if isinstance(part, Mapping) and "$ref" in part else part
            for key, value in part.items() if isinstance(part, Mapping) else ():
                old = whole.get(key)
                if isinstance(old, Mapping) and isinstance(value, Mapping):
                    value = {**old, **value}
                whole[key] = [*old, *value] if isinstance(old, list) and isinstance(value, list) else value
        return whole

    def _object(self, schema: Schema, name: str) -> str:
        properties = schema.get("properties")
        if not isinstance(properties, Mapping) or not properties:
            return self._mapping(schema, name)
        required = set(schema.get("required") or ())
        members = []
        for i, (key, inner) in enumerate(properties.items()):
            self.bodies[f"{name}m{i}"] = f'{_literal(key)} ":" ws {self.of(inner, f"{name}{i}-")}'
            members.append((f"{name}m{i}", key in required))
        # From each member on, once where another stands before it (then with a comma) and once where none does.
        self.bodies[f"{name}a{len(members)}"] = self.bodies[f"{name}f{len(members)}"] = '""'
        for i, (member, needed) in reversed(list(enumerate(members))):
            for state, comma in (("f", ""), ("a", '"," ws ')):
                skip = "" if needed else f" | {name}{state}{i + 1}"
                self.bodies[f"{name}{state}{i}"] = f"{comma}{member} {name}a{i + 1}{skip}"
        return f'"{{" ws {name}f0 ws "}}"'

    def _mapping(self, schema: Schema, name: str) -> str:
        """An object with names of its own: their values by `additionalProperties`, the names by `propertyNames`."""
        values = schema.get("additionalProperties")
        names = schema.get("propertyNames")
        if not isinstance(values, Mapping) and not isinstance(names, Mapping):
            return '"{" ws "}"' if values is False else "object"
        key = self.of({"type": "string", **names}, f"{name}key-") if isinstance(names, Mapping) else "string"
        self.bodies[f"{name}kv"] = f'({key}) ":" ws {self.of(values, f"{name}value-")}'
        return f'"{{" ws ({name}kv ("," ws {name}kv)*)? ws "}}"'

    def _array(self, schema: Schema, name: str) -> str:
        fixed, items = schema.get("prefixItems"), schema.get("items")
        if isinstance(fixed, Sequence) and fixed:
            parts = [self.of(part, f"{name}{i}-") for i, part in enumerate(fixed)]
            return '"[" ws ' + ' "," ws '.join(parts) + ' ws "]"'
        self.bodies[f"{name}item"] = self.of(items, f"{name}item-") if isinstance(items, Mapping) else "value"
        least, most = _count(schema.get("minItems"), 0), _count(schema.get("maxItems"), None)
        if most == 0:
            return '"[" ws "]"'
        rest = _repeat(f'("," ws {name}item)', max(least - 1, 0), None if most is None else most - 1)
        inside = f"{name}item {rest}"
        return f'"[" ws {inside} ws "]"' if least else f'"[" ws ({inside})? ws "]"'

    def _any(self, options: Sequence[str]) -> str:
        return f"({' | '.join(dict.fromkeys(options))})" if options else "value"


def _literal(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\x7f", "\\x7F") + '"'


def _count(value: Any, otherwise: int | None) -> Any:
    return value if isinstance(value, int) and 0 <= value <= _MOST_REPEATS else otherwise


def _repeat(what: str, least: int, most: int | None) -> str:
    return f"{what}{{{least},{'' if most is None else max(most, least)}}}"


def _string(schema: Schema) -> str:
    least, most = _count(schema.get("minLength"), 0), _count(schema.get("maxLength"), None)
    return "string" if not least and most is None else rf'"\"" {_repeat("char", least, most)} "\""'


def _number(schema: Schema, kind: str) -> str:
    low, high = _bound(schema, "minimum", "exclusiveMinimum"), _bound(schema, "maximum", "exclusiveMaximum")
    return numerals.integer(low, high) if kind == "integer" else numerals.number(low, high)


def _bound(schema: Schema, inclusive: str, exclusive: str) -> float | None:
    """An exclusive bound of a whole number is the next one inside; that of a float is taken as inclusive."""
    for key in (inclusive, exclusive):
        value = schema.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            step = 1 if key == exclusive and schema.get("type") == "integer" and float(value).is_integer() else 0
            return value + step if inclusive == "minimum" else value - step
    return None
