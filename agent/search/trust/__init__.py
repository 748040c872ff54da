"""An adviser's part in `guided`: how many turns it has, which of its configs pass, what it has earned.

An adviser is whoever proposes from outside the history, such as a language model. All of this is a pure function of
the history: the turns by the number of the next proposal, the trust by what the adviser's trials came to.
"""

from agent.search.trust.earned import Standing, standing
from agent.search.trust.turns import share, wants_advice

__all__ = ["Standing", "share", "standing", "wants_advice"]
