from __future__ import annotations

import csv
import gzip
import io
import os
import string
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.files import delimited, tables
from suite.datasets.files.delimited import Dialect
from suite.datasets.files.dialect import SEPARATORS
from suite.errors import DataError, SuiteError, UnknownName, UsageError


@pytest.fixture
def write(tmp_path):
    def write(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def loaded(path, target="y", **choices):
    return load(DataConfig(source=str(path), target=target, **choices))


TEXT = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="\0\r\ufeff"), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(st.tuples(TEXT, TEXT), min_size=2, max_size=20),
    separator=st.sampled_from(SEPARATORS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_text_is_read_back_as_it_was_written(cells, separator, encoding, line_end):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        with path.open("w", encoding=encoding, newline="") as stream:
            writer = csv.writer(stream, delimiter=separator, lineterminator=line_end, quoting=csv.QUOTE_ALL)
            # The letters keep a cell from being a number.
            writer.writerows([["x", "y"], *([f"c{x}", f"c{y}"] for x, y in cells)])
        dialect = Dialect("utf-8-sig", separator)
        frame = delimited.read_cells(path, dialect, ["x", "y"], "y")
    assert frame["x"].tolist() == [f"c{x}" for x, _ in cells]
    assert frame["y"].tolist() == [f"c{y}" for _, y in cells]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.floats(), st.integers(-(10**30), 10**30), st.none()), min_size=1, max_size=20))
def test_numbers_are_read_back_as_they_were_written(numbers):
    frame = pd.DataFrame({"x": pd.Series([0, 0.5, *numbers], dtype=object), "y": "a"})
    frame.loc[0, "y"] = "b"
    frame["x"] = [np.nan if x is None else x for x in frame["x"]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        frame.to_csv(path, index=False)
        data = loaded(path)
    expected = np.array([np.nan if x is None else float(x) for x in frame["x"]])
    np.testing.assert_allclose(data.X["x"].to_numpy(dtype=float), expected, rtol=1e-15)


ROWS = [["x", "word", "y"], ["1", "a, b", "red"], ["2.5", 'say "c"', "blue"], ["", "two\nlines", "red"]]


def as_text(separator=",", line_end="\n"):
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator="\n").writerows(ROWS)
    return stream.getvalue().replace("\n", line_end).encode()


def zip_of(data):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("t.csv", data)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plain.csv", as_text()),
        ("semicolon.csv", as_text(";")),
        ("tab.tsv", as_text("\t")),
        ("tab.csv", as_text("\t")),
        ("pipe.txt", as_text("|")),
        ("crlf.csv", as_text(line_end="\r\n")),
        ("mac.csv", as_text(line_end="\r")),
        ("bom.csv", b"\xef\xbb\xbf" + as_text()),
        ("no_last_newline.csv", as_text().rstrip()),
        ("blank_lines.csv", b"\n \n" + as_text() + b"\n\n"),
        ("packed.csv.gz", gzip.compress(as_text(), mtime=0)),
        ("packed.csv.zip", zip_of(as_text())),
        ("packed.zip", zip_of(as_text(";", "\r\n"))),
    ],
)
def test_one_table_written_in_many_ways_is_one_table(write, name, data):
    result = loaded(write(data, name))
    assert result.kinds == ("numeric", "categorical")
    np.testing.assert_array_equal(result.X["x"], [1, 2.5, np.nan])
    assert result.X["word"].tolist() == ["a, b", 'say "c"', "two lines"]
    assert result.classes == ("blue", "red")
    assert result.y.tolist() == [1, 0, 1]
    assert result.notes == ()


def test_text_that_is_not_utf8_is_read_as_windows_1252_with_a_finding(write):
    data = loaded(write("n\xfcmber,y\n1,caf\xe9\n2,th\xe9\n".encode("latin-1")))
    assert list(data.X.columns) == ["n\xfcmber"]
    assert data.classes == ("caf\xe9", "th\xe9")
    assert [found.code for found in data.findings] == ["encoding"]
    assert "is not UTF-8 and was read as Windows-1252, a guess (it has 'n\xfcmber')" in data.findings[0].text
    data = loaded(write("price,y\n1,“5 €”\n2,’\n".encode("cp1252")))
    assert data.classes == ("’", "“5 €”")


