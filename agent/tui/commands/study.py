"""Leaving with something in hand."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("export", "Export the best config or all trials",
            "toml json yaml args python csv optuna; without a file it is shown here.",
            "study.export", arguments="FORMAT [file]", needs=True),
)
# fmt: on
