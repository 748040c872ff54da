"""What colours come to for an eye: contrast (WCAG 2.2), lightness and distance (CIE 1976 L*a*b*, D65 white), and how they
look without the long or the middle cones (Machado, Oliveira and Fernandes, 2009, severity 1)."""

from __future__ import annotations

import math

# Table of "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15(6); on linear sRGB.
PROTANOPIA = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
NORMAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
_WHITE = (0.95047, 1.0, 1.08883)

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]


def linear(colour: str) -> Triple:
    """Linear light of `#rrggbb`."""
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return _linear(r), _linear(g), _linear(b)


def _linear(c: float) -> float:
    return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    r, g, b = linear(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    """1 to 21."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def seen(colour: str, eye: Matrix) -> Triple:
    """Its linear light as that eye sees it."""
    r, g, b = (min(max(c, 0.0), 1.0) for c in _times(eye, linear(colour)))
    return r, g, b


def lab(rgb: Triple) -> Triple:
    x, y, z = (_cube(v / w) for v, w in zip(_times(_XYZ, rgb), _WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(a: str, b: str, eye: Matrix = NORMAL) -> float:
    """CIE 1976; about 2.3 is just noticeable side by side."""
    return math.dist(lab(seen(a, eye)), lab(seen(b, eye)))


def lightness(colour: str) -> float:
    """0 to 100."""
    return lab(linear(colour))[0]


def _cube(t: float) -> float:
    return t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116


def _times(matrix: Matrix, v: Triple) -> Triple:
    a, b, c = (sum(m * x for m, x in zip(row, v, strict=True)) for row in matrix)
    return a, b, c
