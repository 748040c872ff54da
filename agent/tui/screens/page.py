"""What all pages that lie over a study have in common: they close once, whatever is typed meanwhile."""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.screen import ModalScreen

from agent.tui.commands import BY_NAME, bindings


class Page(ModalScreen[None]):
    """Keys reach a page in its own time: some that follow the one that closed it may have been sent to it already.

    A page's own keys are commands of the table whose scope it names: `BINDINGS = bindings("trial")`. Those of "pages"
    act on each of them, and escape closes them whatever the key of `back` may be.
    """

    BINDINGS = [  # noqa: RUF012 – as Textual has it
        *bindings("pages"),
        Binding(BY_NAME["back"].key, "app.command('back')", show=False, id="back"),
    ]

    @property
    def is_open(self) -> bool:
        """Whether its parts are there: an answer may come before they are, and when they have gone."""
        return self.is_mounted and self.is_attached

    def redraw(self) -> None:
        """Writes what it shows anew, in the colours of another theme."""

    def leave(self) -> None:
        """Closes it. Textual's own `dismiss` would close whatever is on top by now."""
        if self.is_active:
            self.dismiss()

    async def on_event(self, event: events.Event) -> None:
        if not (isinstance(event, events.Key) and self.passes_on(event)):
            await super().on_event(event)

    async def on_key(self, event: events.Key) -> None:
        """Its keys act in its own time, so that what is typed after one that closes it is not taken for the page's."""
        if not await self.app._check_bindings(event.key):
            if event.key != "escape":
                return
            self.leave()
        event.stop()
        event.prevent_default()

    def passes_on(self, event: events.Key) -> bool:
        """Whether it is closed already: then the key goes to what is there now."""
        if self.is_active:
            return False
        event.stop()
        event.prevent_default()
        # After whatever the closing key has set off, such as a move of the focus, which takes a turn of its own.
        self.app.call_later(self.app.post_message, events.Key(event.key, event.character))
        return True