def test_text_that_is_not_windows_1252_either_is_read_as_latin1_with_a_finding(write):
    data = loaded(write(b"x,y\n1,caf\xe9\n2,\x81\n"))
    assert data.classes == ("caf\xe9", "\x81")
    assert [found.code for found in data.findings] == ["encoding"]


def test_a_file_of_utf8_with_one_bad_byte_is_read_as_utf8(write):
    lines = ["n\xfcmber,w,y", *(f"{i},gr\xf6\xdfe,{'ab'[i % 2]}" for i in range(9))]
    data = loaded(write("\n".join(lines).encode() + b"\n9,caf\xe9,a\nSource: \xe9t\xe9 \xfc\n"))
    assert list(data.X.columns) == ["n\xfcmber", "w"]
    assert data.X["w"].tolist()[-2:] == ["gr\xf6\xdfe", "caf\ufffd"]
    assert "holds 4 bytes that are no UTF-8" in data.findings[0].text


def test_a_character_cut_by_the_end_of_the_file_is_windows_1252(write):
    assert loaded(write(b"x,y\n1,a\n2,b\xc3")).classes == ("a", "b\xc3")


def test_every_kind_of_column_is_told_from_its_cells(write):
    data = loaded(
        write(
            "i,f,b,bm,w,inf,big,y\n1,1.5,true,True,red,inf,123456789012345678901234567890,a\n2,,false,,1,-inf,1,b\n"
        )
    )
    assert dict(zip(data.X.columns, data.kinds, strict=True)) == {
        "i": "numeric",
        "f": "numeric",
        "b": "boolean",
        "bm": "boolean",
        "w": "categorical",
        "inf": "numeric",
        "big": "numeric",
    }
    assert data.X["b"].tolist() == [1.0, 0.0]
    assert data.X["w"].tolist() == ["red", "1"]
    assert data.X["inf"].tolist() == [np.inf, -np.inf]
    assert "column 'inf' holds infinite numbers in 2 rows" in data.notes


def test_marks_for_missing_are_missing_and_said_and_words_stay_levels(write):
    lines = [
        f"{word},{number},{label}"
        for word, number, label in zip(
            ["?", "NA", "None", "null", "1", "", "-", "x", "y", "z", "w", "NA"],
            [-1, *range(10), -1],
            "ab" * 6,
            strict=True,
        )
    ]
    data = loaded(write("\n".join(["word,number,y", *lines])))
    absent = data.X["word"].isna().tolist()
    assert [line.split(",")[0] for line, gone in zip(lines, absent, strict=True) if gone] == [
        *["?", "NA", "null", "", "-", "NA"]
    ]
    assert data.X["number"].tolist()[0] == -1
    assert data.notes == (
        "word: 'NA' in 2 rows, '-' in 1 row, '?' in 1 row and 1 more taken for missing",
        "number holds -1 in 2 rows, far from its other numbers; --missing number=-1 makes it missing",
    )
    told = loaded(write("\n".join(["word,number,y", *lines])), missing=("number=-1", "x"))
    assert told.X["number"].isna().sum() == 2
    assert told.X["word"].isna().sum() == 7


def test_minus_one_among_few_numbers_or_other_negatives_is_no_sign_of_missing(write):
    lines = [f"{number % 3 - 1},{number - 5},{'ab'[number % 2]}" for number in range(12)]
    assert loaded(write("\n".join(["sign,shifted,y", *lines]))).notes == ()


def test_target_text_is_read_as_written(write):
    lines = [
        f"{i},{label}" for i, label in enumerate(["None", "NA", "1", "nan", "", "True", "01", "null"] * 2)
    ]
    data = loaded(write("\n".join(["x,y", *lines])))
    assert data.classes == ("01", "1", "NA", "None", "True", "nan", "null")
    assert len(data.y) == 14
    assert "dropped 2 rows without a label in 'y'" in data.notes
    assert "y holds 'NA' in 2 rows, kept as a class; --missing y=NA leaves these rows out" in [
        found.text for found in data.findings
    ]


def test_nan_among_numbers_is_missing_and_said(write):
    data = loaded(write("x,w,y\n1,nan,a\nNaN,b,b\n2,c,a\n"))
    np.testing.assert_array_equal(data.X["x"], [1, np.nan, 2])
    assert data.X["w"].isna().tolist() == [True, False, False]
    assert data.notes == ("x: 'NaN' in 1 row taken for missing", "w: 'nan' in 1 row taken for missing")


