from __future__ import annotations

import pandas as pd
import pytest

from suite.datasets.columns import remarks
from suite.datasets.columns.recipe import NO_CHOICES, Choices, decide
from suite.datasets.table import Table


def said(choices=NO_CHOICES, **columns):
    frame = pd.DataFrame(columns)
    recipe = decide(Table(frame=frame, labels=["a", "b"] * (len(frame) // 2), target="y"), choices)
    return list(remarks.notes(recipe)), list(remarks.findings(recipe))


def test_words_among_few_numbers_need_no_word():
    assert said(x=[*map(str, range(1, 23)), "X", "Y", "MT", "X", "Y", "MT"] * 5)[1] == []


def test_a_plain_table_needs_no_word():
    assert said(x=[1.5, 2.5], w=["a", "b"], n=["1", "2"]) == ([], [])


def test_what_reading_changed_is_noted_column_by_column():
    notes, findings = said(
        price=["$1,200.50", "$950.00", "?", "$7.25"] * 5,
        day=["31/12/2024", "01/02/2024", "N/A", "02/02/2024"] * 5,
        at=["9:30", "10:15", "11:00", "12:05"] * 5,
        city=["Rome", "Rome ", "paris", "Paris"] * 5,
    )
    assert notes == [
        "price was read as numbers: ',' between thousands, currency $",
        "read as dates: day (%d/%m/%Y)",
        "read as seconds of a time or duration: at",
        "levels that differ only in blanks, quotes or Unicode's forms are one: city",
        "city has levels that differ only in case, kept apart: 'Paris' and 'paris'",
        "price: '?' in 5 rows taken for missing",
        "day: 'N/A' in 5 rows taken for missing",
    ]
    assert findings == []


def test_two_readings_are_said_with_the_one_taken_and_the_option_for_the_other():
    _, findings = said(price=["1,234", "2,345"] * 10, day=["01/02/2024", "03/04/2024"] * 10)
    assert [(found.code, found.text) for found in findings] == [
        (
            "two-readings",
            "price: '1,234' can be read in two ways and was read as 1234; "
            "--read price=number:, says that ',' is the decimal mark",
        ),
        (
            "two-readings",
            "day: '01/02/2024' can be read in two ways and was read with the month first; "
            "--read day=date:%d/%m/%Y says otherwise",
        ),
    ]
    told = Choices(read={"price": "number:,", "day": "date:%d/%m/%Y"})
    assert said(told, price=["1,234", "2,345"] * 10, day=["01/02/2024", "03/04/2024"] * 10)[1] == []


def test_what_was_not_understood_is_said_with_its_rows():
    numbers = [str(i) for i in range(100)]
    _, findings = said(x=[*numbers, "see note", "12..5", "12..5", "1o"])
    assert [found.code for found in findings] == ["not-understood"]
    assert findings[0].columns == ("x",)
    assert findings[0].text == (
        "x: '12..5' in 2 rows, '1o' in 1 row, 'see note' in 1 row is not a number and was taken for missing; "
        "--read x=category keeps the texts"
    )


def test_a_column_of_numbers_and_many_words_is_said():
    _, findings = said(x=[*map(str, range(100)), *(f"word {i}" for i in range(50))])
    assert [found.code for found in findings] == ["mixed-column"]
    assert findings[0].text == (
        "x: 67 % of its cells are numbers and the rest is text: read as categories; "
        "--read x=number makes the rest missing"
    )


def test_many_words_are_named_in_part():
    assert remarks.words({f"w{i}": i for i in range(1, 6)}) == (
        "'w5' in 5 rows, 'w4' in 4 rows, 'w3' in 3 rows and 2 more"
    )


@pytest.mark.parametrize(
    ("column", "code", "words"),
    [
        ([f"{i % 50}/{i % 7 + 20}x" for i in range(200)], "not-understood", "look like numbers or dates"),
        (
            [f"{i % 28 + 1}.05.{i % 30 + 40}" for i in range(200)],
            "two-readings",
            "two-digit years are read as",
        ),
        (
            [f"{i}" for i in range(160)] + ["none"] * 40,
            "missing-words",
            "'none' in 40 rows taken for missing",
        ),
        ([f"{i}" for i in range(160)] + ["Free"] * 40, "not-understood", "'Free' in 40 rows is not a number"),
        ([f"2024-01-{i % 28 + 1:02}" for i in range(140)] + [f"later {i}" for i in range(60)], "", ""),
        (
            [f"{2000 + i}-01-31" for i in range(140)] + ["later" + "x" * i for i in range(60)],
            "mixed-column",
            "are dates",
        ),
        ([f"{i} m" if i % 2 else f"{i}" for i in range(200)], "check-numbers", "the others have no unit"),
    ],
)
def test_what_may_be_misread_is_said(column, code, words):
    _, findings = said(x=column)
    assert [found.code for found in findings][:1] == ([code] if code else [])
    assert words in " ".join(found.text for found in findings)


def test_what_a_user_said_is_not_doubted():
    cells = [f"{i}" for i in range(160)] + ["Free"] * 40
    notes, findings = said(Choices(read={"x": "number"}), x=cells)
    assert findings == []
    assert "x: 'Free' in 40 rows cannot be read as number and is missing" in notes


@pytest.mark.parametrize(
    ("way", "lost", "kept"),
    [
        ("date:%d %b %Y", 20, 80),
        ("date:%d %b %Y", 0, 100),
        ("date", 30, 70),
        ("number", 70, 30),
        ("number", 4, 96),
    ],
)
def test_what_a_user_said_is_doubted_where_it_loses_much(way, lost, kept):
    right = ["7 May 2024", "8 May 2024"] if way.startswith("date") else ["7", "8"]
    notes, findings = said(Choices(read={"x": way}), x=["soon"] * lost + right * (kept // 2))
    is_said = (way.startswith("date:") and lost > 5) or lost > 50
    assert [found.code for found in findings] == ["not-understood"] * is_said
    if is_said:
        assert f" fits {kept} of 100 rows; 'soon' in {lost} rows" in findings[0].text
        assert "soon" not in "".join(notes)


@pytest.mark.parametrize(
    ("levels", "looks"),
    [
        ([f"{i}/80" for i in range(100)], True),
        ([f"{i} grudnia 20{i % 20 + 10}" for i in range(1, 29)], True),
        ([f"Person {i}" for i in range(100)], False),
        ([f"N{i}AA" for i in range(100, 200)], False),
        (["red", "blue"], False),
        ([], False),
    ],
)
def test_texts_that_look_like_numbers(levels, looks):
    assert remarks.looks_like_numbers(levels) == looks
