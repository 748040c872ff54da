"""`run` from a study file to its result: in real processes, with real trials, interrupted at will."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent import cli
from agent.commands.run import with_task
from agent.plain import opening
from agent.store import actions, errors, studies
from agent.store.connection import open_store
from agent.study.nouns import ActionKind, TrialState
from agent.study.study_file import read_study_file
from tests.agent.schemas import checked
from tests.agent.scripts import trials_in, until_ended, workplace, write_study
from tests.agent.terminals import COMMAND, Terminal, environment, tunewright
from trainers import catalog
from trainers.errors import TunewrightError

RUN = ("run", "study.toml", "--policy", "auto")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with workplace(tmp_path) as place:
        yield place


def start(folder: Path, *words: str, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        **options,  # type: ignore[call-overload]
    )


def wait_for(what: Callable[[], bool], timeout: float = 30) -> None:
    until = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def running(folder: Path) -> Callable[[], bool]:
    def asked() -> bool:
        if not (folder / "store.sqlite").exists():
            return False
        try:
            return any(t.state is TrialState.RUNNING and t.last_step is not None for t in trials_in(folder))
        except Exception:  # the study is not in the store yet
            return False

    return asked


class TestToItsEnd:
    def test_json_is_alone_on_stdout(self, folder: Path) -> None:
        write_study(folder)
        done = tunewright(*RUN, "--json", "--search", "guided", cwd=folder)
        assert done.returncode == 0
        found = checked(done.stdout, "run")
        assert (found["study"], found["state"], found["trials"]["completed"]) == ("quick", "finished", 3)
        assert found["best"]["value"] == min(t.value for t in trials_in(folder) if t.value is not None)
        assert "t0 completed" in done.stderr

    def test_text_ends_with_the_best_config_and_how_to_export_it(self, folder: Path) -> None:
        write_study(folder)
        done = tunewright(*RUN, cwd=folder)
        assert done.returncode == 0
        assert re.search(r"best: loss 0\.\d+ in t\d", done.stdout)
        last = done.stdout.splitlines()[-1]
        assert last == "export it: tunewright export quick --format toml"
        assert tunewright(*last.split()[3:], cwd=folder).returncode == 0

    def test_trials_counts_those_the_study_has(self, folder: Path) -> None:
        write_study(folder)
        assert tunewright(*RUN, cwd=folder).returncode == 0
        again = tunewright(*RUN, cwd=folder)
        assert (again.returncode, len(trials_in(folder))) == (0, 3)
        more = tunewright("run", "quick", "--trials", "5", "--json", cwd=folder)
        assert checked(more.stdout, "run")["trials"]["completed"] == 5
        assert "quick: budget.trials 3 → 5" in more.stderr

    def test_the_same_seed_proposes_the_same(self, folder: Path) -> None:
        configs = []
        for name in ("one", "two"):
            write_study(folder, name=name)
            assert tunewright(*RUN, "--seed", "7", cwd=folder).returncode == 0
            configs.append([t.params for t in trials_in(folder, name)])
        assert configs[0] == configs[1]

    def test_every_trial_failing_exits_1(self, folder: Path) -> None:
        write_study(folder, low=0.06, default=0.09)
        done = tunewright(*RUN, "--json", cwd=folder)
        assert done.returncode == 1
        found = checked(done.stdout, "run")
        assert (found["trials"]["failed"], found["best"]) == (3, None)
        assert "t0 failed" in done.stderr and "lr is too high" in done.stderr

    def test_a_time_limit_ends_each_trial_with_what_it_has(self, folder: Path) -> None:
        write_study(folder, trials=1, pause=1)
        done = tunewright(*RUN, "--budget", "1.5s", "--json", cwd=folder)
        [trial] = trials_in(folder)
        assert (done.returncode, trial.cut_short, trial.state) == (0, True, TrialState.COMPLETED)
        assert trial.seconds is not None and trial.seconds < 3.9

    def test_jobs_run_at_once(self, folder: Path) -> None:
        write_study(folder, trials=2, pause=0.5)
        assert tunewright(*RUN, "--jobs", "2", cwd=folder).returncode == 0
        first, second = trials_in(folder)
        assert first.ended_at is not None and second.started_at is not None
        assert second.started_at < first.ended_at

    def test_auto_until_stops_at_its_target_and_waits(self, folder: Path) -> None:
        write_study(folder, trials=9)
        words = ("run", "study.toml", "--policy", "auto-until", "--target", "5")
        done = tunewright(*words, "--json", cwd=folder)
        found = checked(done.stdout, "run")
        assert (done.returncode, found["state"], found["trials"]["completed"]) == (0, "waiting", 1)
        assert "proposal 1 waits for you" in done.stderr


class TestRequests:
    def test_ask_without_a_terminal_is_refused(self, folder: Path) -> None:
        write_study(folder)
        done = tunewright("run", "study.toml", "--json", cwd=folder)
        assert done.returncode == 2
        error = checked(done.stdout, "error")["error"]
        assert "needs a person" in error["what"] and "--policy auto" in error["remedy"]

    def test_a_refused_policy_changes_nothing(self, folder: Path) -> None:
        write_study(folder, trials=1)
        assert tunewright(*RUN, cwd=folder).returncode == 0
        for words in (("run", "quick", "--policy", "ask", "--trials", "9"), ("run", "study.toml", "--trials", "9")):
            assert tunewright(*words, cwd=folder).returncode == 2
            with open_store(folder / "store.sqlite", create=False) as store:
                spec = studies.get(store, "quick").spec
            assert (spec.policy.kind, spec.budget.trials) == ("watch", 1)

    def test_auto_without_a_budget_is_refused(self, folder: Path) -> None:
        path = write_study(folder)
        path.write_text(path.read_text().replace("budget = { trials = 3 }", ""))
        done = tunewright(*RUN, cwd=folder)
        assert done.returncode == 2
        assert "would never end. Give --trials or --total." in done.stderr

    def test_a_file_that_is_not_there_makes_no_store(self, folder: Path) -> None:
        done = tunewright("run", "stdy.toml", "--policy", "auto", cwd=folder)
        assert done.returncode == 2
        assert "stdy.toml: there is no such file" in done.stderr
        assert not (folder / "store.sqlite").exists()

    def test_a_malformed_file_names_the_line(self, folder: Path) -> None:
        path = write_study(folder)
        path.write_text(path.read_text().replace("low = 0.0001", "lwo = 0.0001"))
        done = tunewright(*RUN, cwd=folder)
        assert done.returncode == 2
        assert re.search(r"study\.toml:\d+", done.stderr) and "low" in done.stderr
        assert "Traceback" not in done.stderr

    def test_an_unknown_study_names_the_nearest(self, folder: Path) -> None:
        write_study(folder)
        tunewright(*RUN, "--trials", "1", cwd=folder)
        done = tunewright("run", "quik", cwd=folder)
        assert done.returncode == 2
        assert "Did you mean 'quick'?" in done.stderr

    def test_a_changed_space_is_refused_once_there_are_trials(self, folder: Path) -> None:
        write_study(folder, trials=1)
        assert tunewright(*RUN, cwd=folder).returncode == 0
        write_study(folder, trials=1, low=1e-3)
        done = tunewright(*RUN, cwd=folder)
        assert done.returncode == 2
        assert "space.parameters.lr.low 0.0001 → 0.001" in done.stderr
        assert "Rename the study in the file" in done.stderr

    def test_a_changed_space_is_taken_while_there_are_none(self, folder: Path) -> None:
        write_study(folder, trials=1)
        with open_store(folder / "store.sqlite") as store:
            studies.create(store, read_study_file(folder / "study.toml"), folder)
        write_study(folder, trials=1, low=1e-3)
        done = tunewright(*RUN, cwd=folder)
        assert done.returncode == 0
        assert "quick: space.parameters.lr.low 0.0001 → 0.001" in done.stderr

    def test_a_script_has_no_task(self, folder: Path) -> None:
        write_study(folder)
        done = tunewright(*RUN, "--task", "wine", cwd=folder)
        assert done.returncode == 2
        assert "'wine' is no task of script" in done.stderr


class TestTask:
    """A study file of a built-in trainer may be run on its other tasks, each a study of its own."""

    FOREST = '[study]\nname = "trees"\ntrainer = "forest"\ntask = "svm-wine"\n'

    def test_space_and_name_follow_the_task(self, tmp_path: Path) -> None:
        path = tmp_path / "study.toml"
        path.write_text(self.FOREST)
        spec = with_task(path, "decision_tree-diabetes")
        trainer = catalog.load("forest")
        assert (spec.name, spec.task) == ("trees-decision_tree-diabetes", "decision_tree-diabetes")
        assert spec.space == trainer.space(spec.task)
        assert spec.objective == trainer.objective(spec.task)
        assert spec.space.allows(spec.first_config())

    def test_the_file_s_own_task_keeps_its_name(self, tmp_path: Path) -> None:
        path = tmp_path / "study.toml"
        path.write_text(self.FOREST)
        assert with_task(path, "svm-wine").name == "trees"

    def test_a_range_of_the_file_s_own_stays(self, tmp_path: Path) -> None:
        path = tmp_path / "study.toml"
        path.write_text(self.FOREST + '[space]\nC = { type = "float", low = 1.0, high = 9.0 }\n')
        assert with_task(path, "svm-iris").space.parameters["C"].to_dict()["high"] == 9.0

    def test_an_unknown_task_names_the_nearest(self, tmp_path: Path) -> None:
        path = tmp_path / "study.toml"
        path.write_text(self.FOREST)
        with pytest.raises(TunewrightError, match="svm-wine"):
            with_task(path, "svm-wina")


class TestInterrupted:
    def test_ctrl_c_stops_the_trials_of_this_run(self, folder: Path) -> None:
        write_study(folder, pause=30)
        run = start(folder, *RUN, "--json")
        wait_for(running(folder))
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=30)
        assert run.returncode == 130
        found = checked(out, "run")
        assert (found["state"], found["trials"]["stopped"]) == ("interrupted", 1)
        assert "stopping the trials of this run" in err
        assert [t.state for t in trials_in(folder)] == [TrialState.STOPPED]

    def test_a_second_ctrl_c_leaves_at_once(self, folder: Path) -> None:
        write_study(folder, pause=30)
        (folder / "train.py").write_text(
            "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + (folder / "train.py").read_text()
        )
        run = start(folder, *RUN)
        wait_for(running(folder))
        run.send_signal(signal.SIGINT)
        assert run.stderr is not None
        said = ""
        while "stopping the trials" not in said:
            line = run.stderr.readline()
            assert line, f"it ended too early: {said}"
            said += line
        run.send_signal(signal.SIGINT)
        left = time.monotonic()
        run.communicate(timeout=30)
        assert run.returncode == 130
        assert time.monotonic() - left < 4  # the script sits its five seconds of grace out
        assert [t.state for t in until_ended(folder)] == [TrialState.STOPPED]

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_told_to_end_it_leaves_the_trials_running(self, folder: Path, number: signal.Signals) -> None:
        write_study(folder, trials=2, pause=0.4)
        run = start(folder, *RUN)
        wait_for(running(folder))
        run.send_signal(number)
        _, err = run.communicate(timeout=30)
        assert run.returncode == 128 + number
        assert "Come back with: tunewright run quick" in err
        assert [t.state for t in until_ended(folder)] == [TrialState.COMPLETED]
        again = tunewright("run", "quick", "--json", cwd=folder)
        assert checked(again.stdout, "run")["trials"]["completed"] == 2

    def test_killed_it_leaves_the_trials_running(self, folder: Path) -> None:
        write_study(folder, trials=2, pause=0.4)
        run = start(folder, *RUN)
        wait_for(running(folder))
        run.kill()
        run.communicate()
        again = tunewright("run", "quick", "--json", cwd=folder)
        assert checked(again.stdout, "run")["trials"]["completed"] == 2
        assert [t.attempts for t in trials_in(folder)] == [1, 1]

    def test_a_hang_up_that_nohup_ignores_ends_nothing(self, folder: Path) -> None:
        write_study(folder, trials=1, pause=0.3)
        run = start(folder, *RUN, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        wait_for(running(folder))
        run.send_signal(signal.SIGHUP)
        run.communicate(timeout=30)
        assert run.returncode == 0

    def test_two_runs_share_one_study(self, folder: Path) -> None:
        write_study(folder, trials=6, pause=0.05)
        runs = [start(folder, *RUN, "--json") for _ in range(2)]
        answers = [run.communicate(timeout=60) for run in runs]
        assert [run.returncode for run in runs] == [0, 0], answers
        found = trials_in(folder)
        assert [t.state for t in found] == [TrialState.COMPLETED] * 6
        assert len({str(t.params) for t in found}) == 6


def test_a_store_that_is_locked_for_a_while_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a full disk is: the run tells it once and goes on when it has passed."""
    monkeypatch.setattr(errors, "BUSY_SECONDS", 0.1)
    path, store = write_study(folder, trials=1), folder / "store.sqlite"
    open_store(store).close()

    def hold() -> None:
        other = sqlite3.connect(store, isolation_level=None)
        wait_for(lambda: other.execute("SELECT count(*) FROM study").fetchone()[0] == 1)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(1.5)
        other.execute("ROLLBACK")
        other.close()

    holder = threading.Thread(target=hold)
    holder.start()
    code = cli.main(["run", str(path), "--policy", "auto", "--headless", "--store", str(store)])
    holder.join()
    assert code == 0
    assert capsys.readouterr().err.count("Trying again for a minute") == 1


