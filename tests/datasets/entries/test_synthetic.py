from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.entries.synthetic import MISSING_SHARE
from suite.errors import UsageError


@settings(max_examples=20, deadline=None)
@given(
    classes=st.integers(2, 30),
    per_class=st.integers(5, 20),
    features=st.integers(1, 12),
    seed=st.integers(0, 99),
)
def test_a_synthetic_table_has_what_was_asked_for(classes, per_class, features, seed):
    rows = classes * per_class
    data = load(DataConfig(source=f"synthetic:{rows=},{features=},{classes=},{seed=}"))
    assert data.X.shape == (rows, features)
    assert len(data.classes) == classes
    assert np.bincount(data.y, minlength=classes).min() >= 1


def test_a_synthetic_table_mixes_numbers_categories_and_missing_values():
    data = load(DataConfig(source="synthetic"))
    assert data.X.shape == (2000, 20)
    assert data.kinds.count("categorical") == 5
    assert data.kinds.count("numeric") == 15
    assert {str(dtype) for dtype in data.X.dtypes} == {"float32", "category"}
    missing = data.X.isna().mean()
    assert sorted(missing[missing > 0].index) == ["category_20", "number_10", "number_15", "number_5"]
    assert missing[missing > 0].to_numpy() == pytest.approx(MISSING_SHARE, abs=0.02)


def test_a_seed_repeats_and_another_seed_differs():
    one, again, other = (load(DataConfig(source=f"synthetic:seed={seed}")) for seed in (1, 1, 2))
    assert one.X.equals(again.X)
    assert one.fingerprint == again.fingerprint
    assert one.fingerprint != other.fingerprint


def test_nearest_class_means_beat_chance_and_are_not_perfect():
    data = load(DataConfig(source="synthetic"))
    X = data.X.select_dtypes("number").fillna(0).to_numpy()
    centres = np.stack([X[:1000][data.y[:1000] == code].mean(axis=0) for code in range(3)])
    guess = np.linalg.norm(X[1000:, None] - centres, axis=2).argmin(axis=1)
    assert 0.5 < (guess == data.y[1000:]).mean() < 0.95


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("rows=0", "rows must be at least 5 for each of the 3 classes, not 0"),
        ("rows=many", "rows takes a whole number, not 'many'"),
        ("classes=1", "classes takes a whole number of at least 2, not 1"),
        ("features=0", "features takes a whole number of at least 1"),
        ("seed=-1", "seed takes a whole number of at least 0"),
        ("rows=1000000000000", "at most 1,000,000,000 cells"),
    ],
)
def test_a_bad_option_of_synthetic_is_one_clear_line(options, message):
    with pytest.raises(UsageError) as caught:
        load(DataConfig(source=f"synthetic:{options}"))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
