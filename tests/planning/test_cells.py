from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from suite import upgrades
from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.column_store import plain_columns
from suite.execution.assignment import assign
from suite.keys import key_of
from suite.models.catalogue import ModelChoice, resolve
from suite.planning import cells as planning
from suite.protocol import Protocol
from suite.schema import Dataset, Work
from suite.store import Store


def table(**changes: object) -> Dataset:
    fields = {
        "name": "toy",
        "version": 1,
        "X": pd.DataFrame({"a": np.arange(30.0), "b": pd.Categorical(["u", "v", "w"] * 10)}),
        "y": np.array([5, 1, 2] * 10) % 4,
        "classes": ("c0", "c1", "c2", "c3"),
        "kinds": ("numeric", "categorical"),
        "fingerprint": "f" * 64,
        "target": "label",
        "protocol": "holdout",
    }
    return Dataset(**{**fields, **changes})  # type: ignore[arg-type]


def cells(models: list[str], dataset: Dataset, protocol: str = "holdout", seeds: int = 1) -> list[Work]:
    chosen = [resolve(model) for model in models]
    return planning.cells_of(chosen, dataset, Protocol.parse(protocol).splits(dataset), seeds)


def test_a_plan_has_every_model_on_every_split_with_every_seed_and_a_key_of_its_own() -> None:
    works = cells(["extra_trees", "random_forest"], table(), "cv3", seeds=2)
    assert len(works) == 2 * 3 * 2
    assert len({work.cell.key for work in works}) == len(works)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "toy, renamed"},
        {"fingerprint": "0" * 64},
        {"target": "other"},
        {"kinds": ("numeric", "text")},
        {"X": table().X.rename(columns={"a": "c"})},
        {"y": np.roll(table().y, 1)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_cell_of_another_table_has_another_key(changes: dict[str, object]) -> None:
    assert cells(["dummy"], table())[0].cell.key != cells(["dummy"], table(**changes))[0].cell.key


def test_parameters_version_and_packages_are_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, split = table(), Protocol.parse("holdout").splits(table())
    plain = resolve("logistic")
    keys = {planning.cells_of([plain], dataset, split, 1)[0].cell.key}
    for other in (resolve("logistic:C=2.0"), ModelChoice(plain.name, plain.spec, plain.params, "2")):
        keys.add(planning.cells_of([other], dataset, split, 1)[0].cell.key)
    monkeypatch.setattr(planning, "package_version", lambda package: "0.0")
    keys.add(planning.cells_of([plain], dataset, split, 1)[0].cell.key)
    assert len(keys) == 4


@pytest.mark.parametrize("change", [{"scikit-learn": "9.9"}, {"scipy": None}])
def test_versions_of_all_packages_are_part_of_the_key_of_a_users_model(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str | None]
) -> None:
    before, works = (cells(["mine.py:make", "dummy"], table()) for _ in range(2))
    assert [work.cell.key for work in works] == [work.cell.key for work in before]
    found = planning.package_version
    monkeypatch.setattr(
        planning, "package_version", lambda name: change[name] if name in change else found(name)
    )
    mine, dummy = cells(["mine.py:make", "dummy"], table())
    assert mine.cell.key != before[0].cell.key
    assert dummy.cell.key == before[1].cell.key


def test_an_assignment_covers_the_split_and_hides_absent_classes() -> None:
    work = cells(["dummy"], table())[0]
    assignment = assign(work)
    assert sorted(assignment.test_rows) == sorted(work.split.test)
    assert np.array_equal(work.split.test[assignment.order], assignment.test_rows)
    assert assignment.task.n_classes == 2
    assert np.array_equal(assignment.present[assignment.y_train], work.dataset.y[work.split.train])
    assert assignment.task.levels == (0, 3)
    assert set(assignment.task.validation) <= set(range(assignment.task.n_train))


def test_plain_columns_have_their_names_no_infinity_and_float32s_range() -> None:
    X = pd.DataFrame([[1.0, np.inf], [1e300, -np.inf]], columns=['{"json": [1]}', "<b>"])
    plain = plain_columns(X)
    assert list(plain.columns) == list(X.columns)
    assert plain["<b>"].isna().all()
    assert np.isfinite(plain.iloc[:, 0].to_numpy().astype(np.float32)).all()
    assert X.iloc[1, 0] == 1e300


def test_how_features_are_made_is_in_the_key_and_the_schema_version_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = cells(["dummy"], table())[0].cell.key
    monkeypatch.setattr(upgrades, "SCHEMA_VERSION", 99)
    assert cells(["dummy"], table())[0].cell.key == before
    monkeypatch.setattr(planning, "FEATURES_VERSION", 99)
    assert cells(["dummy"], table())[0].cell.key != before


def test_a_model_that_no_seed_moves_has_one_cell_a_split() -> None:
    works = cells(["logistic", "random_forest"], table(), "cv2", seeds=3)
    found = [(work.cell.model, work.cell.split, work.cell.seed, work.cell.seeded) for work in works]
    assert [cell for cell in found if cell[0] == "logistic"] == [
        ("logistic", "cv2-f0", 0, False),
        ("logistic", "cv2-f1", 0, False),
    ]
    assert sum(cell[0] == "random_forest" and cell[3] for cell in found) == 6


def test_keys_are_those_that_earlier_records_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what was done stays done."""
    earlier = Store(Path(__file__).parents[1] / "records_of_version_3")
    known = {
        record.model: record
        for record in earlier.records()
        if record.dataset == "iris" and record.family in ("linear", "bayes", "baseline")
    }
    packages = next(iter(known.values())).provenance.packages
    monkeypatch.setattr(planning, "package_version", packages.get)
    dataset = load(DataConfig(source="iris"))
    assert len(known) == 3
    assert {work.cell.model: work.cell.key for work in cells(sorted(known), dataset)} == {
        model: record.key for model, record in known.items()
    }


def test_a_basis_holds_all_that_a_key_is_made_of_beside_the_record() -> None:
    (work,) = cells(["logistic"], table())
    basis = work.cell.basis
    assert basis is not None
    assert (basis.entry, basis.kinds) == ("logistic", "nc")
    assert basis.packages == work.packages
    used = [str(name) for name in table().X.columns]
    again = key_of(work.cell.id, "label", used, work.split.fingerprint, work.cell.model_version, basis)
    assert again == work.cell.key