class TestInATerminal:
    def test_a_person_answers_each_proposal(self, folder: Path) -> None:
        write_study(folder, trials=2)
        terminal = Terminal("run", "study.toml", "--headless", cwd=folder)
        try:
            at = terminal.expect("q(uit): ")
            terminal.send("y\n")
            at = terminal.expect("q(uit): ", after=terminal.expect("proposal 1", after=at))
            terminal.send("e lr=7\n")
            at = terminal.expect("lr = 7 is above its upper bound 0.1", after=at)
            terminal.send("no I don't trust it\n")
            at = terminal.expect("q(uit): ", after=terminal.expect("proposal 2", after=at))
            terminal.send("e lr=0.004 n=2\n")
            terminal.expect("export it: tunewright export quick", after=at)
            assert terminal.wait() == 0
        finally:
            terminal.close()
        first, second = trials_in(folder)
        assert (first.source, second.source) == ("default", "person")
        assert second.params == {"lr": 0.004, "n": 2}

    def test_a_person_answers_what_the_agent_asks_for_and_no_line_is_taken_for_another_answer(
        self, folder: Path
    ) -> None:
        write_study(folder, trials=2)
        terminal = Terminal("run", "study.toml", "--headless", cwd=folder)
        try:
            at = terminal.expect("run it?")
            with open_store(folder / "store.sqlite", create=False) as store:
                study = studies.get(store, "quick")
                actions.ask(store, study.id, ActionKind.SET_BUDGET, {"trials": 9}, "it still falls")
                actions.ask(store, study.id, ActionKind.SET_BUDGET, {"trials": 3}, "three would do")
            time.sleep(0.5)
            terminal.send("y\n")  # the proposal's answer, though something else waits by now
            at = terminal.expect("do it?", after=terminal.expect("it still falls", after=at))
            terminal.send("no too many\n")
            at = terminal.expect("do it?", after=terminal.expect("three would do", after=at))
            terminal.send("y\n")
            for number in (1, 2):
                at = terminal.expect("run it?", after=terminal.expect(f"proposal {number}", after=at))
                terminal.send("y\n")
            terminal.expect("export it: tunewright export quick", after=at)
            assert terminal.wait() == 0
        finally:
            terminal.close()
        with open_store(folder / "store.sqlite", create=False) as store:
            study = studies.get(store, "quick")
            assert study.spec.budget.trials == 3
            assert actions.pending(store, study.id) == []

    def test_the_display_leaves_no_trace_on_stdout(self, folder: Path) -> None:
        write_study(folder, trials=1, pause=0.2)
        terminal = Terminal(*RUN, "--headless", cwd=folder)
        try:
            terminal.expect("t0 running")
            assert terminal.wait() == 0
        finally:
            terminal.close()
        assert terminal.seen.rstrip().endswith("the budget of 1 trials is spent.")
        assert terminal.seen.count("\x1b[?25l") <= terminal.seen.count("\x1b[?25h")  # the cursor is back

    def test_a_terminal_that_goes_away_ends_no_trial(self, folder: Path) -> None:
        write_study(folder, trials=1, pause=0.4)
        terminal = Terminal(*RUN, "--headless", cwd=folder)
        try:
            terminal.expect("t0 running")
            terminal.hang_up()
            assert terminal.wait() == 128 + signal.SIGHUP
        finally:
            terminal.close()
        assert [t.state for t in until_ended(folder)] == [TrialState.COMPLETED]

    def test_in_the_background_nothing_is_read(self, folder: Path) -> None:
        """A background job that reads its terminal would be suspended; it is told that ask needs a person."""
        write_study(folder)
        shell = ("bash", "-c", 'set -m; "$@" & wait $!; echo "exit code $?"', "bash")
        terminal = Terminal("run", "study.toml", "--headless", cwd=folder, under=shell)
        try:
            terminal.expect("needs a person at a terminal")
            terminal.expect("exit code 2")
        finally:
            terminal.close()


def test_two_runs_that_begin_at_once_make_one_study(tmp_path: Path) -> None:
    spec = read_study_file(write_study(tmp_path))
    both, made, wrong = threading.Barrier(2), [], []

    def begin(path: Path) -> None:
        with open_store(path, check=False) as store:
            both.wait()
            try:
                made.append(opening.from_file(store, tmp_path / "study.toml", spec)[0].id)
            except TunewrightError as error:
                wrong.append(error)

    for number in range(10):
        path = tmp_path / f"{number}.sqlite"
        open_store(path).close()
        threads = [threading.Thread(target=begin, args=(path,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == [] and made == [1] * 20
