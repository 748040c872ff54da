"""Shows what the calls of models have used: tokens, money, time, by purpose and model.

Costs that are not known are said to be unknown, never 0. With a study also its limits, and how the model's
predictions fared.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from agent.commands.arguments import whole
from agent.plain import ledger
from agent.plain.output import emit
from agent.redaction import in_all
from agent.store import calls, studies
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from trainers.errors import TunewrightError

EXAMPLE = "tunewright ledger my-study --json | jq '.by[] | {purpose, model, money}'"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", nargs="?", help="one study; without it the whole store")
    parser.add_argument("--calls", action="store_true", help="every call, a line each, instead of sums")
    parser.add_argument("--call", type=whole(1), metavar="N", help="one call in full: the prompt and the raw reply")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        if args.call is not None:
            return _call(store, args.call, as_json=args.json)
        study = None if args.study is None else studies.get(store, args.study)
        if args.calls:
            _calls(store, study, as_json=args.json)
        elif args.json:
            emit(ledger.document(store, study))
        else:
            print(ledger.lines(store, study))
    return 0


def _calls(store: Store, study: Study | None, *, as_json: bool) -> None:
    found = ledger.calls_document(store, study)
    if as_json:
        emit({"study": None if study is None else study.name, "calls": found})
    else:
        print(ledger.calls_table(found) if found else "No model has been called yet.")


def _call(store: Store, number: int, *, as_json: bool) -> int:
    found = calls.all_of(store, after=number - 1, limit=1)
    if not found or found[0].id != number:
        raise TunewrightError(f"there is no call {number}", where=str(store.path), remedy="See 'tunewright ledger'.")
    messages, reply = calls.text_of(store, number)
    if as_json:
        emit(in_all({"call": {**asdict(found[0]), "messages": messages, "reply": reply}}))
    else:
        print(ledger.call_lines(found[0], messages, reply))
    return 0
