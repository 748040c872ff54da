"""The proposer process answers as the library does, survives being killed, and ends with its front."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from agent.search import wire
from agent.search.catalog import proposer
from agent.search.client import ProposerClient, ProposerError
from tests.agent.search import growing
from tests.agent.search.conformance import stored_and_read
from tests.agent.search.growing import fresh, grow, ran


@pytest.fixture
def client():
    client = ProposerClient()
    yield client
    client.close()


def process_of(client: ProposerClient) -> psutil.Process:
    assert client._helper.pid is not None
    return psutil.Process(client._helper.pid)


def test_a_history_comes_back_from_json_as_it_went():
    history, drafts = grow(fresh(growing.conditional(), seed=4), lambda c: None if c["lr"] > 0.1 else 1.0, "random", 12)
    history = replace(history, pending=(drafts[-1].params,))
    again = stored_and_read(history)
    assert again == history
    assert [wire.draft_from_dict(json.loads(json.dumps(wire.draft_to_dict(d)))) for d in drafts] == drafts


@pytest.mark.parametrize("search", ["random", "cmaes", "tpe", "gp"])
def test_it_proposes_what_the_library_proposes(client, search):
    history, _ = grow(fresh(growing.mixed()), growing.mixed_loss, search, 8)
    for _ in range(2):  # the second time the process is told only what is new
        answer = client.propose(search, history)
        assert [d.params for d in answer] == [d.params for d in proposer(search).propose(history, 1)]
        history = ran(history, answer[0], growing.mixed_loss(answer[0].params))


def test_asking_does_not_wait(client):
    history, _ = grow(fresh(growing.mixed()), growing.mixed_loss, "random", 2_000)
    start = time.monotonic()
    client.ask("gp", history)
    assert client.take() is None
    assert time.monotonic() - start < 2  # the process alone takes longer to import its libraries
    while (drafts := client.take()) is None:
        time.sleep(0.01)
    assert history.space.allows(drafts[0].params)


def test_killed_over_a_request_it_is_started_again_and_gives_the_same(client):
    history, _ = grow(fresh(growing.mixed()), growing.mixed_loss, "random", 12)
    expected = client.propose("gp", history)
    history = replace(history, seed=history.seed)
    first = process_of(client)
    client.ask("gp", history)
    os.kill(first.pid, signal.SIGKILL)
    while (drafts := client.take()) is None:
        time.sleep(0.01)
    assert drafts == expected
    assert process_of(client).pid != first.pid


def test_killed_between_requests_it_is_started_again(client):
    history, _ = grow(fresh(growing.mixed()), growing.mixed_loss, "random", 3)
    expected = client.propose("random", history)
    process_of(client).kill()
    assert client.propose("random", history) == expected


def test_one_that_cannot_start_is_given_up_on_with_a_remedy(client, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ProposerError, match=r"died 3 times over one proposal\. Try --search random"):
        client.propose("random", fresh(growing.mixed()), timeout=20)


def test_a_request_it_cannot_answer_is_an_error_with_a_remedy(client):
    with pytest.raises(ProposerError, match="'gpp' is unknown"):
        client.propose("gpp", fresh(growing.mixed()))
    assert client.propose("random", fresh(growing.mixed()))  # and it goes on


def test_it_ends_when_its_front_is_gone():
    code = (
        "import time; from agent.search.client import ProposerClient; from tests.agent.search import growing;"
        "client = ProposerClient(); client.propose('random', growing.fresh(growing.mixed()));"
        "print(client._helper.pid, flush=True); time.sleep(60)"
    )
    front = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert front.stdout is not None
    service = psutil.Process(int(front.stdout.readline()))
    front.kill()
    front.wait()
    front.stdout.close()
    service.wait(timeout=10)


def test_stdout_carries_answers_only_whatever_a_library_prints():
    code = (
        "import os, sys; from agent.search import service, uniform; draw = uniform.draw;"
        "uniform.draw = lambda history: (print('hello'), os.write(1, b'raw'), draw(history))[-1]; service.main()"
    )
    history, _ = grow(fresh(growing.mixed()), growing.mixed_loss, "random", 1)
    request = {
        "id": 7,
        "search": "random",
        "n": 1,
        "frame": wire.frame_to_dict(history),
        "ended": [wire.trial_to_dict(t) for t in history.trials],
        "open": [],
        "taken": sorted(history.taken),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(request) + "\n", capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    assert (answer["id"], len(answer["drafts"])) == (7, 1)
    assert "hello" in done.stderr and "raw" in done.stderr


def test_the_first_config_waits_for_no_library():
    code = (
        "import sys; from agent.search.catalog import proposer; from tests.agent.search import growing;"
        "(draft,) = proposer('guided').propose(growing.fresh(growing.mixed()), 1);"
        "print(draft.source, {'torch', 'optuna', 'scipy', 'numpy'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "default set()"


def test_a_gp_is_fitted_in_the_processs_only_thread(client):
    history, _ = grow(fresh(growing.mixed()), growing.mixed_loss, "random", 12)
    (draft,) = client.propose("gp", history)
    assert draft.source == "gp" and process_of(client).num_threads() == 1  # neither BLAS nor torch has started others


def test_it_works_with_one_numeric_thread(client, tmp_path):
    client.propose("random", fresh(growing.mixed()))
    environment = process_of(client).environ()
    assert {environment[name] for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")} == {"1"}
