"""Proposals of a real language model: a tiny one in llama.cpp, whose grammar holds it to the space."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.store import calls
from agent.study.nouns import Source
from tests.agent.llm.local.tiny import needs_llama, tiny_gguf  # noqa: F401 – a fixture
from tests.agent.search import growing
from tests.agent.search.llm.advising import desk


@needs_llama
@pytest.mark.parametrize("space", [growing.mixed(), growing.conditional()], ids=["mixed", "conditional"])
def test_a_model_that_knows_nothing_still_proposes_what_fits(tmp_path: Path, tiny_gguf: Path, space) -> None:  # noqa: F811
    with desk(tmp_path, space, model=f"local:{tiny_gguf}", proposals=2, entropy=True) as one:
        one.run(one.turn()[0])
        drafts = one.propose(2)
        assert 1 <= len(drafts) <= 2
        for draft in drafts:
            assert draft.source is Source.LLM and space.allows(draft.params)
            assert set(draft.insight["entropy"]) <= set(draft.params) and draft.insight["entropy"]
        assert {record.state for record in calls.all_of(one.store)} == {"ok"}
        assert one.endpoint.requests == []
