"""Learning curves as mixtures of shapes, fitted in closed form.

Each shape φ gives the model y(t) = a + b·(φ(t) − φ(now)) + noise, linear in a and b, so that with a
normal-inverse-gamma prior the posterior, its evidence and its prediction (a Student t) need no sampling. Shapes are
power laws and exponentials (after Domhan et al., 2015, who sample the parameters of eleven families by MCMC) and the
curves of the study's completed trials (after Chandrashekaran & Lane, 2017). The evidence weighs them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_POWERS = (0.25, 0.5, 1.0, 2.0)
_RATES = (1.0, 3.0, 8.0, 20.0)  # of an exponential over the whole length
_OFFSET_SD, _SLOPE_SD, _NOISE = 0.3, 0.7, 0.05  # priors, in units of the spread of the study's values
_NOISE_WEIGHT = 2.0  # reports that the prior of the noise counts as


@dataclass(frozen=True)
class Shape:
    """φ at the points of the curve, now, and at the end; `slope` is what the prior expects of b."""

    at: Sequence[float]
    now: float
    end: float
    slope: float


@dataclass(frozen=True)
class Prediction:
    """A Student t with its share of the mixture."""

    weight: float
    center: float
    scale: float
    freedom: float

    def below(self, value: float) -> float:
        """P(y < value), by Wallace's normal approximation (1959), right to about .003."""
        t = (value - self.center) / self.scale
        v = self.freedom
        z = math.copysign((8 * v + 1) / (8 * v + 3) * math.sqrt(v * math.log1p(t * t / v)), t)
        return 0.5 * math.erfc(-z / math.sqrt(2))


def parametric(positions: Sequence[float]) -> list[Shape]:
    """Power laws and exponentials over positions in (0, 1], each falling by about 1 over the whole length."""
    first = max(min(p for p in positions if p > 0), 1e-3) if any(p > 0 for p in positions) else 1.0
    ts = [max(p, first / 2) for p in positions]

    def power(t: float, c: float) -> float:
        high = (first / 2) ** -c
        return (t**-c - 1.0) / (high - 1.0) if high != 1.0 else 0.0

    shapes = [Shape([power(t, c) for t in ts], power(ts[-1], c), 0.0, 0.0) for c in _POWERS]
    return shapes + [
        Shape([math.exp(-r * p) for p in positions], math.exp(-r * positions[-1]), math.exp(-r), 0.0) for r in _RATES
    ]


def mixture(values: Sequence[float], families: Sequence[Sequence[Shape]], spread: float) -> list[Prediction]:
    """Predictions of the end, one a shape; families share the prior evenly, and the shapes of one evenly."""
    unit = spread or 1.0
    now = values[-1]
    scaled = [(v - now) / unit for v in values]
    found = []
    known = [family for family in families if family]
    for family in known:
        prior = -math.log(len(known) * len(family))
        found += [(prior + evidence, fitted) for shape in family for evidence, fitted in [_fit(scaled, shape, unit)]]
    highest = max(weight for weight, _ in found)
    total = sum(math.exp(weight - highest) for weight, _ in found)
    return [
        Prediction(math.exp(weight - highest) / total, now + unit * center, unit * scale, freedom)
        for weight, (center, scale, freedom) in found
    ]


def _fit(values: Sequence[float], shape: Shape, unit: float) -> tuple[float, tuple[float, float, float]]:
    """The log evidence of a shape, and the centre, scale and degrees of freedom of what it predicts for the end."""
    size = unit if shape.slope else 1.0  # another trial's curve is in the metric's units
    xs = [(phi - shape.now) / size for phi in shape.at]
    a0, b0 = _NOISE_WEIGHT / 2, _NOISE_WEIGHT / 2 * _NOISE**2
    # Prior precisions relative to the noise's expected variance.
    p_a, p_b = (_NOISE / _OFFSET_SD) ** 2, (_NOISE / _SLOPE_SD) ** 2
    n = len(values)
    s_x, s_xx = sum(xs), sum(x * x for x in xs)
    aa, ab, bb = n + p_a, s_x, s_xx + p_b
    r_a = sum(values)
    r_b = sum(x * y for x, y in zip(xs, values, strict=True)) + p_b * shape.slope
    det = aa * bb - ab * ab
    m_a, m_b = (bb * r_a - ab * r_b) / det, (aa * r_b - ab * r_a) / det
    a_n = a0 + n / 2
    rest = sum(y * y for y in values) + p_b * shape.slope**2 - (m_a * r_a + m_b * r_b)
    b_n = b0 + max(rest, 0.0) / 2
    evidence = 0.5 * (math.log(p_a * p_b) - math.log(det)) + a0 * math.log(b0) - a_n * math.log(b_n)
    x = (shape.end - shape.now) / size
    variance = b_n / a_n * (1 + (bb - 2 * ab * x + aa * x * x) / det)
    return evidence, (m_a + m_b * x, math.sqrt(variance), 2 * a_n)
