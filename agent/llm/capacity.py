"""What this machine has for a local model: processors and memory; and whether a prompt fits a model."""

from __future__ import annotations

from pathlib import Path

from agent.llm.errors import LLMError, LLMErrorKind
from trainers.engines.local import usable_cpus

MOST_CONTEXT = 32_768  # tokens; a prompt of ours has some thousands
_LEAST_REPLY = 256  # tokens for which there must be room after the prompt
_GROUP = Path("/sys/fs/cgroup")


def threads() -> int:
    """One processor is left to the app and to trials, where there are several."""
    return max(usable_cpus() - 1, 1)


def free_memory(group: Path = _GROUP) -> int:
    """Bytes that can be had without anybody being killed, in the machine and in our control group."""
    import psutil

    free = int(psutil.virtual_memory().available)
    try:
        limit, used = ((group / name).read_text().strip() for name in ("memory.max", "memory.current"))
        lines = (group / "memory.stat").read_text().splitlines()
        cached = next(int(line.split()[1]) for line in lines if line.startswith("file "))
        return free if limit == "max" else max(min(free, int(limit) - int(used) + cached), 0)
    except (OSError, StopIteration, ValueError):
        return free


def room(prompt: int, wanted: int, limit: int, where: str, remedy: str = "") -> int:
    """The tokens a reply may have after `prompt` of them. Raises LLMError where there are too few."""
    left = limit - prompt
    if left >= min(wanted, _LEAST_REPLY):
        return min(left, wanted)
    what = f"the prompt has {prompt:,} tokens, and the model has room for {limit:,} with its reply"
    remedy = remedy or "Choose a model with a longer context."
    raise LLMError(LLMErrorKind.TOO_LONG, what, where=where, remedy=remedy)
