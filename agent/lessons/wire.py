"""Lessons as plain JSON: a row of the file, a line of an export, a document of the command line."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from agent.lessons.lesson import (
    MOST_CONFIGS,
    MOST_TEXT,
    Claim,
    ClaimKind,
    Conditions,
    GoodConfig,
    Lesson,
    LessonEvidence,
    LessonSource,
    Portfolio,
)
from agent.redaction import in_all
from trainers.errors import TunewrightError

_LONGEST = 1 << 16  # characters of one line of an export
_MOST_COUNTED = 1_000_000_000


def to_dict(lesson: Lesson) -> dict[str, Any]:
    """Every field, plain JSON."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(lesson)))
    return plain


def body(lesson: Lesson) -> str:
    """What a row keeps in one column: all that is neither searched nor counted."""
    data = to_dict(lesson)
    kept = ("subjects", "conditions", "claim", "portfolio", "evidence", "citation", "tags")
    return json.dumps({name: data[name] for name in kept}, ensure_ascii=False)


def trusted(data: Mapping[str, Any]) -> Lesson:
    """What `to_dict` wrote; for what this program wrote itself."""
    claim, held, kept = data.get("claim"), dict(data.get("conditions", {})), data.get("portfolio")
    return Lesson(
        **{
            **data,
            "source": LessonSource(data["source"]),
            "subjects": tuple(data.get("subjects", ())),
            "tags": tuple(data.get("tags", ())),
            "conditions": Conditions(**{**held, "families": tuple(held.get("families", ()))}),
            "claim": None if claim is None else Claim(**{**claim, "kind": ClaimKind(claim["kind"])}),
            "portfolio": None if kept is None else _portfolio(kept),
            "evidence": tuple(
                LessonEvidence(**{**one, "trials": tuple(one.get("trials", ()))}) for one in data.get("evidence", ())
            ),
        }
    )


def _portfolio(data: Mapping[str, Any]) -> Portfolio:
    configs = tuple(GoodConfig(**config) for config in data["configs"])
    return Portfolio(configs=configs, weights=dict(data.get("weights", {})))


def from_dict(data: Mapping[str, Any]) -> Lesson:
    """The same for what somebody else wrote. Raises TunewrightError that names the first field which is wrong; fields
    that are not known are left out."""
    from pydantic import TypeAdapter, ValidationError

    try:
        lesson = TypeAdapter(Lesson).validate_python(in_all(dict(data), _storable))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise TunewrightError(f"'{where}' {_said(first['type'], first['msg'])}") from None
    return checked(lesson)


def _said(kind: str, message: str) -> str:
    return "is missing" if kind == "missing" else f"is wrong: {message[:1].lower()}{message[1:]}"


def checked(lesson: Lesson) -> Lesson:
    """The lesson with its text on one line. Raises TunewrightError for what no file should hold."""
    text = " ".join(lesson.text.split())
    if not text:
        raise TunewrightError("'text' is empty")
    if len(text) > MOST_TEXT:
        raise TunewrightError(f"'text' has {len(text)} characters, at most {MOST_TEXT}", remedy="Say it shorter.")
    if not 0 <= lesson.confidence <= 1:
        raise TunewrightError(f"'confidence' is {lesson.confidence:g}, not between 0 and 1")
    if lesson.portfolio is not None and not 1 <= len(lesson.portfolio.configs) <= MOST_CONFIGS:
        raise TunewrightError(f"'portfolio.configs' has {len(lesson.portfolio.configs)}, not 1 to {MOST_CONFIGS}")
    for name in ("used", "confirmed", "contradicted"):
        if not 0 <= getattr(lesson, name) <= _MOST_COUNTED:
            raise TunewrightError(f"'{name}' is not between 0 and {_MOST_COUNTED:,}")
    for name, number in (("created", lesson.created), ("changed", lesson.changed), *_ends(lesson)):
        if number is not None and not math.isfinite(number):
            raise TunewrightError(f"'{name}' is {number}, which is not finite")
    return replace(lesson, text=text)


def _ends(lesson: Lesson) -> tuple[tuple[str, float | None], ...]:
    return () if lesson.claim is None else (("claim.low", lesson.claim.low), ("claim.high", lesson.claim.high))


def _storable(text: str) -> str:
    """Without halves of characters, which JSON can name and no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def from_line(line: str) -> Lesson:
    """One line of an export. Raises TunewrightError."""
    if len(line) > _LONGEST:
        raise TunewrightError(f"the line has {len(line):,} characters, at most {_LONGEST:,}")
    try:
        data = json.loads(line)
        if not isinstance(data, dict):
            raise TunewrightError("this is no JSON object")
        return from_dict({"uid": uid_of(str(data.get("text", ""))), **data})
    except (ValueError, RecursionError):
        raise TunewrightError("this is not JSON") from None


def uid_of(*parts: str) -> str:
    """The same for the same parts: a lesson that is written again, or comes from two places, is one."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:20]
