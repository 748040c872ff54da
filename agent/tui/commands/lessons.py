"""Lessons."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("lessons", "Lessons of past studies",
            "Those that speak to this study first; or what fits some words.",
            "lessons.show", arguments="[WORDS]"),
    Command("seek", "Search the lessons",
            "For words.",
            "lessons.seek", "slash", "lessons", "[WORDS]"),
    Command("reword", "Reword a lesson",
            "The chosen one; later studies no longer rewrite it.",
            "lessons.reword", "enter", "lessons"),
    Command("learn", "Add a lesson of your own",
            "It holds under the conditions of this study.",
            "lessons.learn", "n", "lessons"),
    Command("forget", "Forget a lesson",
            "The chosen one; nothing writes it again.",
            "lessons.forget", "x", "lessons"),
    Command("regain", "Bring a forgotten lesson back",
            "The last one forgotten on the page.",
            "lessons.regain", "u", "lessons"),
    Command("lesson-origin", "Go to the trial a lesson rests on",
            "Where it is one of this study.",
            "lessons.origin", "o", "lessons"),
    Command("lessons-export", "Export lessons to a file",
            "To share; of a search what it found. A file that exists only with ! behind its name.",
            "lessons.export", "E", "lessons", "[FILE] [!]"),
    Command("lessons-import", "Import lessons from a file",
            "All of an export, or none: what is known already keeps the newer wording.",
            "lessons.take_in", "I", "lessons", "[FILE]"),
)
# fmt: on
