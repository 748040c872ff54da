"""Settings and looks."""

from agent.settings.person import THEMES
from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("settings", "Settings",
            "Yours and this study's. Or changes one: /settings frames 2.",
            "settings.show", "f9", arguments="[NAME [VALUE]]"),
    Command("theme", "Theme",
            "Without a name: all of them, each shown as you pass it.",
            "settings.theme", arguments=f"[{'|'.join(THEMES)}]", words=THEMES),
    Command("keys", "Write keys.toml",
            "A file with every key to change, in the configuration folder.",
            "settings.keys"),
)
# fmt: on