def test_a_decimal_comma_between_semicolons_is_a_number_and_said(write):
    data = loaded(write("x;w;y\n1,5;1,5;a\n2;b;b\n;c;b\n"))
    np.testing.assert_array_equal(data.X["x"], [1.5, 2, np.nan])
    assert data.kinds == ("numeric", "categorical")
    assert data.notes == ("x was read as numbers: decimal comma",)


@pytest.mark.parametrize("end", [".csv", ".tsv"])
def test_iso_dates_are_read_as_dates_and_said(write, end):
    separator = "\t" if end == ".tsv" else ","
    days = pd.date_range("2023-01-01", periods=1200).strftime("%Y-%m-%d")
    rows = [f"{day},{number % 7},{'ab'[day > '2024-06-01']}" for number, day in enumerate(days)]
    rows[3] = ",3,a"
    data = loaded(write("\n".join(["signup,x,y", *rows]).replace(",", separator), "t" + end))
    assert data.kinds == ("datetime", "numeric")
    assert data.dropped == {}
    assert data.notes == ("read as dates: signup (%Y-%m-%d)",)
    assert data.X["signup"].iloc[[0, 1]].tolist() == [1672531200.0, 1672617600.0]
    assert data.X["signup"].isna().sum() == 1


@pytest.mark.parametrize(
    ("cells", "seconds"),
    [
        (["1970-01-02", "1969-12-31"], [86400, -86400]),
        (["1970-01-01T00:01", "1970-01-01 00:00:02"], [60, 2]),
        (["1970-01-01T00:00:00.25", "1970-01-01 00:00:01.123456"], [0.25, 1.123456]),
        (["1970-01-01T00:00:01Z", "1970-01-01T01:00:02+01:00"], [1, 2]),
        (["1970-01-01 00:00-00:30", "1970-01-02"], [1800, 86400]),
        (["1970-01-02", "9999-12-31"], [86400, 253402214400]),
        (["1970-01-02", "0001-01-01"], [86400, -62135596800]),
        (["1970-01-02", "1970-01-03"] * 50 + ["2024-02-29"], [86400, 172800] * 50 + [1709164800]),
    ],
)
def test_dates_and_times_become_seconds_of_utc(write, cells, seconds):
    rows = [f"{cell},{'ab'[i % 3 % 2]}" for i, cell in enumerate(cells)]
    data = loaded(write("\n".join(["x,y", *rows])))
    assert data.kinds == ("datetime",)
    np.testing.assert_array_equal(data.X["x"], seconds)


@pytest.mark.parametrize(
    "cells",
    [
        ["2020-01-01", "2020-02-30"],
        ["2020-01-01T10", "2020-01-01T11"],
        ["2020-01-01T25:00", "2020-01-01T11:00"],
        ["2020-01-01T10:00+99:99", "2020-01-01T11:00"],
        ["1.5 2020-01-01", "2020-01-01"],
    ],
)
def test_what_is_no_date_in_half_of_the_cells_stays_text(write, cells):
    rows = [f"{cell},{'ab'[i % 2]}" for i, cell in enumerate(cells)]
    data = loaded(write("\n".join(["x,y", *rows])))
    assert data.kinds == ("categorical",)
    assert data.X["x"].tolist() == cells
    assert not any("dates" in note for note in data.notes)


def test_dates_of_the_target_are_classes_as_written_and_their_copy_is_left_out(write):
    days = ["2020-01-01", "2020-02-01T00:00", "2020-01-01"] * 20
    rows = [f"{i % 4},{day},{day}" for i, day in enumerate(days)]
    data = loaded(write("\n".join(["x,copy,y", *rows])))
    assert data.classes == ("2020-01-01", "2020-02-01T00:00")
    assert data.dropped == {"copy": "repeats the target in every row"}


def test_many_columns_of_dates_are_named_in_part(write):
    names = ",".join(f"d{i}" for i in range(40))
    days = ",".join(["2020-01-01"] * 40)
    data = loaded(write(f"{names},y\n{days},a\n{days.replace('20-', '21-')},b\n"))
    assert data.notes[0].startswith("read as dates: d0, d1,")
    assert data.notes[0].endswith("d29 and 10 more (%Y-%m-%d)")


