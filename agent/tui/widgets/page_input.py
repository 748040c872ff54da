"""An input line of a page: what is typed after the key that closed the page goes to what is there now."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from agent.tui.screens.page import Page


class PageInput(Input):
    """The page takes escape in its own time; until it has, keys that follow are held back, and then go to whoever is
    there: to what the page lay over, or back in here."""

    def on_mount(self) -> None:
        self._page, self._leaving = self.screen, False

    async def _on_key(self, event: events.Key) -> None:
        if not isinstance(self._page, Page) or self._page.passes_on(event):
            return
        if self._leaving:
            event.stop()
            event.prevent_default()
            self.app.call_later(self._after_the_page, event.key, event.character)
        elif event.key == "escape":
            self._leaving = True
            self._page.call_after_refresh(self._stayed)

    def _after_the_page(self, key: str, character: str | None) -> None:
        self.app.post_message(events.Key(key, character))

    def _stayed(self) -> None:
        """Escape was for something else, such as the words of a search."""
        self._leaving = False
