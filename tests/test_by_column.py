"""Splits that a column decides: groups stay whole, times in order, folds as they are named."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import suite
from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.live.gather import gather
from suite.errors import DataError, UsageError
from suite.protocol import Protocol
from suite.schema import Dataset, Split

FIXED = np.random.RandomState(7)


def table(y: Any, values: Any, name: str = "c") -> Dataset:
    """A data set of labels, and one column put aside: numbers as they are, text as categories."""
    y, column = np.asarray(y), pd.Series(values, name=name)
    return Dataset(
        name="toy",
        version=1,
        X=pd.DataFrame(index=range(len(y))),
        y=y,
        classes=tuple(f"c{k}" for k in range(int(y.max()) + 1)),
        kinds=(),
        fingerprint="f" * 64,
        target="label",
        protocol="holdout",
        aside={name: column if column.dtype.kind in "iuf" else column.astype("category")},
    )


def rows_of(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> tuple[list[int], list[Any]]:
    n = draw(st.integers(10, 80))
    of = st.lists(st.integers(0, 3), min_size=n, max_size=n)
    return draw(of), draw(st.lists(values, min_size=n, max_size=n))


@st.composite
def grouped_tables(draw: st.DrawFn) -> Dataset:
    y, groups = rows_of(draw, st.integers(0, 30).map(str))
    return table(y, groups)


@st.composite
def timed_tables(draw: st.DrawFn) -> Dataset:
    y, times = rows_of(draw, st.integers(0, 40).map(float))
    return table(y, times)


@st.composite
def folded_tables(draw: st.DrawFn) -> Dataset:
    words = draw(
        st.sampled_from([["train", "Test", "VAL"], ["training", "testing"], ["0", "1", "2", "-1", "10"]])
    )
    y, folds = rows_of(draw, st.sampled_from(words))
    return table(y, folds)


def splits_of(dataset: Dataset, name: str) -> list[Split]:
    """The splits, of tables that can be split so."""
    try:
        return Protocol.parse(name).splits(dataset)
    except (UsageError, DataError):
        assume(False)
        raise


def inner_of(dataset: Dataset, split: Split) -> Split | None:
    try:
        return Protocol.parse(split.protocol).inner(split, dataset)
    except UsageError:
        return None


def check(dataset: Dataset, name: str) -> list[Split]:
    """Check what holds of all splits, and return them with their inner ones."""
    splits = splits_of(dataset, name)
    again = splits_of(dataset, name)
    assert [split.fingerprint for split in splits] == [split.fingerprint for split in again]
    assert len({split.id for split in splits}) == len(splits)
    found = list(splits)
    for split in splits:
        assert split.protocol == name
        assert split.parent is None
        assert not set(split.train) & set(split.test)
        assert len(np.unique(dataset.y[split.train])) > 1
        validation = Protocol.parse(name).validation(split, dataset)
        assert validation.dtype == np.int64
        assert len(set(validation)) == len(validation) < len(split.train)
        if inner := inner_of(dataset, split):
            assert inner.parent == split.id
            assert inner.test.tolist() == split.train[validation].tolist()
            assert sorted([*inner.train, *inner.test]) == sorted(split.train)
            found.append(inner)
    return found


@settings(deadline=None)
@given(
    grouped_tables(),
    st.sampled_from(["grouped:c", "grouped:c:holdout:0.5", "grouped:c:cv3", "grouped:c:cv2x2"]),
)
def test_groups_never_straddle_a_split_nor_an_inner_one(dataset: Dataset, name: str) -> None:
    groups = dataset.aside["c"].to_numpy()
    found = check(dataset, name)
    for split in found:
        assert not set(groups[split.train]) & set(groups[split.test])
    outer = [split for split in found if split.parent is None]
    for split in outer:
        assert sorted([*split.train, *split.test]) == list(range(len(groups)))
    protocol = Protocol.parse(name)
    for start in range(0, len(outer), protocol.folds):
        tested = np.concatenate([split.test for split in outer[start : start + protocol.folds]])
        assert protocol.folds == 1 or sorted(tested) == list(range(len(groups)))


@settings(deadline=None)
@given(timed_tables(), st.sampled_from(["time:c", "time:c:holdout:0.4", "time:c:cv3"]))
def test_all_that_is_trained_on_comes_before_all_that_is_tested(dataset: Dataset, name: str) -> None:
    times = dataset.aside["c"].to_numpy()
    for split in check(dataset, name):
        assert times[split.train].max() < times[split.test].min()
    outer = splits_of(dataset, name)
    assert times[outer[-1].test].max() == times.max()
    for earlier, later in pairwise(outer):
        assert set(later.train) == {*earlier.train, *earlier.test}


@settings(deadline=None)
@given(folded_tables())
def test_predefined_splits_test_what_the_column_says(dataset: Dataset) -> None:
    words = dataset.aside["c"].astype(str).str.lower().to_numpy()
    outer = [split for split in check(dataset, "predefined:c") if split.parent is None]
    for split in outer:
        assert len(set(words[split.test])) == 1
        assert not set(words[split.train]) & set(words[split.test])
        assert sorted([*split.train, *split.test]) == list(range(len(words)))
    tested = {words[split.test[0]] for split in outer}
    assert tested == ({"0", "1", "2", "10"} & set(words) or {"test"} & set(words) or {"testing"})


def test_a_holdout_by_group_has_its_share_of_rows_and_of_each_class() -> None:
    sizes = np.minimum(FIXED.zipf(1.5, 400), 200)
    groups = np.repeat(np.arange(400), sizes)
    y = np.where(FIXED.rand(len(groups)) < 0.8, groups % 4, FIXED.randint(0, 4, len(groups)))
    for name, share in (("grouped:c", 0.2), ("grouped:c:0.4", 0.4), ("grouped:c:cv5", 0.2)):
        for split in Protocol.parse(name).splits(table(y, groups.astype(str))):
            assert len(split.test) == pytest.approx(share * len(y), rel=0.02)
            per_class = np.bincount(y[split.test]) / np.bincount(y)
            assert per_class == pytest.approx(share, abs=0.02)


DIGESTS = {
    "grouped:c": "4c3d520d720b6fba",
    "grouped:c:holdout:0.35": "091883b45729db6f",
    "grouped:c:cv3": "63a8705b9f9612ed",
    "grouped:c:cv3x2": "1a514bd1ad374e2b",
    "time:c": "9be2ba348a896a30",
    "time:c:cv3": "b212cdad902f0b0d",
}


@pytest.mark.parametrize("name", DIGESTS)
def test_rows_and_validation_rows_stay_what_records_were_made_with(name: str) -> None:
    rng = np.random.RandomState(5)
    groups = np.repeat(np.arange(90), rng.randint(1, 20, 90))
    y = np.where(rng.rand(len(groups)) < 0.7, groups % 4, rng.randint(0, 4, len(groups)))
    data, protocol, found = table(y, groups), Protocol.parse(name), hashlib.sha256()
    for split in protocol.splits(data):
        for rows in (split.train, split.test, protocol.validation(split, data)):
            found.update(rows.astype("<i8").tobytes())
    assert found.hexdigest()[:16] == DIGESTS[name]


def test_a_fifth_of_the_train_rows_in_whole_groups_serves_the_choice() -> None:
    groups = np.repeat(np.arange(300), 4)
    data = table(np.arange(1200) % 3, groups.astype(str))
    for split in Protocol.parse("grouped:c").splits(data):
        rows = Protocol.parse("grouped:c").validation(split, data)
        assert len(rows) == pytest.approx(len(split.train) / 5, abs=4)
        held_out, rest = groups[split.train[rows]], groups[np.delete(split.train, rows)]
        assert not set(held_out) & set(rest)


def test_a_large_group_of_all_classes_takes_no_more_than_its_place() -> None:
    # StratifiedGroupKFold puts it into a fold that is full of others already.
    groups = [*["large"] * 2000, *np.repeat(np.arange(1000), 8).astype(str)]
    y = np.concatenate([np.arange(2000) % 2, np.repeat(np.arange(1000) % 2, 8)])
    for split in Protocol.parse("grouped:c:cv5").splits(table(y, groups)):
        assert len(split.test) == pytest.approx(2000, abs=8)


def test_of_few_large_groups_the_smallest_is_tested() -> None:
    for order in ("abc", "bca", "cab"):
        groups = [*order[0] * 15, *order[1] * 8, *order[2] * 13]
        (split,) = Protocol.parse("grouped:c:holdout:0.05").splits(table(np.arange(36) % 2, groups))
        assert sorted(split.test) == list(range(15, 23))


def test_groups_are_dealt_alike_however_their_names_are_read() -> None:
    numbers = FIXED.randint(0, 40, 200)
    y = FIXED.randint(0, 3, 200)
    by_number, by_text = (
        Protocol.parse("grouped:c").splits(table(y, groups))[0]
        for groups in (numbers, [f"customer {n}" for n in 1000 - numbers])
    )
    assert by_number.fingerprint == by_text.fingerprint


def test_repeats_deal_groups_anew() -> None:
    y, groups = np.arange(120) % 2, np.repeat(np.arange(12), 10).astype(str)
    first, second = (set(s.test) for s in Protocol.parse("grouped:c:cv2x2").splits(table(y, groups))[::2])
    assert first not in (second, set(range(120)) - second)


def test_the_latest_fifth_is_tested_and_of_train_the_latest_fifth_is_held_out() -> None:
    dataset = table(np.arange(100) % 2, FIXED.permutation(100).astype(float))
    times = dataset.aside["c"].to_numpy()
    (split,) = Protocol.parse("time:c").splits(dataset)
    assert split.id == "time-42"
    assert sorted(times[split.test]) == list(range(80, 100))
    assert sorted(times[split.train][Protocol.parse("time:c").validation(split, dataset)]) == list(
        range(64, 80)
    )
    assert (np.diff(times[split.train]) < 0).mean() > 0.3  # in a seeded order, not in that of time
    assert len(Protocol.parse("time:c:0.3").splits(dataset)[0].test) == 30
    blocks = Protocol.parse("time:c:cv4").splits(dataset)
    assert [(split.id, len(split.train), len(split.test)) for split in blocks] == [
        (f"time-f{fold}", 20 * fold + 20, 20) for fold in range(4)
    ]


def test_rows_of_one_time_are_tested_together() -> None:
    (split,) = Protocol.parse("time:c").splits(table([0, 1] * 5, [1, 1, 1, 1, 2, 2, 2, 3, 3, 3]))
    assert sorted(split.test) == [7, 8, 9]


def test_rows_of_validation_are_trained_on_and_serve_the_choice() -> None:
    words = ["Train"] * 6 + ["validation"] * 2 + ["TEST"] * 2
    dataset = table([0, 1] * 5, words)
    (split,) = Protocol.parse("predefined:c").splits(dataset)
    assert (split.id, sorted(split.test), len(split.train)) == ("predefined-test", [8, 9], 8)
    assert sorted(Protocol.parse("predefined:c").inner(split, dataset).test) == [6, 7]


def test_without_validation_rows_a_stratified_fifth_serves_the_choice() -> None:
    y = np.arange(50) % 2
    dataset = table(y, ["train"] * 40 + ["test"] * 10)
    protocol = Protocol.parse("predefined:c")
    (split,) = protocol.splits(dataset)
    assert np.bincount(y[protocol.inner(split, dataset).test]).tolist() == [4, 4]


def test_the_next_fold_serves_the_choice_and_fold_minus_one_only_trains() -> None:
    folds = ["10", "2", "1", "-1"] * 5
    dataset = table(np.repeat([0, 1, 0, 1, 1], 4), folds)
    splits = Protocol.parse("predefined:c").splits(dataset)
    assert [split.id for split in splits] == ["predefined-1", "predefined-2", "predefined-10"]
    inner = [Protocol.parse("predefined:c").inner(split, dataset) for split in splits]
    assert [{folds[row] for row in split.test} for split in inner] == [{"2"}, {"10"}, {"1"}]
    assert all("-1" in {folds[row] for row in split.train} for split in inner)


def test_of_two_folds_train_is_a_single_one_and_a_stratified_fifth_serves_the_choice() -> None:
    dataset = table(np.arange(20) % 2, ["a", "b"] * 5 + ["b", "a"] * 5)
    for split in Protocol.parse("predefined:c").splits(dataset):
        assert len(Protocol.parse("predefined:c").inner(split, dataset).test) == 2


@pytest.mark.parametrize(
    ("name", "values", "kind", "message"),
    [
        ("grouped:c", ["a"] * 20, UsageError, "'c' holds 'a' only: train and test need two groups"),
        (
            "grouped:c:cv5",
            ["a", "b", "c", "d"] * 5,
            UsageError,
            "5 folds need 5 groups, and 'c' has 4; take grouped:c:cv4",
        ),
        (
            "grouped:c:cv5",
            ["a"] * 6 + list("bcdefghijklmno"),
            UsageError,
            "6 of 20 rows, more than the 4 of a fold; take grouped:c:cv3",
        ),
        (
            "grouped:c:cv5",
            ["a"] * 13 + list("bcdefgh"),
            UsageError,
            "13 of 20 rows, more than the 4 of a fold; take grouped:c$",
        ),
        (
            "grouped:c",
            ["a"] * 18 + list("bc"),
            UsageError,
            "group 'a' of 'c' has 18 of 20 rows, more than the 16 of train; take grouped:c:holdout:0.1",
        ),
        ("grouped:c", [None, *"abcdefghijklmnopqrs"], DataError, "'c' has no group in 1 of 20 rows"),
        ("grouped:c", ["a", "b"] * 10, UsageError, "one class to train on"),
        ("time:c", [3.0] * 20, UsageError, "'c' holds a single time"),
        ("time:c", [np.nan, *range(19)], DataError, "'c' has no time in 1 of 20 rows"),
        (
            "time:c",
            ["spring"] * 20,
            DataError,
            "time takes dates or numbers, and 'c' holds text such as 'spring'",
        ),
        (
            "time:c:cv4",
            [1.0, 2.0, 3.0, 4.0] * 5,
            UsageError,
            "'c' has 4 times, too few or too large for 5 blocks",
        ),
        ("predefined:c", ["train"] * 20, UsageError, "'c' holds train, and no test among them"),
        (
            "predefined:c",
            ["train", "test", "tset", "train"] * 5,
            UsageError,
            "'c' holds 'tset' beside test and train: a part is train, test or validation",
        ),
        ("predefined:c", ["7"] * 20, UsageError, "'c' holds 7 only"),
        ("predefined:c", [True, False] * 10, UsageError, "write train and test, or numbers of folds"),
        (
            "predefined:c",
            [None, *["train", "test"] * 9, "test"],
            DataError,
            "'c' has no part in 1 of 20 rows: fill them in, or delete these rows",
        ),
        ("predefined:c", [None, *"ab" * 9, "a"], DataError, "'c' has no fold in 1 of 20 rows"),
        ("time:c", [None, *["spring"] * 19], DataError, "holds text such as 'spring'"),
        (
            "time:c",
            [0.0, np.inf, -np.inf, *range(17)],
            DataError,
            r"'c' holds an infinite time in 2 of 20 rows, the first of them row 1 \(from 0",
        ),
    ],
)
def test_a_column_that_cannot_decide_is_refused_in_one_line_that_offers_the_nearest(
    name: str, values: list[Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message) as caught:
        Protocol.parse(name).splits(table(np.arange(20) % 2, values))
    assert "\n" not in str(caught.value)


def test_what_is_offered_can_be_done() -> None:
    y = np.arange(20) % 3
    for values, offered in (
        (["a"] * 6 + list("bcdefghijklmno"), "cv3"),
        (["a"] * 18 + list("bc"), "holdout:0.1"),
    ):
        assert Protocol.parse(f"grouped:c:{offered}").splits(table(y, values))


def test_a_column_of_names_holds_no_folds() -> None:
    with pytest.raises(UsageError, match="200 values, more than 100 folds; take grouped:c:cv5"):
        Protocol.parse("predefined:c").splits(table(np.arange(200) % 2, [f"n{i}" for i in range(200)]))


def test_a_single_group_to_train_on_leaves_no_row_for_a_choice() -> None:
    dataset = table(np.arange(12) % 2, ["a"] * 6 + ["b"] * 6)
    protocol = Protocol.parse("grouped:c:cv2")
    for split in protocol.splits(dataset):
        assert len(protocol.validation(split, dataset)) == 0
        with pytest.raises(UsageError, match="0 test rows"):
            protocol.inner(split, dataset)


# --- the column on its way from a table


def write(folder: Path, **columns: Any) -> str:
    path = folder / "sales.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return str(path)


def sales(folder: Path) -> str:
    rng = np.random.RandomState(0)
    n = 120
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.permutation(n), unit="D")
    return write(
        folder,
        shop=[f"shop {i % 17}" for i in range(n)],
        day=days.strftime("%d.%m.%Y"),
        price=rng.rand(n),
        bought=np.where(rng.rand(n) < 0.5, "yes", "no"),
    )


def loaded(source: Any, protocol: str | None, **columns: Any) -> Dataset:
    if isinstance(source, str) and source.endswith(".csv"):
        columns.setdefault("target", "bought")
    return load(DataConfig(source=source, **columns), protocol and Protocol.parse(protocol))


def test_the_column_is_put_aside_and_is_no_feature(tmp_path: Path) -> None:
    plain, dataset = loaded(sales(tmp_path), None), loaded(sales(tmp_path), "grouped:shop")
    assert "shop" in plain.X
    assert list(dataset.X) == ["day", "price"]
    assert dataset.dropped == {"shop": "used by --protocol"}
    assert dataset.aside["shop"].tolist()[:3] == ["shop 0", "shop 1", "shop 2"]
    assert (plain.aside, dataset.fingerprint, dataset.chosen) == ({}, plain.fingerprint, plain.chosen)
    assert "shop" not in " ".join([*dataset.notes, *(found.text for found in dataset.findings)])


@pytest.mark.parametrize("choice", ["keep", "encode"])
def test_a_column_that_is_asked_for_is_both(tmp_path: Path, choice: str) -> None:
    dataset = loaded(sales(tmp_path), "grouped:shop", **{choice: ("shop",)})
    assert list(dataset.X) == ["shop", "day", "price"]
    assert dataset.aside["shop"].notna().all()
    plain = loaded(sales(tmp_path), "grouped:shop")
    splits = [Protocol.parse("grouped:shop").splits(found)[0].fingerprint for found in (dataset, plain)]
    assert splits[0] == splits[1]


def test_a_column_that_is_dropped_can_be_used_all_the_same(tmp_path: Path) -> None:
    dataset = loaded(sales(tmp_path), "grouped:shop", drop=("shop",))
    assert dataset.aside["shop"].notna().all()
    assert dataset.dropped["shop"] == "used by --protocol"


def test_a_time_is_read_as_a_date_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    dataset = loaded(sales(tmp_path), "time:day")
    assert "day" not in dataset.X
    assert dataset.fingerprint == loaded(sales(tmp_path), None).fingerprint
    (split,) = Protocol.parse("time:day").splits(dataset)
    days = pd.to_datetime(pd.read_csv(tmp_path / "sales.csv")["day"], format="%d.%m.%Y")
    assert days[split.train].max() < days[split.test].min()
    assert len(split.test) == 24
    assert any("dates: day" in note for note in dataset.notes)


def test_how_a_time_is_read_can_be_said(tmp_path: Path) -> None:
    source = write(tmp_path, t=["Q1/24", "Q2/24"] * 20, x=FIXED.rand(40), bought=["a", "b", "b", "a"] * 10)
    with pytest.raises(DataError, match="--read t=date:FORMAT"):
        Protocol.parse("time:t").splits(loaded(source, "time:t"))
    dataset = loaded(source, "time:t", read=("t=date:Q%m/%y",))
    assert Protocol.parse("time:t").splits(dataset)[0].test.tolist() != []


@pytest.mark.parametrize(
    ("protocol", "message"),
    [
        ("grouped:shpo", "no column named 'shpo'; did you mean shop"),
        ("time:bought", "--protocol names the target, 'bought'"),
        ("grouped:shop:cvK", "no column named 'shop:cvK'; did you mean shop"),
    ],
)
def test_a_column_that_is_not_there_is_refused_with_the_nearest(
    tmp_path: Path, protocol: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        loaded(sales(tmp_path), protocol)


def test_a_missing_group_is_found_in_a_file(tmp_path: Path) -> None:
    source = write(tmp_path, shop=["a", "?", "", "c"] * 10, x=FIXED.rand(40), bought=["a", "b"] * 20)
    with pytest.raises(DataError, match="'shop' has no group in 20 of 40 rows"):
        Protocol.parse("grouped:shop").splits(loaded(source, "grouped:shop"))


@pytest.mark.parametrize("kind", ["grouped", "time"])
@pytest.mark.parametrize("encode", [(), ("shop",)])
@pytest.mark.parametrize("unlabelled", [False, True])
@pytest.mark.parametrize("start", [2**60, -(2**60), 2**63 + 100, 10**20])
def test_large_numbers_name_groups_and_times_exactly(
    tmp_path: Path, kind: str, encode: tuple[str, ...], unlabelled: bool, start: int
) -> None:
    # A cell that is empty makes pandas read floats.
    if unlabelled and start > 2**63:
        pytest.skip("pandas reads such numbers beside empty cells as floats")
    ids = [start + i // 2 for i in range(40)]
    columns = {"shop": [str(n) for n in ids], "x": FIXED.rand(40), "bought": ["a", "b", "b", "a"] * 10}
    if unlabelled:
        columns["shop"][0] = columns["bought"][0] = ""
    dataset = loaded(write(tmp_path, **columns), f"{kind}:shop", encode=encode)
    assert dataset.aside["shop"].nunique() == 20
    (split,) = Protocol.parse(f"{kind}:shop").splits(dataset)
    if kind == "time":
        assert len(split.test) == 8
        assert split.test.min() > split.train.max()


@pytest.mark.parametrize("kind", ["grouped", "time"])
def test_large_numbers_of_tables_in_memory_name_groups_and_times_exactly(kind: str) -> None:
    ids = pd.Series([2**60 + i // 2 for i in range(40)])
    for cells in (ids, ids.astype(object), ids.astype("UInt64"), ids.astype("Int64").mask(ids.index == 1)):
        labels = [0, None, *[1, 0] * 19]
        (source,) = gather(pd.DataFrame({"t": cells, "x": FIXED.rand(40), "y": labels}), "y")
        dataset = loaded(source[0], f"{kind}:t")
        assert dataset.aside["t"].nunique() == 20


def test_cells_that_are_no_time_are_named_with_what_can_be_done(tmp_path: Path) -> None:
    days = [f"2024-01-{day:02}" for day in range(1, 31)] * 4
    source = write(tmp_path, t=["soon"] * 3 + days[3:], x=FIXED.rand(120), bought=["a", "b"] * 60)
    message = (
        r"no time in 3 of 120 rows \('soon' in 3 rows cannot be read as one\): correct these cells, or delete"
    )
    with pytest.raises(DataError, match=message):
        Protocol.parse("time:t").splits(loaded(source, "time:t"))


@pytest.mark.parametrize(
    "choice", [{"encode": ("day",)}, {"read": ("day=category",)}, {"read": ("day=text",)}]
)
def test_a_time_may_be_a_category_among_the_features(tmp_path: Path, choice: dict[str, Any]) -> None:
    dataset, plain = loaded(sales(tmp_path), "time:day", **choice), loaded(sales(tmp_path), "time:day")
    assert dataset.aside["day"].tolist() == plain.aside["day"].tolist()
    assert any("dates: day" in note for note in dataset.notes)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("form", [None, "%d.%m.%Y", "%B %d, %Y"])
def test_a_categorical_of_dates_is_a_time(form: str | None) -> None:
    days = pd.date_range("2024-01-01", periods=40)[FIXED.permutation(40)]
    written = pd.Categorical(days if form is None else days.strftime(form))
    (source,) = gather(pd.DataFrame({"t": written, "x": FIXED.rand(40), "y": [0, 1] * 20}), "y")
    (split,) = Protocol.parse("time:t").splits(loaded(source[0], "time:t"))
    assert days[split.train].max() < days[split.test].min()


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        (
            "time:c:holdout:0.01",
            [*range(79), *[100] * 21],
            r"tests 21 of 100 rows \(21 %\) in time-42, where 1 % were",
        ),
        (
            "time:c:cv4",
            [*range(45), *[50] * 35, *range(60, 80)],
            "where 20 % were asked for: the rows of one time stay together",
        ),
        (
            "grouped:c",
            ["a"] * 48 + ["b"] * 52,
            "where 20 % were .* group stay together, and 'c' has 2 of them",
        ),
        ("grouped:c", FIXED.rand(100), "every row is a group of its own in 'c'"),
        ("grouped:c", ["a", "b", "c", "d", "e"] * 20, ""),
        ("time:c", range(100), ""),
        ("time:c:cv4", range(100), ""),
        ("predefined:c", ["train", "test"] * 50, ""),
        ("cv5", range(100), ""),
    ],
)
def test_a_split_far_from_what_was_asked_for_is_noted(name: str, values: Any, said: str) -> None:
    dataset, protocol = table(np.arange(100) // 3 % 2, values), Protocol.parse(name)
    notes = protocol.remarks(dataset, protocol.splits(dataset))
    assert len(notes) == bool(said)
    assert re.search(said, "".join(notes))


def test_a_run_notes_how_far_its_split_is_from_what_was_asked_for(tmp_path: Path) -> None:
    frame = pd.DataFrame({"who": ["a"] * 48 + ["b"] * 52, "x": FIXED.rand(100), "y": [0, 1] * 50})
    found = suite.run(
        "dummy", frame, target="y", protocol="grouped:who", executor="inline", out=tmp_path / "out"
    )
    assert any("grouped:who tests 48 of 100 rows" in note for note in found.records[0].features.notes)


def test_tables_in_memory_and_of_the_catalogue_have_their_column_too(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.RandomState(0)
    frame = pd.DataFrame({"who": rng.randint(0, 30, 200), "x": rng.rand(200), "y": rng.randint(0, 2, 200)})
    found = suite.run("dummy", frame, target="y", protocol="grouped:who", executor="inline")
    (record,) = found.records
    assert (record.status, record.protocol, record.split) == ("ok", "grouped:who", "grouped-42")
    assert record.features.dropped == {"who": "used by --protocol"}
    assert list(tmp_path.glob("results/table/grouped-who-*/LEADERBOARD.md"))
    iris = loaded("iris", "grouped:petal width (cm)")
    (split,) = Protocol.parse("grouped:petal width (cm)").splits(iris)
    groups = iris.aside["petal width (cm)"].astype(str).to_numpy()
    assert not set(groups[split.train]) & set(groups[split.test])


def test_what_is_put_aside_goes_to_no_child(tmp_path: Path) -> None:
    from suite.execution.assignment import assign
    from suite.execution.parcel import pack_job
    from suite.models.catalogue import resolve
    from suite.planning.cells import cells_of

    dataset = loaded(sales(tmp_path), "grouped:shop")
    (work,) = cells_of([resolve("dummy")], dataset, Protocol.parse("grouped:shop").splits(dataset), 1)
    assignment = assign(work)
    parcel = pack_job(work, assignment, threads=1)
    assert "shop" not in str(parcel.header)
    assert b"shop" not in bytes(parcel.payload)
    shops = dataset.aside["shop"].to_numpy()[work.split.train]
    validation = assignment.task.validation
    assert 0 < len(validation) < len(shops)
    assert not set(shops[validation]) & set(np.delete(shops, validation))


@pytest.mark.parametrize("name", ["time:c", "grouped:c", "predefined:c"])
def test_rows_for_a_choice_are_never_most_of_the_train_rows(name: str) -> None:
    """The last year, the one other group or the next fold may hold nearly all of train: then there are none."""
    sizes = {"time:c": (30, 610, 160), "grouped:c": (30, 610, 160), "predefined:c": (160, 610, 30)}[name]
    values = np.repeat([1.0, 2.0, 3.0], sizes)
    dataset = table(
        np.arange(len(values)) % 2, values if name == "time:c" else values.astype(int).astype(str)
    )
    for split in Protocol.parse(name).splits(dataset):
        rows = Protocol.parse(name).validation(split, dataset)
        assert len(rows) <= 0.4 * len(split.train)
