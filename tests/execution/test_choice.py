from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from suite.execution.choice import Busy, Item, choose

NOTHING: frozenset[str] = frozenset()


def item(name: str, library: str, seconds: float, kind: tuple[str, str] | None = None) -> Item:
    work: Any = SimpleNamespace(name=name)
    return Item(work=work, library=library, seconds=seconds, kind=kind)


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


def folds(model: str, library: str, seconds: float, dataset: str = "d", n: int = 5) -> list[Item]:
    return [item(f"{model}{fold}", library, seconds, (dataset, model)) for fold in range(n)]


def taken(
    waiting: list[Item], n: int, own: frozenset[str], others: list[Busy], n_workers: int = 2
) -> list[str]:
    """Return the first cells that a worker does while the others stay busy."""
    tried: set[tuple[str, str]] = set()
    found = []
    for _ in range(n):
        one = choose(waiting, own, others, n_workers=n_workers, tried=tried)
        assert one
        waiting.remove(one)
        tried.add(one.kind or ("", ""))
        found.append(name(one) or "")
    return found


def test_each_quick_model_has_its_first_cell_before_any_long_one() -> None:
    waiting = [*folds("slow", "x", 60), *folds("b", "x", 2), *folds("a", "x", 1), *folds("c", "y", 1)]
    # Then long ones first, as ever; a library that nobody has is imported for the sake of a quick model.
    assert taken(waiting, 5, frozenset({"x"}), []) == ["a0", "b0", "c0", "slow0", "slow1"]


def test_the_quick_models_of_one_data_set_come_before_those_of_the_next() -> None:
    waiting = [*folds("a", "x", 3), *folds("b", "x", 2), *folds("a", "x", 1, "e")]
    waiting += folds("slow", "x", 60)
    assert taken(waiting, 3, frozenset({"x"}), []) == ["b0", "a0", "a0"]


def test_a_quick_model_is_left_to_the_worker_that_has_its_library() -> None:
    waiting = [*folds("quick", "y", 1), *folds("long", "x", 50)]
    assert taken(waiting, 1, frozenset({"x"}), [Busy(frozenset({"y"}), 3.0)]) == ["long0"]


def test_a_model_that_is_not_quick_beside_what_is_left_waits_for_the_longest() -> None:
    waiting = [*folds("short", "x", 10, n=1), *folds("long", "x", 20, n=3)]
    assert taken(waiting, 1, frozenset({"x"}), []) == ["long0"]
    # One worker takes as long in any order.
    waiting = [*folds("short", "x", 10, n=1), *folds("long", "x", 20, n=1)]
    assert taken(waiting, 2, frozenset({"x"}), [], n_workers=1) == ["short0", "long0"]


def test_the_cell_that_decides_when_the_run_ends_goes_before_a_quick_one() -> None:
    waiting = [*folds("quick", "x", 0.5), *folds("long", "x", 100, n=1)]
    assert taken(waiting, 2, frozenset({"x"}), []) == ["long0", "quick0"]


def test_nobody_waits_for_the_first_trial_of_a_search() -> None:
    waiting = [item("trial", "x", 1), *(item(f"b{i}", "x", 30) for i in range(5))]
    assert taken(waiting, 1, frozenset({"x"}), []) == ["b0"]
