"""The forms in which a structured reply can be asked for, and what an endpoint was found to take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum


class Form(StrEnum):
    GRAMMAR = "grammar"  # the backend itself holds the reply to a schema
    TOOLS = "tools"  # the reply is the arguments of a function that must be called
    JSON_SCHEMA = "json_schema"  # response_format with the schema
    JSON_OBJECT = "json_object"  # the same in llama.cpp's way, and the schema in the prompt
    TEXT = "text"  # the schema in the prompt, nothing else


HOSTED = (Form.TOOLS, Form.JSON_SCHEMA, Form.JSON_OBJECT, Form.TEXT)
WITH_GRAMMAR = (Form.GRAMMAR, Form.TEXT)
PLAIN = (Form.TEXT,)


class Forms:
    """Of one model. The best form of `ladder` comes first; one that was refused, or ignored, is not used again once a
    lesser one has worked."""

    def __init__(self, ladder: Sequence[Form]) -> None:
        self._ladder = tuple(ladder)
        self._first = 0
        self._proven: set[Form] = set()

    def to_try(self, *, has_tools: bool) -> Iterator[Form]:
        """Those still thought possible, best first."""
        return (form for form in self._ladder[self._first :] if has_tools or form is not Form.TOOLS)

    def is_last(self, form: Form) -> bool:
        return form is self._ladder[-1]

    def is_proven(self, form: Form) -> bool:
        return form in self._proven

    def worked(self, form: Form) -> None:
        self._proven.add(form)
        self._first = max(self._first, self._ladder.index(form))

    def ignored(self, form: Form) -> None:
        """The endpoint took the request and did not keep to it: the next request takes the next form."""
        if form not in self._proven and not self.is_last(form):
            self._first = max(self._first, self._ladder.index(form) + 1)
