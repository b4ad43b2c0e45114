"""Which cell is next: long ones first, and a worker stays with the libraries that it has imported.

Importing a library costs a worker seconds. A worker changes its libraries only where it would be idle otherwise, or
where the longest cell that is left decides when the run ends.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
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


def choose(
    waiting: Sequence[Item],
    own: frozenset[str],
    others: Sequence[Busy] = (),
    starting: Sequence[frozenset[str]] = (),
    *,
    n_workers: int,
) -> Item | None:
    """Return the cell that a worker, which has imported `own`, should do next; None if it should stay idle.

    The `others` have a cell. Each of `starting` is what a worker is importing at the moment, to take a cell at once.
    """
    free_in: dict[str, list[float]] = defaultdict(list)
    for libraries, seconds in (*others, *(Busy(libraries, 0.0) for libraries in starting)):
        for library in libraries:
            free_in[library].append(seconds)
    soon = Counter(library for libraries in starting for library in libraries)
    longest_first: dict[str, list[float]] = defaultdict(list)
    for item in sorted(waiting, key=lambda item: -item.seconds):
        longest_first[item.library].append(item.seconds)

    def cost(item: Item) -> float:
        return item.seconds + (0.0 if item.library in own else start_s(item.library))

    def pays(library: str) -> bool:
        hosts = free_in[library]
        if library in own or not hosts:
            return True
        left = sum(longest_first[library][soon[library] :])
        return min(hosts) + left / len(hosts) > start_s(library)

    paying = {library for library in longest_first if pays(library)}
    worth = [item for item in waiting if item.library in paying]
    if not worth:
        return None
    longest = max(worth, key=cost)
    rest = (sum(item.seconds for item in waiting) - longest.seconds) / n_workers
    if cost(longest) >= rest:
        return longest
    if home := [item for item in worth if item.library in own]:
        return max(home, key=lambda item: item.seconds)
    new = [item for item in worth if not free_in[item.library]]
    totals = {library: sum(seconds) for library, seconds in longest_first.items()}
    return max(new or worth, key=lambda item: (totals[item.library], item.seconds))
