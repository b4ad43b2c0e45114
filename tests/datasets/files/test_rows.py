from __future__ import annotations

import pytest

from suite.datasets.files.rows import is_number


@pytest.mark.parametrize(
    "cell", ["1", "-1.5e3", "1.234,5", "1,234.5", "12 %", "$5", "inf", "2020-01-31", "1/2/99", "10:30"]
)
def test_numbers_and_dates_of_any_country_are_numbers(cell):
    assert is_number(cell)


@pytest.mark.parametrize("cell", ["", "a", "x1", "2020s", "1st", "v1.2", "nan"])
def test_words_are_no_numbers(cell):
    assert not is_number(cell)
