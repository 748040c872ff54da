"""Shows how sure the model was of each proposed value, and where in its prompt it looked.

A study records this where it is told to: [agent] entropy = true, attention = "layers=-1 heads=all".
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.commands.arguments import whole
from agent.exports.export import place
from agent.llm import insight
from agent.plain.output import clean, emit, param, say, table
from agent.store import calls, proposals, studies
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.nouns import Proposal
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.llm.attention import Recording

EXAMPLE = "tunewright look my-study 18 --png 18.png"
_WIDTH, _MOST_LINES = 120, 14


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    parser.add_argument("proposal", metavar="PROPOSAL", type=whole(0), help="its number")
    parser.add_argument("--png", type=Path, metavar="FILE", help="write the attention as a picture")
    parser.add_argument("--npz", type=Path, metavar="FILE", help="write the attention as numpy arrays")
    parser.add_argument("--force", action="store_true", help="let --png and --npz replace a file")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        proposal = _proposal(store, study, args.proposal)
        model, extra = calls.origin(store, proposal.call_id) if proposal.call_id is not None else ("", {})
        recording = insight.recording_of(extra, store.folder)
    entropy = proposal.insight.get("entropy", {})
    _require_something(proposal, entropy, recording, wants_files=args.png or args.npz)
    by_value = insight.looked_at(recording, proposal.params) if recording is not None else {}
    if recording is not None:
        _export(args, proposal, recording, by_value)
    if args.json:
        emit(_document(study, proposal, model, recording, by_value))
    else:
        _print(proposal, model, recording, by_value)
    return 0


def _proposal(store: Store, study: Study, number: int) -> Proposal:
    found = proposals.all_of(store, study.id)
    for proposal in found:
        if proposal.number == number:
            return proposal
    remedy = f"The study has proposals 0 to {found[-1].number}." if found else "The study has none yet."
    raise TunewrightError(f"there is no proposal {number}", remedy=remedy)


def _require_something(
    proposal: Proposal, entropy: Mapping[str, float], recording: Recording | None, *, wants_files: Any
) -> None:
    name = f"proposal {proposal.number}"
    if proposal.call_id is None:
        raise TunewrightError(f"{name} came from {proposal.source}, not from a model", remedy="Look at one of llm's.")
    if recording is None and (wants_files or not entropy):
        what = f"no attention was recorded for {name}" if entropy else f"nothing was recorded for {name}"
        remedy = (
            'Set entropy = true, or attention = "layers=-1 heads=all" (local models), in [agent] of the study file.'
        )
        raise TunewrightError(what, remedy=remedy)


def _export(
    args: argparse.Namespace, proposal: Proposal, recording: Recording, by_value: Mapping[str, Sequence[float]]
) -> None:
    from agent.llm.heat import png

    title = f"attention of proposal {proposal.number}, {_where(recording)}"
    made = [] if args.png is None else [(args.png, lambda path: path.write_bytes(picture()))]
    made += [] if args.npz is None else [(args.npz, recording.save)]

    def picture() -> bytes:
        return png(recording, _rows(recording, by_value), title)

    for output, write in made:
        place(output, write, force=args.force)
        say(f"Wrote {output}.")


def _rows(recording: Recording, by_value: Mapping[str, Sequence[float]]) -> list[tuple[str, Sequence[float]]]:
    """A row a parameter and one for all; of the whole reply where no value was found in it."""
    if not by_value:
        return [("all", recording.weights(recording.value_tokens()))]
    return [*by_value.items(), ("all", insight.overall(by_value))]


def _where(recording: Recording) -> str:
    return f"layers {_listed(recording.layers)}, heads {_listed(recording.heads)}"


def _listed(numbers: Sequence[int]) -> str:
    """`0-3, 7`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _document(
    study: Study, proposal: Proposal, model: str, recording: Recording | None, by_value: Mapping[str, Sequence[float]]
) -> dict[str, Any]:
    entropy = proposal.insight.get("entropy", {})
    attention = None
    if recording is not None:
        shares = _rows(recording, by_value)[-1][1]
        lines = [{"text": text, "weight": share} for text, share in zip(recording.lines, shares, strict=True)]
        attention = {"layers": recording.layers, "heads": recording.heads, "lines": lines, "by_value": dict(by_value)}
    values = [{"name": n, "value": v, "entropy": entropy.get(n)} for n, v in proposal.params.items()]
    return {
        "study": study.name,
        "proposal": proposal.number,
        "model": model,
        "values": values,
        "attention": attention,
    }


def _print(
    proposal: Proposal, model: str, recording: Recording | None, by_value: Mapping[str, Sequence[float]]
) -> None:
    from agent.llm.heat import heat_strip, spark

    entropy = proposal.insight.get("entropy", {})
    print(clean(f"proposal {proposal.number}, from {model}\n"))
    rows = []
    for name, value in proposal.params.items():
        nats = f"{entropy[name]:.2f}" if name in entropy else "–"
        rows.append([name, param(value), nats, spark(by_value.get(name, ()), 40)])
    heads = ["", "value", "nats a token", "where it looked, from the prompt's first line to its last"]
    count = 4 if recording is not None else 3
    print(table(heads[:count], [row[:count] for row in rows], right=(1, 2)))
    if recording is not None:
        width = min(shutil.get_terminal_size((_WIDTH, 24)).columns, _WIDTH)
        weights = _rows(recording, by_value)[-1][1]
        print(f"\nAttention of {_where(recording)}, the mean over the values:")
        for line in heat_strip(recording.lines, weights, width, _MOST_LINES):
            print(clean(line))
