from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from suite.execution.choice import Busy, Item, choose

NOTHING: frozenset[str] = frozenset()


def item(name: str, library: str, seconds: float) -> Item:
    work: Any = SimpleNamespace(name=name)
    return Item(work=work, library=library, seconds=seconds)


def name(taken: Item | None) -> str | None:
    return None if taken is None else taken.work.name  # type: ignore[attr-defined]


def test_a_worker_stays_with_its_library_while_no_cell_is_long_enough_to_decide() -> None:
    waiting = [item("a", "x", 3), item("b", "x", 4), *(item(f"y{i}", "y", 5) for i in range(5))]
    taken = []
    for _ in range(3):
        found = choose(waiting, frozenset({"x"}), n_workers=2)
        assert found
        waiting.remove(found)
        taken.append(name(found))
    assert taken == ["b", "a", "y0"]


def test_the_cell_that_decides_when_the_run_ends_goes_first() -> None:
    waiting = [item("short", "x", 1), item("short too", "x", 1), item("long", "y", 50)]
    assert name(choose(waiting, frozenset({"x"}), n_workers=2)) == "long"


def test_a_heavy_library_stays_with_the_worker_that_has_it() -> None:
    busy = [Busy(frozenset({"tensorflow"}), 0.0)]
    assert choose([item("net", "tensorflow", 3)], frozenset({"sklearn"}), busy, n_workers=2) is None


def test_a_second_worker_imports_a_heavy_library_where_that_pays() -> None:
    busy = [Busy(frozenset({"tensorflow"}), 0.0)]
    found = choose([item("net", "tensorflow", 30)], frozenset({"sklearn"}), busy, n_workers=2)
    assert name(found) == "net"


def test_a_library_that_nobody_has_comes_before_one_that_another_worker_has() -> None:
    waiting = [*(item(f"x{i}", "x", 4) for i in range(6)), item("c", "y", 2), item("d", "z", 1)]
    assert name(choose(waiting, NOTHING, [Busy(frozenset({"x"}), 0.0)], n_workers=2)) == "c"


def test_a_worker_leaves_a_cell_to_the_one_that_is_importing_its_library() -> None:
    one, another = item("a", "x", 60), item("b", "x", 50)
    starting = [frozenset({"x"})]
    assert choose([one], NOTHING, [], starting, n_workers=2) is None
    assert name(choose([one, another], NOTHING, [], starting, n_workers=2)) == "a"


@pytest.mark.parametrize(("free_in", "expected"), [(0.0, None), (60.0, "a")])
def test_a_worker_waits_for_no_other_that_is_busy_for_long(free_in: float, expected: str | None) -> None:
    busy = [Busy(frozenset({"x"}), free_in)]
    assert name(choose([item("a", "x", 0.1)], NOTHING, busy, n_workers=2)) == expected


def test_of_no_cells_there_is_none() -> None:
    assert choose([], NOTHING, n_workers=2) is None
