"""Reads a training script, proposes what to tune, tries it for some seconds, and writes a commented study.toml.

Without a script it finds the one of this folder. Nothing of yours is changed: the script runs once, with its own
defaults, for at most 30 seconds, and ends as soon as enough was seen; --no-try only reads it. Words after -- are given
to the script in every run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.commands.arguments import one_of
from agent.guide import guiding, merging, writing
from agent.guide.nouns import Reading, Tried
from agent.guide.plan import Plan, make, must_have
from agent.guide.printed import printed
from agent.guide.reading.find import find_scripts
from agent.guide.reading.read import read_script
from agent.guide.reading.tunables import tunables
from agent.guide.trying.running import SECONDS, run_try
from agent.llm.names import parse_model
from agent.plain import guide
from agent.plain.one_job import run_job
from agent.plain.output import clean, emit, say
from agent.settings import effective
from agent.store import studies
from agent.store.connection import open_store
from agent.study.agent_spec import NO_MODEL, AgentSpec
from agent.study.durations import parse_duration
from trainers.errors import TunewrightError

EXAMPLE = "tunewright init train.py --try 1min --objective val_loss -- --data /data"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "script", metavar="SCRIPT", nargs="?", default="", help="a Python or shell script, or its folder"
    )
    parser.set_defaults(words=[])  # what stands after --
    trying = parser.add_mutually_exclusive_group()
    trying.add_argument("--try", dest="seconds", type=_time, default=SECONDS, metavar="TIME", help="how long (30s)")
    trying.add_argument("--no-try", action="store_true", help="only read the script")
    parser.add_argument("--whole-try", action="store_true", help="use all of that time, however much was seen")
    parser.add_argument("--python", metavar="PATH", default="", help="the interpreter of the script")
    parser.add_argument("--objective", metavar="METRIC", default="", help="what to optimise")
    parser.add_argument("--direction", type=one_of("direction", ("minimize", "maximize")), help="which way")
    parser.add_argument("--name", metavar="NAME", default="", help="of the study (the folder's)")
    parser.add_argument(
        "--output", "-o", type=Path, metavar="FILE", help="where to write (study.toml beside the script)"
    )
    parser.add_argument("--force", action="store_true", help="replace a study file that is there")
    parser.add_argument("--yes", action="store_true", help="ask nothing: take what is likeliest")
    parser.add_argument("--model", metavar="MODEL", default="", help="a model that reads the script as well")


def _time(text: str) -> float:
    """`45`, `45s` or `2min`."""
    try:
        return parse_duration(f"{text}s" if text.replace(".", "", 1).isdigit() else text)
    except TunewrightError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(args: argparse.Namespace) -> int:
    asks = sys.stdin.isatty() and sys.stderr.isatty() and not args.yes and not args.json
    script = _script(args.script, asks)
    path = args.output or script.parent / writing.FILE
    if path.exists() and not args.force:  # told before anything is tried
        remedy = f"Give --output {writing.free(path).name} for another one, or --force to replace it."
        raise TunewrightError("there is a study file already", where=str(path), remedy=remedy)
    model = _model(args.model)
    plan = _plan(args, script)
    if model != NO_MODEL:
        plan = _by_model(plan, args.store, model)
        plan = plan.replace(agent=AgentSpec(model=model)) if args.model else plan
    plan = _objective(plan, args, asks)
    written = writing.write(plan, path, force=args.force)
    if args.json:
        emit(guide.document(plan, written))
    else:
        _show(plan, written)
    return 1 if plan.tried is not None and plan.tried.problem else 0


def _script(given: str, asks: bool) -> Path:
    if (named := guiding.script_of(given, Path.cwd())) is not None:
        return named
    found = find_scripts(Path.cwd())
    rivals = guiding.rivals(found) if found else []
    if asks and len(rivals) > 1:
        return rivals[guide.pick("which script trains?", [c.reason for c in rivals])].path
    script = guiding.the_one(found, Path.cwd())
    others = f"; others: {', '.join(str(c.path.relative_to(Path.cwd())) for c in found[1:4])}" if found[1:] else ""
    say(f"{script.relative_to(Path.cwd())}: the training script, as far as can be told{others}")
    return script


def _plan(args: argparse.Namespace, script: Path) -> Plan:
    reading = read_script(script)
    tuned = tunables(reading)
    guiding.check_tunable(script, tuned)
    tried = None if args.no_try else _tried(args, reading, [*args.words, *must_have(tuned, args.words)])
    return make(
        reading,
        tuned,
        tried,
        printed=printed(reading),
        name=args.name,
        python=args.python,
        words=args.words,
    )


def _tried(args: argparse.Namespace, reading: Reading, words: Sequence[str]) -> Tried:
    line = guide.TryLine()
    try:
        return run_try(
            reading,
            args.seconds,
            python=args.python,
            words=words,
            early=not args.whole_try,
            on_progress=line,
        )
    finally:
        line.close()


def _model(given: str) -> str:
    """Who reads along: as asked, or as a person's settings have it. Raises LLMError for a name that is none."""
    return parse_model(given or effective.load().value("agent.model")).text


def _by_model(plan: Plan, store_path: Path, model: str) -> Plan:
    """What the model made of the script, laid over the plan; the plan as it is where that came to nothing."""
    say(f"{model} reads the script …")
    with open_store(store_path) as store:
        asked = merging.question(plan)
        done = run_job(store, studies.draft(store.folder), "read_script", model=model, **asked).done
    if done.error is not None:
        say(f"{model} was of no help: {str(done.error).rstrip('.')}. What was found without it stands.")
        return plan
    return merging.merged(plan, done.result)


def _objective(plan: Plan, args: argparse.Namespace, asks: bool) -> Plan:
    if args.objective:
        return plan.with_objective(args.objective, args.direction or "")
    goals = guiding.goals(plan)
    if asks and len(goals) > 1:
        chosen = goals[guide.pick("what is to be optimised?", [f"{m.direction} {m.name}" for m in goals])]
        return plan if chosen.name == plan.objective.name else plan.with_objective(chosen.name, args.direction or "")
    return plan.with_objective(plan.objective.name, args.direction) if args.direction else plan


def _show(plan: Plan, path: Path) -> None:
    print(clean(guide.found(plan)))
    print()
    for line in [*guide.measured(plan), *plan.notes]:
        print(clean(line))
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    print(f"\nWritten to {shown}. Next: tunewright run {shown}")
