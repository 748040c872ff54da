"""Writes docs/keys.md from the table that makes the keys work: `python docs/make_keys.py`."""

from __future__ import annotations

from pathlib import Path

from agent.tui.commands import COMMANDS, SCOPES, shown_key
from agent.tui.commands.command import Command

PAGE = Path(__file__).with_name("keys.md")
HEAD = """# Keys and slash commands

Made from the table the app itself reads, by `python docs/make_keys.py`. Every command is in the palette (`^p`) as well.
Keys can be changed, see [The app](app.md).

| key | where it acts | slash command | what it does |
|---|---|---|---|
"""


def row(command: Command) -> str:
    key = f"`{shown_key(command.key)}`" if command.key else "–"
    where = ", ".join(SCOPES[scope].lower() for scope in (command.scope, *command.also))
    usage = f"/{command.name} {command.arguments}".rstrip()
    said = f"{command.title}. {command.help}".rstrip()
    cells = (key, where, f"`{usage}`", said)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def page() -> str:
    return HEAD + "".join(row(command) for command in COMMANDS)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
