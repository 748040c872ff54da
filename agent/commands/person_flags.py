"""The flags of a person's own settings, for whatever opens the app; made from the schema, which imports little."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from agent.settings import person, values
from agent.settings.setting import Setting
from trainers.errors import TunewrightError

FLAGGED = [s for s in person.SETTINGS if s.flag]


def add_flags(parser: argparse.ArgumentParser) -> None:
    for setting in FLAGGED:
        about = f"{setting.key.about} {', '.join(setting.key.choices)}.".replace("%", "%%")
        parser.add_argument(
            setting.flag, dest=dest(setting), type=argument(setting), metavar=setting.metavar, help=about
        )


def given(args: argparse.Namespace) -> dict[str, Any]:
    """What `add_flags` found, by the name of the setting."""
    found = {s.name: getattr(args, dest(s), None) for s in FLAGGED}
    return {name: value for name, value in found.items() if value is not None}


def argument(setting: Setting) -> Callable[[str], Any]:
    """An argparse type: a value of the setting."""

    def parse(text: str) -> Any:
        try:
            return values.read(setting, text)
        except TunewrightError as error:
            raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None

    return parse


def dest(setting: Setting) -> str:
    return setting.flag.removeprefix("--").replace("-", "_")
