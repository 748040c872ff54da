"""Renders a template into messages, and names its version for the ledger.

A template `PURPOSE.j2` begins with `{# version: N #}` and has two blocks, `system` and `user`. A person's own
folder may hold templates of the same names; they stand in for ours and may extend them
(`{% extends "builtin/next.j2" %}`).
"""

from __future__ import annotations

import hashlib
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, meta
from jinja2.exceptions import TemplateError, TemplateNotFound, TemplateSyntaxError

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
        blocks = _blocks(environment, purpose, {**context, "language": language or "English"})
    except Exception as error:  # noqa: BLE001 – a template of the person's may divide by zero as well as misspell
        remedy = f"docs/agent.md lists what '{purpose}' is given." if purpose in purposes() else ""
        remedy = remedy or nearest(purpose, purposes())
        what = f"the prompt template does not render: {_said(error)}"
        raise TunewrightError(what, where=_place(error, purpose), remedy=remedy) from None
    messages = tuple({"role": role, "content": blocks[role]} for role in ("system", "user") if blocks.get(role))
    return Rendered(messages, _version(environment, purpose))


def _blocks(environment: Environment, purpose: str, context: Mapping[str, Any]) -> dict[str, str]:
    """The text of each block, those of a template that this one extends included."""
    try:
        template = environment.get_template(f"{purpose}.j2")
        given = template.new_context(dict(context))
        "".join(template.root_render_func(given))  # this is what fetches the blocks of the other
        return {name: "".join(found[0](given)).strip() for name, found in given.blocks.items()}
    except Exception:  # noqa: BLE001 – raised again at once, with the template's own lines in its traceback
        environment.handle_exception()


def _said(error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return f"there is no template {error.name}"
    return str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"


def _place(error: Exception, purpose: str) -> str:
    """File and line: Jinja gives those of a syntax error, and puts those of others into the traceback."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or purpose}:{error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(".j2")]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else f"{purpose}.j2"


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
    """The hash is of the template and of every part it includes: a changed part is another template."""
    sources: dict[str, str] = {}
    waiting = [f"{purpose}.j2"]
    while waiting:
        name = waiting.pop()
        assert environment.loader is not None
        sources[name] = environment.loader.get_source(environment, name)[0]
        waiting += [part for part in _parts(sources[name]) if part not in sources]
    found = _VERSION.search(sources[f"{purpose}.j2"])
    digest = hashlib.sha256("".join(sources[name] for name in sorted(sources)).encode()).hexdigest()[:8]
    return f"{purpose}@{found.group(1) if found else 0}:{digest}"


@lru_cache(maxsize=128)
def _parts(source: str) -> tuple[str, ...]:
    """The templates that `source` names. Parsing takes ten times as long as rendering."""
    return tuple(part for part in meta.find_referenced_templates(Environment().parse(source)) if part is not None)  # noqa: S701
