"""Where a study stands: what is counted, what is spent, what is under way."""

from __future__ import annotations

import time
from collections import Counter

from agent import summary
from agent.digest.seen import Seen
from agent.digest.text import digits, number, plural, seconds, shorten, value
from agent.store import trials
from agent.study.budget import busy_seconds
from agent.study.noise import Noise
from agent.study.nouns import ProposalState, TrialState

_WAITING = 12


def counts(seen: Seen) -> str:
    """`20 trials: 15 completed, 3 failed, 2 running`."""
    found = Counter(t.state for t in seen.trials)
    told = [f"{found[state]:,} {state}" for state in TrialState if found[state]]
    return plural(len(seen.trials), "trial") + (f": {', '.join(told)}" if told else " so far")


def budget(seen: Seen) -> list[str]:
    """What is left, and what a trial takes."""
    limits, lines = seen.spec.budget, []
    if limits.trials is not None:
        left = max(limits.trials - len(seen.trials), 0)
        lines.append(f"{left:,} of {plural(limits.trials, 'trial')} left")
    if limits.total_seconds is not None:
        spent = busy_seconds(trials.busy_intervals(seen.store, seen.study.id, time.time()))
        lines.append(
            f"{seconds(max(limits.total_seconds - spent, 0.0))} of {seconds(limits.total_seconds)} of running time left"
        )
    if limits.trial_seconds is not None:
        lines.append(f"a trial is ended after {seconds(limits.trial_seconds)} and counts with what it has reported")
    if (usual := summary.expected_seconds(seen.trials)) is not None:
        lines.append(f"a completed trial took {seconds(usual)} (median)")
    return lines


def waiting(seen: Seen) -> list[str]:
    """Configs whose outcome is not known yet."""
    under_way = [(f"t{t.number} {t.state}", t.params) for t in seen.trials if not t.state.ended]
    pending = [("waits for a decision", p.params) for p in seen.proposals if p.state is ProposalState.PENDING]
    told = [
        f"{what}: {shorten(', '.join(f'{n}={value(v)}' for n, v in params.items()), 400)}"
        for what, params in (*under_way, *pending)
    ]
    rest = len(told) - _WAITING
    return told[:_WAITING] + ([f"and {rest} more"] if rest > 0 else [])


def noise_words(seen: Seen, found: Noise) -> str:
    """The unit in which differences are to be judged."""
    if found.deviation is None or found.limit is None:
        return "unknown, as no config has been run twice and no two are alike; do not build on small differences"
    if found.deviation == 0:
        return f"none seen in {found.rests_on}"
    bound = "at most about " if found.is_bound else ""
    size, apart = number(found.deviation, 2), number(found.limit, 2)
    return (
        f"{bound}± {size} from run to run (standard deviation, from {found.rests_on}); two trials less than {apart}"
        " apart may differ by chance alone"
    )


def best_words(seen: Seen) -> str:
    """The best trial and its whole config."""
    if seen.best is None or seen.best.value is None:
        return ""
    wide = digits([t.value for t in seen.ranking if t.value is not None])
    config = ", ".join(f"{name}={value(v)}" for name, v in seen.best.params.items())
    return f"t{seen.best.number}, {seen.objective.metric} {number(seen.best.value, wide)}: {config}"
