"""A series that needs no download: hour by hour, with days, weeks, a slow drift and noise that lingers.

The same for everybody: the seed is fixed, so that trials of any study can be compared.
"""

from __future__ import annotations

import numpy as np

from trainers.informer.series import Series

ROWS = 2_400
COLUMNS = ("load", "wind", "sun", "heat")
TARGET = "load"
_NOISE, _LINGERS = 0.25, 0.8  # standard deviation of the noise, and what is left of it an hour later


def series(rows: int = ROWS, seed: int = 0) -> Series:
    """100 days in four columns; `load` leans on the others as they were some hours before."""
    rng = np.random.default_rng(seed)
    hour_T = np.arange(rows)
    day_T, week_T = 2 * np.pi * hour_T / 24, 2 * np.pi * hour_T / 168
    noise_TC = rng.normal(0, _NOISE, (rows, len(COLUMNS)))
    for row in range(1, rows):
        noise_TC[row] += _LINGERS * noise_TC[row - 1]
    sun_T = np.maximum(0, np.sin(day_T - np.pi / 2)) * (1 + 0.3 * noise_TC[:, 2])
    heat_T = 0.8 * np.roll(sun_T, 3) + 0.4 * np.sin(2 * np.pi * hour_T / (24 * 60)) + 0.5 * noise_TC[:, 3]
    wind_T = 0.5 * np.sin(week_T / 2 + 1) + noise_TC[:, 1]
    weekend_T = (hour_T // 24 % 7 >= 5).astype(float)
    load_T = np.sin(day_T - 2) + 0.5 * np.sin(2 * day_T) - 0.8 * weekend_T + 0.5 * np.roll(heat_T, 6) + noise_TC[:, 0]
    return Series(
        dates_T=np.datetime64("2024-01-01T00:00:00") + hour_T.astype("timedelta64[h]"),  # a Monday
        values_TC=np.stack([load_T, wind_T, sun_T, heat_T], 1),
        columns=COLUMNS,
        target=TARGET,
    )
