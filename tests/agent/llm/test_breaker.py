"""The circuit breaker by itself."""

from __future__ import annotations

import pytest

from agent.llm.breaker import FAILURES, Breaker
from agent.llm.errors import LLMError, LLMErrorKind
from tests.agent.llm.kit import Time

FAULT = LLMError(LLMErrorKind.SERVER, "out of order")


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def breaker(time):
    return Breaker("m", time.clock())


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.begin()
        breaker.failure(FAULT)


def is_open(breaker: Breaker) -> bool:
    try:
        breaker.check()
    except LLMError as error:
        assert error.kind is LLMErrorKind.UNAVAILABLE
        return True
    return False


def test_opens_with_the_fifth_failure_in_a_row(breaker):
    fail(breaker, FAILURES - 1)
    assert not is_open(breaker)
    fail(breaker)
    assert is_open(breaker)


def test_a_success_between_starts_the_count_anew(breaker):
    fail(breaker, FAILURES - 1)
    breaker.begin()
    breaker.success()
    fail(breaker, FAILURES - 1)
    assert not is_open(breaker)


def test_lets_one_probe_through_when_its_time_is_over(breaker, time):
    fail(breaker, FAILURES)
    time.at += 29
    assert is_open(breaker)
    time.at += 1
    breaker.begin()
    assert is_open(breaker)  # for everybody else
    breaker.success()
    assert not is_open(breaker)


def test_stays_open_twice_as_long_after_each_failed_probe_up_to_five_minutes(breaker, time):
    fail(breaker, FAILURES)
    periods = []
    for _ in range(6):
        start = time.at
        while is_open(breaker):
            time.at += 1
        periods.append(time.at - start)
        fail(breaker)
    assert periods == [30, 60, 120, 240, 300, 300]


def test_a_probe_that_is_cancelled_leaves_the_next_one_to_try(breaker, time):
    fail(breaker, FAILURES)
    time.at += 30
    breaker.begin()
    breaker.abandoned()
    assert not is_open(breaker)


def test_says_what_happened_and_when_it_is_tried_again(breaker, time):
    fail(breaker, FAILURES)
    time.at += 10
    with pytest.raises(LLMError) as caught:
        breaker.check()
    assert "failed 5 times in a row" in caught.value.what
    assert "tried again in 20 s" in caught.value.what
    assert "out of order" in caught.value.remedy
    assert "--model or /model" in caught.value.remedy, "a shell has no slash commands"
    time.at += 7
    with pytest.raises(LLMError) as later:
        breaker.check()
    assert later.value.what != caught.value.what and later.value.same == caught.value.same
