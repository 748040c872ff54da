"""The list of studies. Where a study is open they act on it."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("sift", "Filter the studies",
            "By words of name, trainer, task and policy, as you type.",
            "studies.narrow", "slash", "studies", short="filter"),
    Command("order", "Sort the studies",
            "By last change, name, best value, trials or cost: the next of them.",
            "studies.order", "s", "studies", short="sort"),
    Command("rename", "Rename the study",
            "Its run folders keep their name.",
            "studies.rename", "r", "studies", "[NAME]", short="rename"),
    Command("fork", "Copy it as a new study",
            "The same space, objective, budget and policy; no trials.",
            "studies.fork", "c", "studies", "[NAME]", short="copy"),
    Command("archive", "Put the study away, or bring it back",
            "Lists leave it out; nothing of it is lost.",
            "studies.archive", "a", "studies", short="put away"),
    Command("archived", "Show the studies put away",
            "Or leave them out again.",
            "studies.archived", "h", "studies"),
    Command("delete", "Delete the study",
            "Says what would be lost, and asks.",
            "studies.delete", "d", "studies", short="delete"),
)
# fmt: on
