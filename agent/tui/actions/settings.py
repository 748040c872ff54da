"""Settings, themes, the file of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.settings import of_study, schema, values
from agent.settings.setting import PERSON, STUDY, Setting
from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.back.orders import Driver


def show(app: TunewrightApp, args: str) -> None:
    """The page; with a name the page at that setting; with a value too, sets it."""
    name, _, value = args.strip().partition(" ")
    if value:
        setting = schema.find(name)
        change(app, setting, value, of_study=PERSON not in setting.scopes)
        return
    from agent.tui.screens.settings import SettingsScreen

    if not isinstance(app.screen, SettingsScreen):
        app.push_screen(SettingsScreen(name))


def change(app: TunewrightApp, setting: Setting, text: str, *, of_study: bool = False) -> None:
    """Sets it as typed, for the person or for the study that is open. Raises TunewrightError where it does not fit."""
    try:
        value = values.read(setting, text)
    except TunewrightError as error:
        raise TunewrightError(error.what, where=setting.name, remedy=error.remedy) from None
    put(app, setting, value, of_study=of_study)


def put(app: TunewrightApp, setting: Setting, value: Any, *, of_study: bool = False, unset: bool = False) -> None:
    """As `change`, of a value that has been read. `unset` lets the default hold."""
    if not of_study:
        app.preferences.change(app, setting, value, unset=unset)
        return
    if STUDY not in setting.scopes:
        raise TunewrightError(f"{setting.name} is the same for every study")
    wanted = setting.default if unset else value
    assert app.study and app.desk is not None
    app.desk.errand(lambda room: _put_in_study(room.open, setting, wanted), app.say)


def _put_in_study(session: Driver, setting: Setting, value: Any) -> str:
    """Through what the session offers for that part of a study; in the bridge's thread."""
    spec, said = of_study.put(session.spec, setting.name, value), f"{setting.name} is {values.shown(setting, value)}"
    part = "study.policy" if setting.name == "study.policy" else setting.table
    if part == "agent":
        session.set_agent(spec.agent)
    elif part == "study.policy":
        session.set_policy(spec.policy)
    elif part == "study.budget":
        session.set_budget(spec.budget)
    elif setting.name == "study.search":
        session.set_search(spec.search)
    else:
        session.replace_spec(spec, said)
    return said


def unset(app: TunewrightApp, args: str) -> None:
    """Of the page's cursor, or the one named."""
    from agent.tui.screens.settings import SettingsScreen

    if args.strip():
        setting = schema.find(args.strip())
        put(app, setting, None, of_study=PERSON not in setting.scopes, unset=True)
    elif isinstance(app.screen, SettingsScreen):
        app.screen.unset()
    else:
        raise TunewrightError("which setting?", remedy="Write for example /unset theme.")


def theme(app: TunewrightApp, args: str) -> None:
    wanted, setting = args.strip(), schema.BY_NAME["look.theme"]
    if not wanted:
        from agent.tui.screens.theme import ThemeScreen

        app.push_screen(ThemeScreen())
    elif wanted not in setting.key.choices:
        raise TunewrightError(f"there is no theme '{wanted}'", remedy=nearest(wanted, setting.key.choices))
    else:
        change(app, setting, wanted)


def keys(app: TunewrightApp, args: str) -> None:
    from agent.tui import keymap

    path = app.keys_path
    made = keymap.write_template(path)
    app.say(f"wrote {path}" if made else f"{path} is there already; it is left as it is")
