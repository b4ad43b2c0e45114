"""Splits: disjoint, covering, never sorted, the same again, and every class in train."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from suite.errors import UnknownName, UsageError
from suite.protocol import PROTOCOL_SEED, Protocol
from suite.schema import Dataset, Split

PROTOCOL_TEXTS = ["original", "holdout", "holdout:0.5", "holdout:0.9", "cv2", "cv5", "cv3x2"]
labels = hnp.arrays(np.int64, st.integers(12, 120), elements=st.integers(0, 6))


def table(y: Any, own: str = "holdout", **aside: Any) -> Dataset:
    """A data set of labels alone, and columns put aside: numbers as they are, text as categories."""
    y = np.asarray(y)
    columns = {name: pd.Series(values, name=name) for name, values in aside.items()}
    return Dataset(
        name="toy",
        version=1,
        X=pd.DataFrame(index=range(len(y))),
        y=y,
        classes=tuple(f"c{k}" for k in range(int(y.max()) + 1)),
        kinds=(),
        fingerprint="f" * 64,
        target="label",
        protocol=own,
        aside={n: c if c.dtype.kind in "iuf" else c.astype("category") for n, c in columns.items()},
    )


def make_splits(y: Any, protocol: str, own: str = "holdout", **aside: Any) -> list[Split]:
    return Protocol.parse(protocol).splits(table(y, own, **aside))


def validation_rows(y: np.ndarray, seed: int) -> np.ndarray:
    """The validation rows of a holdout that trains on all rows."""
    split = Split(id="", protocol="holdout", seed=seed, train=np.arange(len(y)), test=y[:0], fingerprint="")
    return Protocol.parse("holdout").validation(split, table(y))


def rare_included(y: np.ndarray) -> bool:
    """Two classes at least, and enough rows that are not alone for every protocol here."""
    counts = np.bincount(y)
    return (counts > 0).sum() > 1 and counts[counts > 1].sum() >= 6


def splits_of(y, protocol):
    """The splits; tables whose few test rows are all of classes without a train row have none."""
    try:
        return make_splits(y, protocol, own="original")
    except UsageError as error:
        assume("too few rows" not in str(error))
        raise


@settings(deadline=None)
@given(labels, st.sampled_from(PROTOCOL_TEXTS))
def test_train_and_test_are_disjoint_and_together_are_all_rows(y, protocol) -> None:
    assume(rare_included(y))
    for split in splits_of(y, protocol):
        assert sorted([*split.train, *split.test]) == list(range(len(y)))
        assert split.train.dtype == split.test.dtype == np.int32


@settings(deadline=None)
@given(labels, st.sampled_from(PROTOCOL_TEXTS))
def test_every_class_has_a_train_row_and_a_class_of_one_row_is_never_tested(y, protocol) -> None:
    assume(rare_included(y))
    lone = np.flatnonzero(np.bincount(y) == 1)
    for split in splits_of(y, protocol):
        assert set(y[split.train]) == set(y)
        assert not set(lone) & set(y[split.test])


@settings(deadline=None)
@given(labels, st.sampled_from(["cv2", "cv5", "cv3x2"]))
def test_the_folds_of_a_repeat_test_each_row_outside_lone_classes_once(y, protocol) -> None:
    assume(rare_included(y))
    splits = make_splits(y, protocol)
    folds = Protocol.parse(protocol).folds
    for start in range(0, len(splits), folds):
        tested = np.concatenate([split.test for split in splits[start : start + folds]])
        assert sorted(tested) == list(np.flatnonzero(np.bincount(y)[y] > 1))


@settings(deadline=None)
@given(labels, st.sampled_from(["cv2", "cv5", "cv3x2"]))
def test_folds_and_the_classes_in_them_differ_by_one_row_at_most(y, protocol) -> None:
    assume(rare_included(y))
    counts = np.array([np.bincount(y[split.test], minlength=7) for split in make_splits(y, protocol)])
    assert np.ptp(counts, axis=0).max() <= 1
    assert np.ptp(counts.sum(axis=1)) <= 1


@settings(deadline=None)
@given(labels.map(lambda y: np.append(y, y)), st.sampled_from([0.2, 0.5]))
def test_a_holdout_takes_its_fraction_of_each_class_to_within_one_row(y, fraction) -> None:
    assume(rare_included(y))
    (split,) = make_splits(y, f"holdout:{fraction}")
    assert len(split.test) == int(np.ceil(len(y) * fraction))
    quota = np.bincount(y) * len(split.test) / len(y)
    assert np.abs(np.bincount(y[split.test], minlength=len(quota)) - quota).max() < 1 + 1e-9


@settings(deadline=None)
@given(labels, st.sampled_from(PROTOCOL_TEXTS))
def test_the_same_protocol_gives_the_same_splits_again(y, protocol) -> None:
    assume(rare_included(y))
    first, second = (splits_of(y, protocol) for _ in range(2))
    assert [split.fingerprint for split in first] == [split.fingerprint for split in second]
    assert all(
        (a.train == b.train).all() and (a.test == b.test).all() for a, b in zip(first, second, strict=True)
    )
    assert len({split.fingerprint for split in first}) == len({split.id for split in first}) == len(first)


@pytest.mark.parametrize("protocol", PROTOCOL_TEXTS)
def test_row_positions_are_never_sorted_nor_grouped_by_class(protocol) -> None:
    y = np.repeat(np.arange(10), 50)
    for split in make_splits(y, protocol, own="original"):
        for rows in (split.train, split.test):
            assert (np.diff(rows) < 0).mean() > 0.3
            assert len(np.unique(y[rows[-len(rows) // 5 :]])) > 5


@pytest.mark.parametrize("n", [50, 1797])
def test_the_original_split_is_scikit_learns_unstratified_one(n) -> None:
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(np.arange(n), test_size=0.2, random_state=42)
    (split,) = make_splits(np.arange(n) % 3, "original", own="original")
    assert split.id == "original-42"
    assert split.train.tolist() == train.tolist()
    assert split.test.tolist() == test.tolist()


def test_the_original_split_belongs_to_data_sets_that_have_one() -> None:
    with pytest.raises(UsageError, match="no original split; take holdout"):
        make_splits(np.arange(50) % 2, "original", own="cv5")


@pytest.mark.parametrize(
    ("protocol", "canonical", "ids"),
    [
        ("holdout", "holdout", ["holdout-42"]),
        ("holdout:.20", "holdout", ["holdout-42"]),
        ("holdout:0.30", "holdout:0.3", ["holdout0.3-42"]),
        ("cv3", "cv3", ["cv3-f0", "cv3-f1", "cv3-f2"]),
        ("cv3x1", "cv3", ["cv3-f0", "cv3-f1", "cv3-f2"]),
        ("cv2x2", "cv2x2", ["cv2x2-r0f0", "cv2x2-r0f1", "cv2x2-r1f0", "cv2x2-r1f1"]),
    ],
)
def test_a_protocol_has_one_spelling_and_its_splits_have_readable_ids(protocol, canonical, ids) -> None:
    splits = make_splits(np.arange(60) % 3, protocol)
    assert [split.id for split in splits] == ids
    assert {split.protocol for split in splits} == {canonical}
    assert splits[0].seed == PROTOCOL_SEED


@pytest.mark.parametrize(
    ("text", "canonical", "column", "folds", "repeats", "fraction"),
    [
        ("grouped:customer", "grouped:customer", "customer", 1, 1, 0.2),
        ("grouped:customer:holdout", "grouped:customer", "customer", 1, 1, 0.2),
        ("grouped:customer:holdout:0.20", "grouped:customer", "customer", 1, 1, 0.2),
        ("grouped:customer:holdout:0.3", "grouped:customer:holdout:0.3", "customer", 1, 1, 0.3),
        ("grouped:customer:.3", "grouped:customer:holdout:0.3", "customer", 1, 1, 0.3),
        ("grouped:customer:cv5", "grouped:customer:cv5", "customer", 5, 1, 0.2),
        ("grouped:customer:cv5x3", "grouped:customer:cv5x3", "customer", 5, 3, 0.2),
        ("grouped:customer:cv5x1", "grouped:customer:cv5", "customer", 5, 1, 0.2),
        ("grouped:cv5", "grouped:cv5", "cv5", 1, 1, 0.2),
        ("grouped:a:b", "grouped:a:b", "a:b", 1, 1, 0.2),
        ("grouped:a:b:cv5", "grouped:a:b:cv5", "a:b", 5, 1, 0.2),
        ("grouped:a:cv5:holdout", "grouped:a:cv5:holdout", "a:cv5", 1, 1, 0.2),
        ("grouped:a:2020", "grouped:a:2020", "a:2020", 1, 1, 0.2),
        ("time:day", "time:day", "day", 1, 1, 0.2),
        ("time:day:0.3", "time:day:holdout:0.3", "day", 1, 1, 0.3),
        ("time:day:cv4", "time:day:cv4", "day", 4, 1, 0.2),
        ("predefined:set", "predefined:set", "set", 1, 1, 0.2),
        ("predefined:set:cv5", "predefined:set:cv5", "set:cv5", 1, 1, 0.2),
        ("predefined: set\n", "predefined: set\n", " set\n", 1, 1, 0.2),
    ],
)
def test_a_protocol_of_a_column_is_read_and_has_one_spelling(
    text, canonical, column, folds, repeats, fraction
) -> None:
    found = Protocol.parse(text)
    assert (found.name, found.column) == (canonical, column)
    assert (found.folds, found.repeats, found.fraction) == (folds, repeats, fraction)


@given(
    st.sampled_from(["grouped", "time", "predefined"]),
    st.lists(st.sampled_from([":", "a", "cv5", "cv2x3", "holdout", "0.3", ".5", "\n", "x"]), min_size=1).map(
        "".join
    ),
    st.sampled_from([(1, 0.2), (1, 0.3), (1, 1e-05), (4, 0.2)]),
)
def test_a_name_gives_its_protocol_back_whatever_the_columns_name(kind, column, rule) -> None:
    folds, fraction = rule if kind != "predefined" else (1, 0.2)
    protocol = Protocol(kind=kind, column=column, folds=folds, fraction=fraction)
    assert Protocol.parse(protocol.name) == protocol


def test_there_may_be_as_many_folds_as_rows_and_no_more() -> None:
    assert [len(split.test) for split in make_splits(np.arange(6) % 2, "cv6")] == [1] * 6
    with pytest.raises(UsageError, match="cv7 needs at least 7 rows"):
        make_splits(np.arange(6) % 2, "cv7")


def test_repeats_shuffle_anew() -> None:
    splits = make_splits(np.arange(60) % 3, "cv2x2")
    assert set(splits[0].test) != set(splits[2].test)


@pytest.mark.parametrize(
    ("protocol", "message"),
    [
        ("hold-out", "did you mean holdout"),
        ("kfold", "no protocol named 'kfold'"),
        ("", "no protocol named ''; known: original"),
        ("cvK", "such as cv5 or cv5x3"),
        ("cv5x", "such as cv5 or cv5x3"),
        ("cv٣", "such as cv5 or cv5x3"),
        ("cv1", "at least 2 folds"),
        ("cv3x0", "1 repeat"),
        ("holdout:0", "between 0 and 1"),
        ("holdout:nan", "between 0 and 1"),
        ("holdout:", "between 0 and 1"),
        ("holdout:column", "between 0 and 1"),
        ("grouped", "grouped takes a column, such as grouped:NAME"),
        ("time:", "time takes a column"),
        ("groupd:shop", "no protocol named 'groupd'; did you mean grouped:COLUMN"),
        ("grouped:shop:cv1", "at least 2 folds"),
        ("grouped:shop:holdout:2", "between 0 and 1"),
        ("time:day:cv5x2", "time has one order, so it cannot be repeated: take time:day:cv5"),
        ("cv61", "cv61 needs at least 61 rows in classes of two or more; there are 60"),
    ],
)
def test_a_protocol_that_cannot_be_is_refused_in_one_line(protocol, message) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        make_splits(np.arange(60) % 3, protocol)
    assert "\n" not in str(caught.value)


def test_an_unknown_protocol_is_an_unknown_name() -> None:
    with pytest.raises(UnknownName):
        Protocol.parse("random")


@pytest.mark.parametrize("protocol", ["holdout", "cv2"])
def test_a_table_of_lone_classes_cannot_be_split(protocol) -> None:
    with pytest.raises(UsageError):
        make_splits(np.arange(10), protocol)


@settings(deadline=None)
@given(labels, st.integers(0, 2**31 - 1))
def test_validation_rows_are_a_stratified_fifth_that_leaves_each_class_in_training(y, seed) -> None:
    rows = validation_rows(y, seed)
    counts = np.bincount(y)
    shared = counts[counts > 1].sum()
    assert rows.dtype == np.int64
    assert len(set(rows)) == len(rows) == int(np.ceil(shared / 5))
    assert set(np.delete(y, rows)) == set(y)
    assert rows.tolist() == validation_rows(y, seed).tolist()
    quota = counts * (counts > 1) / 5
    assert np.abs(np.bincount(y[rows], minlength=len(quota)) - quota).max() < 2


def test_validation_rows_follow_the_seed() -> None:
    y = np.arange(500) % 5
    assert len(validation_rows(y, 1)) == 100
    assert set(validation_rows(y, 1)) != set(validation_rows(y, 2))


def test_there_are_no_validation_rows_when_every_class_is_alone() -> None:
    assert validation_rows(np.arange(3), 0).shape == (0,)


@pytest.mark.parametrize(
    ("protocol", "fingerprint"),
    [("original", "5d40504a4002ba2b"), ("holdout", "f089b00c9fde0106"), ("cv5x2", "791705735b330943")],
)
def test_splits_are_the_same_on_every_machine_and_under_every_numpy(protocol, fingerprint) -> None:
    assert make_splits(np.arange(100) % 7, protocol, own="original")[-1].fingerprint.startswith(fingerprint)


TABLES = {
    "balanced": np.arange(60) % 3,
    "rare": np.repeat([0, 1, 2, 3], [40, 12, 3, 2]),
    "lone": np.concatenate([np.arange(50) % 2, [2]]),
    "large": np.sort(np.random.RandomState(0).randint(0, 10, 10_000)),
}
DIGESTS = {
    "original": ["d20263c935c900e6", "d7b84c5971ab2f73", "fe599c9622a9fb7a", "6eb0d9845b9d05da"],
    "holdout": ["5248921b8f356239", "8e9c00731cf435e4", "3443b4e8c20eb482", "a8af43523de5104e"],
    "holdout:0.3": ["a59dc04a3e3e235e", "c52551f5d59452a4", "0c3c4a1ae570f228", "2c25359b485f03fd"],
    "cv3": ["9961152250203c70", "dbaa096dcc3660b3", "d8d1aac971ea807b", "f56b67372a6553c5"],
    "cv5": ["387475b72ce36c09", "960ee6ec879474cf", "143cd7660bf779df", "37eddaddcd734a15"],
    "cv5x3": ["56c67c2afe72cfcc", "e16ff26e4e725041", "16d0ea6c5a8924a9", "a8fe1fcab8e75b90"],
}


@pytest.mark.parametrize("protocol", DIGESTS)
@pytest.mark.parametrize("name", TABLES)
def test_ids_rows_fingerprints_and_validation_rows_stay_what_records_were_made_with(name, protocol) -> None:
    y, found = TABLES[name], hashlib.sha256()
    for split in make_splits(y, protocol, own="original"):
        validation = Protocol.parse(protocol).validation(split, table(y))
        found.update(f"{split.id} {split.protocol} {split.seed} {split.fingerprint}\n".encode())
        for rows in (split.train, split.test, validation):
            found.update(rows.astype("<i8").tobytes())
    assert found.hexdigest()[:16] == DIGESTS[protocol][list(TABLES).index(name)]


def test_naming_a_protocol_imports_no_numpy() -> None:
    code = "import sys; from suite.protocol import Protocol; Protocol.parse('cv5'); print('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def inner_of(y: Any, protocol: str, **aside: Any) -> list[tuple[Split, list[Split]]]:
    """Each split of a table with its inner splits; those without any are left out."""
    found, data, rule = [], table(y, "original", **aside), Protocol.parse(protocol)
    for split in rule.splits(data):
        with contextlib.suppress(UsageError):
            found.append((split, rule.inner_splits(split, data)))
    return found


@settings(deadline=None)
@given(labels, st.sampled_from(PROTOCOL_TEXTS), st.integers(0, 2**20))
def test_inner_splits_share_out_train_rows_and_no_row_that_is_tested(y, protocol, seed) -> None:
    assume(rare_included(y))
    try:
        found = inner_of(y, protocol)
    except UsageError:
        assume(False)
    for split, inner in found:
        train = set(split.train.tolist())
        for one in inner:
            assert sorted([*one.train, *one.test]) == sorted(train)
            assert one.parent == split.id
            assert set(y[one.train]) == set(y[split.train])
        if len(inner) > 1:
            tested = [row for one in inner for row in one.test.tolist()]
            counts = np.bincount(y[split.train])
            lone = set(split.train[counts[y[split.train]] == 1].tolist())
            assert len(tested) == len(set(tested))
            assert set(tested) == train - lone
        assert len({one.fingerprint for one in [split, *inner]}) == len(inner) + 1
        assert [one.fingerprint for one in inner] == [
            one.fingerprint for one in Protocol.parse(protocol).inner_splits(split, table(y, "original"))
        ]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**20), st.sampled_from(["grouped:g", "grouped:g:cv3"]))
def test_no_group_straddles_an_inner_split(seed, protocol) -> None:
    rng = np.random.default_rng(seed)
    y, groups = rng.integers(0, 3, 80), rng.integers(0, rng.integers(4, 30), 80)
    try:
        found = inner_of(y, protocol, g=groups.astype(str))
    except UsageError:
        assume(False)
    for split, inner in found:
        assert len(inner) in (1, 3)
        for one in inner:
            assert not set(groups[one.train]) & set(groups[one.test])
            assert not set(groups[one.test]) & set(groups[split.test])
            assert set(one.train) | set(one.test) == set(split.train)


@pytest.mark.parametrize("protocol", ["time:t", "time:t:cv3"])
def test_inner_splits_by_time_go_forward(protocol) -> None:
    rng = np.random.default_rng(0)
    times = rng.integers(0, 60, 200)
    for split, inner in inner_of(rng.integers(0, 3, 200), protocol, t=times):
        assert len(inner) == 3
        for one in inner:
            assert times[one.train].max() < times[one.test].min()
            assert times[one.test].max() < times[split.test].min()
            assert set(one.train) | set(one.test) <= set(split.train)
        assert [len(one.train) for one in inner] == sorted(len(one.train) for one in inner)


def test_an_inner_split_of_predefined_ones_is_what_the_column_says() -> None:
    part = np.array(["train"] * 60 + ["validation"] * 20 + ["test"] * 20)
    ((split, (inner,)),) = inner_of(np.arange(100) % 3, "predefined:part", part=part)
    assert sorted(inner.test) == list(range(60, 80))
    assert sorted(inner.train) == list(range(60))
    assert sorted(split.test) == list(range(80, 100))


@pytest.mark.parametrize(("n_train", "n_inner"), [(4_998, 3), (5_001, 1)])
def test_from_five_thousand_train_rows_on_there_is_one_inner_split(n_train, n_inner) -> None:
    ((split, inner),) = inner_of(np.arange(2 * n_train) % 3, "holdout:0.5")
    assert len(split.train) == n_train
    assert len(inner) == n_inner
    if n_inner == 1:
        data = table(np.arange(2 * n_train) % 3, "original")
        assert set(inner[0].test) == set(split.train[Protocol.parse("holdout:0.5").validation(split, data)])


@pytest.mark.parametrize("groups", [np.repeat(["a", "b", "c"], 40), np.repeat(["a", "b"], 60)])
def test_where_groups_are_too_few_or_too_large_there_is_no_inner_split(groups) -> None:
    rule, data = Protocol.parse("grouped:g:holdout:0.3"), table(np.tile([0, 1], 60), g=groups)
    (split,) = rule.splits(data)
    with pytest.raises(UsageError, match="0 test rows: too few rows"):
        rule.inner_splits(split, data)
