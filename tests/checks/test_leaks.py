from __future__ import annotations

import numpy as np
import pytest

from suite.checks.leaks import find_noisy_copies, find_shifted
from suite.checks.single import level_errors


@pytest.mark.parametrize("seed", range(5))
def test_errors_of_levels_are_those_of_leaving_each_row_out(seed):
    rng = np.random.default_rng(seed)
    codes, y = rng.integers(0, 8, 40), rng.integers(0, 3, 40)
    wrong = 0.0
    for i in range(40):
        others = y[(codes == codes[i]) & (np.arange(40) != i)]
        if not len(others):
            wrong += y[i] != np.bincount(y, minlength=3).argmax()
            continue
        counts = np.bincount(others, minlength=3)
        rest = max(counts[code] for code in range(3) if code != y[i])
        wrong += 0.0 if counts[y[i]] > rest else 0.5 if counts[y[i]] == rest else 1.0
    assert level_errors(codes, y, 3) == wrong


def found(columns, y, typed):
    return [f.columns[0] for f in find_noisy_copies(typed(columns), y, int(y.max()) + 1)]


def test_a_copy_with_noise_is_found_whatever_its_values(rng, typed):
    n = 1000
    y = rng.integers(0, 3, n)
    noisy = np.where(rng.random(n) < 0.1, rng.integers(0, 3, n), y)
    assert found({"c": [f"c{code}" for code in noisy], "x": rng.normal(y, 1.0)}, y, typed) == ["c"]
    assert found({"c": 5 - noisy, "x": rng.normal(y, 1.0)}, y, typed) == ["c"]
    assert found({"c": y + rng.normal(0, 0.2, n), "x": rng.normal(y, 1.0)}, y, typed) == ["c"]


def test_honest_columns_are_no_copies(rng, typed):
    n = 1000
    y = rng.integers(0, 2, n)
    honest = {
        "x": rng.normal(2 * y, 1.0),
        "sex": np.where(rng.random(n) < 0.78, y, 1 - y),
        "z": rng.normal(size=n),
    }
    assert found(honest, y, typed) == []
    # Two that are as good as each other, as petal width and length are.
    assert found({"a": rng.normal(5 * y, 1.0), "b": rng.normal(5 * y, 1.0)}, y, typed) == []


def test_the_target_of_a_neighbouring_row_is_found_and_chance_is_not(rng, typed):
    y = rng.integers(0, 2, 300)
    columns = typed({"before": np.roll(y, 1), "after": np.roll(y, -1), "coin": rng.integers(0, 2, 300)})
    assert {f.columns[0]: f.text.partition(" row ")[2] for f in find_shifted(columns, y, 2)} == {
        "before": "before in every row",
        "after": "after in every row",
    }
