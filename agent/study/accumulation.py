"""A batch that does not fit memory, taken in micro-batches: whether that can be done, in how many, in words."""

from __future__ import annotations

import math

from agent.study.spec import StudySpec
from trainers import catalog
from trainers.contract import Failure
from trainers.dimension import is_number
from trainers.space import Config

_NEARLY, _USUAL, _FAR = 2, 4, 8  # micro-batches; there is one second try, so it had better fit


def batch_parameter(spec: StudySpec) -> str | None:
    """The parameter whose batch the study's trainer can work through in pieces; None where it cannot."""
    try:
        own = getattr(catalog.load(spec.trainer), "accumulates", None)
    except Exception:  # noqa: BLE001 (a third party's import may raise anything; its trials will, and say so)
        return None
    name = own or spec.options.get("accumulates")
    return str(name) if name else None


def batch_of(spec: StudySpec, config: Config) -> int | None:
    """How many samples a step of `config` takes, where they can be taken in pieces."""
    value = config.get(batch_parameter(spec) or "")
    if value is None or not is_number(value) or value < 1 or value != int(value):
        return None
    return int(value)


def pieces(failure: Failure, batch: int, *, trained: bool) -> int | None:
    """In how many micro-batches a batch that ran out of memory is tried again; None when it cannot be cut.

    What was asked for is only the first thing that did not fit, so the numbers tell little more than the order: a
    trial that had `trained` for some steps nearly fits, one that needs twice what there is does not by far.
    """
    if batch < 2:
        return None
    numbers = failure.details
    room = numbers.get("limit_bytes") or numbers.get("total_bytes")
    needed = (numbers.get("used_bytes") or 0) + (numbers.get("asked_bytes") or 0)
    wanted = _FAR if room and needed > 2 * room else _NEARLY if trained else _USUAL
    return min(wanted, 1 << (batch.bit_length() - 1))


def split(batch: int, accumulation: int) -> str:
    """`4 × 16` of a batch of 64."""
    return f"{accumulation} × {math.ceil(batch / accumulation)}"


def told(spec: StudySpec, config: Config, accumulation: int) -> str:
    """`ran out of memory at batch_size 64; tried again as 4 × 16`; empty when it did not."""
    batch = batch_of(spec, config)
    if accumulation == 1 or batch is None:
        return ""
    return f"ran out of memory at {batch_parameter(spec)} {batch}; tried again as {split(batch, accumulation)}"
