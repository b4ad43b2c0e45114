"""An immutable, typed mapping of names to entries, filled by looking through a package."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Generic, Protocol, TypeVar

from suite.errors import UnknownName


class Named(Protocol):
    """Whatever has a name of its own."""

    @property
    def name(self) -> str:
        """The entry's name, unique in its registry."""


T = TypeVar("T", bound=Named)


class Registry(Mapping[str, T], Generic[T]):
    """Entries by name, sorted by name; an unknown name raises `UnknownName` with the nearest ones."""

    def __init__(self, kind: str, entries: Iterable[T]) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name in self._entries:
                raise ValueError(f"two {kind}s are named {entry.name!r}")
            self._entries[entry.name] = entry

    def __getitem__(self, name: str) -> T:
        try:
            return self._entries[name]
        except KeyError:
            raise UnknownName(self.kind, name, self._entries) from None

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"Registry({self.kind!r}, {list(self._entries)})"


def collect(package: ModuleType, kind: type[T]) -> list[T]:
    """Return every module-level instance of `kind` in the public modules of `package`, each once."""
    found: dict[int, T] = {}
    for info in pkgutil.iter_modules(package.__path__):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        found.update((id(value), value) for value in vars(module).values() if isinstance(value, kind))
    return list(found.values())
