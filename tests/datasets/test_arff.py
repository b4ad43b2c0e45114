from __future__ import annotations

import pytest

from suite.datasets import tables
from suite.errors import DataError

HEAD = "% a comment\n@RELATION t\n@ATTRIBUTE 'sepal length' NUMERIC\n@ATTRIBUTE word {'a b', ü}\n"


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


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("@ATTRIBUTE y STRING\n@DATA\n1,ü,p\n", r"attributes that cannot be read \(.*\); save it as CSV"),
        ("@ATTRIBUTE y {p,q}\n@DATA\n1,ü,other\n", "cannot be read as ARFF"),
        ("@ATTRIBUTE y\n", "cannot be read as ARFF"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(tmp_path, rest, message):
    (tmp_path / "t.arff").write_text(HEAD + rest, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        tables.read(tmp_path / "t.arff", "y")
    assert "\n" not in str(caught.value)
