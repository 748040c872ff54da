"""What each parameter does to the objective, as far as the trials bear it out, and what nobody has tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent import importance
from agent.digest.seen import Seen
from agent.digest.text import value
from agent.importance import Effect
from trainers.parameters import CategoricalParameter

_MOST = 10  # parameters told of one by one
_LISTED = 24  # names in one line


def effects(seen: Seen, shares: Mapping[str, float]) -> list[str]:
    """A line a parameter that matters, the strongest first; then those without a difference, those in doubt, and
    choices without a value. `shares` of the spread they explain, by name; may be empty."""
    found = importance.effects(seen.ranking, seen.space, seen.objective)
    if not found:
        return []
    matter = [effect for effect in found if effect.matters]
    flat = [effect.parameter for effect in found if not effect.matters]
    varying = [p.name for p in seen.space.parameters.values() if p.count() > 1]
    told = [_told(effect, shares) for effect in matter[:_MOST]]
    doubtful = [n for n in varying if n not in {e.parameter for e in found}]
    doubtful += [effect.parameter for effect in matter[_MOST:]]
    told += _listed("no measurable difference over what was tried", flat)
    told += _listed("not clear yet", doubtful)
    return told + _listed("without a value yet", _untried(seen))


def _told(effect: Effect, shares: Mapping[str, float]) -> str:
    share = shares.get(effect.parameter, 0.0)
    head = f"{effect.parameter} ({100 * share:.0f}% of the spread)" if share >= 0.005 else effect.parameter
    return head + effect.text.removeprefix(effect.parameter)


def _listed(what: str, names: Sequence[str]) -> list[str]:
    rest = len(names) - _LISTED
    text = ", ".join(names[:_LISTED]) + (f" and {rest} more" if rest > 0 else "")
    return [f"{what}: {text}"] if names else []


def _untried(seen: Seen) -> list[str]:
    """Choices that no trial with a value had, where others had one."""
    missing = []
    for parameter in seen.space.parameters.values():
        if isinstance(parameter, CategoricalParameter) and parameter.count() > 1:
            tried = [t.params[parameter.name] for t in seen.ranking if parameter.name in t.params]
            same = [parameter.unit(v) for v in tried if parameter.problem(v) is None]
            missing += [f"{parameter.name} = {value(c)}" for c in parameter.choices if parameter.unit(c) not in same]
    return missing
