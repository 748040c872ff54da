"""What all cards have in common: they take no focus, and a letter acts only once they have stood still under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from textual.containers import VerticalScroll
from textual.events import Resize

from agent.tui.commands import BY_NAME, bindings
from agent.tui.text import Part
from agent.tui.widgets.resized import Resized
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

GRACE = 0.5  # seconds for which a card that was just focused or changed takes no letter


class WaitingCard(Resized, VerticalScroll, can_focus=True):
    """`clock` counts seconds. Whatever is shown, `changed` is called when it becomes something else."""

    BINDINGS = bindings("card")

    def __init__(self, clock: Callable[[], float], id: str) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._since = self._focused_at = 0.0  # when what is shown last changed, and when it got the focus

    def redraw(self) -> None:
        """Writes the card anew: it has the focus or lost it, its width or the theme has changed."""
        raise NotImplementedError

    @property
    def tunewright(self) -> TunewrightApp:
        return cast("TunewrightApp", self.app)

    # -- how long it has stood ---------------------------------------------------

    def changed(self) -> None:
        """Something else is shown: no letter that was on its way is meant for it."""
        self._since = self._clock()
        self._wake()

    @property
    def settled(self) -> bool:
        """Whether the card has stood still under the focus long enough for a letter to be meant."""
        return self._clock() - max(self._since, self._focused_at) >= GRACE

    def check_meant(self, what: str) -> None:
        """Raises TunewrightError while `what` has not been there long enough. Without the focus, a command that was
        written out is meant for what had been shown before it was sent."""
        seen = max(self._since, self._focused_at) if self.has_focus_within else self._since
        if self._clock() - seen < GRACE:
            raise TunewrightError(f"{what} has only just appeared here", remedy="Look at it, then press the key again.")

    def deliberate(self) -> None:
        """Whatever follows was thought about: a reason was written, a field was edited."""
        self._since = min(self._since, self._clock() - GRACE)
        self._focused_at = min(self._focused_at, self._clock() - GRACE)

    def _wake(self) -> None:
        self.set_timer(GRACE + 0.02, self.redraw)

    # -- what both kinds show ------------------------------------------------------

    @property
    def collapsed(self) -> bool:
        """One line, where the screen is narrow and the card is not being decided on."""
        return self.screen.has_class("-narrow") and not self.has_focus_within

    def key_parts(self, names: Sequence[str], more: Sequence[Part] = ()) -> list[Part]:
        """The letters that act, grey until they do; without the focus how to come here."""
        if not self.has_focus_within:
            return [(f"{self.tunewright.key_name('proposal')} ", "strong"), ("to decide", "muted")]
        ready = self.settled
        parts: list[Part] = []
        for name in names:
            key, word = self.tunewright.key_name(name), BY_NAME[name].short
            parts += [(key, "ask+bold" if ready else "faint"), (f"\u00a0{word}   ", "text" if ready else "faint")]
        return [*parts, *more]

    def give_up_focus(self) -> None:
        """Nothing waits any more."""
        if self.has_focus_within:
            self.tunewright.study.composer.focus()

    # -- events ----------------------------------------------------------------------

    def on_focus(self) -> None:
        self._focused_at = self._clock()
        self._wake()
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def on_descendant_blur(self) -> None:
        self.redraw()

    def on_resize(self, event: Resize) -> None:
        self.redraw()
