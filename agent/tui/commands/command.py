"""What a command is: its key, its slash command, its words in the palette and the help."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.tui.app import TunewrightApp

    Run = Callable[[TunewrightApp, str], None]


@dataclass(frozen=True)
class Command:
    """`name` is the slash command without its slash, and the name in keys.toml.

    `scope` says where its key acts: "everywhere", or on a focused card, panel or page; letters only
    ever act on what has the focus. `also` are further places where the same key acts. `action` is a
    function of agent.tui.actions, loaded when it is first wanted, so that the first frame does not wait
    for it. `arguments` shows what may follow the slash command; `needs` that something must.
    """

    name: str
    title: str
    help: str
    action: str
    key: str = ""
    scope: str = "everywhere"
    arguments: str = ""
    needs: bool = False
    short: str = ""  # its word in the line of keys at the bottom; left out there when empty
    also: tuple[str, ...] = ()
    words: tuple[str, ...] = ()  # arguments of which the palette offers each

    def acts_in(self, scope: str) -> bool:
        """Whether its key acts there, without asking what acts everywhere."""
        return scope == self.scope or scope in self.also

    def function(self) -> Run:
        """What it does: a function of the app and the words after the slash command."""
        module, _, name = self.action.partition(".")
        found: Run = getattr(importlib.import_module(f"agent.tui.actions.{module}"), name)
        return found
