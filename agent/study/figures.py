"""Numbers in sentences: as short as can be without losing what they say."""

from __future__ import annotations

import math
import re

_EXPONENT = re.compile(r"e([+-])0*(\d)")


def number(value: float, digits: int = 4) -> str:
    """`value` to `digits` significant digits: 1e-5 and not 1e-05, 250000 and not 2.5e+05."""
    if not math.isfinite(value):
        return str(value)
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e7):
        return str(int(value))
    return _EXPONENT.sub(lambda m: f"e{'' if m[1] == '+' else '-'}{m[2]}", f"{value:.{digits}g}")
