"""Near duplicates, junk and rare classes."""

from __future__ import annotations

import numpy as np
import pytest

from suite.checks.classes import find_rare_classes
from suite.checks.junk import find_junk
from suite.checks.neighbours import find_near_duplicates
from suite.checks.repeats import Positions


def test_rows_that_nearly_repeat_others_are_found(rng, typed):
    x = rng.normal(size=(500, 4))
    x[:20] = x[100:120] + rng.normal(0, 0.001, (20, 4))
    columns = {f"x{i}": x[:, i] for i in range(4)} | {"c": ["a", "b"] * 250, "none": np.full(500, np.nan)}
    (finding,) = find_near_duplicates(typed(columns), None, 500)
    assert finding.number == 40
    assert set(finding.rows) <= {*range(20), *range(100, 120)}
    assert find_near_duplicates(typed({"c": ["a"] * 500}), None, 500) == []


def test_another_level_keeps_rows_apart(rng, typed):
    numbers = {f"x{i}": np.tile(rng.normal(size=300), 2) for i in range(5)}
    columns = typed(numbers | {"c": np.repeat(["a", "b"], 300)})
    assert find_near_duplicates(columns, None, 600) == []


def test_words_for_nothing_are_counted_and_others_are_not(typed):
    texts = ["empty_field"] * 5 + ["Unknown artist"] * 5 + ["not available"] * 4 + ["Nonesuch"] * 6
    found = find_junk(typed({"artist": texts, "x": np.arange(20.0)}))
    assert {f.text.split("'")[1]: f.number for f in found} == {"empty_field": 5, "not available": 4}
    assert found[0].rows[:2] == (0, 1)
    assert "--missing artist=empty_field" in found[0].advice


@pytest.mark.parametrize(
    ("train", "test", "grade", "words"),
    [
        ([0, 0, 0], [1, 1, 1], "warning", "b (3 rows) has no row to train on"),
        ([0, 1, 1, 1], [0] * 20, "note", "b (3 rows) has no test row"),
        ([0, 1], [0] * 20 + [1, 1], "note", "b (3 rows) has fewer than 10 test rows"),
        ([0, 1], [0] * 20 + [1] * 20, None, ""),
    ],
)
def test_rare_classes_are_told(train, test, grade, words):
    y = np.array(train + test)
    split = Positions(np.arange(len(train)), np.arange(len(train), len(y)))
    found = [f for f in find_rare_classes(y, ["a", "b"], {"s": split}, "holdout") if "b (" in f.text]
    assert [f.grade for f in found] == ([grade] if grade else [])
    assert all(words in f.text for f in found)
