"""Samples of what a trial's model answered, on its page."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("samples", "What its model answered",
            "Beside the truth: the answers it got wrong, or a forecast as a plot.",
            "samples.show", "a", "trial", "[N [sample]]"),
    Command("sample-after", "The next sample",
            "",
            "samples.after", "right", "samples"),
    Command("sample-before", "The sample before",
            "",
            "samples.before", "left", "samples"),
    Command("only", "Only wrong answers, or all",
            "Turns between the two, or names one.",
            "samples.only", "f", "samples", "[wrong|all]", words=("wrong", "all")),
)
# fmt: on
