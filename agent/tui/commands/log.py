"""The log."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("follow", "Follow the log",
            "Goes to its end and stays there.",
            "log.follow", "f", "log", short="follow"),
    Command("find", "Search the log, or samples",
            "For a text; upper and lower case alike.",
            "log.search", "slash", "log", "[text]", short="find", also=("samples",)),
    Command("next", "Next match",
            "In the log.",
            "log.following", "n", "log", short="next"),
    Command("previous", "Previous match",
            "In the log.",
            "log.preceding", "N", "log"),
)
# fmt: on
