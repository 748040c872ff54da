"""The flags of `run` and `demo` that change a study, and what they change."""

from __future__ import annotations

import argparse
import math
from dataclasses import replace

from agent.commands.arguments import one_of, whole
from agent.plain.driving import check, headless_wanted
from agent.study.durations import parse_duration
from agent.study.policy import Policy, PolicyKind
from agent.study.spec import MODEL_SEARCHES, SEARCHES, StudySpec
from trainers.errors import TunewrightError

AUTO = "auto"  # the short word for watch: everything runs, within the budget
POLICIES = (*PolicyKind, AUTO)


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--trials", type=whole(1), metavar="N", help="how many trials the study may have, earlier ones included")
    add("--policy", type=one_of("policy", POLICIES), metavar="POLICY", help=f"{', '.join(POLICIES)} (auto = watch)")
    add("--target", type=finite, metavar="VALUE", help="a stop of auto-until: ask once a value this good is reached")
    add("--failures", type=whole(1), metavar="N", help="a stop of auto-until: ask after so many failures in a row")
    add("--search", type=one_of("search", SEARCHES), metavar="SEARCH", help=", ".join(SEARCHES))
    add("--model", metavar="MODEL", help="who speaks for the agent: a litellm name, local:FILE.gguf, hf:FOLDER, none")
    add("--api-base", metavar="URL", help="where the model is served, if not at its provider's")
    add("--language", metavar="NAME", help="the language the agent answers in")
    add("--jobs", type=whole(1), metavar="J", help="trials at once (default: one a GPU, or one on a CPU)")
    add("--seed", type=whole(0), metavar="S", help="seed of search and trials; the same seed proposes the same")
    add(
        "--budget",
        type=duration,
        metavar="TIME",
        help="time per trial, such as 90s, 3min or 1h; ends it with what it has",
    )
    add("--total", type=duration, metavar="TIME", help="time for the whole study, such as 8h; waiting does not count")
    add("--headless", action="store_true", help="no app, also in a terminal; progress on stderr")


def apply(spec: StudySpec, args: argparse.Namespace) -> StudySpec:
    """`spec` with what the flags say; what they leave out stays.

    Raises TunewrightError when it is to run without the app and could not begin, or not end.
    """
    given = {"trials": args.trials, "trial_seconds": args.budget, "total_seconds": args.total}
    budget = replace(spec.budget, **{k: v for k, v in given.items() if v is not None})
    engine = spec.engine if args.jobs is None else replace(spec.engine, jobs=args.jobs)
    changes = {"search": args.search, "seed": args.seed}
    agent = {"model": args.model, "api_base": args.api_base, "language": args.language}
    wanted = spec.replace(
        budget=budget,
        engine=engine,
        agent=replace(spec.agent, **{k: v for k, v in agent.items() if v is not None}),
        policy=_policy(spec.policy, args),
        **{k: v for k, v in changes.items() if v is not None},
    )
    if wanted.search in MODEL_SEARCHES and not wanted.agent.has_model:
        raise TunewrightError(
            f"search '{wanted.search}' needs a model, and there is none",
            where=f"study '{wanted.name}'",
            remedy="Give --model NAME; 'tunewright models' lists what is at hand.",
        )
    if headless_wanted(args.headless, args.json):
        check(wanted)
    return wanted


def _policy(policy: Policy, args: argparse.Namespace) -> Policy:
    given = {"target": args.target, "failures": args.failures}
    kind = None if args.policy is None else PolicyKind.WATCH if args.policy == AUTO else PolicyKind(args.policy)
    stops = {k: v for k, v in given.items() if v is not None}
    return replace(policy, kind=policy.kind if kind is None else kind, **stops)


def finite(text: str) -> float:
    """An argparse type: a finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number")
    return value


def duration(text: str) -> float:
    """An argparse type: seconds in `3min` and the like."""
    try:
        return parse_duration(text)
    except TunewrightError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None
