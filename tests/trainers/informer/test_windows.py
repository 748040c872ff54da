"""What a model is trained on, against numbers computed here by hand and those known of the published protocol."""

from __future__ import annotations

import csv
import statistics
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from tests.trainers.informer.files import ett_folder, hourly, write
from trainers.errors import TunewrightError
from trainers.informer.tasks import find
from trainers.informer.windows import Splits, splits, time_features

CSV_S, CSV_M, CSV_MS = (find(f"csv-{features}") for features in ("s", "m", "ms"))


@pytest.fixture
def path(tmp_path: Path) -> str:
    """50 hours: `load` counts half hours from .5 up, `OT` is the hour modulo 7."""
    return str(write(tmp_path, hourly(50)))


def small(path: str, **more: object) -> Splits:
    """30 rows of training, 8 of validation and 12 of test; windows of 6 rows forecast 4."""
    return splits(CSV_M, {"path": path, "pred_len": 4, "protocol": [30, 8, 12], **more}, {"seq_len": 6})


def test_every_window_of_a_split_forecasts_rows_of_its_own_and_none_is_dropped(path: str) -> None:
    data = small(path)
    forecast = [
        {tuple(range(start + 6, start + 10)) for start in part.starts_N} for part in (data.train, data.val, data.test)
    ]
    assert forecast[0] == {tuple(range(first, first + 4)) for first in range(6, 27)}  # 6 rows have too little before
    assert forecast[1] == {tuple(range(first, first + 4)) for first in range(30, 35)}
    assert forecast[2] == {tuple(range(first, first + 4)) for first in range(38, 47)}
    assert [len(part) for part in (data.train, data.val, data.test)] == [21, 5, 9]


def test_the_first_windows_of_validation_and_test_look_back_into_the_part_before(path: str) -> None:
    data = small(path)
    assert data.val.starts_N[0] == 24
    assert data.test.starts_N[0] == 32
    assert data.test.starts_N[-1] + data.seq_len + data.pred_len == len(data.inputs_TC) == 50


def test_columns_are_standardised_by_the_rows_of_training_alone(path: str) -> None:
    data = small(path)
    load = [hour + 0.5 for hour in range(30)]
    assert data.mean_C[0] == pytest.approx(15.0)
    assert data.std_C[0] == pytest.approx(statistics.pstdev(load))
    assert data.inputs_TC[:, 0] == pytest.approx([(hour - 14.5) / statistics.pstdev(load) for hour in range(50)])
    assert data.inputs_TC[:30].mean(0) == pytest.approx(0, abs=1e-6)
    assert data.inputs_TC.dtype == data.time_TF.dtype == np.float32


def test_features_say_what_goes_in_and_what_is_forecast(path: str) -> None:
    options = {"path": path, "pred_len": 4}
    every, alone, one = (splits(task, options, {"seq_len": 6}) for task in (CSV_M, CSV_S, CSV_MS))
    assert (every.columns, every.targets) == (("load", "OT"), (0, 1))
    assert (alone.columns, alone.targets) == (("OT",), (0,))
    assert (one.columns, one.targets) == (("load", "OT"), (1,))
    assert np.array_equal(alone.inputs_TC[:, 0], every.inputs_TC[:, 1])
    assert splits(CSV_MS, {**options, "target": "load"}, {"seq_len": 6}).targets == (0,)


def test_a_constant_column_is_all_zeros(tmp_path: Path) -> None:
    path = write(tmp_path, [f"{row.split(',')[0]},0.1,{hour % 5}" for hour, row in enumerate(hourly(50))])
    assert small(str(path)).inputs_TC[:, 0] == pytest.approx(0.0)


def test_time_features_are_month_day_weekday_and_hour_from_minus_a_half_to_a_half() -> None:
    dates = [datetime(2024, 1, 1, 0), datetime(2024, 12, 31, 23), datetime(2023, 8, 20, 12), datetime(1968, 2, 29, 5)]
    got = time_features(np.array(dates, "datetime64[s]"))
    want = [[(d.month - 1) / 11, (d.day - 1) / 30, d.weekday() / 6, d.hour / 23] for d in dates]
    assert got == pytest.approx(np.array(want) - 0.5, abs=1e-6)
    assert got[0].tolist() == [-0.5, -0.5, -0.5, -0.5]  # a Monday
    assert got[1].tolist() == pytest.approx([0.5, 0.5, 1 / 6 - 0.5, 0.5])  # a Tuesday


