"""Leaving with something in hand."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("export", "Export the best config or all trials",
            "toml json yaml args python csv optuna; without words a dialog with a preview.",
            "study.export", "E", "trials", "[FORMAT [file]]", also=("trial",)),
    Command("save", "Save what is looked at as a picture",
            "The view with the focus, else the curves; a file that exists only with ! behind its name.",
            "pictures.save", "f7", arguments="[FILE.png|FILE.svg] [light|dark] [!]"),
)
# fmt: on
