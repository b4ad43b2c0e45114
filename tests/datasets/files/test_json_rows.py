from __future__ import annotations

import json

import pytest

from suite.datasets.files import json_rows, shape, tables
from suite.errors import DataError

ROWS = [{"x": 1, "w": "01", "y": "a"}, {"x": None, "w": "b", "y": "b"}, {"x": 2.5, "y": "a", "z": True}]


def read(tmp_path, text):
    (tmp_path / "t.json").write_text(text)
    return tables.read_raw(tmp_path / "t.json", "y")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ROWS),
        json.dumps(ROWS, indent=2),
        "\n".join(map(json.dumps, ROWS)),
        "\r\n".join([*map(json.dumps, ROWS), "", ""]),
    ],
)
def test_objects_in_an_array_or_one_a_line_are_rows(tmp_path, text):
    raw = read(tmp_path, text)
    assert list(raw.frame.columns) == ["x", "w", "y", "z"]
    assert raw.frame["x"].dropna().tolist() == [1, 2.5]
    assert raw.frame["w"].iloc[0] == "01"
    assert raw.frame["z"].isna().tolist() == [True, True, False]
    assert raw.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        '{"x": {"0": 1, "1": 2}, "y": {"0": "a", "1": "b"}}',
        '{"x": [1, 2], "y": ["a", "b"]}',
        '{"columns": ["x", "y"], "index": [0, 1], "data": [[1, "a"], [2, "b"]]}',
    ],
)
def test_columns_as_pandas_writes_them_are_read(tmp_path, text):
    frame = read(tmp_path, text).frame
    assert frame["x"].tolist() == [1, 2]
    assert frame["y"].tolist() == ["a", "b"]


def test_objects_and_lists_within_rows_become_columns_and_text(tmp_path):
    raw = read(tmp_path, '[{"p": {"q": 1, "r": "s"}, "l": [1, 2], "y": "a"}, {"p": {"q": 2}, "y": "b"}]')
    assert list(raw.frame.columns) == ["l", "y", "p.q", "p.r"]
    assert raw.frame["l"].iloc[0] == "[1, 2]"
    assert raw.notes == ("column 'l' holds lists, read as text",)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ('{"data": ROWS}', ("the objects in 'data' were read; what is beside them was left out",)),
        (
            '{"status": "ok", "found": {"results": ROWS, "n": 2}}',
            ("the objects in 'found.results' were read; what is beside them was left out",),
        ),
        ('{"schema": {"fields": [{"name": "x"}]}, "data": ROWS}', ()),
        (
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"x": 1, "y": "a"}}, '
            '{"type": "Feature", "geometry": null, "properties": {"x": 2, "y": "b"}}]}',
            ("the properties of the objects in 'features' were read",),
        ),
    ],
)
def test_the_one_list_of_objects_within_an_object_is_the_table(tmp_path, text, notes):
    raw = read(tmp_path, text.replace("ROWS", '[{"x": 1, "y": "a"}, {"x": 2, "y": "b"}]'))
    assert raw.frame.to_dict("list") == {"x": [1, 2], "y": ["a", "b"]}
    assert raw.notes == notes


def test_columns_of_objects_are_columns(tmp_path):
    raw = read(tmp_path, '{"x": [{"p": 1}, {"p": 2}], "y": ["a", "b"]}')
    assert list(raw.frame.columns) == ["y", "x.p"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"x": 1, "y": "a"}\n{"x": 2, "y": "b"\n', "line 2: this is not JSON"),
        ('{"x": 1, "y": "a"}\n[1]\n', "line 2: no object where other lines have one"),
        ('[{"x": 1,\n "y": }]', "line 2: this is not JSON"),
        ("[[1, 2], [3, 4]]", "is JSON and no table; write an array of objects"),
        (
            '{"a": [{"x": 1}], "b": [{"x": 2}], "n": 3}',
            r"holds 2 lists of objects \(a, b\); write one to a file",
        ),
        ('{"rows": [1], "n": 5}', r"no table \(an object with rows, n\); write an array of objects"),
        ("[" * 100_000, "is JSON of too many levels"),
    ],
)
def test_what_is_no_table_of_json_is_one_clear_line(tmp_path, text, message):
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_halves_of_characters_are_shown_as_what_is_no_character(tmp_path):
    text = r'[{"x": "a\ud800", "\udfff": 1, "y": "\ud83d\ude00 \\ud800"}, {"x": "b", "y": "q"}]'
    raw = read(tmp_path, text)
    assert list(raw.frame.columns) == ["x", "\ufffd", "y"]
    assert raw.frame["x"].tolist() == ["a\ufffd", "b"]
    assert raw.frame["y"].tolist() == ["\U0001f600 \\ud800", "q"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"x": ' + "9" * 5000 + ', "y": "a"}]', "is not JSON: Exceeds the limit"),
        ('{"x": ' + "9" * 5000 + ', "y": "a"}\n' * 2, "is not JSON"),
        ('{"x":' * 100_000, "is JSON of too many levels"),
        ("[" * 100_000, "is JSON of too many levels"),
        ("".join(f'{{"k{i}": 1}}\n' for i in range(20_001)), "has more than 20,000 columns, the limit"),
        (
            "".join(f'{{"k": {{"k{i}": 1}}}}\n' for i in range(20_001)),
            "has more than 20,000 columns, the limit",
        ),
        (
            "".join(f'{{"k{i}": 1}}\n' for i in range(9_000)),
            "9,000 rows of 9,000 columns, 0.6 GiB in memory, more than",
        ),
    ],
)
def test_json_that_python_cannot_hold_is_one_clear_line(tmp_path, text, message):
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_json_of_very_many_objects_is_refused_by_their_number(tmp_path, monkeypatch):
    monkeypatch.setattr(shape, "MAX_BYTES", 2**20)
    monkeypatch.setattr(json_rows, "_rows", lambda *_: pytest.fail("objects were made"))
    with pytest.raises(DataError, match=r"has JSON, \S+ GiB in memory; the limit for one table is"):
        read(tmp_path, "[" + "{}," * 9999 + "{}]")
