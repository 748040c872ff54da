"""Curves."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("ylog", "Logarithmic y axis",
            "On, off, or chosen by the values.",
            "curves.ylog", "y", "curves", "[on|off|auto]", short="log", also=("compare",)),
    Command("smooth", "Smooth the curves",
            "The weight of the past, 0 to 1; without a number the next of 0, .6, .9.",
            "curves.smooth", "s", "curves", "[0…1]", short="smooth", also=("compare",)),
    Command("metric", "Another metric",
            "The next one, or the one named.",
            "curves.metric", "m", "curves", "[name]", short="metric", also=("compare",)),
    Command("xaxis", "Steps, time of day, or time since a trial began",
            "What the x axis shows.",
            "curves.xaxis", "t", "curves", "[step|time|relative]", short="axis", also=("compare",)),
)
# fmt: on
