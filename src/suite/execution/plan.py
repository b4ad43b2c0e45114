"""A plan of cells: every model on every split with every seed, each with its key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from suite.models.catalogue import ModelChoice
from suite.names import digest
from suite.provenance import package_version
from suite.schema import SCHEMA_VERSION, Cell, Dataset, Split, Work


def plan(models: Sequence[ModelChoice], dataset: Dataset, splits: Iterable[Split], seeds: int) -> list[Work]:
    """Return the cells of one data set, split by split, models in the order given."""
    return [
        Work(cell=_cell(choice, dataset, split, seed), dataset=dataset, split=split, live=choice.live)
        for split in splits
        for choice in models
        for seed in range(seeds)
    ]


def _cell(choice: ModelChoice, dataset: Dataset, split: Split, seed: int) -> Cell:
    name, spec, params, version, _ = choice
    key = digest(
        dataset.name,
        dataset.fingerprint,
        dataset.target,
        list(map(str, dataset.X.columns)),
        dataset.kinds,
        split.fingerprint,
        (spec.name, version, params, "default"),
        seed,
        None,
        SCHEMA_VERSION,
        {package: package_version(package) for package in spec.requires},
    )
    return Cell(
        dataset=dataset.name,
        protocol=split.protocol,
        split=split.id,
        model=name,
        params=params,
        family=spec.family,
        model_version=version,
        seed=seed,
        key=key,
    )
