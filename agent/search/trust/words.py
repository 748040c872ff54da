"""An adviser's standing in words."""

from __future__ import annotations

from agent.search.trust.earned import Standing


def record(standing: Standing) -> str:
    """`2 of its 7 trials were the best so far; beat 58% of the classical trials beside them`."""
    if not standing.turns:
        return "none of its configs has ended yet"
    trials = "its one trial was" if standing.turns == 1 else f"of its {standing.turns} trials"
    helped = (
        ("" if standing.improvements else "not ") + "the best so far"
        if standing.turns == 1
        else f"{standing.improvements or 'none'} {'was' if standing.improvements == 1 else 'were'} the best so far"
    )
    return f"{trials} {helped}; it is rated at {standing.mean:.0%}, where 50% is as good as the classical search"


def changed(model: str, standing: Standing) -> str:
    """What the journal says when an adviser loses its turn or gets it back."""
    if standing.lost:
        return (
            f"{model} has lost its turns in this study ({record(standing)}). It is asked once in a while, and gets "
            "them back when its configs help."
        )
    return f"{model} has its turns back ({record(standing)})."
