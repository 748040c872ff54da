"""`tunewright ask` and `why --explain` as a person runs them: real processes, a real study, the scripted endpoint."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.mind.client import Mind
from agent.store import narratives, proposals, studies, trials, turns
from agent.store.connection import open_store
from agent.study.nouns import Turn, TurnState
from tests.agent.chat.conftest import TRIALS
from tests.agent.llm import steps
from tests.agent.llm.endpoint import Endpoint
from tests.agent.schemas import checked

LONG = 120.0  # seconds in which even a busy machine starts Python and loads litellm


class Asked:
    """`tunewright WORDS` in `folder`, to its end."""

    def __init__(self, folder: Path, *words: str, **more: Any) -> None:
        command = [sys.executable, "-m", "agent", *words]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, **more)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr


def last_turn(folder: Path) -> Turn | None:
    with open_store(folder / "store.sqlite", create=False, check=False) as store:
        found = turns.last(store, studies.get(store, "quick").id, 1)
    return found[0] if found else None


def until(folder: Path, holds: Callable[[Turn | None], bool]) -> Turn:
    """The last turn once it is as wanted."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        turn = last_turn(folder)
        if holds(turn):
            assert turn is not None
            return turn
        time.sleep(0.02)
    raise AssertionError(f"not in time: {last_turn(folder)}")


def growing(turn: Turn | None) -> bool:
    return turn is not None and turn.role == "agent" and bool(turn.text)


class TestWithoutAModel:
    def test_the_answer_alone_is_on_stdout(self, folder: Path) -> None:
        done = Asked(folder, "ask", "quick", "why", "did", "2", "fail?")
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("t2 failed (nonzero exit). [t2]") and done.out.endswith("\n")

    def test_json(self, folder: Path) -> None:
        done = Asked(folder, "ask", "quick", "why did 2 fail?", "--json")
        document = checked(done.out, "ask")
        assert (done.code, done.err) == (0, "")
        assert (document["question"], document["state"], document["model"]) == ("why did 2 fail?", "whole", "none")
        assert (document["cost"], document["cards"], document["error"]) == (0, [], None)
        assert {"text": "[t2 log:3]", "trial": 2, "line": 3, "metric": None, "step": None} in document["citations"]
        turn = last_turn(folder)
        assert turn is not None and turn.text == document["answer"]

    def test_questions_are_taken_back_and_another_asked_in_their_place(self, folder: Path) -> None:
        assert Asked(folder, "ask", "quick", "which is best?").code == 0
        done = Asked(folder, "ask", "quick", "what", "failed?", "--rewind", "1")
        assert (done.code, done.err) == (0, "taken back: which is best? and what followed\n")
        with open_store(folder / "store.sqlite", create=False, check=False) as store:
            said = turns.last(store, studies.get(store, "quick").id, 4)
        assert [str(t.state) for t in said] == ["undone", "undone", "whole", "whole"]
        done = Asked(folder, "ask", "quick", "what failed?", "--rewind", "2")
        assert (done.code, done.err) == (2, "tunewright: 1 of your questions can be taken back, not 2\n")

    def test_litellm_is_not_needed(self, folder: Path, tmp_path: Path) -> None:
        """A package of its name that cannot be imported stands before it."""
        (tmp_path / "shadow").mkdir()
        (tmp_path / "shadow" / "litellm.py").write_text("raise ImportError('not for the built-in advisor')")
        env = {**os.environ, "PYTHONPATH": str(tmp_path / "shadow")}
        done = Asked(folder, "ask", "quick", "which is best?", env=env)
        assert (done.code, done.err) == (0, "") and done.out.startswith("The best is t")

    def test_a_study_that_another_process_runs(self, folder: Path) -> None:
        run = [sys.executable, "-m", "agent", "run", "quick", "--trials", str(TRIALS + 6), "--policy", "auto", "--json"]
        running = subprocess.Popen([*run, "--headless"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            done = Asked(folder, "ask", "quick", "how is it going?")
            assert done.code == 0
            assert f" of {TRIALS + 6}: " in done.out or f" of {TRIALS}: " in done.out
        finally:
            out, _ = running.communicate(timeout=120)
        assert running.returncode == 0 and checked(out.decode(), "run")["state"] == "finished"

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("ask", "quik", "hi"), "there is no study named 'quik'. Did you mean 'quick'?"),
            (("ask", "quick", "  "), "there is no question."),
            (("ask", "quick"), "QUESTION"),
            (("ask", "quick", "x" * 20_001), "the question has 20,001 characters"),
        ],
    )
    def test_a_wrong_request_is_code_2_and_leaves_nothing(
        self, folder: Path, words: tuple[str, ...], said: str
    ) -> None:
        done = Asked(folder, *words)
        assert (done.code, done.out) == (2, "") and said in done.err
        assert last_turn(folder) is None


