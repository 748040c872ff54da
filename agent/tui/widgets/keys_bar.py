"""The last line: the keys of what has the focus, and those that act everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from agent.tui.commands import BY_NAME, COMMANDS
from agent.tui.widgets.bar import Bar, Piece

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_KEEP = {"help": 8, "palette": 7, "proposal": 6, "policy": 5, "jump": 4}


class KeysBar(Bar):
    """Made from the table of commands."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self.scope = "everywhere"  # whose keys are shown

    def update(self, scope: str) -> None:
        self.scope = scope or "everywhere"
        here = [c for c in COMMANDS if c.short and c.acts_in(scope) and c.scope != "everywhere"]
        everywhere = [c for c in COMMANDS if c.short and c.scope == "everywhere"]
        if scope == "studies":  # no study is open
            everywhere = [BY_NAME["palette"], BY_NAME["help"], BY_NAME["quit"]]
        back = self._pieces("back", "type", 8) if scope == "chat" else []  # where letters are keys
        self.show(
            back + [p for c in here for p in self._pieces(c.name, c.short, 3)],
            [p for c in everywhere for p in self._pieces(c.name, c.short or c.name, _KEEP.get(c.name, 2))],
        )

    def _pieces(self, name: str, short: str, keep: int) -> list[Piece]:
        key = cast("TunewrightApp", self.app).key_name(name)
        return [Piece(f" {key}", "primary", name, keep), Piece(f" {short} ", "muted", name, keep)] if key else []
