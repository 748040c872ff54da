"""A person's own settings, the same for every study: how the app looks, what it draws, when it calls."""

from __future__ import annotations

from agent.settings.setting import Setting
from agent.study.key import Key

THEMES = ("auto", "dark", "light", "ansi", "contrast")
AUTO = ("auto", "on", "off")

SECTIONS = {
    "look": "How the app looks and moves.",
    "curves": "How curves are drawn in a study that is opened for the first time.",
    "log": "The log of a trial.",
    "notify": "How and when the app calls you.",
    "study": "What a new study starts with.",
    "engine": "What a new study starts with.",
    "agent": "Who speaks in a new study, and what it may spend.",
    "stopping": "How trials of a new study that promise too little are ended early.",
}


def _switch(name: str, about: str, *, default: bool) -> Setting:
    return Setting(name, Key("switch", about), default)


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "look.theme",
        Key("text", "Colours. auto goes by what the terminal says of its background.", choices=THEMES),
        "auto",
        flag="--theme",
        metavar="NAME",
    ),
    Setting(
        "look.ascii",
        Key("text", "Marks and plots of plain characters. auto: where the terminal has no others.", choices=AUTO),
        "auto",
        flag="--ascii",
        metavar="WHEN",
    ),
    Setting("look.frames", Key("number", "Pictures a second of trials in flight.", minimum=0.2, maximum=4), 4.0),
    _switch("look.reduced_motion", "Nothing slides or blinks.", default=False),
    _switch("look.mouse", "Whether the app takes the mouse; the next start.", default=True),
    _switch("look.confirm_quit", "Ask before leaving while trials run.", default=False),
    Setting("curves.smooth", Key("number", "Smoothing: the weight of the past.", minimum=0, maximum=0.99), 0.0),
    Setting("curves.axis", Key("text", "What the x axis shows.", choices=("step", "time", "relative")), "step"),
    Setting("log.lines", Key("integer", "Lines of a log that are kept on the screen.", minimum=500), 20_000),
    _switch("notify.bell", "Rings the terminal's bell, at most every ten seconds.", default=True),
    _switch("notify.title", "Says in the terminal's title what runs and waits.", default=True),
    _switch("notify.osc9", "Sends a notification (OSC 9) to terminals that show them.", default=True),
    _switch("notify.on_ask", "When a proposal waits and you are elsewhere.", default=True),
    _switch("notify.on_failure", "When a trial fails.", default=True),
    _switch("notify.on_budget", "When 80 % and all of a budget are spent.", default=True),
    _switch("notify.on_finished", "When a study is finished.", default=True),
)
