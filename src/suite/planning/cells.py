"""A plan of cells: every model on every split with every seed, each with its key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from suite.features import FEATURES_VERSION
from suite.keys import key_of, letters
from suite.models.catalogue import ModelChoice
from suite.protocol import VALIDATION_VERSION
from suite.provenance import PACKAGES, package_version
from suite.records import plain_params
from suite.schema import Basis, Cell, CellId, Dataset, ModelSpec, Role, Split, Task, Variant, Work


def cells_of(
    models: Sequence[ModelChoice], dataset: Dataset, splits: Iterable[Split], seeds: int
) -> list[Work]:
    """Return the cells of one data set, split by split, models in the order given.

    A model that no seed moves has one cell a split, whatever the number of seeds.
    """
    versions = [versions_of(choice.spec) for choice in models]
    works = []
    for split in splits:
        task = _task(dataset, split)
        for choice, packages in zip(models, versions, strict=True):
            seeded = choice.spec.moves_with_seed(task)
            for seed in range(seeds if seeded else 1):
                works.append(work_of(choice, packages, dataset, split, seed=seed, seeded=seeded))
    return works


def is_seeded(choice: ModelChoice, dataset: Dataset, split: Split) -> bool:
    """Tell whether the seed can change what a model predicts on a split."""
    return choice.spec.moves_with_seed(_task(dataset, split))


def _task(dataset: Dataset, split: Split) -> Task:
    """Return what `ModelSpec.moves_with_seed` looks at."""
    return Task(
        kinds=dataset.kinds,
        levels=dataset.levels,
        n_train=len(split.train),
        n_features=len(dataset.kinds),
        n_classes=len(dataset.classes),
        validation=split.train[:0],
    )


def versions_of(spec: ModelSpec) -> dict[str, str | None]:
    """Return the versions on which a model's scores depend; one of the user's may import libraries late."""
    if not spec.is_custom:
        return {package: package_version(package) for package in spec.requires}
    packages = sorted({*PACKAGES, *spec.requires})
    return {package: version for package in packages if (version := package_version(package))}


def work_of(
    choice: ModelChoice,
    packages: Mapping[str, str | None],
    dataset: Dataset,
    split: Split,
    *,
    seed: int,
    seeded: bool,
    role: Role = "outer",
    variant: Variant = "default",
    search: str = "",
) -> Work:
    """Return the cell of a model on a split; `packages` are those of `versions_of`."""
    name, spec, params, version, live = choice
    identity = CellId(
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        protocol=split.protocol,
        split=split.id,
        model=name,
        params=plain_params(params),
        variant=variant,
        role=role,
        seed=seed,
    )
    used = [str(column) for column in dataset.X.columns]
    basis = Basis(
        entry=spec.name,
        kinds=letters(dataset.kinds),
        packages=packages,
        features=FEATURES_VERSION,
        validation=VALIDATION_VERSION,
        search=search,
    )
    key = key_of(identity, dataset.target, used, split.fingerprint, version, basis)
    cell = Cell(id=identity, family=spec.family, model_version=version, key=key, seeded=seeded, basis=basis)
    return Work(cell=cell, dataset=dataset, split=split, live=live, packages=packages)
