"""Makes series with what is true of them, or relabels those there are: `tunewright data describe`."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.exports.export import place
from agent.plain.output import say
from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from trainers.describe.records import Record

FILE = Path("describe.jsonl")


def run(args: argparse.Namespace) -> dict[str, Any]:
    records = _records(args)
    from trainers.describe.records import lines

    target: Path = args.to or args.relabel or FILE
    force = args.force or (args.to is None and args.relabel is not None)  # to relabel a file is to replace it
    place(target, lambda path: _write(path, lines(records)), force=force)
    document = _document(target, records)
    if not args.json:
        _tell(document)
    return document


def _records(args: argparse.Namespace) -> list[Record]:
    from trainers.describe.records import made, read, relabelled
    from trainers.describe.rules import Thresholds
    from trainers.describe.series import PROCESSES, process_of

    thresholds = Thresholds.read(args.thresholds)
    if args.relabel is not None:
        return relabelled(read(args.relabel), thresholds)
    if args.process not in PROCESSES:
        raise TunewrightError(f"process '{args.process}' is unknown", remedy=nearest(args.process, PROCESSES))
    return made(process_of(args.process), args.samples, args.seed, thresholds)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _document(target: Path, records: list[Record]) -> dict[str, Any]:
    from trainers.describe.balance import shares
    from trainers.describe.records import SPLITS

    splits = Counter(record.split for record in records)
    found = shares([record.truth for record in records]) if records else {}
    return {
        "path": target,
        "samples": len(records),
        "splits": {split: splits[split] for split in SPLITS},
        "labels": {part: {label: round(share, 4) for label, share in labels.items()} for part, labels in found.items()},
        "thresholds": records[0].thresholds.to_dict() if records else {},
        "mended": sum(bool(record.mended) for record in records),
    }


def _tell(document: dict[str, Any]) -> None:
    splits = ", ".join(f"{number} {split}" for split, number in document["splits"].items())
    say(f"{document['path']}: {document['samples']:,} series ({splits}).")
    for part, labels in document["labels"].items():
        say(f"  {part:8}" + "  ".join(f"{label} {share:.0%}" for label, share in labels.items()))
    if document["mended"]:
        say(f"  The rules contradict a teacher in {document['mended']:,}; their sentences stand there instead.")
