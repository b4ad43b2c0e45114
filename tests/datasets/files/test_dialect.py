from __future__ import annotations

import csv
import io
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from suite.datasets.files import tables
from suite.datasets.files.dialect import sniff
from suite.errors import DataError, SuiteError

NAMES = ("id", "x", "colour")
RNG = random.Random(0)
ROWS = [(str(i), f"{RNG.random():.2f}", RNG.choice(["red", "blue"])) for i in range(25)]


def joined(separator=",", rows=ROWS, end=""):
    return [separator.join(row) + end for row in rows]


def words(*levels, rows=60):
    return [",".join(RNG.choice(level) for level in levels) for _ in range(rows)]


def sniffed(tmp_path, lines, **options):
    path = tmp_path / "t.csv"
    path.write_bytes(lines if isinstance(lines, bytes) else "\n".join([*lines, ""]).encode())
    return sniff(path, **options)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "^", ":", "~", " "])
def test_every_separator_is_found(tmp_path, separator):
    found = sniffed(tmp_path, joined(separator, [NAMES, *ROWS]))
    assert (found.dialect.separator, found.names, found.dialect.above) == (separator, NAMES, 1)
    assert found.notes == ()


@pytest.mark.parametrize(
    ("lines", "separator", "names"),
    [
        (["id    x   colour", *(f"{i:5d}  {i / 7:6.3f}   red" for i in range(20))], " ", NAMES),
        (["   id x", *(f"{i}   {i}  {i / 7:.3f}" for i in range(20))], " ", ("", "id", "x")),
        (["# id x y", *(f"{i}.0 {i / 7:.3f} 1" for i in range(20))], " ", ("id", "x", "y")),
        (
            ["id,title,genres", *(f"{i},Film {i},Action|Comedy" for i in range(20))],
            ",",
            ("id", "title", "genres"),
        ),
        (["id;start;end", *(f"{i};10:{i};11:{i}" for i in range(20))], ";", ("id", "start", "end")),
        (["id;x;y", *(f"{i};1,{i};2,{i}" for i in range(20))], ";", ("id", "x", "y")),
        (["id\ttext\ty", *(f"{i}\tgood, very | good; {i}\ta" for i in range(20))], "\t", ("id", "text", "y")),
        (["text;y", *(f"good, very good, {i};a" for i in range(20))], ";", ("text", "y")),
        (["time", *(f"10:{i}" for i in range(20))], ",", ("time",)),
        (
            [" id | x | y", "----+---+---", *(f"  {i} | {i}  | a" for i in range(9)), "(9 rows)"],
            "|",
            ("id", "x", "y"),
        ),
        (["Umsatz 2024", "", "x;y", "1,5;a", "2,5;b", "Summe;;"], ";", ("x", "y")),
        (["sep=;", "x;y", "1,5;a", "2,5;b"], ";", ("x", "y")),
        (["sep=,", "Report", "x,y", "1,a", "2,b"], ",", ("x", "y")),
    ],
)
def test_the_separator_is_the_one_that_parts_every_row(tmp_path, lines, separator, names):
    found = sniffed(tmp_path, lines)
    assert (found.dialect.separator, found.names) == (separator, names)


