"""Limits of what the agent may spend: paused and asked about at 80% and at 100%, and at a price nobody knows."""

from __future__ import annotations

import pytest

from agent.llm import budget
from agent.llm.errors import LLMError, LLMErrorKind
from agent.store import actions, calls, studies
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import ActionKind, ProposalState
from tests.agent.llm import steps
from tests.agent.llm.kit import Desk


def spend(desk: Desk, *, tokens: int = 0, cost: float | None = None) -> None:
    """As if a call had been made."""
    call = calls.begin(desk.store, desk.study.id, purpose="next", model="m", template="", messages=[])
    calls.end(desk.store, call, state="ok", prompt_tokens=tokens, completion_tokens=0, cost=cost)


def cards(desk: Desk):
    return [action for action in actions.pending(desk.store, desk.study.id) if action.kind is ActionKind.SPEND]


async def paused(desk: Desk) -> LLMError:
    before = len(desk.endpoint.requests)
    with pytest.raises(LLMError) as caught:
        await desk.text()
    assert caught.value.kind is LLMErrorKind.BUDGET
    assert len(desk.endpoint.requests) == before  # nothing was sent
    return caught.value


def approve(desk: Desk, card) -> None:
    actions.settle(desk.store, card, ProposalState.APPROVED)
    budget.confirm(desk.store, desk.study, card)


@pytest.fixture
def limited(store, endpoint):
    endpoint.play(steps.say("fine", usage=(1, 1)))
    return Desk(store, endpoint, tokens=1_000)


class TestTokens:
    async def test_calls_go_on_below_the_mark(self, limited):
        spend(limited, tokens=799)
        assert (await limited.text()).text == "fine"
        assert cards(limited) == []

    async def test_at_80_percent_calls_pause_and_one_card_asks(self, limited):
        spend(limited, tokens=800)
        error = await paused(limited)
        assert "80% of the agent's limit of 1,000 tokens" in error.what
        await paused(limited)
        [card] = cards(limited)
        body = {"limit": "tokens", "spent": 800, "of": 1000, "share": 0.8, "raised": None}
        assert body.items() <= card.body.items()
        assert "Go on to 1,000 tokens?" in card.reason

    async def test_confirmed_they_go_on_to_100_percent(self, limited):
        spend(limited, tokens=800)
        await paused(limited)
        approve(limited, cards(limited)[0])
        assert (await limited.text()).text == "fine"
        spend(limited, tokens=300)
        error = await paused(limited)
        assert "110%" in error.what
        [card] = cards(limited)
        assert (card.body["share"], card.body["raised"]) == (1.0, 2000)

    async def test_confirmed_again_the_limit_is_raised_by_its_own_amount(self, limited):
        spend(limited, tokens=1_100)
        await paused(limited)
        approve(limited, cards(limited)[0])
        assert (await limited.text()).text == "fine"
        spend(limited, tokens=500)  # 1,602 of 2,000
        assert "80% of the agent's limit of 2,000 tokens" in (await paused(limited)).what

    async def test_a_card_out_of_date_expires(self, limited):
        spend(limited, tokens=800)
        await paused(limited)
        spend(limited, tokens=800)
        await paused(limited)
        assert [card.body["share"] for card in cards(limited)] == [1.0]

    async def test_a_no_is_taken_and_not_asked_again(self, limited):
        spend(limited, tokens=800)
        await paused(limited)
        actions.settle(limited.store, cards(limited)[0], ProposalState.REJECTED)
        error = await paused(limited)
        assert "declined" in error.remedy
        assert cards(limited) == []

    async def test_a_limit_the_person_raises_needs_no_confirmation(self, limited):
        spend(limited, tokens=900)
        await paused(limited)
        stale = cards(limited)[0]
        spec = limited.study.spec.replace(agent=AgentSpec(model=limited.endpoint.url, tokens=5_000))
        studies.update(limited.store, limited.study.id, spec, who="person", what="tokens 5000")
        limited.study = studies.get(limited.store, limited.study.name)
        assert (await limited.text()).text == "fine"
        approve(limited, stale)  # of the old limit: nothing happens
        assert budget.standings(limited.store, limited.study)[0].most == 5_000


class TestMoney:
    async def test_is_counted_in_dollars(self, store, endpoint):
        desk = Desk(store, endpoint, money=2.0)
        spend(desk, cost=1.7)
        error = await paused(desk)
        assert "85% of the agent's limit of $2.00 is spent ($1.70)" in error.what

    async def test_an_unknown_price_is_asked_about_once(self, store, endpoint):
        desk = Desk(store, endpoint, money=2.0)
        endpoint.play(steps.say("fine"))
        assert (await desk.text()).cost is None
        error = await paused(desk)
        assert "cannot be kept" in error.what
        assert desk.endpoint.url in error.what
        [card] = cards(desk)
        assert card.body["unpriced"] == 1
        approve(desk, card)
        assert (await desk.text()).text == "fine"
        assert (await desk.text()).text == "fine"

    async def test_unknown_prices_are_told_beside_what_is_known(self, store, endpoint):
        desk = Desk(store, endpoint, money=2.0)
        spend(desk, cost=1.7)
        spend(desk, cost=None)
        error = await paused(desk)
        assert "calls without a known price: 1" in error.what
        assert "calls without a known price: 1" in cards(desk)[0].reason


class TestCallsADay:
    async def test_are_counted_over_24_hours(self, store, endpoint):
        desk = Desk(store, endpoint, calls_per_day=5)
        endpoint.play(steps.say("fine"))
        for _ in range(4):
            await desk.text()
        assert "80% of the agent's limit of 5 calls a day" in (await paused(desk)).what
        with store.transaction():
            store.conn.execute("UPDATE call SET at = at - 90000")  # that was yesterday
        assert (await desk.text()).text == "fine"

    async def test_a_confirmation_holds_for_a_day(self, store, endpoint):
        desk = Desk(store, endpoint, calls_per_day=5)
        for _ in range(4):
            spend(desk)
        await paused(desk)
        approve(desk, cards(desk)[0])
        [standing] = budget.standings(store, desk.study)
        assert standing.asks is None
        later = budget.standings(store, desk.study, now=standing_time(store) + 90_000)
        assert later[0].confirmed == 0.0

    async def test_each_attempt_counts(self, store, endpoint):
        desk = Desk(store, endpoint, calls_per_day=3)
        endpoint.play(steps.status(500))
        with pytest.raises(LLMError) as caught:
            await desk.text()
        assert caught.value.kind is LLMErrorKind.BUDGET
        assert len(endpoint.requests) == 3


def standing_time(store) -> float:
    return store.one("SELECT max(at) AS at FROM call")["at"]


async def test_without_limits_nothing_is_asked(desk):
    spend(desk, tokens=10**9, cost=None)
    desk.endpoint.play(steps.say("fine"))
    assert (await desk.text()).text == "fine"
    assert budget.standings(desk.store, desk.study) == []


def test_the_card_reads_well_on_every_front(limited):
    from agent.study.action_words import details, title

    spend(limited, tokens=800)
    with pytest.raises(LLMError):
        budget.Budget(limited.store, limited.study, "m").check()
    card = cards(limited)[0]
    assert title(card) == "go on spending"
    assert details(card, limited.study.spec) == [], "its reason says it all"
    assert "800 tokens" in card.reason and card.reason.endswith("Go on to 1,000 tokens?")
