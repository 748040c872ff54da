"""The rules in order of precedence: the first that finds something gives the verdict."""

from __future__ import annotations

from agent.diagnosis.rules.base import Rule
from agent.diagnosis.rules.blowups import diverged, gradient_spike, non_finite
from agent.diagnosis.rules.fitting import plateau, underfitting
from agent.diagnosis.rules.learning_rate import lr_too_high, lr_too_low
from agent.diagnosis.rules.outcome import ended_on_request, exception, healthy, nonzero_exit
from agent.diagnosis.rules.overfitting import overfitting
from agent.diagnosis.rules.reporting import no_metric
from agent.diagnosis.rules.resources import (
    command_not_found,
    cuda_oom,
    device_lost,
    host_oom,
    killed,
    timeout,
    too_slow,
)
from agent.diagnosis.rules.stillness import flat_from_start
from agent.diagnosis.rules.text import from_text

# What a process says of its own end comes before what its curves suggest.
ENDINGS: tuple[Rule, ...] = (
    cuda_oom, host_oom, device_lost, command_not_found, from_text, killed, timeout, no_metric,
)  # fmt: skip

# A curve that blew up explains one that is flat or far behind, never the other way round.
CURVES: tuple[Rule, ...] = (
    non_finite, diverged, gradient_spike, lr_too_high, overfitting, too_slow, lr_too_low, flat_from_start,
    underfitting, plateau,
)  # fmt: skip

LAST: tuple[Rule, ...] = (exception, nonzero_exit, healthy)

REQUESTED: tuple[Rule, ...] = (ended_on_request,)
