from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.datasets.columns.recipe import Choices, ColumnRecipe, apply, decide
from suite.datasets.table import Table
from suite.errors import DataError, UnknownName, UsageError


def table(**columns):
    frame = pd.DataFrame(columns)
    return Table(frame=frame, labels=["a", "b"] * (len(frame) // 2), target="y")


def reading(cells, **choices):
    return decide(table(x=cells), Choices(**choices)).columns[0]


CELLS = ["1,234.50", "12.00", "?", "$5.00", "7.25"] * 20


def test_a_recipe_says_what_a_column_is_as_plain_data():
    found = reading(CELLS)
    assert (found.name, found.read_as, found.kind) == ("x", "number", "numeric")
    assert (found.number.thousands, found.number.currency) == (",", "$")
    assert found.missing == {"?": 20}
    assert (found.n_missing, found.n_different) == (20, 4)
    assert found.examples == ("1,234.50", "12.00", "$5.00")
    np.testing.assert_array_equal(
        apply(decide(table(x=CELLS)), pd.DataFrame({"x": CELLS}))["x"][:5], [1234.5, 12, np.nan, 5, 7.25]
    )


@pytest.mark.parametrize(
    ("cells", "read_as"),
    [
        ([1, 2], "number"),
        ([20240131, 20241231] * 6, "number"),
        ([20240101 + i for i in range(20)], "date"),
        ([202401 + i for i in range(12)], "date"),
        ([2001, 2002], "number"),
        ([True, False], "boolean"),
        (["true", "False"], "boolean"),
        (["yes", "no"], "category"),
        (["9:30", "10:45"], "time"),
        (["2024-01-31", "2024-02-01"], "date"),
        (pd.to_datetime(["2024-01-31", "2024-02-01"]), "date"),
        (pd.to_timedelta(["1 s", "2 s"]), "time"),
        (pd.Categorical(["1", "2"]), "category"),
        (["+", "-"], "category"),
        ([1, "a"], "category"),
        ([1, "2"], "number"),
    ],
)
def test_every_kind_of_column_is_told_apart(cells, read_as):
    assert reading(cells).read_as == read_as


@pytest.mark.parametrize(
    ("cells", "way", "read_as"),
    [
        (["1", "2"], "category", "category"),
        (["1", "2"], "text", "text"),
        (["1,5", "x"] * 4, "number:,", "number"),
        (["1.5", "x"] * 4, "number", "number"),
        (["01/02/2024", "03/04/2024"], "date:%d/%m/%Y", "date"),
        (["1 of 2 in 2024"] * 2, "date:%d of %m in %Y", "date"),
        (["2024-01-31", "soon"], "date", "date"),
        ([1, 2], "category", "category"),
        ([20240131, 20241231], "date", "date"),
        ([31012024, 1022024], "date:%d%m%Y", "date"),
    ],
)
def test_a_column_is_read_as_it_was_said(cells, way, read_as):
    found = reading(cells, read={"x": way})
    assert found.read_as == read_as
    assert found.chosen == way
    assert found.n_missing < len(cells)


def test_a_column_is_left_out_where_that_was_said():
    assert reading([1, 2], read={"x": "drop"}).left_out == "left out with --read"
    assert reading([1, 2], drop=["x"]).left_out == "left out with --drop"


@pytest.mark.parametrize(
    ("cells", "way", "message"),
    [
        (["a", "b"], "number", r"--read x=number: no cell of 'x' is a number; the first is 'a'"),
        (["a", "b"], "date", "no cell of 'x' is a date"),
        (["a", "b"], "date:%d/%m/%Y", "no cell of 'x' is a date"),
        (["1", "2"], "date:%Q", "date:%Q is not a format for dates"),
        (
            pd.to_datetime(["2024-01-31", "2024-02-01"]),
            "number",
            "--read x=number: 'x' holds values of type datetime",
        ),
        ([1, 2], "date:%Y-%m-%d", "no cell of 'x' is a date"),
    ],
)
def test_what_cannot_be_read_so_is_one_clear_line(cells, way, message):
    with pytest.raises(UsageError, match=message):
        reading(cells, read={"x": way})


def test_an_unknown_way_to_read_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="no way to read 'x' named 'numbr'; did you mean number"):
        reading([1, 2], read={"x": "numbr"})


def test_words_for_missing_may_be_said_for_one_column_or_for_all():
    frame = {"x": ["5", "-9", "7"] * 10, "z": [-9, 1, 2] * 10, "w": ["a", "none given", "b"] * 10}
    one = decide(table(**frame), Choices(missing=["x=-9", "none given"]))
    assert [dict(column.missing) for column in one.columns] == [{"-9": 10}, {}, {"none given": 10}]
    everywhere = decide(table(**frame), Choices(missing=["-9"]))
    assert [dict(column.missing) for column in everywhere.columns] == [{"-9": 10}, {"-9": 10}, {}]
    assert apply(everywhere, pd.DataFrame(frame))["z"].isna().sum() == 10


def test_other_columns_decide_what_one_leaves_open():
    columns = {"x": ["1,234", "2,345"] * 10, "z": ["0,5", "1,25"] * 10}
    found = decide(table(**columns)).columns[0]
    assert (found.number.decimal, found.doubt) == (",", "")
    alone = decide(table(x=columns["x"])).columns[0]
    assert (alone.number.thousands, alone.doubt) == (",", ",")
    days = {"x": ["01/02/2024", "03/04/2024"] * 10, "z": ["31/01/2024", "01/02/2024"] * 10}
    assert decide(table(**days)).columns[0].dates == ("%d/%m/%Y",)
    assert decide(table(x=days["x"])).columns[0].doubt == "%d/%m/%Y"


def test_a_decimal_mark_for_the_whole_table_holds_for_every_column():
    columns = {"x": ["1,234", "2,345"] * 10, "z": ["1.234", "2.345"] * 10}
    X = apply(decide(table(**columns), Choices(decimal=",")), pd.DataFrame(columns))
    assert X.iloc[0].tolist() == pytest.approx([1.234, 1234])


@pytest.mark.parametrize(
    ("others", "read_as"),
    [
        (["?"] * 200, "number"),
        (["12..5"], "number"),
        (["see note"] * 5, "number"),
        (["varies"] * 9, "number"),
        (["free"] * 80, "number"),
        (["V57", "V58", "E11"], "category"),
        ([f"word {i}" for i in range(20)], "category"),
    ],
)
def test_a_column_is_numbers_if_nearly_all_of_its_cells_are(others, read_as):
    cells = [str(100 + i) for i in range(100)] + others
    found = reading(cells + cells[-1:] * (len(cells) % 2))
    assert found.read_as == read_as
    assert bool(found.mixed) == (others[0] == "word 0")
    if read_as == "number" and others[0] != "?":
        assert found.n_strange == len(others) + len(cells) % 2
        assert set(found.strange) == set(others)


def test_a_recipe_prepares_a_new_table_as_it_did_the_first():
    columns = {"price": ["$1,200", "$950", "$2,340"] * 10, "colour": ["red", "blue ", "red"] * 10}
    columns |= {"day": ["31/12/2024", "01/02/2024", "15/03/2024"] * 10}
    recipe = ColumnRecipe.from_json(decide(table(**columns)).to_json())
    new = pd.DataFrame(
        {"more": [1, 2], "day": ["05/06/2024", "soon"], "colour": [" red", "green"], "price": ["$7", "n/a"]}
    )
    X = apply(recipe, new)
    assert list(X.columns) == ["price", "colour", "day"]
    np.testing.assert_array_equal(X["price"], [7, np.nan])
    assert X["colour"].cat.codes.tolist() == [1, -1]
    assert X["day"].tolist()[0] == pd.Timestamp("2024-06-05").timestamp()
    assert np.isnan(X["day"].tolist()[1])
    with pytest.raises(DataError, match="the table lacks price, day"):
        apply(recipe, pd.DataFrame({"colour": ["red"]}))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"columns": [{}]}', '{"columns": [{"name": "x", "odd": 1}]}']
)
def test_what_is_no_recipe_is_refused(text):
    with pytest.raises(DataError, match="this is not a recipe for columns"):
        ColumnRecipe.from_json(text)


