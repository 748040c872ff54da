"""The agent."""

from agent.tui.commands.command import Command

# fmt: off
COMMANDS = (
    Command("model", "Choose the model",
            "Who speaks for the agent. Without a name: what is at hand.",
            "agent.model", arguments="[NAME] [api_base=URL]"),
    Command("agent", "The agent's settings",
            "As in [agent] of a study file: /agent money=5 explain_worse_than=.4.",
            "agent.settings", arguments="[name=value …]"),
    Command("language", "Language of the replies",
            "Such as Russian or 日本語.",
            "agent.language", arguments="NAME", needs=True),
    Command("search", "Who proposes",
            "guided, gp, tpe, …; with a model llm, llm-first and llambo.",
            "agent.search", arguments="NAME", needs=True),
    Command("reshape", "Narrow or widen the space",
            "Asks the agent; what it wants to change becomes a card.",
            "agent.reshape"),
    Command("interrupt", "Break the answer off",
            "What was said stays, marked.",
            "agent.interrupt", "ctrl+x"),
)
# fmt: on
