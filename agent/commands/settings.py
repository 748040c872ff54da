"""Shows settings, or changes one: your own, or with --study those of a study.

Your own lie in settings.toml in the configuration folder; its comments stay when a value is changed. A flag wins over
the environment, that over the study, the study over your file, and your file over the default.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence

from agent.plain import opening
from agent.plain.output import emit, say, table
from agent.settings import effective, of_study, rows, schema, values
from agent.settings.effective import Settings
from agent.settings.rows import Row
from agent.settings.setting import PERSON, STUDY, Setting
from agent.store import studies
from agent.store.connection import open_store
from trainers.errors import TunewrightError

EXAMPLE = "tunewright settings theme light"
_WIDE = 100


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="a setting, such as theme; without one all are shown")
    parser.add_argument("value", metavar="VALUE", nargs="?", help="what it is to be; none where it may have no value")
    parser.add_argument("--unset", action="store_true", help="take it out of your file, so that the default holds")
    parser.add_argument("--study", metavar="STUDY", help="the settings of a study in the store")
    parser.add_argument("--keys", action="store_true", help="write a keys.toml that lists every key, if there is none")


def run(args: argparse.Namespace) -> int:
    if args.keys:
        return _write_keys(as_json=args.json)
    settings = effective.load()
    for said in settings.complaints():
        say(f"tunewright: {said}")
    shown = _of_study(args, settings) if args.study is not None else _of_person(args, settings)
    if args.json:
        emit({"settings": [row.to_dict() for row in shown], "file": str(settings.written.path)})
    elif args.name is not None:
        print(shown[0].said)
    else:
        _print(shown)
    return 0


def _of_person(args: argparse.Namespace, settings: Settings) -> list[Row]:
    if args.name is None:
        return rows.of_person(settings)
    setting = schema.find(args.name)
    if PERSON not in setting.scopes:
        remedy = f"Give --study NAME{f', or run it with {setting.flag}' if setting.flag else ''}."
        raise TunewrightError(f"{setting.name} belongs to one study", remedy=remedy)
    if args.unset or args.value is not None:
        value = None if args.unset else _read(setting, args.value)
        settings = settings.put(setting, value, unset=value is None)  # TOML has no word for nothing: it is left out
        say(f"Wrote {settings.written.path}.")
    return [Row(setting, *settings.told(setting))]


def _read(setting: Setting, text: str) -> object:
    try:
        return values.read(setting, text)
    except TunewrightError as error:
        raise TunewrightError(error.what, where=setting.name, remedy=error.remedy) from None


def _of_study(args: argparse.Namespace, settings: Settings) -> list[Row]:
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        if args.name is None:
            return rows.of_study(settings, study.spec)
        setting = schema.find(args.name)
        if STUDY not in setting.scopes:
            raise TunewrightError(f"{setting.name} is the same for every study", remedy="Leave out --study.")
        if args.unset or args.value is not None:
            value = setting.default if args.unset else _read(setting, args.value)
            spec = of_study.put(study.spec, setting.name, value)
            study, changes = opening.update(store, study, spec, who="settings")
            say("; ".join(changes) or "that changes nothing")
        return [Row(setting, *settings.in_study(setting, study.spec), of_study=True)]


def _print(shown: Sequence[Row]) -> None:
    width = shutil.get_terminal_size((_WIDE, 24)).columns if sys.stdout.isatty() else 1 << 16
    last = ""
    lines = [[row.setting.name, row.said, str(row.origin), row.setting.key.about] for row in shown]
    head, *body = table(["setting", "value", "from", "what it is"], lines).split("\n")
    print(head)
    for line, row in zip(body, shown, strict=True):
        if last not in ("", row.setting.table):
            print()
        last = row.setting.table
        print(line if len(line) <= width else line[: width - 1] + "…")


def _write_keys(*, as_json: bool) -> int:
    from agent.tui import keymap

    path = keymap.keys_file()
    made = keymap.write_template(path)
    if as_json:
        emit({"file": str(path), "written": made})
    else:
        print(f"Wrote {path}." if made else f"{path} is there already; it is left as it is.")
    return 0
