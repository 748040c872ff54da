"""The agent: its model, its limits, what it is asked to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.study.spec import MODEL_SEARCHES, SEARCHES
from agent.study.study_schema import TABLES, Key
from agent.tui.actions.trials import meant
from agent.tui.actions.words import pairs, split_number
from agent.tui.requests import Explain, FindModels, Interrupt, ReadLedger, Reshape, SetAgent, SetSearch
from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_NONE = ("none", "no", "unlimited", "default")


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
        agent = app.study.model.spec.agent
        said = "  ".join(f"{name}={value}" for name, value in vars(agent).items() if value not in (None, "", False))
        app.study.say_here(((said, "text"),))
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
    number, _ = split_number(args)
    trial = meant(app, number)
    if not trial.state.ended:
        raise TunewrightError(f"t{trial.number} is {trial.state}", remedy="It can be explained when it has ended.")
    app.study.send(Explain(trial.number))


def reshape(app: TunewrightApp, args: str) -> None:
    app.study.send(Reshape())


def interrupt(app: TunewrightApp, args: str) -> None:
    app.study.send(Interrupt())


def ledger(app: TunewrightApp, args: str) -> None:
    app.study.send(ReadLedger())


def _change(app: TunewrightApp, words: dict[str, str]) -> None:
    keys = TABLES["agent"] or {}
    found: dict[str, Any] = {}
    for name, text in words.items():
        if name not in keys:
            raise TunewrightError(f"the agent has no setting '{name}'", remedy=nearest(name, keys))
        found[name] = _read(name, keys[name], text)
    app.study.send(SetAgent(replace(app.study.model.spec.agent, **found)))


def _read(name: str, key: Key, text: str) -> Any:
    """`text` as the setting wants it. Raises TunewrightError naming the setting and its bounds."""
    if key.kind == "text":
        return text
    if key.kind == "switch":
        return text.lower() in ("true", "on", "yes", "1")
    if text.lower() in _NONE:
        return None
    try:
        number = int(text) if key.kind == "integer" else float(text)
    except ValueError:
        raise TunewrightError(f"{name} = {text} is not a {'whole ' * (key.kind == 'integer')}number") from None
    if (key.minimum is not None and number < key.minimum) or (key.maximum is not None and number > key.maximum):
        most = "" if key.maximum is None else f" and at most {key.maximum:g}"
        raise TunewrightError(f"{name} = {text} is out of range", remedy=f"At least {key.minimum or 0:g}{most}.")
    return number
