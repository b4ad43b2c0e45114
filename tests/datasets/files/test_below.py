from __future__ import annotations

import pytest

from suite.datasets.files.below import is_below

BODY = [[str(i), f"{i / 7:.2f}", "ab"[i % 2]] for i in range(9)]


@pytest.mark.parametrize(
    ("cells", "after_blank", "below"),
    [
        (["Total", "4", ""], False, True),
        (["Grand total:", "4", ""], False, True),
        (["Total War", "4", "a"], False, False),
        (["Source: WHO"], False, True),
        (["3"], False, False),
        (["remark"], True, True),
        (["Source: WHO", "", ""], False, True),
        (["4", "", ""], True, False),
        (["", "", ""], False, False),
        (["a", "b", "c", "d"], False, False),
        (["Seen by A", " B", " C", " D"], False, True),
    ],
)
def test_totals_and_sources_are_told_from_rows(cells, after_blank, below):
    assert is_below(cells, 3, BODY, after_blank=after_blank) == below
