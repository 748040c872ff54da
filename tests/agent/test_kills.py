"""A small run of the kill test; `make kill-test` runs the whole one."""

from __future__ import annotations

import pytest

from benchmarks.kills import TARGETS, campaign

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("target", TARGETS)
def test_kill_9_loses_nothing_and_changes_nothing(target):
    tally = campaign(target, kills=4, seed=1)
    assert tally.kills == 4
    assert (tally.lost, tally.ran_twice, tally.left_behind, tally.differing) == (0, 0, 0, 0), tally.notes
