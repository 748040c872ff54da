"""Makes losses fit for a Gaussian process: standardised, their bad tail compressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KNEE = 2.0  # scales above the median from which values are compressed
_LARGEST = 1e150  # squares of larger ones overflow


class Warp:
    """A monotone map from losses (smaller is better) to about zero mean and unit variance.

    Losses more than _KNEE scales worse than the median count logarithmically: one run that ended at
    1e6 would otherwise flatten everything between 0.3 and 0.4. The good side stays linear.
    """

    def __init__(self, losses: NDArray[np.float64]) -> None:
        losses = np.clip(losses, -_LARGEST, _LARGEST)
        self._middle = float(np.median(losses))
        self._scale = (
            float(np.median(np.abs(losses - self._middle))) or float(np.abs(losses - self._middle).mean()) or 1.0
        )
        bent = self._bend(losses)
        self._mean, self._deviation = float(bent.mean()), float(bent.std()) or 1.0

    def forward(self, losses: NDArray[np.float64]) -> NDArray[np.float64]:
        return (self._bend(np.clip(losses, -_LARGEST, _LARGEST)) - self._mean) / self._deviation

    def backward(self, warped: NDArray[np.float64]) -> NDArray[np.float64]:
        bent = warped * self._deviation + self._mean
        tail = np.expm1(np.clip(bent - _KNEE, 0.0, 300.0))
        return np.asarray(np.minimum(bent, _KNEE) + tail) * self._scale + self._middle

    def _bend(self, losses: NDArray[np.float64]) -> NDArray[np.float64]:
        z = (losses - self._middle) / self._scale
        return np.asarray(np.minimum(z, _KNEE) + np.log1p(np.maximum(z - _KNEE, 0.0)))
