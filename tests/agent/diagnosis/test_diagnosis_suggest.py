"""Suggestions stay inside the space, keep its constraints and are new."""

from __future__ import annotations

from agent.diagnosis.judge import diagnose
from agent.diagnosis.record import Peer
from agent.diagnosis.suggest import Move, Reset, moved, suggest
from agent.study.nouns import TrialState
from agent.study.roles import Role
from tests.agent.diagnosis.builders import PARAMS, SPACE, failed, record
from trainers.contract import FailureKind
from trainers.space import SearchSpace

UP, DOWN = (1.5, 4.0, 100.0), (0.7, 0.25, 0.01)


def peer(number: int, value: float | None = 1.0, **params: object) -> Peer:
    return Peer(number=number, params=PARAMS | params, state=TrialState.COMPLETED, value=value)


def test_moves_go_the_right_way_or_not_at_all() -> None:
    for name, parameter in SPACE.parameters.items():
        for factor in (*UP, *DOWN):
            value = moved(parameter, PARAMS[name], factor)
            if value is not None:
                assert parameter.problem(value) is None
                assert (float(value) - PARAMS[name]) * (factor - 1) > 0


def test_nothing_moves_beyond_its_bound() -> None:
    assert moved(SPACE.parameters["lr"], 1e-6, 0.1) is None
    assert moved(SPACE.parameters["lr"], 1.0, 10.0) is None
    assert moved(SPACE.parameters["batch_size"], 16, 0.5) is None
    assert moved(SPACE.parameters["dropout"], 0.0, 0.5) is None


def test_from_zero_there_is_a_first_step() -> None:
    assert moved(SPACE.parameters["dropout"], 0.0, 2.0) == 0.09


def test_configs_that_were_tried_are_passed_over() -> None:
    wishes = [Move(Role.LEARNING_RATE, 0.1, "why")]
    first = suggest(record(), [], wishes)
    assert first is not None and first[0]["lr"] == 0.001
    second = suggest(record(), [peer(1, lr=0.001)], wishes)
    assert second is not None and second[0]["lr"] not in (0.01, 0.001)


def test_the_next_wish_is_taken_where_the_first_cannot_be_granted() -> None:
    wishes = [Move(Role.BATCH, 0.5, "memory"), Move(Role.CAPACITY, 0.5, "smaller")]
    found = suggest(record(params=PARAMS | {"batch_size": 16, "layers": 4}), [], wishes)
    assert found is not None
    assert found[0] == PARAMS | {"batch_size": 16, "layers": 2}


def test_constraints_hold() -> None:
    parameters = {n: {"type": "int", "low": 1, "high": 100} for n in ("seq_len", "label_len")}
    space = SearchSpace.from_dict({"parameters": parameters, "constraints": ["label_len < seq_len"]})
    made = record(params={"seq_len": 50, "label_len": 40}, space=space)
    found = suggest(made, [], [Move(Role.SEQUENCE, 0.5, "shorter")])
    assert found is not None and space.problems(found[0]) == []


def test_a_refused_value_is_reset_to_that_of_the_best_peer() -> None:
    peers = [peer(1, 0.5, dropout=0.3, lr=0.02), peer(2, 0.2, dropout=0.4, lr=0.02)]
    found = suggest(record(), peers, [Reset("dropout", "refused")])
    assert found is not None and found[0]["dropout"] == 0.4


def test_without_a_space_there_are_only_words() -> None:
    made = failed("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", space=None)
    diagnosis = diagnose(made)
    assert diagnosis.verdict == "cuda_oom"
    assert diagnosis.suggested_params is None
    assert diagnosis.suggested_reason


def test_out_of_memory_halves_the_batch() -> None:
    made = failed(
        "x", FailureKind.CUDA_OUT_OF_MEMORY, failure={"details": {"asked_bytes": 2 << 30, "free_bytes": 1 << 20}}
    )
    diagnosis = diagnose(made)
    assert diagnosis.suggested_params == PARAMS | {"batch_size": 16}
    assert "2.00 GiB" in diagnosis.explanation and "1 MiB free" in diagnosis.explanation
