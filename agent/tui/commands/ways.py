"""Finding the way."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("jump", "Jump to a panel",
            "Then its letter: c v t l p i.",
            "screen.jump", "ctrl+o", arguments="[panel]", short="jump"),
    Command("chat", "Go to the chat",
            "",
            "screen.show_chat", "f2"),
    Command("curves", "Go to the curves",
            "",
            "screen.show_curves", "f3"),
    Command("trials", "Go to the trials",
            "",
            "screen.show_trials", "f4"),
    Command("log", "Go to the log",
            "Of the selected trial, or of trial N.",
            "log.show", "f5", arguments="[N]"),
    Command("zoom", "Zoom the panel",
            "One panel takes the whole side, or gives it back.",
            "screen.zoom", "f6"),
    Command("back", "Back to writing",
            "Closes a page, dismisses a message, goes to the input line.",
            "screen.back", "escape"),
    Command("palette", "Command palette",
            "Every action by name.",
            "screen.palette", "ctrl+p", short="palette"),
    Command("help", "Help",
            "Keys and slash commands.",
            "screen.help", "f1", short="help"),
    Command("studies", "All studies",
            "The list of studies; this one runs on.",
            "study.leave"),
    Command("quit", "Quit",
            "Trials keep running.",
            "screen.quit", "ctrl+q"),
)
# fmt: on
