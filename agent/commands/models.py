"""Lists the models that are at hand for the agent: what --model could be.

Keys are told by name, never by value; servers are looked for on this machine only.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from agent.llm.detect import at_hand
from agent.plain.output import emit, table

EXAMPLE = "tunewright models --json"


def configure(parser: argparse.ArgumentParser) -> None:
    """`models` has no arguments of its own."""


def run(args: argparse.Namespace) -> int:
    found = at_hand()
    if args.json:
        emit({"models": [asdict(offer) for offer in found.offers], "extras": found.extras})
        return 0
    print(table(["model", "what it is"], [[offer.model, offer.what] for offer in found.offers]))
    missing = [name for name, there in found.extras.items() if not there]
    if missing:
        print(f"\nNot installed: {', '.join(f'tunewright[{name}]' for name in missing)}.")
    print("\n--model takes any other name that litellm knows, too. Keys are read from the environment.")
    return 0
