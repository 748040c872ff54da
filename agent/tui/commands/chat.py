"""The chat."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("question", "Ask one of the questions offered",
            "By its number; or any question in words.",
            "chat.ask", arguments="[N|question]"),
    Command("copy", "Copy what was said",
            "The block under the cursor, as it was written; without one the last answer.",
            "chat.copy", "y", "chat", short="copy"),
    Command("cite", "Follow the evidence",
            "The link under the cursor; left and right go from link to link.",
            "chat.cite", "enter", "chat", short="evidence"),
    Command("fold", "Fold a long turn, or show all of it",
            "The one under the cursor, or else the last; a click on its last line does so. Or all of them.",
            "chat.fold", "space", "chat", "[all|none]", short="fold", words=("all", "none")),
    Command("more", "Earlier entries of the chat",
            "Those before the first that is shown.",
            "chat.more", "m", "chat", short="earlier"),
    Command("rewind", "Take questions back",
            "The last one, or the last N, comes back into the input; what followed stays, and counts no more.",
            "chat.rewind", "ctrl+u", "chat", "[N]", short="take back"),
)
# fmt: on
