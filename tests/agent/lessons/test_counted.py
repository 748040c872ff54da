"""A lesson whose portfolio gave a study a config that was proposed counts as used, once for each such proposal."""

from __future__ import annotations

from agent.lessons import rows
from agent.lessons.library import open_lessons
from agent.search.portfolio.counted import count
from tests.agent.search.portfolio.kit import NETWORK, ask, portfolio


def test_only_those_whose_config_was_proposed_are_counted(lessons_of_the_test) -> None:
    held = portfolio()
    with open_lessons() as library, library.transaction():
        number = rows.put(library, held)
    found = ask(*NETWORK, lessons=(held,))
    assert found and {s.lesson for s in found} == {held.uid}
    count(found, [{**found[0].params, "elsewhere": 1}])
    with open_lessons() as library:
        assert rows.get(library, number).used == 0
    count(found, [found[0].params])
    with open_lessons() as library:
        assert rows.get(library, number).used == 1
