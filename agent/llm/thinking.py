"""Takes apart what a model thinks aloud and what it says, as the text streams in."""

from __future__ import annotations

import re

_TAG = re.compile(r"<(/?)think(?:ing)?>")
_TAGS = ("<think>", "</think>", "<thinking>", "</thinking>")


class Thinking:
    """Feeds on pieces of a reply. A block opens only before anything is said, or after another block: a reply may
    speak of the tag. One that closes without having opened (its opening stood in the prompt) takes all before it."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._thought: list[str] = []
        self._inside = False
        self._waiting = ""  # the beginning of a tag, perhaps

    @property
    def text(self) -> str:
        return "".join(self._said)

    @property
    def thought(self) -> str:
        return "".join(self._thought).strip()

    def feed(self, piece: str) -> str:
        """What of it is for the reader."""
        shown = []
        rest = self._waiting + piece
        while match := _TAG.search(rest):
            shown += [self._take(rest[: match.start()]), self._switch(match)]
            rest = rest[match.end() :]
        cut = _partial_tag(rest)
        self._waiting = rest[cut:]
        return "".join((*shown, self._take(rest[:cut])))

    def end(self) -> str:
        """The reply is over: what is left of it for the reader."""
        rest, self._waiting = self._waiting, ""
        return self._take(rest)

    def _take(self, text: str) -> str:
        if self._inside:
            self._thought.append(text)
            return ""
        if not self._said:
            text = text.lstrip()
        if text:
            self._said.append(text)
        return text

    def _switch(self, tag: re.Match[str]) -> str:
        closing = bool(tag[1])
        if self._inside:
            self._inside = not closing
            return ""
        if closing and not self._thought:
            self._thought, self._said = self._said, []
            return ""
        if not closing and not self._said:
            self._inside = True
            return ""
        return self._take(tag[0])


def _partial_tag(text: str) -> int:
    """Where a tag may begin that is not whole yet, else the end."""
    start = text.rfind("<")
    if start >= 0 and any(tag.startswith(text[start:]) for tag in _TAGS):
        return start
    return len(text)