class TestWithAModel:
    def test_it_answers_this_question_only(self, folder: Path, endpoint: Endpoint) -> None:
        told = replace(steps.say("The rate was too high [t2 log:3]."), delay=1.0)  # time to see what is looked up
        endpoint.play(steps.call_tool("log", {"trial": 2}), told)
        done = Asked(folder, "ask", "quick", "why did 2 fail?", "--model", endpoint.url)
        assert (done.code, done.out) == (0, "The rate was too high [t2 log:3].\n")
        assert "looks up: log" in done.err and "2 replies, 300 tokens, price unknown" in done.err
        with open_store(folder / "store.sqlite") as store:
            assert studies.get(store, "quick").spec.agent.model == "none"

    def test_json_tells_cards_and_cost(self, folder: Path, endpoint: Endpoint) -> None:
        endpoint.play(
            steps.call_tool("edit_space", {"changes": {"lr": {"high": 0.05}}, "why": "all above fail"}),
            steps.say("A card waits for you."),
        )
        document = checked(Asked(folder, "ask", "quick", "narrow it", "--model", endpoint.url, "--json").out, "ask")
        [card] = document["cards"]
        assert (card["kind"], card["number"]) == ("edit_space", 0)
        assert "lr: high 0.1 → 0.05" in card["text"]
        assert (document["model"], document["cost"]) == (endpoint.url, None)

    def test_a_refused_key_is_code_1_and_one_line(self, folder: Path, endpoint: Endpoint) -> None:
        endpoint.play(steps.status(401, "Incorrect API key provided"))
        done = Asked(folder, "ask", "quick", "why?", "--model", endpoint.url)
        assert (done.code, done.out) == (1, "")
        assert len(done.err.strip().splitlines()) == 1 and "Traceback" not in done.err

    def test_a_cut_keeps_what_was_said(self, folder: Path, endpoint: Endpoint) -> None:
        endpoint.play(steps.cut(steps.say("Half of what I wanted to say, and no more."), after=3))
        done = Asked(folder, "ask", "quick", "why?", "--model", endpoint.url, "--json")
        document = checked(done.out, "ask")
        assert done.code == 1 and document["state"] == "cut" and document["answer"]
        assert document["error"]["what"] and document["note"]

    def test_a_dead_server_leaves_the_question_to_the_built_in_advisor(self, folder: Path) -> None:
        dead = "http://127.0.0.1:9/v1"
        done = Asked(folder, "ask", "quick", "why did 2 fail?", "--model", dead, "--json")
        document = checked(done.out, "ask")
        assert (done.code, document["state"], document["error"]) == (0, "whole", None)
        first, _, rest = document["answer"].partition("\n\n")
        assert first.startswith(f"{dead} could not be reached (the server at {dead}")
        assert first.endswith("the built-in advisor answers.") and rest.startswith("t2 failed (nonzero exit). [t2]")

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_a_signal_breaks_it_off_and_keeps_what_was_said(
        self, folder: Path, endpoint: Endpoint, number: int, code: int
    ) -> None:
        endpoint.play(steps.stall(steps.say("Half of what I wanted to say, and no more."), after=3))
        command = [sys.executable, "-m", "agent", "ask", "quick", "why?", "--model", endpoint.url]
        # A session of its own, and a SIGINT that is not ignored, as in a terminal.
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        until(folder, growing)
        process.send_signal(number)
        out, err = process.communicate(timeout=LONG)
        turn = until(folder, lambda t: t is not None and t.state is TurnState.CUT)
        assert process.returncode == code and "cancelled" in err
        assert turn.note == "interrupted" and out.strip() == turn.text

    def test_streams_that_break_inside_a_character_stay_whole(self, folder: Path, endpoint: Endpoint) -> None:
        text = "Испытание 2 упало. 试验失败了。試行は失敗しました。𠮷 [t2 log:3]"
        endpoint.play(steps.in_bytes(steps.say(text), 7))
        done = Asked(folder, "ask", "quick", "почему?", "--model", endpoint.url, "--json")
        assert checked(done.out, "ask")["answer"] == text


