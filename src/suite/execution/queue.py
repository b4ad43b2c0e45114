"""Which cell is next: long ones first, and a worker stays with the libraries that it has imported.

Importing a library costs a worker seconds. A worker changes its libraries only where it would be idle otherwise, or
where the longest cell that is left decides when the run ends.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from suite.models import plugin
from suite.models.catalogue import resolve
from suite.schema import ModelRef, Work

START_S = {"tensorflow": 8.0, "xgboost": 1.0, "lightgbm": 1.0}
_START_S = 1.5


@dataclass(frozen=True, kw_only=True, eq=False)
class Item:
    """A cell that waits, what it should take, and what it imports."""

    work: Work
    library: str
    seconds: float
    attempt: int = 1


class Busy(NamedTuple):
    """A worker that has a cell: the libraries that it has imported, and when it should be free, in seconds."""

    libraries: frozenset[str]
    free_in: float


def library_of(model: ModelRef) -> str:
    """Return what a model's child has to import: a library, or the user's model itself."""
    if plugin.is_factory(model):
        return plugin.factory_spec(model).name
    spec = resolve(model).spec
    return spec.requires[-1] if spec.requires else spec.name


def start_s(library: str) -> float:
    """Return the seconds that importing and warming up a library takes, roughly."""
    return START_S.get(library, _START_S)


class Queue:
    """Cells that wait for a worker.

    Parameters
    ----------
    items : iterable of Item
        In any order.
    n_workers : int
        Who they are spread over.
    """

    def __init__(self, items: Iterable[Item], n_workers: int) -> None:
        self._items = list(items)
        self._n_workers = n_workers

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> None:
        """Have a cell wait again."""
        self._items.append(item)

    def take(
        self,
        own: frozenset[str],
        others: Sequence[Busy] = (),
        starting: Sequence[frozenset[str]] = (),
    ) -> Item | None:
        """Return the cell that a worker should do next; None if it had better do nothing.

        Parameters
        ----------
        own : frozenset of str
            Libraries that the worker has imported.
        others : sequence of Busy
            The workers that have a cell.
        starting : sequence of frozenset of str
            Libraries that workers are importing at the moment, to take a cell at once.
        """
        free_in: dict[str, list[float]] = defaultdict(list)
        for libraries, seconds in (*others, *(Busy(libraries, 0.0) for libraries in starting)):
            for library in libraries:
                free_in[library].append(seconds)
        soon = Counter(library for libraries in starting for library in libraries)
        waiting = self._waiting()

        def cost(item: Item) -> float:
            return item.seconds + (0.0 if item.library in own else start_s(item.library))

        def pays(library: str) -> bool:
            hosts = free_in[library]
            if library in own or not hosts:
                return True
            left = sum(waiting[library][soon[library] :])
            return min(hosts) + left / len(hosts) > start_s(library)

        paying = {library for library in waiting if pays(library)}
        worth = [item for item in self._items if item.library in paying]
        if not worth:
            return None
        longest = max(worth, key=cost)
        rest = (sum(item.seconds for item in self._items) - longest.seconds) / self._n_workers
        home = [item for item in worth if item.library in own]
        if cost(longest) >= rest:
            chosen = longest
        elif home:
            chosen = max(home, key=lambda item: item.seconds)
        else:
            new = [item for item in worth if not free_in[item.library]]
            totals = {library: sum(seconds) for library, seconds in waiting.items()}
            chosen = max(new or worth, key=lambda item: (totals[item.library], item.seconds))
        self._items.remove(chosen)
        return chosen

    def _waiting(self) -> dict[str, list[float]]:
        """Return the seconds of the cells that wait, longest first, by library."""
        waiting: dict[str, list[float]] = defaultdict(list)
        for item in sorted(self._items, key=lambda item: -item.seconds):
            waiting[item.library].append(item.seconds)
        return waiting
