"""Whole studies run with the agent: twelve trials of bracket's GRU, unattended.

    python -m benchmarks.agent_studies

Once with a scripted endpoint that plays a sensible advisor; then with a tiny model, trained for some seconds, on
llama.cpp's own server, which holds replies to their shape but to no bounds, and in the agent's own process, which holds
them to both. All go through the command line as a person's would. Prints what ran, who proposed it, and what the calls
used; it fails where the ledger does not add up with what the endpoint was asked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.store import calls, events, proposals, studies, trials
from agent.store.connection import open_store
from tests.agent.llm.endpoint import Endpoint
from tests.agent.llm.llama_server import llama_server
from tests.agent.llm.local.tiny import gguf_file
from tests.agent.search.llm.advising import Advisor
from trainers.bracket.tasks import find

_TASK, _TRIALS = "gru-small", 12


@dataclass(frozen=True)
class Row:
    """One study as it ended."""

    model: str
    states: dict[str, int]
    sources: dict[str, int]
    best: str
    calls: str
    tokens: int
    advised: int

    def __str__(self) -> str:
        told = [self.model, _counted(self.states), _counted(self.sources), self.best, self.calls]
        return f"| {' | '.join(told)} | {self.tokens:,} | {self.advised} |"


def main() -> int:
    print("| model | trials | proposed by | best | calls | tokens | turns given away |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, Endpoint() as endpoint:
        endpoint.script = Advisor(find(_TASK).space)
        print(_run(Path(folder) / "advisor", "scripted advisor", endpoint.url, endpoint), flush=True)
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as url:
        print(_run(Path(folder) / "llama", "tiny GGUF on llama.cpp's server", url, None), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        local = f"local:{gguf_file(Path(folder))}"
        print(_run(Path(folder) / "local", "tiny GGUF in the agent's process", local, None), flush=True)
    return 0


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    with llama_server(gguf_file(folder), context=16_384) as url:
        yield url


def _run(folder: Path, name: str, url: str, endpoint: Endpoint | None) -> Row:
    folder.mkdir()
    words = ["demo", _TASK, "--search", "llm", "--model", url, "--trials", str(_TRIALS), "--budget", "60s", "--json"]
    env = {**os.environ, "TUNEWRIGHT_LESSONS": str(folder / "lessons.sqlite"), "PYTHONPATH": os.getcwd()}
    done = subprocess.run(
        [sys.executable, "-m", "agent", *words], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2000:])
    document: dict[str, Any] = json.loads(done.stdout)
    with open_store(folder / "store.sqlite") as store:
        study = studies.get(store, document["study"])
        ledger = calls.all_of(store, study.id)
        ran = trials.all_trials(store, study.id)
        made = {p.call_id for p in proposals.all_of(store, study.id) if p.call_id is not None}
        advised = [e for e in events.since(store, study.id, 0) if e.kind is events.EventKind.ADVISED]
        spent = calls.spent(store, study.id)
    if not made <= {record.id for record in ledger if record.state == "ok"}:
        raise RuntimeError("a proposal names a call that the ledger has not")
    if spent.tokens != sum((r.prompt_tokens or 0) + (r.completion_tokens or 0) for r in ledger):
        raise RuntimeError("the ledger's sum is not the sum of its entries")
    if endpoint is not None and len(ledger) != len(endpoint.requests):
        raise RuntimeError(f"{len(endpoint.requests)} requests came, the ledger has {len(ledger)}")
    best = document["best"]
    return Row(
        model=name,
        states=Counter(str(t.state) for t in ran),
        sources=Counter(str(t.source) for t in ran),
        best=f"{best['value']:.4f} (t{best['number']})" if best else "–",
        calls=_counted(Counter(r.state for r in ledger)),
        tokens=spent.tokens,
        advised=len([e for e in advised if "takes this turn" in str(e.data.get("text"))]),
    )


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in counts.items())


if __name__ == "__main__":
    sys.exit(main())
