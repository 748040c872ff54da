"""Pages that lie over a study: what each adds to the keys that act everywhere."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("close", "Close the page",
            "Escape closes it as well.",
            "pages.close", "q", "pages"),
    Command("unset", "Back to the default",
            "Takes the setting under the cursor out of your file, or the one named.",
            "settings.unset", "f8", "settings", "[NAME]"),
    Command("earlier", "The trial before",
            "Turns to its page, or selects it.",
            "pages.earlier", "left", "trial"),
    Command("later", "The trial after",
            "Turns to its page, or selects it.",
            "pages.later", "right", "trial"),
    Command("read", "Read its log",
            "Of the trial on the page, or the selected one.",
            "pages.read", "l", "trial"),
)
# fmt: on