@pytest.mark.parametrize(
    "above",
    [
        ["Report 2024"],
        ["Report 2024", "", "by Ann"],
        ["Report 2024,,", "by Ann,,"],
        ["Report:,Sales,", "Date:,2024-01-01,", ""],
        ["This file, made in 2024, holds songs, artists and more"],
        ['"Sales, 2024"'],
        ["# made by x", "# on 2024-01-01"],
        ["# made by x, y, z"],
        [",,", "Report,,"],
        [f"line {i}: a, b and c" for i in range(12)],
    ],
)
def test_what_stands_above_the_names_is_left_out_and_said(tmp_path, above):
    found = sniffed(tmp_path, [*above, ",".join(NAMES), *joined()])
    assert found.names == NAMES
    assert found.dialect.above == len(above) + 1
    said = [line for line in above if line.strip(",")]
    count = "1 line above the table was" if len(said) == 1 else f"{len(said)} lines above the table were"
    assert found.notes[0].startswith(f"{count} left out: ")
    assert said[0].replace('"', "").strip(",")[:10] in found.notes[0]


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["#,Name,Type", *(f"{i},n{i},a" for i in range(20))], ("#", "Name", "Type")),
        (["#chrom\tpos\tref", *(f"chr{i % 3}\t{i}\tA" for i in range(20))], ("#chrom", "pos", "ref")),
        (["#name,type", *(f"n{i},{'ab'[i % 2]}" for i in range(20))], ("#name", "type")),
        (["# id,x,colour", *joined()], NAMES),
        ([",x,colour", *joined()], ("", "x", "colour")),
        (["a,,y", *joined()], ("a", "", "y")),
        (["id, x , colour", *joined()], NAMES),
        (['"x","colour"', *(f'"{i}",{i / 7:.2f},"red"' for i in range(20))], ("", "x", "colour")),
        (['"x" "colour"', *(f'"car {i}" {i / 7:.2f} "red"' for i in range(20))], ("", "x", "colour")),
        (
            ["country,2019,2020,2021", *(f"c{i},{i / 7:.2f},{i},{i}" for i in range(20))],
            ("country", "2019", "2020", "2021"),
        ),
        ([",0,1,2,y", *(f"{i},{i / 7},{i},{i},a" for i in range(20))], ("", "0", "1", "2", "y")),
        (["y,1100,1102,1104", *(f"a,{i / 7},{i},{i}" for i in range(20))], ("y", "1100", "1102", "1104")),
        (["smoker,sex", *words(["yes", "no"], ["m", "f"])], ("smoker", "sex")),
        (["id,x,colour", "?,?,?", *joined()], NAMES),
    ],
)
def test_names_are_told_from_data_and_comments(tmp_path, lines, names):
    found = sniffed(tmp_path, lines)
    assert (found.names, found.first_row, found.notes) == (names, (), ())


@pytest.mark.parametrize(
    "lines",
    [
        [f"{5 + i / 7:.1f},{i / 9:.1f},setosa" for i in range(20)],
        [f"2020-01-{i + 1:02d},{i / 7:.2f},up" for i in range(20)],
        [f"{20 + i}, State-gov, {i * 999}, <=50K" for i in range(20)],
        ["|1x3 Cross validator", *(f"{20 + i}, State-gov, {i * 999}, <=50K" for i in range(20))],
        words("abc", "xyz", "ab", "pq"),
        words(["vhigh", "low"], ["2", "3", "5more"], ["small", "big"], ["acc", "unacc"]),
        [f"{6 + i % 3},{85 + i},{i / 7:.1f},{i % 2}" for i in range(20)],
    ],
)
def test_a_first_row_of_data_is_told_and_named_by_position_if_asked(tmp_path, lines):
    found = sniffed(tmp_path, lines)
    assert found.first_row
    data = sniffed(tmp_path, lines, no_header=True)
    assert data.names == tuple(f"column_{i}" for i in range(1, len(found.names) + 1))
    assert data.first_row == ()
    assert data.dialect.above == found.dialect.above - 1


@pytest.mark.parametrize(
    ("below", "shown"),
    [
        (["Source: WHO"], 1),
        (["", "Source: WHO, 2020, and others, too"], 1),
        (["Total,300,"], 1),
        (["", ",,", "Grand total,300,", "", "* provisional", "Source: Office, 2023"], 3),
        (["Sum,300,", "Average,12.5,"], 2),
        (["Source: Office,,"], 1),
    ],
)
def test_what_stands_below_the_table_is_left_out_and_said(tmp_path, below, shown):
    path = tmp_path / "t.csv"
    path.write_text("\n".join([",".join(NAMES), *joined(), *below, ""]))
    raw = tables.read_raw(path, "colour")
    assert len(raw.frame) == 25
    assert raw.frame["id"].dtype == "int64"
    count = "1 line below the table was" if shown == 1 else f"{shown} lines below the table were"
    assert raw.notes[0].startswith(f"{count} left out: ")
    first = next(line for line in below if line.strip(","))
    assert first.strip(",") in raw.notes[0]


