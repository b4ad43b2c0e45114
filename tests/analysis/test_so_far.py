from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from suite.analysis.so_far import SoFar, Standing
from suite.metrics import METRICS, OF_PROBABILITIES, Scored, compute
from suite.schema import Cell, CellId, Record

Make = Callable[..., Record]
BY_CLASS = {"no": {"f1": 0.9, "precision": 0.8}, "yes": {"f1": 0.3, "precision": 0.2}}


def _cell(model: str, split: str = "cv2-f0", dataset: str = "digits") -> Cell:
    ident = {"fingerprint": "0" * 64, "protocol": "cv2", "params": {}, "variant": "default", "seed": 0}
    identity = CellId(dataset=dataset, split=split, model=model, role="outer", **ident)
    return Cell(id=identity, key=f"{dataset} {model} {split}", model_version="1", family="linear")


@pytest.fixture
def add(make_record: Make) -> Callable[..., None]:
    def add(so_far: SoFar, model: str, score: float | None = None, **changes: Any) -> None:
        more = {name: changes.pop(name) for name in ("classes", "per_class", "positive") if name in changes}
        where = changes.pop("dataset", "digits")
        record = make_record(model, metrics={so_far.metric.name: score}, **changes)
        so_far.add(_cell(model, dataset=where), replace(record, **more))

    return add


def _lines(found: list[Standing]) -> list[tuple[str, float | None, int, int | None, int, int]]:
    return [(one.name, one.score, one.done, one.of, one.failed, one.skipped) for one in found]


def test_a_model_stands_with_the_mean_of_its_cells_the_best_first(add: Callable[..., None]) -> None:
    so_far = SoFar([_cell(model, split) for model in "abc" for split in ("cv2-f0", "cv2-f1")])
    add(so_far, "a", 0.5)
    add(so_far, "b", 0.9)
    add(so_far, "a", 0.75)
    assert _lines(so_far.standings("digits")) == [("b", 0.9, 1, 2, 0, 0), ("a", 0.625, 2, 2, 0, 0)]
    assert so_far.standings("other") == []


def test_of_a_metric_of_which_less_is_better_the_least_comes_first(add: Callable[..., None]) -> None:
    so_far = SoFar(metric="log_loss")
    for model, score in (("a", 2.0), ("b", 0.5), ("c", None)):
        add(so_far, model, score)
    assert [one.name for one in so_far.standings("digits")] == ["b", "a", "c"]
    assert so_far.standings("digits")[0].of is None


def test_data_sets_are_kept_apart(add: Callable[..., None]) -> None:
    so_far = SoFar([_cell("a"), _cell("a", dataset="wine")])
    add(so_far, "a", 0.5)
    add(so_far, "a", 0.7, dataset="wine")
    assert [so_far.standings(name)[0].score for name in ("digits", "wine")] == [0.5, 0.7]


@pytest.mark.parametrize("status", ["timeout", "out_of_memory", "crash", "error", "invalid_output"])
def test_what_failed_is_counted_and_has_no_part_in_the_mean(add: Callable[..., None], status: str) -> None:
    so_far = SoFar()
    add(so_far, "a", 0.5)
    add(so_far, "a", 0.9, status=status)
    assert _lines(so_far.standings("digits")) == [("a", 0.5, 2, None, 1, 0)]


def test_what_is_skipped_has_not_failed(add: Callable[..., None]) -> None:
    so_far = SoFar()
    add(so_far, "a", status="skipped")
    assert _lines(so_far.standings("digits")) == [("a", None, 1, None, 0, 1)]


def test_a_fit_without_the_metric_has_not_failed(add: Callable[..., None]) -> None:
    so_far = SoFar(metric="roc_auc")
    add(so_far, "a", None)
    assert _lines(so_far.standings("digits")) == [("a", None, 1, None, 0, 0)]


@pytest.mark.parametrize(("asked", "score"), [(None, 0.3), ("yes", 0.3), ("no", 0.9), ("other", 0.3)])
def test_a_metric_of_one_class_is_of_the_class_that_was_asked_for(
    add: Callable[..., None], asked: str | None, score: float
) -> None:
    so_far = SoFar(metric="f1", positive=asked)
    add(so_far, "a", 0.3, classes=("no", "yes"), per_class=BY_CLASS, positive="yes")
    assert so_far.standings("digits")[0].score == score


def test_a_metric_at_a_threshold_is_not_told_from_records(add: Callable[..., None]) -> None:
    so_far = SoFar(has_threshold=True)
    add(so_far, "a", 0.5)
    assert not so_far.is_known
    assert _lines(so_far.standings("digits")) == [("a", None, 1, None, 0, 0)]
    unmoved = SoFar(metric="log_loss", has_threshold=True)
    add(unmoved, "a", 0.5)
    assert unmoved.is_known
    assert unmoved.standings("digits")[0].score == 0.5


def test_the_metrics_of_probabilities_are_those_that_no_threshold_changes() -> None:
    rng = np.random.default_rng(0)
    chance = rng.random(200)
    proba = np.column_stack([1 - chance, chance])
    truth = (rng.random(200) < chance).astype(int)
    found = [compute(Scored(truth, proba, 1, threshold)) for threshold in (None, 0.8)]
    assert {name for name in METRICS if found[0][name] == found[1][name]} == set(OF_PROBABILITIES)