def test_equal_column_names_in_a_file_are_told_apart(write):
    data = loaded(write("a,a,y,y\n1,2,p,p\n3,4,q,r\n5,6,p,q\n"))
    assert list(data.X.columns) == ["a", "a.1"]
    assert data.X["a.1"].tolist() == [2, 4, 6]
    assert data.classes == ("p", "q")
    assert dict(data.dropped) == {"y.1": "has the name of the target"}
    assert "2 columns are named 'a'; they are called a, a.1 here" in data.notes


def test_column_names_with_characters_of_json_and_quotes_survive(write):
    stream = io.StringIO()
    names = ['{"a": [1, 2]}', "b:c", "new\nline", "tab\there", "<i>", "\u00e9"]
    csv.writer(stream).writerows([[*names, "y"], [1, 2, 3, 4, 5, 6, "p"], [6, 5, 4, 3, 2, 1, "q"]])
    assert list(loaded(write(stream.getvalue())).X.columns) == names


def test_a_nameless_column_that_counts_the_rows_is_no_feature(write):
    data = loaded(write(",x,,y\n0,5,7,a\n1,6,9,b\n2,6,9,b\n"))
    assert list(data.X.columns) == ["x", "column 3"]
    assert dict(data.dropped) == {"column 1": "names the rows"}
    assert list(loaded(write("n,x,y\n0,5,a\n1,6,b\n")).X.columns) == ["n", "x"]


def test_a_constant_and_an_empty_column_in_a_file(write):
    data = loaded(write("one,none,x,y\n5,,1,a\n5,,2,b\n"))
    assert list(data.X.columns) == ["one", "x"]
    assert dict(data.dropped) == {"none": "every value is missing"}


def test_many_classes_two_classes_and_a_class_of_one_row(write):
    letters = loaded(
        write("x,y\n" + "".join(f"{i % 7},{c}\n" for i, c in enumerate(string.ascii_uppercase * 5)))
    )
    assert letters.classes == tuple(string.ascii_uppercase)
    lonely = loaded(write("x,y\n" + "1,a\n" * 9 + "2,b\n"))
    assert np.bincount(lonely.y).tolist() == [9, 1]


def test_names_of_people_are_dropped_kept_or_encoded(write):
    path = write("who,x,y\n" + "".join(f"name {i},{i % 7},{'ab'[i % 2]}\n" for i in range(100)))
    assert list(loaded(path).dropped) == ["who"]
    assert loaded(path, keep=("who",)).kinds == ("categorical", "numeric")
    assert loaded(path, encode=("who",)).kinds == ("text", "numeric")


def test_the_fingerprint_stands_for_bytes_and_target(write):
    one, same = write("x,y,z\n1,a,p\n2,b,q\n"), write("x,y,z\n1,a,p\n2,b,q\n", "same.csv")
    other = write("x,y,z\n1,a,p\n3,b,q\n", "other.csv")
    assert loaded(one).fingerprint == loaded(same).fingerprint
    assert len({loaded(one).fingerprint, loaded(one, "z").fingerprint, loaded(other).fingerprint}) == 3


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("", DataError, "is empty"),
        ("\n \n", DataError, "is empty"),
        ('""\n', DataError, "is empty"),
        ("x,y\n", DataError, "has a header and no rows"),
        ("x,y", DataError, "has a header and no rows"),
        ("x,y\n\n\n", DataError, "has a header and no rows"),
        ("x,y\n1,a\n2\n3,b\n", DataError, "line 3: 1 cells where the header has 2"),
        ("x,y\n1,a\n2,b,c\n", DataError, "line 3: 3 cells where the header has 2"),
        ("x,y\n1,a,b\n2,b\n", DataError, "line 2: 3 cells where the header has 2"),
        ('x,y\n"1\n2",a\n2\n', DataError, "line 4: 1 cells where the header has 2"),
        ('x,y\n1,a\n2,"b\n3,c\n', DataError, "cannot be read as a table"),
        (b"x,y\n\0,a\n", DataError, "is not a text file"),
        (b"\xff\xfex\0,\0y\0\n\0\x31", DataError, "is damaged: truncated data"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", DataError, "is a PNG image"),
        ("x,Y\n1,a\n2,b\n", UnknownName, "no column named 'y'"),
        ("x,y\n1,a\n2,a\n", DataError, "column 'y' has one class ('a')"),
        ("x,y\n1,a\n", DataError, "column 'y' has one class ('a')"),
        ("x,y\n,a\n,b\n", DataError, "no feature column is left beside 'y' ('x': every value is missing)"),
        (
            "x,y\n" + "".join(f"1,c{i % 10_000}\n" for i in range(20_000)),
            DataError,
            "10,000 classes; the limit is 1,000",
        ),
        ("x,y\n1,\n2,\n", DataError, "column 'y' holds no label in any of its 2 rows"),
        ("x,y\n1,0.5\n2,1.5\n", DataError, "looks continuous"),
        ("y\na\nb\n", DataError, "no feature column is left"),
        ("x  z\n1,  a\n", UnknownName, "no column named 'y'"),
        (",".join(f"c{i}" for i in range(20_001)) + "\n", DataError, "20,001 columns; the limit is 20,000"),
    ],
)
def test_a_bad_file_is_one_clear_line(write, content, error, message):
    with pytest.raises(error) as caught:
        loaded(write(content))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, SuiteError)
    assert caught.value.exit_code == 2


