"""The line-by-line front: over a pipe, in a dumb terminal, and under nonsense."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.commands.repl import _HERE_TOO
from agent.plain.verbs import VERBS
from agent.store import studies, turns
from agent.store.connection import open_store
from agent.study.nouns import TrialState
from agent.study.study_file import read_study_file
from agent.tui.commands import COMMANDS
from tests.agent.schemas import checked
from tests.agent.scripts import trials_in, workplace, write_study
from tests.agent.terminals import Terminal, tunewright


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a study of three trials, policy ask, in the store."""
    with workplace(tmp_path) as place:
        spec = read_study_file(write_study(place))
        with open_store(place / "store.sqlite") as store:
            studies.create(store, spec, place)
        yield place


def test_a_whole_conversation_over_a_pipe(folder: Path) -> None:
    said = [
        "status",
        "approve",
        "wait",
        "edit lr=0.002",
        "reject too near",
        "approve 2 n=3",
        "wait",
        "wait",
        "trials",
        "frobnicate",
    ]
    said += ["why 0", "show 1", "export args", "policy auto", "budget trials=5 total=1h", "wait", "quit", "approve"]
    done = tunewright("repl", cwd=folder, stdin="\n".join(said))
    assert done.returncode == 0
    assert "t0 completed" in done.stdout
    assert "budget 5 trials, 3600 seconds in total" in done.stdout
    assert "there is no verb 'frobnicate'" in done.stdout
    found = trials_in(folder)
    assert [t.state for t in found] == [TrialState.COMPLETED] * 5
    assert found[1].params["lr"] == 0.002
    assert done.stderr == ""


def test_nonsense_is_answered_and_survived(folder: Path) -> None:
    said = [
        "",
        "   ",
        "frobnicate",
        "approve 99",
        "approve lr",
        "approve lr=x",
        "approve wd=3",
        "show 77",
        "show t",
        "why",
    ]
    said += [
        "stop",
        "stop 0",
        "policy never",
        "budget trials=0",
        "budget trials=many",
        "budget days=3",
        "budget total=soon",
    ]
    said += [
        "export tomml",
        "open nowhere",
        "propose",
        "search magic",
        "reject 5 'unclosed",
        "show " + "9" * 5000,
        "\\",
    ]
    done = tunewright("repl", "quick", cwd=folder, stdin="\n".join([*said, "/status"]))
    assert done.returncode == 0
    assert "Traceback" not in done.stdout + done.stderr
    for answer in (
        "there is no verb 'frobnicate'",
        "proposal 99 does not wait",
        "lr = 'x' is not a number",
        "there is no parameter 'wd'",
        "there is no trial 77",
        "there is no policy 'never'",
        "there is no setting 'days'",
        "Did you mean 'toml'?",
        "there is no study named 'nowhere'",
        "quick: waiting",
    ):
        assert answer in done.stdout
    assert trials_in(folder) == []


def test_what_a_trial_printed_and_reported(folder: Path) -> None:
    said = ["approve", "wait", "best", "log 0", "log 0 find loss", "log 0 2", "log 0 999", "curve 0", "curve 0 nope"]
    said += ["go t0 log:2", "go t0 loss@1", "[t0]", "go [t0]", "go nowhere", "compare 0 0", "models", "curve 9", "quit"]
    done = tunewright("repl", cwd=folder, stdin="\n".join(said))
    assert done.returncode == 0 and done.stderr == ""
    for answer in (
        "t0 completed, proposed by default",
        "lines hold 'loss'",
        ">     2  ",
        "the log of t0 has no line 999",
        "there is no metric 'nope'",
        "> step ",
        "'show 0' says more",
        "'nowhere' is no place",
        "a comparison needs two different trials",
        "the built-in advisor",
        "there is no trial 9",
    ):
        assert answer in done.stdout, answer
    assert done.stdout.count(">     2  ") == 2, "a line can be asked for and cited"


