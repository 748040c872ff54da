"""What is true of a series, by rules with thresholds that can be set anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trainers.describe.series import LENGTH
from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRENDS = ("rising", "falling", "flat")
NOISES = ("low", "medium", "high")
PLACES = ("beginning", "middle", "end")
FIELDS = ("trend", "noise", "extrema")


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """In the units of the values, 0 to 99, and of places, 0 to 127."""

    flat: float = 3.0  # means of the two ends that differ by no more are level
    low: float = 2.0  # RMS about a cubic below which noise is low
    high: float = 12.0  # and above which it is high
    ends: int = 20  # values at each end that make its mean
    early: int = 32  # a place before it lies at the beginning
    late: int = 96  # a place after it lies at the end

    @classmethod
    def read(cls, text: str) -> Thresholds:
        """Those that `text` changes, `flat=4,low=3`, the rest as they are. Raises TunewrightError."""
        known = {name: type(value) for name, value in asdict(cls()).items()}
        given: dict[str, Any] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, value = (word.strip() for word in part.partition("="))
            if name not in known:
                raise TunewrightError(f"'{name}' is no threshold", where="thresholds", remedy=nearest(name, known))
            try:
                given[name] = known[name](value)
            except ValueError:
                raise TunewrightError(f"{name} = '{value}' is no number", where="thresholds") from None
        return cls(**given).checked()

    def checked(self) -> Thresholds:
        """Itself. Raises TunewrightError where two of them contradict each other."""
        if not 0 <= self.low < self.high:
            raise TunewrightError("low must be less than high, and neither negative", where="thresholds")
        if self.flat < 0 or not 1 <= self.ends <= LENGTH // 2 or not 0 <= self.early <= self.late < LENGTH:
            what = f"flat must not be negative, ends lie in 1 … {LENGTH // 2}, and 0 ≤ early ≤ late < {LENGTH}"
            raise TunewrightError(what, where="thresholds")
        return self

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Truth:
    """One of TRENDS, one of NOISES, and where the highest and the lowest value lie, each one of PLACES."""

    trend: str
    noise: str
    highest: str
    lowest: str

    @property
    def extrema(self) -> str:
        """Both places as one label: `beginning/end` has the highest value at the beginning."""
        return f"{self.highest}/{self.lowest}"

    def label(self, field: str) -> str:
        """Of one of FIELDS."""
        return str(getattr(self, field))

    def to_dict(self) -> dict[str, str]:
        return {field: self.label(field) for field in FIELDS}

    @classmethod
    def from_dict(cls, data: Mapping[str, str]) -> Truth:
        highest, _, lowest = data["extrema"].partition("/")
        return cls(data["trend"], data["noise"], highest, lowest)


def truths(rows: Sequence[Sequence[int]], thresholds: Thresholds = Thresholds()) -> list[Truth]:
    """What is true of each series of LENGTH values.

    Trend: the mean of the last values less that of the first. Noise: the root mean square about the cubic fitted to
    the series. Of several highest or lowest values the first counts.
    """
    if not rows:
        return []
    value_BT = np.asarray(rows, dtype=np.float64)
    ends = thresholds.ends
    rise_B = value_BT[:, -ends:].mean(1) - value_BT[:, :ends].mean(1)
    columns = zip(rise_B, residual(value_BT), value_BT.argmax(1), value_BT.argmin(1), strict=True)
    return [
        Truth(_trend(rise, thresholds), _noise(rms, thresholds), _place(high, thresholds), _place(low, thresholds))
        for rise, rms, high, low in columns
    ]


def residual(value_BT: NDArray[np.float64]) -> NDArray[np.float64]:
    """Root mean square of each row about its cubic fit. Shape (B,)."""
    time_T = np.linspace(-1, 1, value_BT.shape[1])
    basis_TP, _ = np.linalg.qr(np.vander(time_T, 4))  # orthonormal: the fit is a projection
    rest_BT = value_BT - value_BT @ basis_TP @ basis_TP.T
    rms: NDArray[np.float64] = np.sqrt((rest_BT**2).mean(1))
    return rms


def _trend(rise: float, thresholds: Thresholds) -> str:
    return "flat" if abs(rise) <= thresholds.flat else "rising" if rise > 0 else "falling"


def _noise(rms: float, thresholds: Thresholds) -> str:
    return "low" if rms < thresholds.low else "high" if rms > thresholds.high else "medium"


def _place(index: int, thresholds: Thresholds) -> str:
    return "beginning" if index < thresholds.early else "end" if index > thresholds.late else "middle"