def test_empty_cells_beyond_the_header_are_forgiven(write):
    assert loaded(write("x,z,y\n1,2,a,\n2,3,b,\n3,4,,\n")).X.shape == (2, 2)


def test_a_column_one_letter_off_is_offered(write):
    with pytest.raises(UnknownName, match="no column named 'genre_'; did you mean genre"):
        loaded(write("x,genre\n1,a\n2,b\n"), "genre_")


def test_a_file_without_a_target_names_its_columns(write):
    path = write("x,z,y\n1,2,a\n")
    with pytest.raises(UsageError, match=r"needs --target COLUMN; its columns are x, z, y$"):
        loaded(path, None)
    with pytest.raises(UsageError, match=r"its columns are 'two\\nlines', y$"):
        loaded(write('"two\nlines",y\n1,a\n'), None)
    path = write(",".join(f"c{i}" for i in range(40)) + "\n")
    with pytest.raises(UsageError, match=r"c29 and 10 more$"):
        loaded(path, None)


def test_a_file_that_is_not_there_is_refused_with_the_nearest(write):
    path = write("x,y\n", "train.csv")
    with pytest.raises(DataError, match=r"no file '.*trian\.csv'; did you mean .*train\.csv\?"):
        loaded(path.with_name("trian.csv"))
    with pytest.raises(DataError, match=r"no file '.*q\.parquet'$"):
        loaded(path.with_name("q.parquet"))
    with pytest.raises(DataError, match="there is no folder"):
        loaded(path.parent / "nowhere" / "train.csv")


def test_a_folder_and_a_pipe_are_no_tables(tmp_path):
    with pytest.raises(DataError, match="is a folder; name the file in it"):
        loaded(tmp_path)
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match="is not a regular file"):
        loaded(tmp_path / "pipe.csv")


def test_a_path_that_no_file_can_have_is_one_clear_line():
    with pytest.raises(DataError, match="no file"):
        loaded("./" + "x" * 300 + ".csv")
    with pytest.raises(DataError, match="no file"):
        loaded("./a\0b.csv")


def test_a_long_cell_and_a_long_name_are_read(write):
    name = "x" * 200_000
    assert list(loaded(write(f"{name},y\n1,a\n2,b\n")).X.columns) == [name]
    assert loaded(write("x,y\n" + "v" * 200_000 + ",a\nw,b\n")).X["x"].str.len().tolist() == [200_000, 1]


