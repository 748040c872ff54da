"""Reading a CSV: what is taken as it is, what is put right and told, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.trainers.informer.files import HEADER, ett_folder, hourly
from trainers.errors import TunewrightError
from trainers.informer.series import Series, read_csv

ROWS = hourly()
PLAIN = "\n".join([HEADER, *ROWS]) + "\n"


def read(tmp_path: Path, data: str | bytes, **more: object) -> Series:
    path = tmp_path / "series.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_csv(path, **more)  # type: ignore[arg-type]


def refusal(tmp_path: Path, data: str | bytes, **more: object) -> str:
    with pytest.raises(TunewrightError) as caught:
        read(tmp_path, data, **more)
    assert caught.value.remedy
    return str(caught.value).replace(f"{tmp_path}/", "")


def with_row(index: int, *rows: str) -> str:
    """The plain file with other rows in the place of one."""
    return "\n".join([HEADER, *ROWS[:index], *rows, *ROWS[index + 1 :]]) + "\n"


def dated(*cells: str, header: str = "date,OT") -> str:
    return "\n".join([header, *(f"{cell},{i}" for i, cell in enumerate(cells))])


# -- taken -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        "\ufeff" + PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "|"),
        PLAIN.replace(",", " , "),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\n\n"),
        PLAIN.replace("load", '"load"'),
    ],
    ids=["plain", "byte order mark", "semicolons", "tabs", "bars", "spaces", "Windows", "blank lines", "quotes"],
)
def test_a_table_is_read_however_it_is_written(tmp_path: Path, data: str) -> None:
    series = read(tmp_path, data)
    assert (series.columns, series.target, series.odd) == (("load", "OT"), "OT", ())
    assert series.values_TC.tolist() == [[hour + 0.5, hour % 7] for hour in range(10)]
    assert series.dates_T[[0, -1]].tolist() == np.array(["2024-01-01T00", "2024-01-01T09"], "datetime64[s]").tolist()


@pytest.mark.parametrize(
    "cells",
    [
        [f"2024-01-{day:02d}" for day in range(1, 13)],
        [f"2024/01/{day:02d}" for day in range(1, 13)],
        [f"2024/01/{day:02d} 00:00:00" for day in range(1, 13)],
        [f"{day:02d}.01.2024 00:00" for day in range(1, 13)],
        [f"{day:02d}/01/2024" for day in range(1, 13)],  # the other reading has a row a month
        [f"01/{day:02d}/2024" for day in range(1, 13)],
        [f"202401{day:02d}" for day in range(1, 13)],
        [f"2024-01-{day:02d}T01:00:00+01:00" for day in range(1, 13)],
        [f"2024-01-{day:02d}T00:00:00Z" for day in range(1, 13)],
        [str(1704067200 + 86400 * day) for day in range(12)],
        [str((1704067200 + 86400 * day) * 1000) for day in range(12)],
    ],
    ids=lambda cells: cells[0],
)
def test_dates_are_read_however_they_are_written(tmp_path: Path, cells: list[str]) -> None:
    dates = read(tmp_path, dated(*cells)).dates_T
    assert (dates == np.datetime64("2024-01-01T00:00:00") + np.arange(12) * np.timedelta64(1, "D")).all()


@pytest.mark.parametrize(
    "cells",
    [
        ["2023-11-01", "2023-12-01", "2024-01-01", "2024-02-01", "2024-03-01"],
        ["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"],
        ["2023-12", "2024-01", "2024-02", "2024-03"],
        ["2020-06-30", "2020-09-30", "2020-12-31", "2021-03-31"],
        ["2019-01-01", "2020-01-01", "2021-01-01", "2022-01-01"],
    ],
    ids=["months", "ends of months", "months without days", "quarters", "years"],
)
def test_months_are_equally_far_apart_though_days_are_not(tmp_path: Path, cells: list[str]) -> None:
    series = read(tmp_path, dated(*cells))
    assert len(series) == len(cells)
    assert series.odd == ()


def test_the_column_of_dates_is_found_by_its_name_anywhere(tmp_path: Path) -> None:
    rows = [",".join([cells[1], cells[0], cells[2]]) for cells in (row.split(",") for row in ROWS)]
    assert read(tmp_path, "\n".join(["load,Date,OT", *rows])).columns == ("load", "OT")
    named = read(tmp_path, "\n".join(["load,when,OT", *rows]), date="when")
    assert named.values_TC[:, 0].tolist() == [hour + 0.5 for hour in range(10)]


def test_columns_and_target_are_those_asked_for(tmp_path: Path) -> None:
    assert read(tmp_path, PLAIN, target="load").target == "load"
    assert read(tmp_path, PLAIN, columns=["OT", "load"]).columns == ("OT", "load")
    alone = read(tmp_path, PLAIN, target="load", target_only=True)
    assert (alone.columns, alone.values_TC.shape) == (("load",), (10, 1))


def test_text_in_a_column_that_is_not_read_does_not_matter(tmp_path: Path) -> None:
    data = "\n".join(["date,site,OT", *(f"2024-01-01 0{hour}:00:00,Berlin,{hour}" for hour in range(8))])
    assert read(tmp_path, data, columns=["OT"]).columns == ("OT",)
    assert read(tmp_path, data, target="OT", target_only=True).columns == ("OT",)


# -- put right, and told ---------------------------------------------------------


def test_rows_out_of_order_are_sorted_and_that_is_told(tmp_path: Path) -> None:
    for rows in (ROWS[::-1], [*ROWS[:3], ROWS[4], ROWS[3], *ROWS[5:]]):
        series = read(tmp_path, "\n".join([HEADER, *rows]))
        assert series.values_TC[:, 0].tolist() == [hour + 0.5 for hour in range(10)]
        assert [words.partition(": ")[2] for words in series.odd] == [
            "the rows are not in order of time; they have been sorted"
        ]


def test_an_index_that_a_program_wrote_is_left_out(tmp_path: Path) -> None:
    series = read(tmp_path, "\n".join([f",{HEADER}", *(f"{i},{row}" for i, row in enumerate(ROWS))]))
    assert series.columns == ("load", "OT")
    assert "a column without a name is left out" in series.odd[0]


def test_gaps_are_filled_in_a_straight_line_where_that_is_asked_for(tmp_path: Path) -> None:
    cells = with_row(5, "2024-01-01 05:00:00,,NA").splitlines()
    series = read(tmp_path, "\n".join(cells[:3] + cells[4:]), gaps="fill")
    assert series.values_TC[:, 0].tolist() == [hour + 0.5 for hour in range(10)]
    assert series.values_TC[:, 1].tolist() == [0, 1, 2, 3, 4, 5, 6, 0, 1, 2]
    assert len(series.dates_T) == 10
    assert [words.partition(": ")[2] for words in series.odd] == [
        "1 row is missing and interpolated",
        "2 cells are missing and interpolated",
    ]


def test_gaps_are_joined_where_that_is_asked_for(tmp_path: Path) -> None:
    working_days = [f"2024-01-{day:02d}" for day in range(1, 31) if (day - 1) % 7 < 5]
    assert len(read(tmp_path, dated(*working_days), gaps="join")) == len(working_days) == 22


# -- refused ---------------------------------------------------------------------


def test_a_gap_is_refused_with_its_place_and_the_ways_out(tmp_path: Path) -> None:
    lines = PLAIN.splitlines()
    assert refusal(tmp_path, "\n".join(lines[:4] + lines[6:])) == (
        "series.csv:5: 2 rows are missing before 2024-01-01 05:00:00; rows are 1 hour apart. "
        'Write gaps = "fill" under [options] to interpolate, or "join" to take the rows as they come.'
    )
    assert "before 2024-01-01 05:00:00 and 1 elsewhere" in refusal(
        tmp_path, "\n".join(lines[:4] + lines[6:8] + lines[9:])
    )


def test_a_row_between_the_others_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, with_row(3, "2024-01-01 03:17:00,1,2"), gaps="fill")
    assert said.startswith(
        "series.csv:5: 2024-01-01 03:17:00 is 77 minutes after the row before, where rows are 1 hour apart."
    )


@pytest.mark.parametrize("gaps", ["refuse", "fill", "join"])
def test_a_date_that_comes_twice_is_refused(tmp_path: Path, gaps: str) -> None:
    said = refusal(tmp_path, with_row(3, ROWS[3], ROWS[2]), gaps=gaps)
    assert said.startswith("series.csv:6: 2024-01-01 02:00:00 comes twice, first in line 4.")


@pytest.mark.parametrize("cell", ["", "nan", "NaN", "NA", "null", "-"])
def test_a_missing_cell_is_refused_with_its_line_and_column(tmp_path: Path, cell: str) -> None:
    assert refusal(tmp_path, with_row(2, f"2024-01-01 02:00:00,1,{cell}")) == (
        'series.csv:4: OT has no value here. Fill it in, or write gaps = "fill" under [options] to interpolate.'
    )


def test_many_missing_cells_are_counted(tmp_path: Path) -> None:
    lines = [",".join([*row.split(",")[:2], ""]) for row in ROWS[:4]] + ROWS[4:]
    assert "OT has no value here (one of 4 in this column)" in refusal(tmp_path, "\n".join([HEADER, *lines]))


@pytest.mark.parametrize(
    ("cell", "remedy"), [("abc", "Correct it"), ("inf", "Correct it"), ("1,5", "Write a point"), ("1.2.3", "Correct")]
)
def test_what_is_no_number_is_refused_even_where_gaps_are_filled(tmp_path: Path, cell: str, remedy: str) -> None:
    data = with_row(2, f"2024-01-01 02:00:00,1,{cell}").replace(",", ";").replace("1;5", "1,5")
    said = refusal(tmp_path, data, gaps="fill")
    assert said.startswith(f"series.csv:4: OT = '{cell}' is no finite number. {remedy}")


def test_nothing_to_interpolate_from_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, with_row(0, "2024-01-01 00:00:00,1,"), gaps="fill")
    assert said.startswith("series.csv: OT has no value in the first row (2024-01-01 00:00:00).")
    empty = "\n".join([HEADER, *(row.rpartition(",")[0] + "," for row in ROWS)])
    assert "OT has no value at all" in refusal(tmp_path, empty, gaps="fill")


def test_a_file_is_not_made_up_of_filled_rows(tmp_path: Path) -> None:
    cells = [f"2024-01-01 00:00:0{second}" for second in range(4)] + ["2026-01-01 00:00:00"]
    assert "counted in steps of 1 second" in refusal(tmp_path, dated(*cells), gaps="fill")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2024-13-01 02:00:00,1,2", "series.csv:4: '2024-13-01 02:00:00' is no date (column 'date')"),
        ("soon,1,2", "series.csv:4: 'soon' is no date (column 'date')"),
        (",1,2", "series.csv:4: the date is missing (column 'date')"),
        ("01.02.2024,1,2", "series.csv:4: '01.02.2024' is no date (column 'date')"),  # not as the others are written
        ("2024-01-01 02:00:00,1", "series.csv:4: 2 cells, where the first line names 3 columns"),
        ("2024-01-01 02:00:00,1,2,3", "series.csv:4: 4 cells, where the first line names 3 columns"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(tmp_path: Path, row: str, said: str) -> None:
    assert refusal(tmp_path, with_row(2, row)).startswith(said)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "series.csv: the file is empty"),
        (b" \n\n", "series.csv: the file is empty"),
        (bytes(range(256)) * 3, "series.csv:1: this is no text: it holds zero bytes"),
        (PLAIN.encode("utf-16"), "series.csv: this is UTF-16. Save it as UTF-8."),
        (PLAIN.replace("load", "l\xe4st").encode("latin-1"), "series.csv:1: this is not UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n\xff", "series.csv:1: this is not UTF-8 text"),
        (HEADER, "series.csv: there is a header and no row below it"),
        ("\n".join(ROWS), "series.csv:1: the first line holds numbers, not the names of columns"),
        ("<html>\n<body>404</body>", "series.csv:1: the first line names fewer than two columns"),
        ("date,a,a\n2024-01-01,1,2", "series.csv:1: two columns are called 'a'"),
        ("a,b\nx,2\ny,3", "series.csv:2: 'x' is no date (column 'a')"),
        ("date,OT\n" + '"' + "2024-01-01,1\n" * 9000, "series.csv:"),
    ],
)
def test_what_is_no_series_is_refused(tmp_path: Path, data: str | bytes, said: str) -> None:
    assert refusal(tmp_path, data).startswith(said)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path, what in ((tmp_path / "none.csv", "there is no such file"), (tmp_path, "this is a folder")):
        with pytest.raises(TunewrightError, match=what):
            read_csv(path)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"target": "OTT"}, "options.target: series.csv has no column 'OTT'. Did you mean 'OT'?"),
        ({"date": "dat"}, "options.date: series.csv has no column 'dat'. Did you mean 'date'?"),
        ({"columns": ["laod"]}, "options.columns: series.csv has no column 'laod'. Did you mean 'load'?"),
        ({"columns": ["date"]}, "options.columns: 'date' is the column of dates"),
        ({"columns": ["load"], "target": "OT"}, "options.target: the target 'OT' is not among the columns load"),
    ],
)
def test_an_option_that_does_not_fit_the_file_is_refused(tmp_path: Path, more: dict[str, object], said: str) -> None:
    assert refusal(tmp_path, PLAIN, **more).startswith(said)


# -- the real thing --------------------------------------------------------------


def test_the_published_files_are_read(tmp_path: Path) -> None:
    for name in ("ETTh1.csv", "ETTh2.csv"):
        series = read_csv(ett_folder() / name)
        assert series.columns == ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")
        assert (len(series), series.target, series.odd) == (17_420, "OT", ())
        assert (series.dates_T[0], series.dates_T[-1]) == (
            np.datetime64("2016-07-01T00:00:00"),
            np.datetime64("2018-06-26T19:00:00"),
        )


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_a_file_it_is_a_series_or_one_message(tmp_path: Path, data: st.DataObject) -> None:
    text = bytearray(PLAIN.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.sampled_from([0, 1, 1, 3, 30]))
        odd = [
            b"\xff",
            b'"',
            b"\n",
            b",",
            b";",
            b"nan",
            b"1e999",
            b"-",
            b"9999-12-31",
            b"0001-01-01 00:00:00",
            b"12:61",
        ]
        text[at : at + length] = data.draw(st.sampled_from(odd) | st.binary(max_size=6))
    gaps = data.draw(st.sampled_from(["refuse", "fill", "join"]))
    try:
        series = read(tmp_path, bytes(text), gaps=gaps)
    except TunewrightError as error:
        assert error.where and error.what
    else:
        assert np.isfinite(series.values_TC).all()
        assert (np.diff(series.dates_T) > np.timedelta64(0)).all()
