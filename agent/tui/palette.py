"""ctrl+p: every command of the table by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from rich.markup import escape
from textual.command import DiscoveryHit, Hit, Hits, Provider

from agent.tui.commands import COMMANDS
from agent.tui.commands.command import Command

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


class CommandsProvider(Provider):
    """Those that need words put their slash command into the input line instead of running."""

    async def discover(self) -> Hits:
        for title, command, words in self._offers():
            yield DiscoveryHit(title, self._run(command, words), help=escape(command.help) or None)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, command, words in self._offers():
            if (score := matcher.match(f"{title} {command.help}")) > 0:
                yield Hit(score, matcher.highlight(title), self._run(command, words), help=escape(command.help) or None)

    def _offers(self) -> Iterator[tuple[str, Command, str]]:
        """Title, command and arguments; a command of few arguments is offered with each of them as well."""
        for command in COMMANDS:
            if command.name != "palette":
                key = cast("TunewrightApp", self.app).key_name(command.name)
                yield f"{command.title}  /{command.name}" + (f"  {key}" if key else ""), command, ""
                for word in command.words:
                    yield f"{command.title}: {word}  /{command.name} {word}", command, word

    def _run(self, command: Command, words: str) -> partial[None]:
        return partial(cast("TunewrightApp", self.app).run_from_palette, command.name, words)
