from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from suite.analysis.entries import entries, without_stale
from suite.schema import Basis, Record, Tuning


@pytest.fixture
def tuned(make_record: Any) -> Any:
    def make(
        search: str, seed: int = 0, split: str = "holdout-42", *, seeded: bool = True, n: int = 3
    ) -> Record:
        record = make_record("knn", params={"n": n}, seed=seed, split=split)
        budget, _, metric = search.partition(" by ")
        return replace(
            record,
            id=replace(record.id, variant="tuned"),
            key=f"{search} {seed} {split} {n}",
            seeded=seeded,
            basis=Basis(entry="knn", kinds="nn", search=search),
            tuning=Tuning(method="search", budget=budget, metric=metric),
        )

    return make


def test_a_newer_search_takes_the_place_of_an_older_one_whether_a_seed_moves_it_or_not(tuned: Any) -> None:
    old = [tuned("20trials by log_loss", seed) for seed in (0, 1)]
    kept = tuned("60trials by log_loss", seeded=False, n=5)
    (entry,) = entries([*old, kept])
    assert {record.key for record in entry.own} == {kept.key}
    assert set(entry.records) == {("holdout-42", 0), ("holdout-42", 1)}
    (entry,) = entries([kept, *old])
    assert {record.key for record in entry.own} == {record.key for record in old}


def test_a_seed_that_moves_a_newer_choice_stands_beside_nothing_of_the_older(tuned: Any) -> None:
    still = tuned("20trials by log_loss", seeded=False)
    moved = tuned("20trials by log_loss", seed=1, n=4)
    (entry,) = entries([still, moved])
    assert entry.records["holdout-42", 1] is moved


def test_searches_of_other_budgets_or_metrics_do_not_share_a_row(tuned: Any) -> None:
    first = [tuned("60s by log_loss", split=split) for split in ("cv2-f0", "cv2-f1")]
    for search in ("600s by log_loss", "60s by accuracy"):
        (entry,) = entries([*first, tuned(search, split="cv2-f0")])
        assert {record.basis.search for record in entry.own if record.basis} == {search}


def test_an_ensemble_stands_beside_its_members_and_not_without_them(tuned: Any, make_record: Any) -> None:
    member = tuned("60s by log_loss")
    ensemble = make_record("ensemble (all)", params={"members": {"knn (tuned)": member.key}})
    ensemble = replace(ensemble, id=replace(ensemble.id, role="derived", variant="ensemble"))
    names = [entry.name for entry in without_stale(entries([member, ensemble]))]
    assert names == ["ensemble (all)", "knn (tuned)"]
    later = tuned("600s by log_loss")
    assert [e.name for e in without_stale(entries([member, ensemble, later]))] == ["knn (tuned)"]
