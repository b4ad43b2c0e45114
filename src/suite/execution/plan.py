"""A plan of cells: every model on every split with every seed, each with its key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from suite.features import FEATURES_VERSION
from suite.models.catalogue import ModelChoice
from suite.names import digest
from suite.provenance import PACKAGES, package_version
from suite.records import plain_params
from suite.schema import Cell, CellId, Dataset, ModelSpec, Split, Work


def plan(models: Sequence[ModelChoice], dataset: Dataset, splits: Iterable[Split], seeds: int) -> list[Work]:
    """Return the cells of one data set, split by split, models in the order given."""
    versions = [_versions(choice.spec) for choice in models]
    return [
        Work(
            cell=_cell(choice, packages, dataset, split, seed),
            dataset=dataset,
            split=split,
            live=choice.live,
            packages=packages,
        )
        for split in splits
        for choice, packages in zip(models, versions, strict=True)
        for seed in range(seeds)
    ]


def _versions(spec: ModelSpec) -> dict[str, str | None]:
    """Return the versions on which a model's scores depend; one of the user's may import libraries late."""
    if not spec.is_custom:
        return {package: package_version(package) for package in spec.requires}
    packages = sorted({*PACKAGES, *spec.requires})
    return {package: version for package in packages if (version := package_version(package))}


def _cell(
    choice: ModelChoice, packages: Mapping[str, str | None], dataset: Dataset, split: Split, seed: int
) -> Cell:
    name, spec, params, version, _ = choice
    identity = CellId(
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        protocol=split.protocol,
        split=split.id,
        model=name,
        params=plain_params(params),
        seed=seed,
    )
    parts = {
        "data": (dataset.name, dataset.fingerprint, dataset.target),
        "features": (list(map(str, dataset.X.columns)), dataset.kinds, FEATURES_VERSION),
        "split": split.fingerprint,
        "model": spec.name,
        "version": version,
        "params": identity.params,
        "variant": identity.variant,
        "role": identity.role,
        "seed": seed,
        "packages": packages,
    }
    return Cell(id=identity, family=spec.family, model_version=version, key=digest(parts))
