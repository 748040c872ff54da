"""litellm as we want it: no network at import, nothing printed, nothing reported, nothing retried behind our back.

The import takes seconds, so it happens in a thread, with the first call.
"""

from __future__ import annotations

import asyncio
import logging
import os
from functools import cache
from importlib import import_module
from typing import Any

# Read at import: prices come from the file that litellm ships, not from its repository.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")


async def load() -> Any:
    """The module. Takes seconds the first time, in a thread."""
    return _load() if _load.cache_info().currsize else await asyncio.to_thread(_load)


@cache
def _load() -> Any:
    logging.getLogger("LiteLLM").disabled = True  # it logs prompts, and errors that are ours to tell
    litellm: Any = import_module("litellm")
    litellm.telemetry = False
    litellm.suppress_debug_info = True  # it prints how to get help on every error
    litellm.set_verbose = False
    for callbacks in (litellm.callbacks, litellm.success_callback, litellm.failure_callback):
        callbacks.clear()
    litellm.num_retries = 0
    litellm.disable_token_counter = True  # what a provider does not count is unknown, not guessed
    litellm.disable_hf_tokenizer_download = True
    litellm.disable_aiohttp_transport = True  # over httpx a call takes a third of the time
    return litellm
