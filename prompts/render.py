"""Renders a template into messages, and names its version for the ledger.

A template `PURPOSE.j2` begins with `{# version: N #}` and has two blocks, `system` and `user`. A person's own
folder may hold templates of the same names; they stand in for ours and may extend them
(`{% extends "builtin/next.j2" %}`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateError

from prompts.fence import fence
from trainers.errors import TunewrightError, nearest

_OURS = Path(__file__).parent
_VERSION = re.compile(r"\{#-?\s*version:\s*(\d+)\s*-?#\}")


@dataclass(frozen=True)
class Rendered:
    """`messages` as OpenAI has them; `template` as `next@3:1f2e3d4c`: purpose, version, hash of the source."""

    messages: tuple[dict[str, str], ...]
    template: str


def purposes() -> tuple[str, ...]:
    """The names of the built-in templates; those that begin with an underscore are parts of others."""
    return tuple(sorted(p.stem for p in _OURS.glob("*.j2") if not p.stem.startswith("_")))


def render(purpose: str, context: Mapping[str, Any], *, folder: str = "", language: str = "") -> Rendered:
    """The messages of `purpose` filled from `context`; `language` is that of the reply, empty for English.

    Raises TunewrightError naming the file and line for a template of the person's that does not render.
    """
    environment = _environment(folder)
    try:
        template = environment.get_template(f"{purpose}.j2")
        data = {**context, "language": language or "English"}
        blocks = {name: "".join(block(template.new_context(data))).strip() for name, block in template.blocks.items()}
    except TemplateError as error:
        where = f"{getattr(error, 'filename', None) or f'{purpose}.j2'}:{getattr(error, 'lineno', '?')}"
        remedy = f"docs/agent.md lists what '{purpose}' is given." if purpose in purposes() else ""
        remedy = remedy or nearest(purpose, purposes())
        raise TunewrightError(f"the prompt template does not render: {error}", where=where, remedy=remedy) from None
    messages = tuple({"role": role, "content": blocks[role]} for role in ("system", "user") if blocks.get(role))
    return Rendered(messages, _version(environment, purpose))


@lru_cache(maxsize=8)
def _environment(folder: str) -> Environment:
    ours = FileSystemLoader(_OURS)
    loaders = [FileSystemLoader(folder), ours] if folder else [ours]
    environment = Environment(  # noqa: S701 – text for a model, not HTML
        loader=ChoiceLoader([*loaders, PrefixLoader({"builtin": ours})]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=True,
    )
    environment.filters["fence"] = fence
    environment.filters["g"] = lambda value: f"{value:.4g}" if isinstance(value, float) else str(value)
    return environment


def _version(environment: Environment, purpose: str) -> str:
    assert environment.loader is not None
    source = environment.loader.get_source(environment, f"{purpose}.j2")[0]
    found = _VERSION.search(source)
    return f"{purpose}@{found.group(1) if found else 0}:{hashlib.sha256(source.encode()).hexdigest()[:8]}"
