"""The policy and its stops are always in the header, editable and revocable in one key."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.study.policy import PolicyKind
from tests.agent.tui.driving import opened

SIZES = [(60, 20), (80, 24), (120, 36), (180, 50)]


@pytest.mark.parametrize("size", SIZES)
async def test_the_header_names_the_policy_and_every_stop(store_path: Path, size: tuple[int, int]) -> None:
    async with opened(store_path, size=size) as screen:
        assert "ask ▾" in screen.lines[0]
        await screen.command("/policy auto-until trials=30 target=0.3 failures=4")
        await screen.until(lambda: "auto" in screen.lines[0])
        for stop in ("30", ".3", "4"):
            assert stop in screen.lines[0]


async def test_ctrl_t_chooses_a_policy(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.press("ctrl+t")
        await screen.rest()
        assert "what runs without asking, in this study" in screen.text
        await screen.press("down", "down", "tab")
        await screen.write("20")
        await screen.press("enter")
        await screen.until(lambda: "auto until 20 trials or 5 failures" in screen.lines[0])
        policy = screen.study.model.spec.policy
        assert (policy.kind, policy.trials, policy.failures) == (PolicyKind.AUTO_UNTIL, 20, 5)


async def test_escape_leaves_the_policy_as_it_was(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.press("ctrl+t")
        await screen.rest()
        await screen.press("down", "down", "down", "escape")
        await screen.rest()
        assert screen.study.model.spec.policy.kind == PolicyKind.ASK


@pytest.mark.parametrize("place", ["composer", "f4", "ctrl+p", "ctrl+t"])
async def test_one_key_takes_every_permission_back_from_anywhere(store_path: Path, place: str) -> None:
    async with opened(store_path) as screen:
        await screen.command("/policy watch")
        await screen.until(lambda: "watch ▾" in screen.lines[0])
        if place != "composer":
            await screen.press(place)
            await screen.rest()
        await screen.press("ctrl+r")
        await screen.until(lambda: screen.study.model.spec.policy.kind == PolicyKind.ASK)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("watcg", "Did you mean 'watch'"),
        ("auto-until trails=3", "Did you mean 'trials'"),
        ("auto-until trials=x", "not a whole number"),
        ("auto-until target=low", "not a number"),
        ("auto-until 20", "not name=value"),
    ],
)
async def test_a_policy_that_is_none_is_refused_with_what_to_write(store_path: Path, words: str, said: str) -> None:
    async with opened(store_path) as screen:
        await screen.command(f"/policy {words}")
        assert said in screen.study.notice.said
        await screen.rest()
        assert screen.study.model.spec.policy.kind == PolicyKind.ASK


async def test_the_budget_is_in_the_header_and_can_be_changed(store_path: Path) -> None:
    async with opened(store_path) as screen:
        assert "trials 14/40" in screen.lines[0]
        assert "78m/8h" in screen.lines[0]
        await screen.command("/budget trials=20 total=none")
        await screen.until(lambda: "trials 14/20" in screen.lines[0])
        assert "/8h" not in screen.lines[0]
        await screen.command("/budget trials=many")
        assert "not a whole number" in screen.study.notice.said
