"""ctrl+p: every command of the table by name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from agent.tui.commands import COMMANDS
from agent.tui.commands.command import Command

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


class CommandsProvider(Provider):
    """Those that need words put their slash command into the input line instead of running."""

    async def discover(self) -> Hits:
        for command in COMMANDS:
            if command.name != "palette":
                yield DiscoveryHit(self._title(command), self._run(command), help=command.help or None)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in COMMANDS:
            title = self._title(command)
            if command.name != "palette" and (score := matcher.match(f"{title} {command.help}")) > 0:
                yield Hit(score, matcher.highlight(title), self._run(command), help=command.help or None)

    def _title(self, command: Command) -> str:
        key = cast("TunewrightApp", self.app).key_name(command.name)
        return f"{command.title}  /{command.name}" + (f"  {key}" if key else "")

    def _run(self, command: Command) -> partial[None]:
        return partial(cast("TunewrightApp", self.app).run_from_palette, command.name)
