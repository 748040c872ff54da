"""The flags of `run` and `demo` that change a study, made from the schema of settings, and what they change."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping
from typing import Any

from agent.commands import person_flags
from agent.commands.arguments import one_of
from agent.commands.person_flags import argument, dest
from agent.plain.driving import check, headless_wanted
from agent.settings import defaults, effective, of_study
from agent.settings.setting import Origin, Setting
from agent.study.policy import PolicyKind
from agent.study.spec import MODEL_SEARCHES, StudySpec
from trainers.errors import TunewrightError

AUTO = "auto"  # the short word for watch: everything runs, within the budget
POLICIES = (*PolicyKind, AUTO)


def add_flags(parser: argparse.ArgumentParser, policy: str = PolicyKind.ASK) -> None:
    """`policy` is what holds unless told."""
    for setting in _flagged():
        about = setting.key.about.replace("Default: true.", "on or off. Default: on.")
        about = about.replace("Default: ask.", f"Default: {policy}.") if setting.name == "study.policy" else about
        if setting.key.choices:
            about += f" {', '.join(POLICIES if setting.name == 'study.policy' else setting.key.choices)}."
        parser.add_argument(
            setting.flag,
            dest=dest(setting),
            type=_policy if setting.name == "study.policy" else argument(setting),
            metavar=setting.metavar,
            help=about.replace("%", "%%"),
        )
    parser.add_argument("--headless", action="store_true", help="no app, also in a terminal; progress on stderr")
    person_flags.add_flags(parser)


def apply(spec: StudySpec, args: argparse.Namespace, stated: Collection[str] | None = None) -> StudySpec:
    """`spec` with what the flags say, and the environment; what they leave out stays.

    `stated` is what a study file gives itself: the person's own defaults stand in for the rest of it.
    Raises TunewrightError when it is to run without the app and could not begin, or not end.
    """
    flags = {s.name: getattr(args, dest(s)) for s in _flagged() if getattr(args, dest(s)) is not None}
    wanted = filled(spec, flags, stated)
    if headless_wanted(args.headless, args.json):
        check(wanted)
    return wanted


def filled(spec: StudySpec, flags: Mapping[str, Any], stated: Collection[str] | None = None) -> StudySpec:
    """`apply` with flags by the names of their settings, of a front that may ask a person."""
    settings = effective.load(flags=flags)
    wanted = spec if stated is None else defaults.filled(spec, stated, settings)
    for setting in of_study.SETTINGS:
        value, origin = settings.told(setting)
        if origin in (Origin.FLAG, Origin.ENVIRONMENT):
            wanted = of_study.put(wanted, setting.name, value)
    if wanted.search in MODEL_SEARCHES and not wanted.agent.has_model:
        raise TunewrightError(
            f"search '{wanted.search}' needs a model, and there is none",
            where=f"study '{wanted.name}'",
            remedy="Give --model NAME; 'tunewright models' lists what is at hand.",
        )
    return wanted


def _policy(text: str) -> str:
    word = one_of("policy", POLICIES)(text)
    return str(PolicyKind.WATCH) if word == AUTO else word


def _flagged() -> list[Setting]:
    return [s for name in of_study.FLAGS for s in of_study.SETTINGS if s.name == name]
