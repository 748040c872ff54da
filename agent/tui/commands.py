"""The one table of commands: keys, slash commands, the palette and the help are all made from it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.tui.app import TunewrightApp

    Run = Callable[[TunewrightApp, str], None]


@dataclass(frozen=True)
class Command:
    """`name` is the slash command without its slash, and the name in keys.toml.

    `scope` says where its key acts: "everywhere", or on a focused card, panel or page; letters only
    ever act on what has the focus. `action` is a function of agent.tui.actions, loaded when it is first
    wanted, so that the first frame does not wait for it. `arguments` shows what may follow the slash
    command; `needs` that something must.
    """

    name: str
    title: str
    help: str
    action: str
    key: str = ""
    scope: str = "everywhere"
    arguments: str = ""
    needs: bool = False
    short: str = ""  # its word in the line of keys at the bottom; left out there when empty

    def function(self) -> Run:
        """What it does: a function of the app and the words after the slash command."""
        module, _, name = self.action.partition(".")
        found: Run = getattr(importlib.import_module(f"agent.tui.actions.{module}"), name)
        return found


# fmt: off
COMMANDS = (
    # proposals
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
    Command("propose", "Propose a config of your own",
            "What you leave out comes from the best trial.",
            "card.propose", arguments="name=value …", needs=True),
    # the agent
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
            "guided, gp, tpe, …; with a model llm and llm-first.",
            "agent.search", arguments="NAME", needs=True),
    Command("reshape", "Narrow or widen the space",
            "Asks the agent; what it wants to change becomes a card.",
            "agent.reshape"),
    Command("interrupt", "Break the answer off",
            "What was said stays, marked.",
            "agent.interrupt", "ctrl+x"),
    Command("ledger", "What the model has cost",
            "Calls, tokens and money by purpose.",
            "agent.ledger"),
    # policy and budget
    Command("policy", "Policy: what runs without asking",
            "Or sets one: /policy auto-until trials=20 target=.3.",
            "policy.choose", "ctrl+t", arguments="[policy] [stop=value …]", short="policy"),
    Command("ask", "Ask again for every proposal",
            "Takes every permission back, at once.",
            "policy.revoke", "ctrl+r", short="ask again"),
    Command("budget", "Change the budget",
            "For example /budget trials=20 total=8h trial=10min; none lifts a limit.",
            "policy.budget", arguments="trials=N total=TIME trial=TIME", needs=True),
    # finding the way
    Command("jump", "Jump to a panel",
            "Then its letter: c v t l p i.",
            "screen.jump", "ctrl+o", arguments="[panel]", short="jump"),
    Command("chat", "Go to the chat",
            "",
            "screen.show_chat", "f2"),
    Command("curves", "Go to the curves",
            "",
            "screen.show_curves", "f3"),
    Command("trials", "Go to the trials",
            "",
            "screen.show_trials", "f4"),
    Command("log", "Go to the log",
            "Of the selected trial, or of trial N.",
            "log.show", "f5", arguments="[N]"),
    Command("zoom", "Zoom the panel",
            "One panel takes the whole side, or gives it back.",
            "screen.zoom", "f6"),
    Command("back", "Back to writing",
            "Closes a page, dismisses a message, goes to the input line.",
            "screen.back", "escape"),
    Command("palette", "Command palette",
            "Every action by name.",
            "screen.palette", "ctrl+p", short="palette"),
    Command("help", "Help",
            "Keys and slash commands.",
            "screen.help", "f1", short="help"),
    Command("studies", "All studies",
            "The list of studies; this one runs on.",
            "study.leave"),
    Command("theme", "Dark or light",
            "Switches between the two.",
            "screen.theme", arguments="[dark|light]"),
    Command("quit", "Quit",
            "Trials keep running.",
            "screen.quit", "ctrl+q"),
    # trials
    Command("why", "Why it ended so",
            "Its page: diagnosis, params, failure, attempts, files.",
            "trials.why", "enter", "trials", "[N]", short="details"),
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
            "trials.pin", "space", "trials", "[N]", short="curve"),
    Command("best", "Select the best trial",
            "",
            "trials.best", "b", "trials"),
    Command("suggest", "Propose what its diagnosis suggests",
            "Of the selected trial, or of trial N.",
            "trials.suggest", "p", "trials", "[N]", short="suggest"),
    Command("explain", "Have a trial explained",
            "By the model, held to the evidence. The selected one, or trial N.",
            "agent.explain", "e", "trials", "[N]", short="explain"),
    Command("stop", "Stop a trial",
            "The selected one, trial N, or all that run.",
            "trials.stop", "x", "trials", "[N|all] [reason]", short="stop"),
    Command("go", "Follow a piece of evidence",
            "As it is written: t17, log:412, step:412, or t17:log:412.",
            "trials.go", arguments="PLACE", needs=True),
    # curves
    Command("ylog", "Logarithmic y axis",
            "On, off, or chosen by the values.",
            "curves.ylog", "y", "curves", "[on|off|auto]", short="log"),
    Command("smooth", "Smooth the curves",
            "The weight of the past, 0 to 1; without a number the next of 0, .6, .9.",
            "curves.smooth", "s", "curves", "[0…1]", short="smooth"),
    Command("metric", "Another metric",
            "The next one, or the one named.",
            "curves.metric", "m", "curves", "[name]", short="metric"),
    Command("xaxis", "Steps or time",
            "What the x axis shows.",
            "curves.xaxis", "t", "curves", "[step|time]", short="axis"),
    # log
    Command("follow", "Follow the log",
            "Goes to its end and stays there.",
            "log.follow", "f", "log", short="follow"),
    Command("find", "Search the log",
            "For a text; upper and lower case alike.",
            "log.search", "slash", "log", "[text]", short="find"),
    Command("next", "Next match",
            "In the log.",
            "log.following", "n", "log", short="next"),
    Command("previous", "Previous match",
            "In the log.",
            "log.preceding", "N", "log"),
    # leaving with something in hand
    Command("export", "Export the best config or all trials",
            "toml json yaml args python csv optuna; without a file it is shown here.",
            "study.export", arguments="FORMAT [file]", needs=True),
)
# fmt: on

_SHOWN = {"slash": "/", "escape": "esc", "question_mark": "?", "comma": ",", "full_stop": ".", "pageup": "pgup"}

BY_NAME: Mapping[str, Command] = {c.name: c for c in COMMANDS}
SCOPES = {
    "everywhere": "Everywhere",
    "card": "On a proposal",
    "trials": "In the trials",
    "curves": "In the curves",
    "log": "In the log",
}


def bindings(scope: str) -> list[BindingType]:
    """The keys of one scope. Those that act everywhere come before what the focused widget makes of them."""
    return [
        Binding(
            c.key,
            f"app.command('{c.name}')",
            c.title,
            show=False,
            priority=scope == "everywhere" and c.name != "back",
            id=c.name,
        )
        for c in COMMANDS
        if c.key and c.scope == scope
    ]


def shown_key(key: str) -> str:
    """`^g`, `F1`, `/`: a key as the screens write it."""
    if re.fullmatch(r"ctrl\+[a-z]", key):
        return f"^{key[-1]}"
    return key.upper() if re.fullmatch(r"f\d+", key) else _SHOWN.get(key, key)


def find(name: str) -> Command:
    """By its slash command. Raises TunewrightError naming the nearest when there is none."""
    if name in BY_NAME:
        return BY_NAME[name]
    close = nearest(name, BY_NAME)
    listed = close.startswith("Known")  # too many for a line or two
    raise TunewrightError(f"there is no command /{name}", remedy=f"{shown_key('f1')} lists them." if listed else close)


def matching(prefix: str) -> list[Command]:
    """Commands whose name begins with `prefix`, then those that hold it."""
    begins = [c for c in COMMANDS if c.name.startswith(prefix)]
    return begins + [c for c in COMMANDS if prefix in c.name and c not in begins]
