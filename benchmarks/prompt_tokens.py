"""How the prompt for the next configs grows with a study: tokens at 20, 100 and 1,000 trials, and the time it takes.

Studies of several kinds, with curves, diagnoses, narratives, rejections and edits: conditional and constrained
spaces, one of 25 parameters, many failures, long rationales. Tokens are those of o200k_base, whose table comes
with litellm, so that no network is needed. Peer of the tokens: the same prompt with every trial in its table.

    python -m benchmarks.prompt_tokens      the whole table
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from agent.digest import digest, rows
from agent.search.llm.brief import brief
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from benchmarks.harness import Figure, median
from prompts.render import Rendered
from tests.prompts import studies

ENCODING = "o200k_base"
SIZES = (20, 100, 1_000)
MOST = 2.0  # times as long as at the first of SIZES
_LESSONS = tuple(f"Lesson {i}: wide models wanted lower rates in three studies of this trainer." for i in range(5))


@cache
def counter() -> Callable[[str], int]:
    """Counts tokens with the table that litellm carries: tiktoken alone would fetch it."""
    spec = importlib.util.find_spec("litellm")
    assert spec is not None and spec.submodule_search_locations
    os.environ["TIKTOKEN_CACHE_DIR"] = str(
        Path(spec.submodule_search_locations[0]) / "litellm_core_utils" / "tokenizers"
    )
    import tiktoken

    encoding = tiktoken.get_encoding(ENCODING)
    return lambda text: len(encoding.encode(text, disallowed_special=()))


def tokens(rendered: Rendered) -> int:
    return sum(counter()(message["content"]) for message in rendered.messages)


def prompt(store: Store, study: Study) -> Rendered:
    return brief(study.spec, digest(store, study, _LESSONS), study.spec.agent.proposals)


def measured(kind: str, trials: int, *, listed: bool = False) -> int:
    """Tokens of the `next` prompt of a study of that kind; with all its trials in the table where `listed`."""
    most = rows.MOST
    rows.MOST = trials if listed else most
    try:
        with _study(kind, trials) as (store, study):
            return tokens(prompt(store, study))
    finally:
        rows.MOST = most


class _study:
    """A study in a store of its own, for as long as the block runs."""

    def __init__(self, kind: str, trials: int) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._store = open_store(Path(self._folder.name) / "store.sqlite")
        self._study = studies.make(self._store, kind, trials)

    def __enter__(self) -> tuple[Store, Study]:
        return self._store, self._study

    def __exit__(self, *_: object) -> None:
        self._store.close()
        self._folder.cleanup()


def cpu_seconds(kind: str, trials: int, repeats: int) -> float:
    """CPU seconds from the store to the rendered prompt, median of `repeats`."""

    def once() -> float:
        start = time.process_time()
        prompt(store, study)
        return time.process_time() - start

    with _study(kind, trials) as (store, study):
        prompt(store, study)  # templates compiled, modules imported
        return median(once, repeats)


def figures(*, quick: bool) -> list[Figure]:
    longest, repeats = (100, 1) if quick else (SIZES[-1], 5)
    kinds = ("conditional", "wordy") if quick else tuple(studies.KINDS)
    found = []
    for kind in kinds:
        short, long, whole = measured(kind, SIZES[0]), measured(kind, longest), measured(kind, longest, listed=True)
        name = f"prompt at {longest:,} trials ({kind}; {short:,} tokens at {SIZES[0]})"
        goal = f"≤ {MOST:g}× that at {SIZES[0]}"
        found.append(Figure(name, long, whole, "tokens", "every trial listed", goal, long <= MOST * short, 1))
    spent = 1000 * cpu_seconds("plain", longest, repeats)
    found.append(
        Figure(f"that prompt made at {longest:,} trials, CPU", spent, None, "ms", "", "≤ 1 s", spent <= 1000, repeats)
    )
    return found


def main() -> None:
    print(f"| study | {' | '.join(f'{size:,} trials' for size in SIZES)} | growth | all {SIZES[-1]:,} listed |")
    print("|---" * (len(SIZES) + 3) + "|")
    for kind in studies.KINDS:
        ours = [measured(kind, size) for size in SIZES]
        cells = " | ".join(f"{count:,}" for count in ours)
        print(f"| {kind} | {cells} | {ours[-1] / ours[0]:.2f}× | {measured(kind, SIZES[-1], listed=True):,} |")
    spent = " / ".join(f"{1000 * cpu_seconds('plain', size, 5):.0f}" for size in SIZES)
    print(f"\nTokens of {ENCODING}. CPU milliseconds from the store to the prompt: {spent}.")


if __name__ == "__main__":
    main()
