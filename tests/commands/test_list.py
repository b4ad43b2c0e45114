from __future__ import annotations

import json
from collections.abc import Callable

import pytest


@pytest.mark.parametrize("what", ["models", "datasets", "metrics", "protocols"])
def test_a_listing_as_a_table_and_as_json(
    what: str, suite: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert suite("list", what) == 0
    table = capsys.readouterr().out
    assert suite("list", what, "--json") == 0
    names = [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()]
    assert names
    assert all(name in table for name in names)
