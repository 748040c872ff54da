"""What all pages that lie over a study have in common: they close once, whatever is typed meanwhile."""

from __future__ import annotations

from textual import events
from textual.screen import ModalScreen


class Page(ModalScreen[None]):
    """Keys reach a page in its own time: some that follow the one that closed it may have been sent to it already."""

    def leave(self) -> None:
        """Closes it. Textual's own `dismiss` would close whatever is on top by now."""
        if self.is_active:
            self.dismiss()

    def passes_on(self, event: events.Key) -> bool:
        """Whether it is closed already: then the key goes to what is there now."""
        if self.is_active:
            return False
        event.stop()
        event.prevent_default()
        # After whatever the closing key has set off, such as a move of the focus, which takes a turn of its own.
        self.app.call_later(self.app.post_message, events.Key(event.key, event.character))
        return True