def test_a_real_local_model_answers(folder: Path, tiny_gguf: Path) -> None:
    """Of two layers and some seconds of training: what it says is noise, but all of it arrives."""
    done = Asked(folder, "ask", "quick", "hello", "--model", f"local:{tiny_gguf}", "--json")
    document = checked(done.out, "ask")
    assert (done.code, document["state"], document["cost"]) == (0, "whole", 0)
    assert document["answer"]


class TestTheAgentsProcess:
    def start(self, folder: Path, endpoint: Endpoint) -> Mind:
        endpoint.play(steps.stall(steps.say("Half of what I wanted to say, and no more."), after=3))
        mind = Mind(folder / "store.sqlite", endpoint.url)
        mind.submit("answer", 1, question="why did 2 fail?")
        until(folder, growing)
        return mind

    def test_killed_in_the_middle_leaves_a_turn_that_is_marked_at_the_next_start(
        self, folder: Path, endpoint: Endpoint
    ) -> None:
        mind = self.start(folder, endpoint)
        assert mind.pid is not None
        os.kill(mind.pid, signal.SIGKILL)
        end = time.monotonic() + LONG
        while not (ended := mind.done()):
            assert time.monotonic() < end
            time.sleep(0.02)
        assert ended[0].error is not None and ended[0].error.kind == "died"
        turn = last_turn(folder)
        assert turn is not None and turn.state is TurnState.WRITING  # nobody was left to mark it
        half = turn.text
        mind.submit("answer", 1, question="which is best?")
        endpoint.play(steps.say("t10."))
        until(folder, lambda t: t is not None and t.text == "t10.")
        mind.close()
        with open_store(folder / "store.sqlite") as store:
            _, first, *_ = turns.last(store, 1, 10)
        assert (first.text, first.state, first.note) == (half, TurnState.CUT, "interrupted")

    def test_that_loses_its_front_marks_the_turn_itself(self, folder: Path, endpoint: Endpoint) -> None:
        mind = self.start(folder, endpoint)
        mind.close()
        turn = until(folder, lambda t: t is not None and t.state is not TurnState.WRITING)
        assert (turn.state, turn.note) == (TurnState.CUT, "interrupted") and turn.text


class TestWhy:
    def test_explain_waits_and_keeps_it(self, folder: Path) -> None:
        done = Asked(folder, "why", "quick", "2", "--explain")
        assert (done.code, done.err) == (0, "")
        assert "explained by the built-in advisor" in done.out and "It goes so where lr ≥" in done.out
        document = checked(Asked(folder, "why", "quick", "2", "--json").out, "why")
        assert document["narrative"]["model"] == "" and document["narrative"]["claims"]

    def test_a_model_is_waited_for_with_a_line(self, folder: Path, endpoint: Endpoint) -> None:
        self.use(folder, endpoint)
        claim = {"text": "The rate was too high.", "evidence": [{"line": 3}]}
        endpoint.play(steps.reply({"claims": [claim, {"text": "Aliens.", "evidence": []}], "change": {"lr": 0.0204}}))
        done = Asked(folder, "why", "quick", "t2", "--explain", "--accept")
        assert (done.code, done.err) == (0, f"asking {endpoint.url} about t2 …\n")
        assert f"explained by {endpoint.url}" in done.out and "The rate was too high. [t2 log:3]" in done.out
        assert "1 claim was left out" in done.out and "Aliens" not in done.out
        with open_store(folder / "store.sqlite") as store:
            [proposal] = proposals.pending(store, 1)
            assert proposal.params["lr"] == 0.0204  # the narrative's suggestion, the rules had none
            assert narratives.get(store, trials.get(store, 1, 2).id) is not None

    def test_a_model_that_fails_is_code_1_and_the_verdict_stays(self, folder: Path, endpoint: Endpoint) -> None:
        self.use(folder, endpoint)
        endpoint.play(steps.status(401, "Incorrect API key provided"))
        done = Asked(folder, "why", "quick", "2", "--explain", "--json")
        assert done.code == 1 and checked(done.out, "error")["error"]["what"]
        assert checked(Asked(folder, "why", "quick", "2", "--json").out, "why")["narrative"] is None

    def use(self, folder: Path, endpoint: Endpoint) -> None:
        with open_store(folder / "store.sqlite") as store, store.transaction() as conn:
            conn.execute("UPDATE study SET spec = json_set(spec, '$.agent.model', ?)", (endpoint.url,))
