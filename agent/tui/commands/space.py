"""The search space, and editing in a table."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("space", "The search space",
            "Its page; or a change at once: /space lr.high=.01 +momentum -wd.",
            "space.show", arguments="[CHANGE …]"),
    Command("change", "Change the cell",
            "Opens it for writing, or turns it to its next state.",
            "space.change", "enter", "space"),
    Command("add", "Add a parameter",
            "Below the cursor; a name may follow.",
            "space.add", "n", "space", "[NAME]"),
    Command("duplicate", "Duplicate a parameter",
            "The one under the cursor, or the one named.",
            "space.duplicate", "d", "space", "[NAME]"),
    Command("remove", "Remove a parameter",
            "The one under the cursor, or the one named.",
            "space.remove", "x", "space", "[NAME]"),
    Command("undo", "Undo the last change",
            "On the page of the space; again: the one before.",
            "space.undo", "u", "space"),
    Command("take", "Take over what is suggested for the space",
            "By the agent, or else by the trials themselves; it is not saved yet.",
            "space.take", "t", "space"),
    Command("apply", "Save the space",
            "As one change of the study; proposals that no longer fit expire.",
            "space.save", "s", "space"),
    Command("drop-bound", "Drop a learnt bound of memory",
            "What the trial named, which ran out of memory, says of larger configs.",
            "space.drop_bound", arguments="TRIAL"),
    Command("hint", "Say where good values lie",
            "guided, gp, tpe and the model lean that way, less with each trial: lr ~ 1e-3. drop takes all back.",
            "space.hint", arguments="WORDS", needs=True),
    Command("write", "Write the space into study.toml",
            "Its comments stay.",
            "space.write", "f", "space"),
)
# fmt: on
