"""Policy and budget."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("policy", "Policy: what runs without asking",
            "Or sets one: /policy auto-until trials=20 target=.3.",
            "policy.choose", "ctrl+t", arguments="[policy] [stop=value …]", short="policy"),
    Command("ask", "Ask again for every proposal",
            "Takes every permission back, at once.",
            "policy.revoke", "ctrl+r", short="ask again"),
    Command("seeds", "How many seeds every config is run with",
            "Each run is a trial of the budget; configs are compared by their means.",
            "seeds.seeds", arguments="[N]"),
    Command("budget", "Change the budget",
            "For example /budget trials=20 total=8h trial=10min gpu=8h; none lifts a limit.",
            "policy.budget", arguments="trials=N total=TIME trial=TIME gpu=HOURS", needs=True),
)
# fmt: on
