"""The panels' names where there is room for one panel only."""

from __future__ import annotations

from agent.tui.messages import Standing
from agent.tui.view import SIDES, ViewState
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.chat_panel import standing_pieces


class Tabs(Bar):
    """`side-tabs` names the three panels of the side; `tabs`, on a narrow screen, the chat as well."""

    def update(self, view: ViewState, standing: Standing) -> None:
        names = SIDES if self.id == "side-tabs" else ("chat", *SIDES)
        here = view.side if self.id == "side-tabs" or view.front == "side" else "chat"
        pieces = []
        for name in names:
            active = name == here
            pieces.append(
                Piece(f" {'▸' if active else ' '}{name.upper()} ", "primary+bold" if active else "muted", name, 9)
            )
        self.show(pieces, standing_pieces(standing) if self.id == "tabs" else ())
