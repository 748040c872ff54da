"""A model reads a training script beside the guide, from a thread that may wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from agent.guide import merging
from agent.guide.plan import Plan
from agent.llm.errors import LLMError, LLMErrorKind
from agent.mind.client import Mind
from agent.store import studies
from agent.store.connection import open_store
from agent.study.agent_spec import AgentSpec

_ROUND = 0.05  # seconds


def read_by_model(store_path: Path, model: str, plan: Plan, cancelled: Callable[[], bool]) -> Plan:
    """`plan` with what the model made of the script laid over it, and the model as the study's agent.

    Raises LLMError where that came to nothing, or was cancelled.
    """
    with open_store(store_path, check=False) as store:
        mind = Mind(store.path, model)
        try:
            job_id = mind.submit("read_script", studies.draft(store.folder).id, **merging.question(plan))
            while not (ended := [done for done in mind.done() if done.id == job_id]):
                if cancelled():
                    raise LLMError(LLMErrorKind.CANCELLED, "cancelled")
                time.sleep(_ROUND)
        finally:
            mind.close()
    if (error := ended[0].error) is not None:
        raise error
    return merging.merged(plan, ended[0].result).replace(agent=AgentSpec(model=model))
