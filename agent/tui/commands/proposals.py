"""Deciding on proposals."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("proposal", "Go to the proposal",
            "Again: to the next one that waits.",
            "card.focus", "ctrl+g", short="proposal"),
    Command("approve", "Approve the proposal",
            "Runs it. With a number: that one.",
            "card.approve", "a", "card", "[N]", short="approve"),
    Command("edit", "Edit the proposal",
            "Changes its values before it runs. Or at once: /edit lr=3e-4.",
            "card.edit", "e", "card", "[N] [name=value …]", short="edit"),
    Command("reject", "Reject the proposal",
            "It will not be proposed again. A reason may follow.",
            "card.reject", "r", "card", "[N] [reason]", short="reject"),
    Command("reasons", "Why this proposal",
            "Asks the agent, whose answer comes in the chat. With a number: why that one.",
            "card.reasons", "x", "card", "[N]", short="why"),
    Command("next-proposal", "The next proposal that waits",
            "",
            "card.turn_on", "right", "card"),
    Command("previous-proposal", "The proposal before",
            "Of those that wait.",
            "card.turn_back", "left", "card"),
    Command("confirm", "Propose the best configs again",
            "With new seeds, to see what of their values was luck: /confirm top=3 seeds=5.",
            "seeds.confirm", arguments="[top=K seeds=N]"),
    Command("propose", "Propose a config of your own",
            "What you leave out comes from the best trial.",
            "card.propose", arguments="name=value …", needs=True),
)
# fmt: on
