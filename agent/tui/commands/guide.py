"""From a training script to its study: the guide and its steps."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("init", "Make a study of a training script",
            "The guide: finds the script, reads it, tries it, proposes a space, writes study.toml.",
            "guide.init", "ctrl+n", arguments="[SCRIPT]"),
    Command("demo", "Start the demo",
            "A study on a built-in task: no key, no network. From the guide with d.",
            "guide.demo", "d", "guide", arguments="[TASK]"),
    Command("onward", "The next step of the guide",
            "On the last one: writes study.toml and opens the study.",
            "guide.onward", "n", "guide"),
    Command("stepback", "The step before",
            "What you have changed stays.",
            "guide.stepback", "b", "guide"),
    Command("choose", "Take a parameter in or out; choose the objective",
            "On the objective itself: turns its direction round.",
            "guide.choose", "space", "guide"),
    Command("amend", "Edit what is under the cursor of the guide",
            "A range, a budget, the name.",
            "guide.amend", "e", "guide"),
    Command("consult", "Have a model read the script as well",
            "The one named, or the one of your settings. Its ranges are checked and marked as its own.",
            "guide.consult", "m", "guide", arguments="[MODEL]"),
    Command("skip", "Go on without the try, or stop it",
            "What was seen until then counts.",
            "guide.skip", "s", "guide"),
)
# fmt: on
