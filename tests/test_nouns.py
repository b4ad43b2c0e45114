"""The strict reader: what it takes, and that no file takes a machine."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from suite.errors import RecordError
from suite.nouns import MAX_DEPTH, MAX_NESTED, built, loads, sound
from suite.schema.bounds import Count, Moment, Share


@dataclass(frozen=True)
class Noun:
    n: Count = 0
    share: Share | None = None
    at: Moment = ""
    pair: tuple[int, float] | None = None
    by: Mapping[str, Any] | None = None

    def contradictions(self) -> Iterator[str]:
        if self.n == 13:
            yield "nobody has 13"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"n": -1}, "its field n is not between 0 and 1"),
        ({"n": 10**13}, "its field n is not between"),
        ({"n": True}, "its field n is not what it should be"),
        ({"n": 1.0}, "its field n is not what it should be"),
        ({"share": 1.1}, "its field share is not between 0 and 1"),
        ({"share": 1e200}, "its field share is larger than any number here"),
        ({"at": "yesterday"}, "its field at is not a time in ISO 8601"),
        ({"pair": [1]}, "its field pair does not have 2 values"),
        ({"pair": [1, 2, 3]}, "its field pair does not have 2 values"),
        ({"pair": ["x", 1]}, "its field pair is not what it should be"),
        ({"n": 13}, "nobody has 13"),
        ({"at": "2" * 2_000_000}, "its field at is a text of 2,000,000 characters"),
        ({"by": {"x": "[" * 0}, "m": 1}, "unknown fields: m"),
    ],
)
def test_a_noun_that_cannot_be_is_refused_with_its_field(data: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecordError, match=reason):
        sound(data, Noun)


def test_only_files_are_held_to_bounds() -> None:
    assert built({"n": -1}, Noun).n == -1
    assert sound({"n": 5, "share": 1, "at": "2026-01-01T00:00:00+00:00", "pair": [1, 2]}, Noun).pair == (1, 2)


@pytest.mark.parametrize("depth", [MAX_DEPTH, 500])
def test_what_is_open_is_nested_only_so_deep(depth: int) -> None:
    value: Any = 1
    for _ in range(depth - 2):
        value = [value]
    if depth == MAX_DEPTH:
        assert sound({"by": {"x": value}}, Noun).by == {"x": value}
    else:
        with pytest.raises(RecordError, match=r"its field by.x is nested more than"):
            sound({"by": {"x": value}}, Noun)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" + b"[]," * 4_000_000 + b"[]]",
        b"[" * 50_000_000,
        b'{"a":' * 1_000_000,
        b"[" + b"1.5," * 12_000_000 + b"1]",
        b"9" * 50_000_000,
        b"[" * (MAX_NESTED - 1),
    ],
    ids=["empty lists", "an open end", "objects", "numbers", "digits", "deep"],
)
def test_a_file_made_to_take_all_memory_is_refused_at_once(raw: bytes) -> None:
    tracemalloc.start()
    began = time.monotonic()
    try:
        with pytest.raises(RecordError):
            loads(raw)
        # What was read, twice: as bytes, which are not counted here, and as text.
        assert tracemalloc.get_traced_memory()[1] < 2 * len(raw) + 10_000_000
    finally:
        tracemalloc.stop()
    assert time.monotonic() - began < 20


def test_a_number_of_many_digits_is_refused_in_plain_words() -> None:
    with pytest.raises(RecordError, match="a number of 5000 digits is larger than any number here"):
        loads(b"9" * 5000)


@pytest.mark.parametrize("wrong", [10**13, -1, True, 1.0, "1", None])
def test_one_wrong_count_among_many_is_found(wrong: object) -> None:
    hint = tuple[Count, ...]
    assert sound([0, 3, 10**12], hint) == (0, 3, 10**12)
    with pytest.raises(RecordError):
        sound([0, wrong, 3], hint)