CELL = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["?", "NA", "1,234", "1.234", "12%", "$5", "<3", "01/02/2024", "2024-01-31", "yes", "12:30"]
    ),
    st.integers(-(10**6), 10**6).map(str),
    st.none(),
)
COLUMN = st.one_of(
    st.lists(CELL, min_size=6, max_size=6),
    st.lists(
        st.one_of(st.floats(), st.integers(-(2**70), 2**70), st.booleans(), st.none()), min_size=6, max_size=6
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(COLUMN, min_size=1, max_size=4))
def test_any_table_is_read_the_same_twice_and_its_recipe_survives_json(columns):
    frame = pd.DataFrame({f"c{i}": pd.Series(cells, dtype=object) for i, cells in enumerate(columns)})
    given_table = Table(frame=frame, labels=["a", "b"] * 3, target="y")
    recipe = decide(given_table)
    again = ColumnRecipe.from_json(recipe.to_json())
    assert again == recipe
    X = apply(recipe, frame)
    pd.testing.assert_frame_equal(X, apply(again, frame))
    assert list(X.columns) == [column.name for column in recipe.used]
    for column in recipe.used:
        assert X[column.name].notna().any()
        assert len(frame) - X[column.name].notna().sum() == column.n_missing


def test_a_recipe_says_nothing_of_cells_once_it_is_kept():
    found = decide(table(x=[*map(str, range(99)), "Mr Smith"], w=["a", "b"] * 50))
    kept = found.without_examples().to_json()
    assert "Mr Smith" not in kept
    assert '"a"' in kept


def test_colours_are_no_errors_of_a_spreadsheet():
    cells = ["#FF0000", "#00FF00", "#AB12CD", "#0000FF"] * 10
    assert reading(cells).levels == ("#0000FF", "#00FF00", "#AB12CD", "#FF0000")


def test_a_number_for_missing_counts_however_it_is_written():
    cells = ["5.5", "-999.0", "?", "7"] * 10
    found = reading(cells, missing=["x=-999"])
    assert found.n_missing == 20
    assert found.missing["-999.0"] == 10


def test_a_word_for_missing_names_a_column_that_is_there():
    with pytest.raises(UnknownName, match="no column named 'agee'"):
        reading(["1", "2"], missing=["agee=-999"])


def test_watts_and_seconds_are_no_places():
    for unit in ("W", "s"):
        cells = [f"{i}.5 {unit}" for i in range(20)]
        found = decide(table(x=cells))
        assert apply(found, pd.DataFrame({"x": cells}))["x"].tolist() == [i + 0.5 for i in range(20)]


@pytest.mark.parametrize("new", [[20240131.5, 1.0], [1, 2], [np.inf, np.nan]])
def test_a_column_of_another_type_is_missing_where_it_cannot_be_read(new):
    recipe = decide(table(x=[20240101 + i for i in range(20)]))
    assert recipe.columns[0].read_as == "date"
    assert apply(recipe, pd.DataFrame({"x": new}))["x"].isna().all()


def test_times_of_a_day_are_seconds_however_they_are_held():
    at = [datetime.time(9, 30), datetime.time(10, 15), None, datetime.time(11)] * 5
    found = decide(table(x=at))
    assert found.columns[0].read_as == "time"
    assert apply(found, pd.DataFrame({"x": at}))["x"].tolist()[0] == 34200


def test_levels_of_categories_may_be_marks_for_missing():
    found = reading(pd.Categorical(["a", "?", "b", "?"]))
    assert (found.levels, found.n_missing) == (("a", "b"), 2)


def test_few_numbers_and_many_words_are_categories():
    chromosomes = [*map(str, range(1, 23)), "X", "Y", "MT", "X", "Y", "MT"] * 5
    assert reading(chromosomes).read_as == "category"