class TestQuestions:
    def test_the_agent_answers_in_words(self, folder: Path) -> None:
        said = ["approve", "wait", "why did trial 0 end so?", "ask how is it going", "what is the best so far?", "quit"]
        done = tunewright("repl", cwd=folder, stdin="\n".join(said))
        assert done.returncode == 0 and done.stderr == ""
        assert "[t0]" in done.stdout and "The best is t0" in done.stdout
        with open_store(folder / "store.sqlite") as store:
            asked = [t.text for t in turns.last(store, studies.get(store, "quick").id, 20) if t.role == "person"]
        assert asked == ["why did trial 0 end so?", "how is it going", "what is the best so far?"]

    def test_a_sentence_that_begins_with_a_verb_is_asked(self, folder: Path) -> None:
        said = [
            "approve",
            "wait",
            "why did you propose 0",
            "explain why trial 0 ended",
            "show me the best",
            "stop doing it",
        ]
        said += ["propose something else", "why", "show tomorrow", "stop all of it", "quit"]
        done = tunewright("repl", cwd=folder, stdin="\n".join(said))
        assert done.returncode == 0 and "is not a whole number from 0" in done.stdout, "one word is no sentence"
        assert "which trial? 'help' shows" in done.stdout, "a question keeps its mark, and gets no full stop"
        assert done.stdout.count("is not a whole number") == 1
        assert "nothing is queued or running" in done.stdout, "'stop all of it' is no question"
        with open_store(folder / "store.sqlite") as store:
            asked = [t.text for t in turns.last(store, studies.get(store, "quick").id, 20) if t.role == "person"]
        assert asked == [*said[2:6], "propose something else"]

    def test_trials_are_compared_however_they_are_joined(self, folder: Path) -> None:
        said = ["approve", "wait", "approve lr=0.002", "wait", "compare 0 and 1", "compare t1 with t0", "quit"]
        done = tunewright("repl", cwd=folder, stdin="\n".join(said))
        assert "Δ from t0" in done.stdout and "Δ from t1" in done.stdout
        with open_store(folder / "store.sqlite") as store:
            assert turns.last(store, studies.get(store, "quick").id, 20) == []

    def test_a_verb_mistyped_is_no_question(self, folder: Path) -> None:
        done = tunewright("repl", cwd=folder, stdin="aprove 1 lr=3\nxx yy\nstopp all of them\nquit\n")
        assert "Did you mean 'approve'?" in done.stdout and "Did you mean 'stop'?" in done.stdout
        assert "there is no verb 'xx'. 'help' lists them." in done.stdout
        with open_store(folder / "store.sqlite") as store:
            assert turns.last(store, studies.get(store, "quick").id, 20) == []

    def test_a_reason_may_be_a_question(self, folder: Path) -> None:
        done = tunewright("repl", cwd=folder, stdin="reject why so high?\nquit\n")
        assert "proposal 0 is rejected" in done.stdout

    def test_ask_without_words_takes_permissions_back(self, folder: Path) -> None:
        done = tunewright("repl", cwd=folder, stdin="policy watch\nask\nquit\n")
        assert done.stdout.rstrip().endswith("policy ask") or "policy ask\n" in done.stdout


ABOUT_THE_SCREEN = [
    "proposal",
    "next-proposal",
    "previous-proposal",
    "jump",
    "chat",
    "curves",
    "trials",
    "zoom",
    "back",
    "palette",
    "theme",
    "filter",
    "sort",
    "reverse",
    "runs",
    "select",
    "pin",
    "question",
    "interrupt",
    "keys",
    "mark",
]
OTHERWISE = {  # what does the same here, by another name or on the command line
    "studies": "list",
    "help": "help",
    "save": "plot",
    "reasons": "ask",
    "init": "tunewright init",
    "rewind": "tunewright ask --rewind",
}


def test_every_command_of_the_app_is_a_verb_or_about_its_screen() -> None:
    said = {*VERBS, *_HERE_TOO, "quit", *OTHERWISE, *ABOUT_THE_SCREEN}
    here = {c.name for c in COMMANDS if c.scope in ("everywhere", "card", "trials")}
    assert here - said == set()