def test_parquet_without_pyarrow_says_what_to_install(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(
        DataError, match=r'reading Parquet needs pyarrow: pip install "tabular-suite\[parquet\]"'
    ):
        loaded(write(b"PAR1", "t.parquet"))


def test_a_parquet_table_keeps_its_types(tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame(
        {
            "when": pd.to_datetime(["2020-01-01", None, "2021-01-01"]),
            "flag": pd.array([True, None, False], dtype="boolean"),
            "word": ["a", None, "NA"],
            "number": [1.5, 2.5, None],
            "y": [3, 11, 3],
        },
        index=pd.Index([7, 8, 9], name="id"),
    )
    frame.to_parquet(tmp_path / "t.parquet")
    data = loaded(tmp_path / "t.parquet", keep=("id",))
    assert list(data.X.columns) == ["id", "when", "flag", "word", "number"]
    assert data.kinds == ("numeric", "datetime", "boolean", "categorical", "numeric")
    assert data.classes == ("3", "11")
    assert data.X["word"].isna().tolist() == [False, True, True]


def test_a_parquet_file_that_is_none_is_one_clear_line(write):
    pytest.importorskip("pyarrow")
    with pytest.raises(DataError, match="cannot be read as Parquet") as caught:
        loaded(write(b"PAR1, no more", "t.parquet"))
    assert "\n" not in str(caught.value)


def test_the_reader_alone_gives_a_table_with_its_target_apart(write):
    table = tables.read(write("x,y\n1,a\n2,b\n"), "y")
    assert (list(table.frame.columns), table.target, list(table.labels)) == (["x"], "y", ["a", "b"])


IRIS = "".join(f"{5 + i / 7:.1f},{i / 9:.1f},{'ab'[i % 2]}\n" for i in range(20))


def test_a_file_without_names_is_refused_with_the_way_out(write):
    for target in ("species", None):
        with pytest.raises(DataError) as caught:
            loaded(write(IRIS), target)
        assert str(caught.value).endswith(
            "t.csv (5.0, 0.0, a) looks like data, not like names; if it is, say --no-header and --target column_N "
            "(column_1 to column_3)"
        )


@pytest.mark.parametrize("target", ["column_3", "3"])
def test_a_file_without_names_is_read_with_columns_named_by_position(write, target):
    data = loaded(write(IRIS), target, no_header=True)
    assert (data.target, data.classes, data.X.shape) == ("column_3", ("a", "b"), (20, 2))
    assert list(data.X.columns) == ["column_1", "column_2"]
    with pytest.raises(UnknownName, match="no column named 'column_4'"):
        loaded(write(IRIS), "4", no_header=True)


def test_a_target_that_a_row_of_data_names_is_taken_with_a_finding(write):
    table = tables.read(write(IRIS), "a")
    assert len(table.frame) == 19
    assert [found.code for found in table.findings] == ["no-header"]
    assert table.findings[0].text.endswith(
        "and was read as names; if it is data, say --no-header and --target column_3"
    )
    assert tables.read(write("x,z,y\n" + IRIS), "y").findings == ()


def test_the_fingerprint_stands_for_the_options_that_change_the_table(write):
    path = write("1,5,a\n2,5,b\n")
    prints = {
        tables.read(path, "a").fingerprint,
        tables.read(path, "column_3", no_header=True).fingerprint,
        tables.read(path, "a", decimal=",").fingerprint,
        tables.read(path, "a", decimal=".").fingerprint,
    }
    assert len(prints) == 4


def test_the_decimal_mark_of_a_run_reaches_the_reader(write):
    path = write("x;z;y\n1.5;2;a\n2.5;3;b\n")
    assert tables.read_raw(path, "y", decimal=".").frame["x"].tolist() == [1.5, 2.5]
    assert tables.read_raw(path, "y", decimal=",").frame["x"].tolist() == ["1.5", "2.5"]
    assert loaded(path).fingerprint != loaded(path, decimal=",").fingerprint


def test_row_names_of_r_are_a_column_without_a_name(write):
    data = loaded(write('"x","y"\n"1",5,"a"\n"2",6,"b"\n"3",7,"a"\n'))
    assert dict(data.dropped) == {"column 1": "names the rows"}
    assert data.X["x"].tolist() == [5, 6, 7]


def test_lines_are_counted_from_the_top_of_the_file_whatever_stands_above(write):
    rows = "1,a\n2,b\n" * 3
    with pytest.raises(DataError, match=r"line 10: 3 cells where the header has 2$"):
        loaded(write(f"A report\n\nx,y\n{rows}3,c,d\n{rows}"))
    with pytest.raises(DataError, match=r"line 10: 1 cells where the header has 2$"):
        loaded(write(f"A report\n\nx,y\n{rows}3\n{rows}"))
    with pytest.raises(DataError, match=r"line 8: 1 cells where the header has 2$"):
        loaded(write(f"x y\n{rows}3\n{rows}".replace(",", "  ")))


@pytest.mark.parametrize("first", ["Measure,Measure,Label", "cm,kg,class"])
def test_a_target_in_a_row_below_tells_where_the_names_stand(write, first):
    rows = "".join(f"{i / 7:.2f},{i * 3 % 7},{'ab'[i % 2]}\n" for i in range(30))
    with pytest.raises(UnknownName, match=r"; the names seem to stand in line 2: delete what is above it$"):
        loaded(write(f"{first}\nx,k,y\n{rows}"))


def test_very_long_names_are_cut_in_messages(write):
    path = write("x" * 5000 + ",y\n1,a\n2,b\n")
    for target in ("z" * 5000, "other", None):
        with pytest.raises(UsageError) as caught:
            loaded(path, target)
        assert len(str(caught.value)) < 600


@pytest.mark.parametrize("name", ["t.tsv", "t.data", "t.dat", "t.TXT", "t"])
def test_a_table_between_tabs_with_line_ends_of_windows_has_any_name(write, name):
    data = loaded(write("x\tw\ty\r\n1\tp\ta\r\n2\tq\tb\r\n", name))
    assert list(data.X.columns) == ["x", "w"]
    assert (data.notes, data.findings) == ((), ())


def test_a_table_without_any_filled_cell_is_refused(write):
    with pytest.raises(DataError, match=r"has columns and no cell that is filled|has a header and no rows"):
        loaded(write("x,y\n,\n,\n"))


def test_a_column_that_is_said_to_be_dates_or_codes_is_read_as_it_is_written(write):
    days = [f"{year:02}{month:02}{day:02}" for year in (1, 9, 40) for month in (1, 12) for day in (3, 28)]
    path = write("day,zip,y\n" + "".join(f"{day},{i % 3:05},{'ab'[i % 2]}\n" for i, day in enumerate(days)))
    data = loaded(path, read=("day=date:%y%m%d", "zip=category"))
    assert data.kinds == ("datetime", "categorical")
    assert pd.to_datetime(data.X["day"], unit="s").dt.strftime("%y%m%d").tolist() == days
    assert list(data.X["zip"].cat.categories) == ["00000", "00001", "00002"]
    assert loaded(path, encode=("zip",)).X["zip"].tolist()[1] == "00001"


def test_thousands_that_come_late_in_a_file_are_thousands(write):
    cells = [str(100 + i % 900) for i in range(9000)] + [
        f"{1 + i % 8}.{i % 100 * 10:03}" for i in range(9000)
    ]
    rows = [f"{cell},{i % 7},{'ab'[i % 3 > 0]}" for i, cell in enumerate(cells)]
    data = loaded(write("\n".join(["income,x,y", *rows])))
    assert data.X["income"].max() == 8990
    backwards = loaded(write("\n".join(["income,x,y", *reversed(rows)])))
    assert sorted(backwards.X["income"]) == sorted(data.X["income"])


@pytest.mark.parametrize("name", ["ORCID", "PK", "RDX", "MATLAB", "GIF8", "RIFF"])
def test_a_header_may_begin_as_other_files_do(write, name):
    assert list(loaded(write(f"{name},x,y\n1.5,7,a\n2.5,8,b\n")).X.columns) == [name, "x"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_junk_of_every_kind_at_once_is_read_and_said(write, encoding):
    cells = ["?", "-1", "inf", "1e300", "abc", "3.5", "-inf", "nan"]
    names = ["None", "NA", "null", "1", "True"]
    lines = [
        f'{cells[i % 8]},"two\nlines {i % 3}",café,{names[i % 5]},{i % 3},{i % 7}\r\n' for i in range(60)
    ]
    text = "x,k,x,y,y,n\r\n" + "".join(lines) + "\r\n,,,,,\r\n"
    data = loaded(write(text.encode(encoding)))
    assert data.classes == ("1", "NA", "None", "True", "null")
    assert dict(data.dropped) == {"y.1": "has the name of the target"}
    assert data.X["k"].cat.categories.tolist() == ["two lines 0", "two lines 1", "two lines 2"]
    assert data.X["x.1"].cat.categories.tolist() == ["café"]
    assert any("empty and left out" in note for note in data.notes)
