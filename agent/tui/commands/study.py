"""Leaving with something in hand."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("export", "Export the best config or all trials",
            "toml json yaml args python csv optuna; without a file it is shown here.",
            "study.export", arguments="FORMAT [file]", needs=True),
    Command("save", "Save what is looked at as a picture",
            "The view with the focus, else the curves; a file that exists only with ! behind its name.",
            "pictures.save", "f7", arguments="[FILE.png|FILE.svg] [light|dark] [!]"),
)
# fmt: on
