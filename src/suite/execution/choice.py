"""Which cell is next: each model once, then long ones first; a worker stays with the libraries that it has imported.

Quick models are the first to have a cell, so that there is something to see; then each of the others has one, so that
it is known what the rest will take; then long cells come first, so that no worker has one left when the others have
ended. Importing a library costs a worker seconds. A worker changes its libraries only where it would be idle otherwise,
or where the longest cell that is left decides when the run ends.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from suite.models import plugin
from suite.models.catalogue import resolve
from suite.schema import ModelRef, Work

START_S = {"tensorflow": 8.0, "xgboost": 1.0, "lightgbm": 1.0}
_START_S = 1.5
QUICK, QUICK_S = 0.05, 1.0
"""A cell is quick if it takes no more than this part of what each worker has left, or a second: when it runs decides
nothing."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Item:
    """A cell that waits, what it should take, and what it imports."""

    work: Work
    library: str
    seconds: float
    kind: tuple[str, str] | None = None
    """Its data set and model; None of what comes of a search, of which nobody waits for the first."""


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
    tried: Collection[tuple[str, str]] = (),
) -> Item | None:
    """Return the cell that a worker, which has imported `own`, should do next; None if it should stay idle.

    The `others` have a cell. Each of `starting` is what a worker is importing at the moment, to take a cell at once.
    Those of `tried`, data sets and models, have had a cell in this run.
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
    if cost(longest) >= rest and n_workers > 1:
        return longest
    # One worker takes as long in any order.
    quick_s = max(QUICK_S, QUICK * rest) if n_workers > 1 else inf
    first = [item for item in worth if item.kind and item.kind not in tried]
    home_first = [item for item in first if item.library in own]
    new_first = [item for item in first if not free_in[item.library]]
    for items in (home_first, new_first):
        if quick := [item for item in items if item.seconds <= quick_s]:
            return _quickest(quick)
    if cost(longest) >= rest:
        return longest
    if first := home_first or new_first:
        # What one cell of a model takes tells what the others will.
        return max(first, key=lambda item: item.seconds)
    if home := [item for item in worth if item.library in own]:
        return max(home, key=lambda item: item.seconds)
    new = [item for item in worth if not free_in[item.library]]
    totals = {library: sum(seconds) for library, seconds in longest_first.items()}
    return max(new or worth, key=lambda item: (totals[item.library], item.seconds))


def _quickest(items: Sequence[Item]) -> Item:
    """Return the quickest cell of the first data set: one board fills up, and then the next."""
    dataset = items[0].kind and items[0].kind[0]
    return min(
        (item for item in items if item.kind and item.kind[0] == dataset), key=lambda item: item.seconds
    )
