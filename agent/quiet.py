"""Keeps Optuna from announcing what we do with it, without touching what it says of the person's own studies."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# The loggers whose words are about studies of ours that nobody sees.
_LOGGERS = (
    "optuna.storages._in_memory",
    "optuna.samplers._tpe.sampler",
    "optuna._gp.gp",
    "optuna._gp.optim_mixed",
    "optuna._gp.batched_lbfgsb",
)
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


class _Filter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not _quiet.get()


_FILTER = _Filter()


@contextmanager
def quiet() -> Iterator[None]:
    """Within it, in this thread, these loggers say nothing."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)  # the same one again is not added twice
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)
