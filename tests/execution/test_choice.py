from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from suite.execution.queue import Busy, Item, Queue

NOTHING: frozenset[str] = frozenset()


def item(name: str, library: str, seconds: float) -> Item:
    work: Any = SimpleNamespace(name=name)
    return Item(work=work, library=library, seconds=seconds)


def name(taken: Item | None) -> str | None:
    return None if taken is None else taken.work.name  # type: ignore[attr-defined]


def test_a_worker_stays_with_its_library_while_no_cell_is_long_enough_to_decide() -> None:
    others = [item(f"y{i}", "y", 5) for i in range(5)]
    queue = Queue([item("a", "x", 3), item("b", "x", 4), *others], 2)
    assert [name(queue.take(frozenset({"x"}))) for _ in range(3)] == ["b", "a", "y0"]


def test_the_cell_that_decides_when_the_run_ends_goes_first() -> None:
    queue = Queue([item("short", "x", 1), item("short too", "x", 1), item("long", "y", 50)], 2)
    assert name(queue.take(frozenset({"x"}))) == "long"


def test_a_heavy_library_stays_with_the_worker_that_has_it() -> None:
    queue = Queue([item("net", "tensorflow", 3)], 2)
    assert queue.take(frozenset({"sklearn"}), [Busy(frozenset({"tensorflow"}), 0.0)]) is None
    assert len(queue) == 1


def test_a_second_worker_imports_a_heavy_library_where_that_pays() -> None:
    queue = Queue([item("net", "tensorflow", 30)], 2)
    assert name(queue.take(frozenset({"sklearn"}), [Busy(frozenset({"tensorflow"}), 0.0)])) == "net"


def test_a_library_that_nobody_has_comes_before_one_that_another_worker_has() -> None:
    many = [item(f"x{i}", "x", 4) for i in range(6)]
    queue = Queue([*many, item("c", "y", 2), item("d", "z", 1)], 2)
    assert name(queue.take(NOTHING, [Busy(frozenset({"x"}), 0.0)])) == "c"


def test_a_worker_leaves_a_cell_to_the_one_that_is_importing_its_library() -> None:
    queue = Queue([item("a", "x", 60)], 2)
    assert queue.take(NOTHING, [], [frozenset({"x"})]) is None
    queue.put(item("b", "x", 50))
    assert name(queue.take(NOTHING, [], [frozenset({"x"})])) == "a"


@pytest.mark.parametrize(("free_in", "expected"), [(0.0, None), (60.0, "a")])
def test_a_worker_waits_for_no_other_that_is_busy_for_long(free_in: float, expected: str | None) -> None:
    queue = Queue([item("a", "x", 0.1)], 2)
    assert name(queue.take(NOTHING, [Busy(frozenset({"x"}), free_in)])) == expected


def test_an_empty_queue_has_nothing() -> None:
    assert Queue([], 2).take(NOTHING) is None
