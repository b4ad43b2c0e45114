"""Which cell is next: long ones first, and a worker stays with the libraries that it has imported.

Importing a library costs a worker seconds. A worker changes its libraries only where it would be idle otherwise, or
where the longest cell that is left decides when the run ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from suite.models import plugin
from suite.models.catalogue import resolve
from suite.schema import Work

START_S = {"tensorflow": 8.0, "xgboost": 1.0, "lightgbm": 1.0}
_START_S = 1.5


@dataclass(frozen=True, kw_only=True, eq=False)
class Item:
    """A cell that waits, what it should take, and what it imports."""

    work: Work
    library: str
    seconds: float
    attempt: int = 1


def library_of(model: str) -> str:
    """Return what a model's child has to import: a library, or the factory itself."""
    if plugin.is_factory(model):
        return model
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

    def take(self, own: frozenset[str], others: Sequence[frozenset[str]] = ()) -> Item | None:
        """Return the cell that a worker should do next; None if it had better do nothing.

        Parameters
        ----------
        own : frozenset of str
            Libraries that the worker has imported.
        others : sequence of frozenset of str
            Those of the workers that are busy.
        """
        waiting: Counter[str] = Counter()
        for item in self._items:
            waiting[item.library] += item.seconds  # type: ignore[assignment]
        hosts = Counter(library for libraries in others for library in libraries)

        def cost(item: Item) -> float:
            return item.seconds + (0.0 if item.library in own else start_s(item.library))

        def pays(item: Item) -> bool:
            library = item.library
            return (
                library in own or not hosts[library] or waiting[library] / hosts[library] > start_s(library)
            )

        worth = [item for item in self._items if pays(item)]
        if not worth:
            return None
        longest = max(worth, key=cost)
        rest = (sum(waiting.values()) - longest.seconds) / self._n_workers
        chosen = longest
        if cost(longest) < rest:
            home = [item for item in worth if item.library in own]
            new = [item for item in worth if not hosts[item.library]]
            chosen = max(home or new or worth, key=lambda item: (waiting[item.library], item.seconds))
            if home:
                chosen = max(home, key=lambda item: item.seconds)
        self._items.remove(chosen)
        return chosen
