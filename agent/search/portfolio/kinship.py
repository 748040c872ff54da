"""How near the kind of model and data that a portfolio is for is to a study's, from 0 to 1."""

from __future__ import annotations

from collections.abc import Collection

from agent.lessons.families import NEURAL
from agent.lessons.lesson import Conditions
from agent.lessons.likeness import task_likeness

_BROAD = frozenset((NEURAL, "trees", "boosting"))  # kinds of kinds: a forest is no single tree
_DATA = frozenset(("tabular", "images", "text", "forecasting"))
_KIND_UNSAID = 0.75  # the study tunes some network, and says no more of it
_UNKNOWN = 0.6  # nothing at all is known of the model
_COUSIN = 0.4  # another kind of network, another kind of trees
_OTHER_DATA = 0.7
_OTHER_RATES = 0.7  # Adam's learning rates say little of SGD's
_ONE_STUDY = 0.95  # what a single study found, beside what many data sets agree on
_OTHER_TASK = 0.6  # of a study of the same kind whose task has nothing in common with this one's


def kinship(mine: Conditions, theirs: Conditions, *, one_study: bool) -> float:
    """0 for another kind of model. What came from one study counts as far as its task is like `mine`."""
    if not one_study:
        rates = _OTHER_RATES if _is_adams(theirs) and "momentum" in mine.parameters else 1.0
        return rates * of_families(mine.families, theirs.families)
    near = task_likeness(theirs, mine)
    kin = 1.0 if near == 1 else of_families(mine.families, theirs.families)
    return _ONE_STUDY * kin * (_OTHER_TASK + (1 - _OTHER_TASK) * near)


def _is_adams(held: Conditions) -> bool:
    """Whether every run was trained with Adam, which has no parameter called momentum."""
    return tuple(held.parameters.get("optimizer", {}).get("choices", ())) == ("adam",)  # type: ignore[arg-type]


def of_families(mine: Collection[str], theirs: Collection[str]) -> float:
    """Of families as agent.lessons.families names them."""
    near = _of_models(set(mine) - _DATA, set(theirs) - _DATA)
    data, other = set(mine) & _DATA, set(theirs) & _DATA
    return near * (_OTHER_DATA if data and other and not data & other else 1.0)


def _of_models(mine: set[str], theirs: set[str]) -> float:
    if not mine or not theirs:
        return _UNKNOWN
    if (mine & theirs) - _BROAD or mine == theirs:
        return 1.0
    if not mine & theirs:
        return 0.0
    return _KIND_UNSAID if mine <= _BROAD or theirs <= _BROAD else _COUSIN
