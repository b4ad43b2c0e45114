from __future__ import annotations

import pytest

from suite.errors import UsageError
from suite.tuning.budget import parse


@pytest.mark.parametrize(
    ("text", "seconds", "trials", "said"),
    [
        ("60s", 60.0, None, "60s"),
        ("1.5m", 90.0, None, "90s"),
        ("10min", 600.0, None, "600s"),
        ("2h", 7200.0, None, "7200s"),
        (" 30 s ", 30.0, None, "30s"),
        ("20trials", None, 20, "20trials"),
        ("1 trial", None, 1, "1trials"),
    ],
)
def test_a_budget_is_seconds_or_trials_in_its_shortest_form(
    text: str, seconds: float | None, trials: int | None, said: str
) -> None:
    budget = parse(text)
    assert (budget.seconds, budget.trials, budget.text) == (seconds, trials, said)
    assert parse(budget.text) == budget
    assert budget.samples


@pytest.mark.parametrize(
    "text",
    [
        *("", "abc", "5", "s", "-5s", "0s", "0.5s", "1e3s", "nans", "infs", "60 seconds", "60S", "5d"),
        *("0trials", "2.5trials", "10001trials", "20trialss", "trials", "999999999h", "60s\n", "٣s", "1s 2s"),
    ],
)
def test_what_is_no_budget_is_refused_in_one_line_that_says_what_one_is(text: str) -> None:
    with pytest.raises(UsageError, match=r"^a search takes ") as caught:
        parse(text)
    assert "\n" not in str(caught.value)