def test_rows_between_the_hours_have_the_minute_too() -> None:
    quarters = np.datetime64("2024-01-01T00:00:00") + np.arange(5) * np.timedelta64(15, "m")
    assert time_features(quarters)[:, 4] == pytest.approx(np.array([0, 15, 30, 45, 0]) / 59 - 0.5)


@pytest.mark.parametrize(
    ("rows", "seq_len", "pred_len", "where", "said"),
    [
        ([9, 8, 8], 6, 4, "seq_len", "training has 9 rows, and one window takes 10: seq_len 6 + pred_len 4"),
        ([20, 3, 8], 6, 4, "options.protocol", "validation has 3 rows, fewer than the 4 of one forecast"),
        ([20, 8, 3], 6, 4, "options.protocol", "test has 3 rows, fewer than the 4 of one forecast"),
        ([40, 8, 8], 6, 4, "options.protocol", "the protocol takes 56 rows, and the series has 50"),
        ("paper", 6, 4, "options.protocol", "the protocol takes 14,400 rows, and the series has 50"),
    ],
)
def test_too_few_rows_are_refused(path: str, rows: object, seq_len: int, pred_len: int, where: str, said: str) -> None:
    with pytest.raises(TunewrightError) as caught:
        splits(CSV_M, {"path": path, "pred_len": pred_len, "protocol": rows}, {"seq_len": seq_len})
    assert (caught.value.where, caught.value.what) == (where, said)
    assert caught.value.remedy


def test_as_few_rows_as_will_do_give_one_window_each(path: str) -> None:
    data = small(path, protocol=[10, 4, 4])
    assert [len(part) for part in (data.train, data.val, data.test)] == [1, 1, 1]


@pytest.mark.parametrize("seq_len", [24, 96, 720])
@pytest.mark.parametrize("pred_len", [24, 48, 168, 336, 720])
def test_the_papers_protocol_has_the_papers_windows(seq_len: int, pred_len: int) -> None:
    """8,640, 2,880 and 2,880 rows; `len` of the published data set class at stride 1."""
    ett_folder()
    data = splits(find(f"etth1-{pred_len}-s"), {"path": str(ett_folder())}, {"seq_len": seq_len})
    assert len(data.train) == 8_640 - seq_len - pred_len + 1
    assert len(data.val) == len(data.test) == 2_880 - pred_len + 1
    assert len(data.inputs_TC) == 14_400


def test_the_ratio_protocol_leaves_what_rounding_drops_to_validation() -> None:
    data = splits(find("etth2-24-m"), {"path": str(ett_folder()), "protocol": "ratio"}, {"seq_len": 96})
    assert len(data.inputs_TC) == 17_420
    assert [len(part) for part in (data.train, data.val, data.test)] == [12_194 - 96 - 23, 1_742 - 23, 3_484 - 23]
    assert data.test.starts_N[0] == 17_420 - 3_484 - 96


def test_ett_is_standardised_by_its_first_year() -> None:
    with (ett_folder() / "ETTh1.csv").open() as file:
        first_year = [float(row["OT"]) for row in csv.DictReader(file)][:8_640]
    data = splits(find("etth1-24-ms"), {"path": str(ett_folder())}, {"seq_len": 96})
    assert data.columns[data.targets[0]] == "OT"
    assert data.mean_C[6] == pytest.approx(statistics.fmean(first_year))
    assert data.std_C[6] == pytest.approx(statistics.pstdev(first_year))
    assert data.inputs_TC[:3, 6] == pytest.approx((np.array(first_year[:3]) - data.mean_C[6]) / data.std_C[6])


def test_the_generated_series_is_the_same_for_everybody_and_has_its_seasons() -> None:
    first, second = (splits(find("synthetic-24-m"), {}, {"seq_len": 48}) for _ in range(2))
    assert np.array_equal(first.inputs_TC, second.inputs_TC)
    load = first.inputs_TC[:, 0]
    alike = {lag: float(np.corrcoef(load[lag:], load[:-lag])[0, 1]) for lag in (12, 24, 168)}
    assert alike[168] > alike[24] > 0.5 > alike[12]