@pytest.mark.parametrize("last", ["Total,War,red", "26,Total,red", "Rome,,"])
def test_a_last_row_that_may_be_one_of_the_table_stays(tmp_path, last):
    lines = [
        "city,game,colour",
        *(f"{city},g{i},red" for i, city in enumerate(["Rome", "Total", "Bonn"] * 3)),
        last,
    ]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines))
    assert len(tables.read_raw(path, "colour").frame) == 10


def test_what_stands_below_is_cut_off_in_a_large_file_of_any_encoding(tmp_path):
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"):
        path = tmp_path / f"{encoding}.csv"
        rows = [f"{i},größe {i},{'ab'[i % 2]}" for i in range(9000)]
        text = "\r\n".join(["n,w,y", *rows, "", "Quelle: Amt für Größe", ""])
        path.write_bytes(text.encode(encoding))
        raw = tables.read_raw(path, "y")
        assert raw.frame["n"].tolist() == list(range(9000))
        assert raw.frame["w"].iloc[-1] == "größe 8999"
        assert raw.notes[-1] == "1 line below the table was left out: 'Quelle: Amt für Größe'"


@pytest.mark.parametrize(
    ("lines", "names", "extra"),
    [
        ([",".join(NAMES), *joined(end=",")], NAMES, 1),
        ([",".join(NAMES) + ",", *joined()], NAMES, 0),
        ([",".join(NAMES) + ",", *joined(end=",")], NAMES, 1),
        ([",".join(NAMES), *joined(end=",,")], NAMES, 2),
    ],
)
def test_separators_at_the_end_of_lines_make_no_column(tmp_path, lines, names, extra):
    found = sniffed(tmp_path, lines)
    assert (found.names, found.dialect.extra) == (names, extra)
    assert bool(extra) == any("rows end in ','" in note for note in found.notes)
    frame = tables.read_raw(tmp_path / "t.csv", "colour").frame
    assert frame["colour"].tolist() == [row[2] for row in ROWS]


def test_a_cell_beyond_the_names_far_below_is_refused_with_its_line(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["x,y", *["1,a,"] * 60_000, "1,b,c", "2,b,"]))
    with pytest.raises(DataError, match=r"line 60002: 3 cells where the header has 2$"):
        tables.read_raw(path, "y")
    path.write_text("\n".join(["x,y", *["1,a"] * 60_000, "1,b,", "2,b"]))
    assert len(tables.read_raw(path, "y").frame) == 60_002


@pytest.mark.parametrize(
    ("lines", "cell"),
    [
        (["id, word, colour", *(f'{i}, "a, {i}", red' for i in range(20))], "a, 3"),
        (["id,word,colour", *(f"{i}, a {i}, red" for i in range(20))], "a 3"),
        (["id,word,colour", *(f"{i},'a, {i}',red" for i in range(20))], "a, 3"),
        (["id,word,colour", *(f"{i},'it''s, {i}',red" for i in range(20))], "it's, 3"),
        (["id,word,colour", *(f'{i},"say \\"a, b\\" {i}",red' for i in range(20))], 'say "a, b" 3'),
        (["id,word,colour", *(f'{i},"say ""a, b"" {i}",red' for i in range(20))], 'say "a, b" 3'),
        (["id,word,colour", *(f"{i},it's {i},red" for i in range(20)), "20,'tis,red"], "it's 3"),
        (["id,word,colour", *(f'{i},"C:\\a\\",red' for i in range(20))], "C:\\a\\"),
        (["id;word;colour", *(f'{i};"{{""a"": [1, 2]}}";red' for i in range(20))], '{"a": [1, 2]}'),
        (["id\tword\tcolour", *(f"{i}\t a {i}\t red" for i in range(20))], "a 3"),
        (["id word colour", *(f'{i}  "New York {i}"   red' for i in range(20))], "New York 3"),
    ],
)
def test_quotes_and_blanks_around_cells_are_no_part_of_them(tmp_path, lines, cell):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines))
    frame = tables.read_raw(path, "colour").frame
    assert frame["word"].iloc[3] == cell
    assert set(frame["colour"]) == {"red"}


