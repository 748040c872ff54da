"""Few points of a long curve, the telling ones among them."""

from __future__ import annotations

import math
from collections.abc import Collection

from agent.store.points import Curve


def thinned(curve: Curve, most: int, steps: Collection[int] = ()) -> list[int]:
    """Indices of about `most` points: the first, the last, where values stop being finite, those at `steps`, and
    of each stretch of the rest the least and the greatest."""
    count = len(curve.values)
    if count <= most:
        return list(range(count))
    bad = next((i for i, value in enumerate(curve.values) if not math.isfinite(value)), None)
    wanted = set(steps)
    kept = {0, count - 1, *([] if bad is None else [bad])} | {i for i, step in enumerate(curve.steps) if step in wanted}
    stretches = max((most - len(kept)) // 2, 1)
    for k in range(stretches):
        indices = range(k * count // stretches, (k + 1) * count // stretches)
        finite = [i for i in indices if math.isfinite(curve.values[i])]
        if finite:
            kept |= {min(finite, key=curve.values.__getitem__), max(finite, key=curve.values.__getitem__)}
    return sorted(kept)
