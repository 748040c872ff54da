"""How sure a model was: the entropy, in nats, of what it might have written in the place of each token.

0 is certain; ln 2 ≈ 0.69 is a coin's toss; ln V is no idea at all with V tokens to choose from. It is that of the
model's own distribution, before temperature, sampling and any grammar. Where a provider gives only the likeliest few,
what is left counts as one more choice: the figure is then a lower bound.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent.llm.call import Token
from agent.llm.values import proposed, tokens_at

if TYPE_CHECKING:
    import numpy as np


def entropy_and_logprob(logits_V: np.ndarray[Any, Any], token: int) -> tuple[float, float]:
    """Of the distribution the logits of all V tokens make, and of one token in it."""
    import numpy as np

    shifted_V = logits_V.astype(np.float64) - float(logits_V.max())
    weights_V = np.exp(shifted_V)
    total = float(weights_V.sum())
    # H = ln Z − Σ p·x; a logit of −inf has weight 0 and counts for nothing.
    mean = float((weights_V * np.where(weights_V > 0, shifted_V, 0.0)).sum()) / total
    return max(math.log(total) - mean, 0.0), float(shifted_V[token]) - math.log(total)


def likeliest(logits_V: np.ndarray[Any, Any], count: int) -> list[tuple[int, float]]:
    """The likeliest tokens with their log-probabilities, the first at the head."""
    import numpy as np

    count = min(count, len(logits_V))
    best = np.argpartition(logits_V, -count)[-count:]
    top_K = logits_V[best].astype(np.float64)
    shifted_V = logits_V.astype(np.float64) - float(logits_V.max())
    whole = float(logits_V.max()) + math.log(float(np.exp(shifted_V).sum()))
    return [(int(best[i]), float(top_K[i]) - whole) for i in np.argsort(-top_K)]


def entropy_of_top(logprobs: Sequence[float]) -> float:
    """A lower bound from the log-probabilities of some tokens, those of the likeliest."""
    chances = [math.exp(min(value, 0.0)) for value in logprobs if not math.isnan(value)]
    rest = max(1.0 - sum(chances), 0.0)
    return sum(-p * math.log(p) for p in (*chances, rest) if p > 0)


def tokens_of_provider(logprobs: Mapping[str, Any] | None) -> tuple[Token, ...]:
    """From the `logprobs` of an OpenAI-compatible reply: a chat's, or the older form of completions."""
    if not logprobs:
        return ()
    if isinstance(listed := logprobs.get("content"), Sequence):
        return tuple(
            _token(t["token"], t["logprob"], {p["token"]: p["logprob"] for p in t.get("top_logprobs") or ()})
            for t in listed
        )
    texts, own = logprobs.get("tokens") or (), logprobs.get("token_logprobs") or ()
    tops = logprobs.get("top_logprobs") or [{}] * len(texts)
    return tuple(_token(t, v, top or {}) for t, v, top in zip(texts, own, tops, strict=False))


def _token(text: str, logprob: float | None, top: Mapping[str, float]) -> Token:
    own = float("nan") if logprob is None else float(logprob)
    return Token(text, own, entropy_of_top(list({**top, text: own}.values())), dict(top))


def value_entropies(tokens: Sequence[Token], names: Collection[str]) -> list[dict[str, float]]:
    """For each proposal in the reply the tokens make: the mean entropy a token of each parameter's value."""
    pieces = [token.text for token in tokens]
    found = []
    for proposal in proposed("".join(pieces), names):
        places = {name: tokens_at(pieces, member) for name, member in proposal.items()}
        found.append({name: sum(tokens[i].entropy for i in at) / len(at) for name, at in places.items() if at})
    return found
