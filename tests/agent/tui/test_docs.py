"""docs/app.md names every command, its key and its arguments."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.tui import commands

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "app.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", commands.BY_NAME.values(), ids=lambda command: command.name)
def test_every_command_is_in_the_page(command: commands.Command) -> None:
    arguments = f" {command.arguments}" if command.arguments else ""
    row = next(line for line in PAGE.splitlines() if f"`/{command.name}{arguments}`".replace("|", "\\|") in line)
    assert command.title in row
    assert not command.key or f"`{commands.shown_key(command.key)}`" in row


def test_no_command_is_invented() -> None:
    cells = [line.split(" | ")[2] for line in PAGE.splitlines() if " | `/" in line]
    assert {cell.strip("`/").split(" ")[0].rstrip("`") for cell in cells} == set(commands.BY_NAME)
