"""The proposer process: `python -m agent.search.service`.

One JSON request a line on stdin, one JSON answer a line on stdout, until stdin ends. It serves one
front and one study, and remembers the ended trials it has been told of. The heavy imports (Optuna,
torch for GP, SciPy) and the model fits happen here, with one numeric thread, away from any screen.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from agent.search import catalog, wire
from agent.study.nouns import Trial
from trainers.errors import TunewrightError


class Service:
    """Answers requests; `trials` are the ended ones, by id."""

    def __init__(self) -> None:
        self._trials: dict[int, Trial] = {}
        self._taken: frozenset[str] = frozenset()

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """`{id, drafts}`, or `{id, error}` for what a person can mend."""
        self._trials.update({t["id"]: wire.trial_from_dict(t) for t in request["ended"]})
        self._taken |= frozenset(request["taken"])
        open_trials = (wire.trial_from_dict(t) for t in request["open"])
        trials = sorted((*self._trials.values(), *open_trials), key=lambda t: t.number)
        try:
            history = wire.history_from_dict(request["frame"], tuple(trials), self._taken)
            drafts = catalog.proposer(request["search"]).propose(history, request["n"])
        except TunewrightError as error:
            said = {"what": error.what, "where": error.where, "remedy": error.remedy}
            return {"id": request["id"], "error": said}
        return {"id": request["id"], "drafts": [wire.draft_to_dict(d) for d in drafts]}


def main() -> None:
    # Libraries that print would break the protocol: their stdout is our stderr from here on.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    service = Service()
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(service.answer(request)) + "\n")
        answers.flush()
        if request["search"] in catalog.names():
            catalog.load(request["search"])  # the first config is out; the next one wants this


if __name__ == "__main__":
    main()
