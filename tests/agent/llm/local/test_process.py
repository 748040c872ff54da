"""A local model in the agent's process, as a front has it: what ends that process ends one job, and nothing else."""

from __future__ import annotations

import os
import signal
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.llm.errors import LLMErrorKind
from agent.llm.insight import recording_of
from agent.mind.client import Done, Mind
from agent.store import calls
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.agent_spec import AgentSpec
from tests.agent.llm.local.tiny import needs_llama
from tests.agent.stores import SPACE, add_trial, make_study

pytestmark = needs_llama
PATIENCE = 60.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.sqlite") as opened:
        yield opened


@pytest.fixture
def mind(store: Store) -> Iterator[Mind]:
    made = Mind(store.path)
    yield made
    made.close()


def study_with(store: Store, model: Path, name: str = "toy", **agent: Any) -> Study:
    study = make_study(store, name=name, search="llm", agent=AgentSpec(model=f"local:{model}", **agent))
    add_trial(store, study, SPACE.default(), value=0.5, reports=[0.9, 0.5])
    return study


def wait(condition: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.02)
    return found


def propose(mind: Mind, study: Study) -> Done:
    mind.submit("propose", study.id, number=1, n=2)
    [done] = wait(mind.done)
    return done


def test_proposes_with_entropy_beside_each_value_and_attention_kept(store: Store, mind: Mind, tiny_gguf: Path) -> None:
    study = study_with(store, tiny_gguf, entropy=True, attention="layers=-1")
    done = propose(mind, study)
    assert done.error is None, done.error
    drafts = done.result["drafts"]
    assert drafts
    for draft in drafts:
        known = draft["insight"]["entropy"].keys()
        assert {"lr", "opt", "layers", "warm"} <= known <= draft["params"].keys()  # momentum may have been filled in
        assert 1e-5 <= draft["params"]["lr"] <= 1e-1 and 1 <= draft["params"]["layers"] <= 8
    [call, *_] = calls.all_of(store, study.id)
    assert (call.state, call.cost) == ("ok", 0.0)
    assert call.prompt_tokens and call.completion_tokens and call.first_token_seconds
    _, extra = calls.origin(store, call.id)
    recording = recording_of(extra, store.folder)
    assert recording is not None and recording.layers == (1,)
    messages, _ = calls.text_of(store, call.id)
    assert messages[0]["content"].splitlines()[0] in "\n".join(recording.lines)


def test_killed_in_the_middle_the_job_is_reported_and_the_next_one_runs(
    store: Store, mind: Mind, tiny_gguf: Path
) -> None:
    study = study_with(store, tiny_gguf)
    mind.submit("propose", study.id, number=1, n=2)
    wait(lambda: any(call.state == "running" for call in calls.all_of(store, study.id)))
    pid = mind._helper.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    [done] = wait(mind.done)
    assert done.error is not None and done.error.kind is LLMErrorKind.DIED
    assert "SIGKILL" in done.error.what
    again = propose(mind, study)
    assert again.error is None and again.result["drafts"]


def test_a_file_that_makes_llama_cpp_abort_ends_its_job_only(
    store: Store, mind: Mind, tiny_gguf: Path, tmp_path: Path
) -> None:
    whole = tiny_gguf.read_bytes()
    layers = whole.index(b"qwen2.block_count") + len(b"qwen2.block_count") + 4
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(whole[:layers] + struct.pack("<I", 9_999) + whole[layers + 4 :])
    done = propose(mind, study_with(store, bad, "bad"))
    assert done.error is not None and done.error.kind is LLMErrorKind.DIED
    assert "SIGABRT" in done.error.what
    assert propose(mind, study_with(store, tiny_gguf, "good")).error is None


def test_a_file_that_is_gone_is_an_error_of_the_job(store: Store, mind: Mind, tmp_path: Path) -> None:
    done = propose(mind, study_with(store, tmp_path / "gone.gguf"))
    assert done.error is not None and done.error.kind is LLMErrorKind.NO_MODEL
    assert "there is no file" in done.error.what


def test_a_job_is_cancelled_while_the_model_writes(store: Store, mind: Mind, tiny_gguf: Path) -> None:
    study = study_with(store, tiny_gguf)
    job = mind.submit("propose", study.id, number=1, n=2)
    wait(lambda: any(call.state == "running" for call in calls.all_of(store, study.id)))
    mind.cancel(job)
    [done] = wait(mind.done)
    if done.error is not None:  # it may have been quicker
        assert done.error.kind is LLMErrorKind.CANCELLED
        assert calls.all_of(store, study.id)[0].state == "cancelled"
    assert propose(mind, study).error is None
