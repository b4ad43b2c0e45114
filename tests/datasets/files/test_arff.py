from __future__ import annotations

import pytest

from suite.datasets.files import tables
from suite.errors import DataError

HEAD = "% a comment\n@RELATION t\n@ATTRIBUTE 'sepal length' NUMERIC\n@ATTRIBUTE word {'a b', ü}\n"


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / "t.arff").write_text(text, encoding="utf-8")
        return tmp_path / "t.arff"

    return write


def test_numbers_and_nominal_values_are_read_and_a_question_mark_is_missing(tmp_path):
    (tmp_path / "t.arff").write_text(
        HEAD + "@ATTRIBUTE y {p,q}\n@DATA\n1.5,'a b',p\n?,?,q\n2,ü,p\n", encoding="utf-8"
    )
    frame = tables.read_raw(tmp_path / "t.arff", "y").frame
    assert list(frame.columns) == ["sepal length", "word", "y"]
    assert frame["sepal length"].dropna().tolist() == [1.5, 2]
    assert frame["word"].isna().tolist() == [False, True, False]
    assert [frame["word"].iloc[0], frame["word"].iloc[2]] == ["a b", "ü"]
    assert frame["y"].tolist() == ["p", "q", "p"]


def test_names_in_quotes_of_any_kind_are_read_without_them(tmp_path):
    (tmp_path / "t.arff").write_text(
        '@relation t\n@attribute "petal length" real\n@attribute \'x\' real\n@attribute "y" {a,b}\n'
        "@data\n1,2,a\n2,3,b\n"
    )
    assert list(tables.read_raw(tmp_path / "t.arff", "y").frame.columns) == ["petal length", "x", "y"]


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("@ATTRIBUTE y STRING\n@DATA\n1,ü,p\n", r"attributes that cannot be read \(.*\); save it as CSV"),
        ("@ATTRIBUTE y {p,q}\n@DATA\n1,ü,other\n", "cannot be read as ARFF: other value not in"),
        (
            "@ATTRIBUTE y {p,q}\n@DATA\nlong,ü,p\n",
            "cannot be read as ARFF: could not convert string to float",
        ),
        ("@ATTRIBUTE y {p,q}\n@DATA\n1,ü,p\n\n1,ü\n", "line 9: 2 cells where there are 3 attributes"),
        ("@ATTRIBUTE y {p,q}\n@DATA\n1,'a, b',p,2\n", "line 7: 4 cells where there are 3 attributes"),
        (
            "@ATTRIBUTE y {p,q}\n@DATA\n{0 1, 2 p}\n",
            "line 7: this is sparse ARFF, which is not read; save it",
        ),
        ("@ATTRIBUTE y\n", "line 5: this attribute has no type"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(tmp_path, rest, message):
    (tmp_path / "t.arff").write_text(HEAD + rest, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        tables.read(tmp_path / "t.arff", "y")
    assert "\n" not in str(caught.value)
    assert "Error" not in str(caught.value)


def test_references_to_no_character_stay_as_they_are(write):
    values = "{'&#55555;','&#9999999;','&#228;'}"
    data = f"@relation r\n@attribute x numeric\n@attribute y {values}\n@data\n" + "".join(
        f"{i},{value}\n" for i, value in enumerate(["'&#55555;'", "'&#9999999;'", "'&#228;'"])
    )
    assert tables.read_raw(write(data), "y").frame["y"].tolist() == ["&#55555;", "&#9999999;", "ä"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("@relation r\n" + "@attribute a numeric\n" * 20_001, "has 20,001 columns; the limit is 20,000"),
        (
            "@relation r\n@attribute x numeric\n@attribute y {a}\n@data\n" + ",' 'a" * 20_000,
            "line 5: this row is too long",
        ),
    ],
)
def test_what_scipy_would_take_ages_for_is_refused(write, data, message):
    with pytest.raises(DataError, match=message):
        tables.read(write(data), "y")


def test_lines_without_end_before_the_attributes_are_nothing(write):
    gap = "\n" * 200_000
    data = f"% r\n@relation r\n{gap}@attribute x numeric\n@attribute y {{a,b}}\n@data\n1,a\n2,b\n"
    assert tables.read_raw(write(data), "y").frame["x"].tolist() == [1, 2]
