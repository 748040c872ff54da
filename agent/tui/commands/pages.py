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
    Command("diagnosis", "Why, with the evidence",
            "The first part of a trial's page.",
            "pages.diagnosis", "w", "trial", "[N]"),
    Command("config", "Its config beside others",
            "Beside the best trial, the nearest one, what was proposed and the defaults.",
            "pages.config", "c", "trial", "[N]"),
    Command("origin", "Where it came from",
            "Who proposed it and why, what was expected, who let it run, what it took.",
            "pages.origin", "o", "trial", "[N]"),
    Command("files", "Its attempts and files",
            "Enter reads the chosen file and copies its path.",
            "pages.files", "i", "trial", "[N]"),
    Command("curve", "All its curves",
            "Every metric of the trial. Again: the keys of the curves act, and again: those of the page.",
            "pages.curve", "v", "trial", "[N]"),
    Command("read", "Read its log",
            "On its page, or beside the others.",
            "pages.read", "l", "trial", "[N]"),
    Command("beside", "Compare it with the best",
            "Of the trial on the page, or the selected one.",
            "pages.beside", "b", "trial", "[N]"),
    Command("retry", "Propose the same config again",
            "With a seed it has not had, or so many; it waits for approval.",
            "pages.retry", "r", "trial", "[N] [times]"),
)
# fmt: on