def test_columns_in_which_a_point_may_part_thousands_are_read_as_written(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a;b;c;y\n" + "1.234;0.125;1.5;u\n12;2.250;2.250;v\n" * 30)
    raw = tables.read_raw(path, "y")
    assert raw.frame["a"].tolist()[:2] == ["1.234", "12"]
    assert [raw.frame[name].dtype for name in "bc"] == ["float64"] * 2
    assert tables.read_raw(path, "y", decimal=",").frame["c"].tolist()[:2] == ["1.5", "2.250"]


def test_columns_with_leading_zeros_stay_numbers_and_are_named(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("zip,x,n,y\n00501,0.5,0,007\n90210,0,-1,008\n")
    raw = tables.read_raw(path, "y")
    assert raw.leading_zeros == ("zip",)
    assert raw.frame["zip"].tolist() == [501, 90210]
    assert raw.frame["y"].tolist() == ["007", "008"]


def test_empty_rows_are_left_out_and_counted(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x,y\n1,a\n,\n2,b\n,\n")
    raw = tables.read_raw(path, "y")
    assert raw.frame["x"].tolist() == [1, 2]
    assert raw.notes == ("1 row at the end is empty and left out", "1 row is empty and left out")


WORD = st.text(st.characters(codec="latin-1", categories=["L"]), min_size=1, max_size=8)
CELL = st.one_of(WORD, st.builds("{} {}".format, WORD, WORD), st.builds("{},;|{}".format, WORD, WORD))


@st.composite
def written_tables(draw):
    width = draw(st.integers(2, 5))
    names = draw(st.lists(WORD.map("n{}".format), min_size=width, max_size=width, unique=True))
    cells = draw(st.lists(st.tuples(*[CELL.map("c{}".format)] * width), min_size=3, max_size=12, unique=True))
    separator = draw(st.sampled_from([",", ";", "\t", "|"]))
    stream = io.StringIO()
    writer = csv.writer(
        stream,
        delimiter=separator,
        quotechar=draw(st.sampled_from("\"'")),
        quoting=draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])),
        lineterminator="\n",
    )
    writer.writerow(names)
    # A number makes sure that the row of names is one.
    writer.writerows([[*row[:-1], i] for i, row in enumerate(cells)])
    above = draw(
        st.sampled_from(["", "A report\n", "# made by x\n# on a day\n", f"sep={separator}\n", "\n\n"])
    )
    rows = stream.getvalue().replace("\n", draw(st.sampled_from([separator, ""])) + "\n")
    text = (above + rows).replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    return text.encode(encoding), names, cells


@settings(max_examples=200, deadline=None)
@given(written_tables())
def test_a_table_written_in_any_way_has_the_same_names_and_cells(written):
    data, names, cells = written
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(data)
        frame = tables.read_raw(path, names[-1]).frame
    assert list(frame.columns) == names
    assert [tuple(row) for row in frame.iloc[:, :-1].to_numpy()] == [row[:-1] for row in cells]
    assert frame[names[-1]].tolist() == [str(i) for i in range(len(cells))]


TEXT_LIKE = st.text(st.sampled_from("ab1.,;|\t \n\r\"'#=\\-:é\ufeff"), max_size=80).map(str.encode)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), TEXT_LIKE), st.booleans())
@example(b"\x1f\x8b", False)
@example(b"[[", False)
@example(b"SQLite format 3\0", False)
@example(b"sep=\t\n", False)
@example(b"@relation x\n@attribute", False)
def test_any_bytes_are_a_table_or_one_clear_line(data, no_header):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(data)
        try:
            table = tables.read(path, "1" if no_header else "a", no_header=no_header)
        except SuiteError as error:
            said = str(error)
        else:
            said = ""
            assert len(table.labels) == len(table.frame) > 0
        assert "\n" not in said
