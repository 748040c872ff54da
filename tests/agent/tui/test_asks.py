"""What the agent asks for: a card that takes no focus, no letter by accident, and nothing without a yes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.store import actions, studies
from agent.store.connection import open_store
from agent.study.nouns import Action, ActionKind, ProposalState
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened


def ask(path: Path, kind: ActionKind, body: Mapping[str, Any], reason: str = "the curves say so") -> Action:
    with open_store(path, check=False) as store:
        return actions.ask(store, studies.get(store, seed.STUDY).id, kind, body, reason)


def state_of(path: Path, action: Action) -> ProposalState:
    with open_store(path, check=False) as store:
        return actions.get(store, action.id).state


async def to_the_card(screen: Screen, presses: int) -> None:
    for _ in range(presses):
        await screen.press("ctrl+g")
    screen.clock.pass_by(1)
    await screen.until(lambda: screen.study.asks.has_focus_within)


@pytest.mark.parametrize("size", [(180, 50), (120, 36), (80, 24)], ids=str)
async def test_it_appears_without_taking_the_focus_and_says_what_would_change(
    store_path: Path, size: tuple[int, int]
) -> None:
    async with opened(store_path, size=size) as screen:
        await screen.write("half a sen")
        action = ask(store_path, ActionKind.EDIT_SPACE, {"changes": {"lr": {"high": 0.5}}})
        await screen.until(lambda: screen.study.asks.display)
        await screen.write("tence a r")
        assert screen.study.composer.text == "half a sentence a r"
        assert state_of(store_path, action) is ProposalState.PENDING
        await to_the_card(screen, 2)
        await screen.until(lambda: "lr: high 0.1 → 0.5" in screen.text)
        assert "the curves say so" in screen.text


async def test_a_letter_acts_after_the_grace_only(store_path: Path) -> None:
    action = ask(store_path, ActionKind.STOP_TRIAL, {"trial": 13}, "it only gets worse")
    async with opened(store_path) as screen:
        await screen.press("ctrl+g")
        await screen.press("ctrl+g")
        await screen.until(lambda: screen.study.asks.has_focus_within)
        await screen.press("a")
        await screen.until(lambda: "only just appeared" in screen.study.notice.said)
        assert state_of(store_path, action) is ProposalState.PENDING
        screen.clock.pass_by(1)
        await screen.press("a")
        await screen.until(lambda: state_of(store_path, action) is ProposalState.APPROVED)
        await screen.until(lambda: not screen.study.asks.display)
        assert screen.study.composer.has_focus


async def test_it_is_declined_with_a_reason(store_path: Path) -> None:
    action = ask(store_path, ActionKind.SET_BUDGET, {"trials": 400})
    async with opened(store_path) as screen:
        await to_the_card(screen, 2)
        await screen.press("r")
        await screen.write("too many")
        await screen.press("enter")
        await screen.until(lambda: state_of(store_path, action) is ProposalState.REJECTED)
        assert not screen.study.asks.waiting


async def test_escape_in_the_reason_keeps_it(store_path: Path) -> None:
    action = ask(store_path, ActionKind.SET_BUDGET, {"trials": 400})
    async with opened(store_path) as screen:
        await to_the_card(screen, 2)
        await screen.press("r", "x", "escape")
        await screen.rest()
        assert state_of(store_path, action) is ProposalState.PENDING
        assert screen.study.asks.has_focus_within


async def test_a_space_that_no_longer_fits_is_said_on_the_card(store_path: Path) -> None:
    ask(store_path, ActionKind.EDIT_SPACE, {"changes": {"gone": {"high": 1.0}}})
    async with opened(store_path) as screen:
        await to_the_card(screen, 2)
        await screen.until(lambda: "no longer fits the space" in screen.text)


async def test_settings_of_the_agent_by_command(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.command("/agent money=5 explain_worse_than=.4 entropy=on")
        await screen.until(lambda: screen.study.model.spec.agent.money == 5)
        agent = screen.study.model.spec.agent
        assert (agent.explain_worse_than, agent.entropy) == (0.4, True)
        for words, said in (
            ("/agent mony=5", "Did you mean 'money'?"),
            ("/agent proposals=0", "0 is below 1"),
            ("/agent tokens=many", "not a whole number"),
            ("/search llm", "needs a model"),
        ):
            await screen.command(words)
            await screen.until(lambda said=said: said in screen.study.notice.said, said)
        await screen.command("/model local:tiny.gguf")
        await screen.until(lambda: "LLM tiny.gguf" in screen.text)
        await screen.command("/search llm-first")
        await screen.until(lambda: screen.study.model.spec.search == "llm-first")
