"""A person who is elsewhere is called: by title, bell and notification, as they have set it, and not too often."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.settings import effective
from agent.store.calls import Spent
from agent.study.nouns import TrialState
from agent.tui import messages as told
from agent.tui.ink.terminal_kind import Kind, kind
from agent.tui.preferences import Preferences
from agent.tui.terminal import calls, escapes
from agent.tui.terminal.caller import IDLE, Caller
from tests.agent.tui.driving import Clock, Screen, opened
from trainers.contract import Failure, FailureKind

EVIL = "a\x1b]0;owned\x07b\x9c\u202ec\u200bd\ne;4;1\x1b\\"


class TestSequences:
    def test_nothing_in_a_name_ends_or_begins_a_sequence(self) -> None:
        for made in (escapes.title(EVIL, Kind()), escapes.notification(EVIL, Kind())):
            assert made.count("\x1b") == made.count("\a") == 1 and made.startswith("\x1b]") and made.endswith("\a")
            assert made[1:-1].isprintable()

    def test_inside_tmux_a_notification_is_passed_through_and_a_title_is_tmux_s_own(self) -> None:
        within = kind({"TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0"})
        assert escapes.notification("x", within) == "\x1bPtmux;\x1b\x1b]9;tunewright: x\a\x1b\\"
        assert escapes.title("x", within) == "\x1b]0;x\a"
        assert escapes.notification("x", kind({"STY": "1.pts"})) == "\x1bP\x1b]9;tunewright: x\a\x1b\\"

    def test_linux_s_console_gets_none(self) -> None:
        console = kind({"TERM": "linux"})
        assert escapes.title("x", console) == escapes.notification("x", console) == ""

    def test_ascii_where_the_locale_has_nothing_else(self) -> None:
        assert escapes.title("● 2 run – é", kind({"LANG": "C"})) == "\x1b]0;@ 2 run - e\a"

    def test_a_long_name_is_cut(self) -> None:
        assert len(escapes.title("x" * 10_000, Kind())) < 200

    def test_a_notification_never_begins_with_a_number(self) -> None:
        assert escapes.notification("4;1;50", Kind()).startswith("\x1b]9;tunewright: ")


class Sent:
    """A caller that writes here."""

    def __init__(self, folder: Path, text: str = "", environment: dict[str, str] | None = None) -> None:
        (folder / "settings.toml").write_text(text)
        self.clock, self.written = Clock(), list[str]()
        preferences = Preferences(effective.load(folder / "settings.toml", environment or {}))
        self.caller = Caller(preferences, self.written.append, self.clock)

    @property
    def titles(self) -> list[str]:
        return [w for w in self.written if w.startswith("\x1b]0;")]

    @property
    def bells(self) -> int:
        return self.written.count("\a")

    @property
    def notes(self) -> list[str]:
        return [w for w in self.written if "]9;" in w]


def fail(screen: Screen, number: int) -> None:
    model = screen.study.model
    failed = replace(
        model.trials[number], state=TrialState.FAILED, failure=Failure(kind=FailureKind.CUDA_OUT_OF_MEMORY)
    )
    model.apply(told.TrialsChanged((failed,)))


async def test_the_title_says_what_runs_and_waits_and_is_written_when_it_changes(
    store_path: Path, tmp_path: Path
) -> None:
    async with opened(store_path) as screen:
        sent = Sent(tmp_path)
        for _ in range(3):
            sent.caller.look(screen.study.model)
        assert sent.titles == ["\x1b]0;● 2 run · 1 asks – etth1-24\a"]
        sent.caller.look(None)
        assert sent.titles[1:] == ["\x1b]0;tunewright\a"]


async def test_a_proposal_calls_once_and_only_while_the_person_is_elsewhere(store_path: Path, tmp_path: Path) -> None:
    async with opened(store_path) as screen:
        sent = Sent(tmp_path)
        sent.caller.look(screen.study.model)
        assert sent.bells == 0
        sent.caller.focused = False
        sent.caller.look(screen.study.model)
        sent.caller.look(screen.study.model)
        assert sent.bells == 1 and sent.notes == ["\x1b]9;tunewright: etth1-24: 1 waits for you\a"]


async def test_who_has_touched_nothing_for_a_minute_is_elsewhere(store_path: Path, tmp_path: Path) -> None:
    async with opened(store_path) as screen:
        sent = Sent(tmp_path)
        sent.clock.pass_by(IDLE - 1)
        sent.caller.look(screen.study.model)
        assert sent.bells == 0
        sent.caller.person_acts()
        sent.clock.pass_by(IDLE - 1)
        sent.caller.look(screen.study.model)
        assert sent.bells == 0
        sent.clock.pass_by(1)
        sent.caller.look(screen.study.model)
        assert sent.bells == 1


async def test_a_failure_is_told_with_its_kind_and_old_ones_are_no_news(store_path: Path, tmp_path: Path) -> None:
    async with opened(store_path) as screen:
        sent = Sent(tmp_path, "[notify]\non_ask = false\n")
        sent.caller.focused = False
        sent.caller.look(screen.study.model)
        assert sent.bells == 0  # t9 failed long ago
        fail(screen, 12)
        sent.caller.look(screen.study.model)
        assert sent.notes == ["\x1b]9;tunewright: etth1-24: t12 gpu memory\a"] and sent.bells == 1


async def test_there_is_never_more_than_one_bell_in_ten_seconds(store_path: Path, tmp_path: Path) -> None:
    async with opened(store_path) as screen:
        sent = Sent(tmp_path)
        sent.caller.look(screen.study.model)
        for number in (12, 13):
            fail(screen, number)
            sent.caller.look(screen.study.model)
            sent.clock.pass_by(4)
        assert sent.bells == 1
        assert sent.notes == []  # the person is there: the screen says it


async def test_budgets_call_at_80_and_at_100_percent(store_path: Path, tmp_path: Path) -> None:
    async with opened(store_path) as screen:
        sent, model = Sent(tmp_path, "[notify]\non_ask = false\n"), screen.study.model
        sent.caller.focused = False
        for spent in (0.5, 3.9, 4.0, 4.2, 5.0, 5.1):
            model.spec = model.spec.replace(agent=replace(model.spec.agent, model="x", money=5.0))
            model.standing = replace(
                model.standing, spent=Spent(money=spent, tokens=0, calls=0, calls_today=0, unpriced=0)
            )
            sent.caller.look(model)
        assert [n.partition("etth1-24: ")[2] for n in sent.notes] == [
            "80 % of the money is spent\a",
            "all of the money is spent\a",
        ]


async def test_a_study_calls_when_it_is_finished_but_not_when_it_was(store_path: Path, tmp_path: Path) -> None:
    async with opened(store_path) as screen:
        sent, model = Sent(tmp_path, "[notify]\non_ask = false\n"), screen.study.model
        sent.caller.focused = False
        for state in ("running", "finished", "finished"):
            model.standing = replace(model.standing, state=state)
            sent.caller.look(model)
        assert sent.notes == ["\x1b]9;tunewright: etth1-24 is finished; best t0\a"]
        again = calls.Calls(model)
        assert again.look(model, away=True) and not [
            c for c in again.look(model, away=True) if c.kind == calls.FINISHED
        ]


@pytest.mark.parametrize("name", ["bell", "title", "osc9", "on_ask"])
async def test_each_can_be_switched_off(store_path: Path, tmp_path: Path, name: str) -> None:
    async with opened(store_path) as screen:
        sent = Sent(tmp_path, f"[notify]\n{name} = false\n")
        sent.caller.focused = False
        sent.caller.look(screen.study.model)
        quiet = {"bell": not sent.bells, "title": not sent.titles, "osc9": not sent.notes, "on_ask": not sent.bells}
        assert quiet[name]
        assert (sent.bells, len(sent.titles), len(sent.notes)) == {
            "bell": (0, 1, 1),
            "title": (1, 0, 1),
            "osc9": (1, 1, 0),
            "on_ask": (0, 1, 0),
        }[name]


async def test_without_a_terminal_nothing_is_written(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(store_path) as screen:
        written: list[str] = []
        monkeypatch.setattr(screen.app._driver, "write", written.append)
        screen.app.caller.focused = False
        screen.app.caller.look(None)
        assert screen.app.is_headless and written == []
