"""The process that works importances out for a screen: `python -m agent.importance.service STORE`.

One JSON request a line on stdin, `{"id", "study"}`; one answer a line on stdout. A forest takes its time and its
libraries their memory: neither has a place in the process that draws.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.importance import Share, Weights, effects, usable, weights
from agent.store import studies, trials
from agent.store.connection import Store, open_store


def answer(store: Store, request: Mapping[str, Any]) -> dict[str, Any]:
    """`{id, usable, weights, effects}` of the study as it is now; effects by parameter, as text."""
    study = studies.by_id(store, request["study"])
    known, space, objective = trials.all_trials(store, study.id), study.spec.space, study.spec.objective
    return {
        "id": request["id"],
        "usable": len(usable(known, space)),
        "weights": asdict(weights(known, space, objective)),
        "effects": {e.parameter: e.text for e in effects(known, space, objective)},
    }


def weights_from_dict(data: Mapping[str, Any]) -> Weights:
    return Weights(tuple(Share(**share) for share in data["shares"]), data["alone"], data["trials"])


def main() -> None:
    # Libraries that print would break the protocol: their stdout is our stderr from here on.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with open_store(Path(sys.argv[1]), create=False, check=False) as store:
        for line in sys.stdin:
            answers.write(json.dumps(answer(store, json.loads(line))) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
