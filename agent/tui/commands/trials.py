"""Trials."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("why", "Why it ended so",
            "Its page: diagnosis, params, failure, attempts, files.",
            "trials.why", "enter", "trials", "[N]", short="details", also=("views",)),
    Command("filter", "Filter the trials",
            "Words and comparisons, all must hold: failed gp lr>1e-3. Empty shows all.",
            "trials.filter", "slash", "trials", "[words]", short="filter"),
    Command("sort", "Sort the trials",
            "By the next column, or by the one named.",
            "trials.sort", "s", "trials", "[column]", short="sort"),
    Command("reverse", "Reverse the order",
            "Of the trials.",
            "trials.reverse", "o", "trials"),
    Command("select", "Select a trial",
            "By number; without one the newest is followed again.",
            "trials.select", arguments="[N]"),
    Command("pin", "Show or hide its curve",
            "Of the selected trial, or of trial N.",
            "trials.pin", "space", "trials", "[N]", short="curve", also=("trial",)),
    Command("best", "Select the best trial",
            "",
            "trials.best", "b", "trials"),
    Command("suggest", "Propose what its diagnosis suggests",
            "Of the selected trial, or of trial N.",
            "trials.suggest", "p", "trials", "[N]", short="suggest", also=("trial",)),
    Command("explain", "Have a trial explained",
            "By the model, held to the evidence. The selected one, or trial N.",
            "agent.explain", "e", "trials", "[N]", short="explain", also=("trial",)),
    Command("stop", "Stop a trial",
            "The selected one, trial N, or all that run.",
            "trials.stop", "x", "trials", "[N|all] [reason]", short="stop", also=("trial",)),
    Command("resume", "Take a trial up again",
            "A pruned or stopped one: from its checkpoint, where it left one. The selected one, or trial N.",
            "trials.resume", "u", "trials", "[N]", short="resume", also=("trial",)),
    Command("go", "Follow a piece of evidence",
            "As it is written: t17, log:412, step:412, or t17:log:412.",
            "trials.go", arguments="PLACE", needs=True),
)
# fmt: on
