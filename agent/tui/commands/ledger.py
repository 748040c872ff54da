"""The ledger and the budgets."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("ledger", "Ledger and budgets",
            "What may be spent and what was; every call, to read.",
            "ledger.show"),
    Command("detail", "Read a call, or change a budget",
            "The one under the cursor of the ledger, in place; or call N.",
            "ledger.detail", "enter", "ledger", "[N]"),
)
# fmt: on
