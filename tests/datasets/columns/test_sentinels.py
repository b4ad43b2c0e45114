from __future__ import annotations

import pandas as pd
import pytest

from suite.datasets.columns.recipe import decide
from suite.datasets.columns.sentinels import find_sentinels
from suite.datasets.columns.typed import typed
from suite.datasets.table import Table


def found(cells):
    frame = pd.DataFrame({"x": cells})
    recipe = decide(Table(frame=frame, labels=["a", "b"] * (len(frame) // 2), target="y"))
    findings, notes = find_sentinels({c.name: typed(c, frame[c.name]) for c in recipe.used}, recipe)
    return [finding.text for finding in findings], notes


@pytest.mark.parametrize(
    ("cells", "text", "is_far"),
    [
        (
            [*range(20), -999, -999],
            "x holds -999 in 2 rows, far from its other numbers; --missing x=-999",
            True,
        ),
        ([*range(20), -1, -1], "x holds -1 in 2 rows", False),
        ([*range(15000, 15020), -1, -1], "x holds -1 in 2 rows", True),
        ([1, 2, 3, 4, 5, 6, 7, 99] * 3, "x holds 99 in 3 rows", True),
        ([*range(100, 130), 9999, 9999], "x holds 9999 in 2 rows", True),
        (["2024-01-31"] * 20 + ["9999-12-31"] * 4, "x holds 9999-12-31 in 4 rows", True),
    ],
)
def test_a_value_far_from_the_others_is_told(cells, text, is_far):
    findings, notes = found(cells)
    (one,) = findings + notes
    assert one.startswith(text)
    assert bool(findings) == is_far


@pytest.mark.parametrize(
    "cells",
    [
        [-1, 0, 1] * 10,
        [*range(20), -1, -5],
        [*range(0, 1000, 10), 999],
        [*range(50)],
        [-1.5, *range(30), 4],
        ["2024-01-31", "1900-01-01"] + ["2024-02-01"] * 98,
    ],
)
def test_ordinary_values_are_not(cells):
    assert found(cells) == ([], [])
