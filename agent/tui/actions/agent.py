"""The agent: its model, its limits, what it is asked to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.settings.agent_words import changed, described
from agent.study.spec import MODEL_SEARCHES, SEARCHES
from agent.tui.actions import card
from agent.tui.actions.trials import one
from agent.tui.actions.words import pairs
from agent.tui.requests import Explain, FindModels, Interrupt, Reshape, SetAgent, SetSearch
from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


def model(app: TunewrightApp, args: str) -> None:
    """Sets the model; without a name asks what is at hand."""
    name, _, rest = args.strip().partition(" ")
    if not name:
        app.study.send(FindModels())
        return
    _change(app, {"model": name, **pairs(rest)})


def settings(app: TunewrightApp, args: str) -> None:
    """`/agent money=5 explain_worse_than=.4`: any key of [agent] in a study file."""
    if not args.strip():
        app.study.say_here(((described(app.study.model.spec.agent), "text"),))
        return
    _change(app, pairs(args))


def language(app: TunewrightApp, args: str) -> None:
    _change(app, {"language": args.strip()})


def search(app: TunewrightApp, args: str) -> None:
    name = args.strip()
    if name not in SEARCHES:
        raise TunewrightError(f"there is no search '{name}'", remedy=nearest(name, SEARCHES))
    if name in MODEL_SEARCHES and not app.study.model.spec.agent.has_model:
        raise TunewrightError(f"search '{name}' needs a model", remedy="Choose one with /model.")
    app.study.send(SetSearch(name))


def explain(app: TunewrightApp, args: str) -> None:
    if args.strip() == "more" and app.study.cards.shown is not None:
        card.reasons(app, "")  # of the proposal that waits
        return
    trial = one(app, args)
    if not trial.state.ended:
        raise TunewrightError(f"t{trial.number} is {trial.state}", remedy="It can be explained when it has ended.")
    app.study.chat.explaining = trial.number
    app.study.send(Explain(trial.number))


def reshape(app: TunewrightApp, args: str) -> None:
    app.study.send(Reshape())


def interrupt(app: TunewrightApp, args: str) -> None:
    app.study.send(Interrupt())


def _change(app: TunewrightApp, words: dict[str, str]) -> None:
    app.study.send(SetAgent(changed(app.study.model.spec.agent, words)))
