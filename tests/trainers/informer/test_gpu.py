"""On a GPU: a recorded step is the step, and no step waits for the device. Skipped where there is none."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from trainers.informer.learner import Learner
from trainers.informer.network import Informer
from trainers.informer.resident import Resident
from trainers.informer.spaces import complete
from trainers.informer.tasks import find
from trainers.informer.train import shape_of
from trainers.informer.windows import splits

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
TINY: dict[str, Any] = {"seq_len": 48, "label_len": 24, "d_model": 32, "n_heads": 4, "d_ff": 64, "dropout": 0.0}


def learner(**changes: Any) -> tuple[Learner, list[torch.Tensor]]:
    config = complete({**TINY, **changes})
    data = splits(find("synthetic-24-m"), {}, config)
    torch.manual_seed(0)
    resident = Resident(data, "cuda")
    made = Learner(Informer(shape_of(config, data)).cuda(), resident, 1e-3, bf16=False)
    return made, list(torch.split(resident.shuffled(data.train, 0), 32))


def test_a_recorded_step_is_the_step_it_was_recorded_from() -> None:
    recorded, batches = learner(attention="full")
    plain, _ = learner(attention="full")
    plain.graph = None
    for start_B in [*batches[:8], batches[-1], *batches[8:12]]:  # a smaller batch among them
        norms = [one.step(start_B, measured=True) for one in (recorded, plain)]
        assert norms[0] is not None
        assert norms[1] is not None
        assert torch.allclose(norms[0], norms[1], rtol=1e-3)
    assert recorded.graph is not None
    assert recorded.graph.graph is not None
    assert torch.allclose(recorded.take_loss(), plain.take_loss(), rtol=1e-3)


def test_a_recorded_step_takes_up_a_new_learning_rate() -> None:
    made, batches = learner()
    for start_B in batches[:6]:
        made.step(start_B)
    made.set_rate(0.0)
    before = [parameter.clone() for parameter in made.model.parameters()]
    made.step(batches[6])
    assert all(torch.equal(old, new) for old, new in zip(before, made.model.parameters(), strict=True))


def test_no_step_waits_for_the_device() -> None:
    made, batches = learner(dropout=0.1)
    for start_B in batches[:5]:
        made.step(start_B)
    torch.cuda.set_sync_debug_mode("error")
    try:
        for start_B in batches[5:8]:
            made.step(start_B)
        made.graph = None
        made.step(batches[8])
    finally:
        torch.cuda.set_sync_debug_mode("default")
