"""The words of a trial's page in sections: wrapped for its width, scrolled, with links to follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.message import Message

from agent.tui.text import Part, wrap
from agent.tui.widgets.lines import Lines


class TrialWords(Lines):
    """Up and down scroll, or where files are listed choose one of them, which enter opens."""

    class FileMoved(Message):
        """The next file is chosen, or the one before."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class FileOpened(Message):
        """The chosen one is wanted."""

    class Rewrapped(Message):
        """It has another width."""

    def __init__(self) -> None:
        super().__init__(id="trial-words")
        self._sections: Mapping[str, Sequence[Part]] = {}
        self._starts: dict[str, int] = {}
        self.choosing = False  # among files

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.post_message(self.Rewrapped())

    @property
    def text_width(self) -> int:
        return max(self.row_width - 2, 20)

    def show(self, sections: Mapping[str, Sequence[Part]]) -> None:
        """Puts new words in place; what the reader looks at stays where it is."""
        self._sections = sections
        self.following = False  # only the reader scrolls here
        lines: list[list[Part]] = []
        for name, parts in sections.items():
            lines += [[]] if lines and lines[-1] else []
            self._starts[name] = len(lines)
            lines += [[(" ", ""), *line] if line else [] for line in wrap(parts, self.text_width)]
        self.put(lines, to_end=False)

    def go_to(self, name: str) -> None:
        self.scroll_to(y=self._starts.get(name, 0), animate=False, immediate=True)

    def reveal(self, mark: str) -> None:
        """Scrolls as little as needed to the first line that has `mark` as a part of its own."""
        line = next((i for i, parts in enumerate(self._lines) if any(text == mark for text, _ in parts)), None)
        if line is None:
            return
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if not top <= line < top + height:
            self.scroll_to(y=line if line < top else line - height + 1, animate=False, immediate=True)

    def is_at(self, name: str) -> bool:
        """Whether the section is where `go_to` brought it."""
        return self.scroll_offset.y == min(self._starts.get(name, -1), self.max_scroll_y)

    def on_key(self, event: events.Key) -> None:
        if not self.choosing or event.key not in ("up", "down", "enter"):
            return
        event.stop()
        event.prevent_default()
        self.post_message(
            self.FileOpened() if event.key == "enter" else self.FileMoved(1 if event.key == "down" else -1)
        )
