"""Finding one's way: panels, palette, help, theme, the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_SECONDS = 6.0  # in which a second wish to leave counts
PANELS = {"c": "chat", "v": "curves", "t": "trials", "l": "log", "p": "proposal", "i": "input"}


def jump(app: TunewrightApp, args: str) -> None:
    wanted = args.strip()
    if not wanted:
        app.study.show_jumps()
        return
    names = {**PANELS, **{name: name for name in PANELS.values()}}
    if wanted not in names:
        raise TunewrightError(f"there is no panel '{wanted}'", remedy=nearest(wanted, PANELS.values()))
    app.study.show_panel(names[wanted])


def show_chat(app: TunewrightApp, args: str) -> None:
    app.study.show_panel("chat")


def show_curves(app: TunewrightApp, args: str) -> None:
    app.study.show_panel("curves")


def show_trials(app: TunewrightApp, args: str) -> None:
    app.study.show_panel("trials")


def zoom(app: TunewrightApp, args: str) -> None:
    app.study.side.view.zoomed = not app.study.side.view.zoomed
    app.study.arranged()


def back(app: TunewrightApp, args: str) -> None:
    app.go_back()


def palette(app: TunewrightApp, args: str) -> None:
    app.action_command_palette()


def help(app: TunewrightApp, args: str) -> None:
    from agent.tui.screens.help import HelpScreen, place

    if isinstance(app.screen, HelpScreen):
        app.screen.leave()
    else:
        app.push_screen(HelpScreen(place(app)))


def quit(app: TunewrightApp, args: str) -> None:
    """Leaves; where the person wants to be asked and trials run, the second time."""
    running = app.desk.running if app.desk is not None else 0
    if app.preferences["look.confirm_quit"] and running and not app.asked_to_leave:
        app.asked_to_leave = True
        app.set_timer(_SECONDS, lambda: setattr(app, "asked_to_leave", False))
        trials = "1 trial runs" if running == 1 else f"{running} trials run"
        app.say(f"{trials} and will keep running; {app.key_name('quit')} once more leaves")
        return
    app.leave()
