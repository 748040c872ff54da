"""Trials beside each other."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("mark", "Mark for comparing",
            "The selected trial, or those named; again takes the mark away. none clears all.",
            "compare.mark", "m", "trials", "[N …|none]", short="mark"),
    Command("compare", "Compare trials",
            "Those named, or the marked ones; with fewer than two the selected one and the best.",
            "compare.compare", "c", "trials", "[N …]", short="compare"),
    Command("same", "What compared trials share",
            "Shows or hides the parameters that are the same in all.",
            "compare.same", "a", "compare"),
)
# fmt: on