def test_binary_input_is_survived(folder: Path) -> None:
    done = tunewright("repl", cwd=folder, stdin=b"\x00\xff\xfe\n" + os.urandom(200_000) + b"\nstatus\n")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert not any(ord(c) < 32 and c not in "\n\t" for c in done.stdout)


def test_json_keeps_stdout_for_the_document(folder: Path) -> None:
    done = tunewright("repl", "--json", cwd=folder, stdin="approve\nwait\n")
    assert done.returncode == 0
    found = checked(done.stdout, "repl")
    assert (found["study"], found["trials"]["completed"]) == ("quick", 1)
    assert "t0 completed" in done.stderr


def test_help_lists_every_verb(folder: Path) -> None:
    done = tunewright("repl", cwd=folder, stdin="help\n")
    lines = [line.split()[0] for line in done.stdout.splitlines() if line.strip()]
    assert all(name in lines for name in (*VERBS, "quit"))


def test_a_study_file_begins_its_study(tmp_path: Path) -> None:
    with workplace(tmp_path) as place:
        write_study(place)
        done = tunewright("repl", "study.toml", cwd=place, stdin="approve\nwait\nquit\n")
        assert done.returncode == 0 and done.stderr == ""
        assert "study quick, policy ask" in done.stdout and "t0 completed" in done.stdout
        again = tunewright("repl", "study.toml", cwd=place, stdin="trials\nquit\n")
        assert "t0" in again.stdout and len(trials_in(place)) == 1, "a second time it goes on"
        missing = tunewright("repl", "nowhere.toml", "--store", "other.sqlite", cwd=place)
        assert missing.returncode == 2 and not (place / "other.sqlite").exists()


def test_an_empty_store_says_how_to_begin(tmp_path: Path) -> None:
    open_store(tmp_path / "store.sqlite").close()
    done = tunewright("repl", cwd=tmp_path)
    assert done.returncode == 2
    assert "Try 'tunewright demo'" in done.stderr


def test_leaving_lets_trials_run_on(folder: Path) -> None:
    write_study(folder, name="slow", pause=0.3)
    with open_store(folder / "store.sqlite") as store:
        studies.create(store, read_study_file(folder / "study.toml"), folder)
    done = tunewright("repl", "slow", cwd=folder, stdin="approve\nquit\n")
    assert done.returncode == 0
    from tests.agent.scripts import until_ended

    assert [t.state for t in until_ended(folder, "slow")] == [TrialState.COMPLETED]


class TestDumbTerminal:
    def test_typed_lines_news_and_ctrl_c(self, folder: Path) -> None:
        terminal = Terminal("repl", cwd=folder, env={"TERM": "dumb"})
        try:
            at = terminal.expect("proposal 0 (default)")
            terminal.send("appro")
            at = terminal.expect("appro", after=at)
            terminal.interrupt()
            at = terminal.expect("'quit' leaves and lets trials run on", after=at)
            at = terminal.expect("appro", after=at)  # what was typed is still there
            terminal.send("ve\n")
            at = terminal.expect("t0 completed", after=at)
            terminal.send("stop all\n")
            at = terminal.expect("nothing is queued or running", after=at)
            terminal.send("quit\n")
            assert terminal.wait() == 0
        finally:
            terminal.close()
        assert len(trials_in(folder)) == 1

    def test_the_terminal_comes_back_as_it_was(self, folder: Path) -> None:
        """readline reads in a mode of its own; a shell afterwards must echo again."""
        shell = ("sh", "-c", '"$@"; stty -a', "sh")
        terminal = Terminal("repl", cwd=folder, env={"TERM": "dumb"}, under=shell)
        try:
            terminal.expect("proposal 0")
            terminal.send("quit\n")
            terminal.expect("icanon")
        finally:
            terminal.close()
        settings = terminal.seen[terminal.seen.index("speed ") :].split()
        assert "echo" in settings and "icanon" in settings and "-echo" not in settings
