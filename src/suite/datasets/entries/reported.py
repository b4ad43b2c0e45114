"""Published figures that stand beside ours as records with `source: reported`, never ranked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from suite.datasets.entries.music_genre import check_original
from suite.keys import published_key
from suite.schema import CellId, Dataset, Features, Record, Split

_SOURCE = "figures of the original study's training log; it gives no layer sizes, times or predictions"


def reported(dataset: Dataset, protocol: str, split: Split) -> list[Record]:
    """Return what others have published on exactly this split, or nothing.

    Known are the three Keras networks of the original log on music_genre under the protocol `original`.
    Figures that were not published are None, except macro F1 if the published confusion matrix gives it.
    Raises `DataError` if the split's test rows are not those of the log, by their supports.
    """
    if (dataset.name, protocol) != ("music_genre", "original"):
        return []
    check_original(dataset.y[split.test])
    published = json.loads(
        files("suite.datasets.entries").joinpath("music_genre_reported.json").read_text("utf-8")
    )
    return [_record(dataset, protocol, split, published, row) for row in published["models"]]


def _record(
    dataset: Dataset, protocol: str, split: Split, published: Mapping[str, Any], row: Mapping[str, Any]
) -> Record:
    from suite.metrics import METRICS

    confusion = row.get("confusion")
    metrics = dict.fromkeys(METRICS) | row["metrics"]
    if confusion:
        metrics["macro_f1"] = macro_f1(confusion)
    return Record(
        id=CellId(
            dataset=dataset.name,
            fingerprint=dataset.fingerprint,
            protocol=protocol,
            split=split.id,
            model=row["model"],
            params=row["params"],
        ),
        key=published_key(dataset.name, row["model"]),
        source="reported",
        dataset_version=dataset.version,
        target=dataset.target,
        features=Features(used=tuple(published["features"])),
        split_fingerprint=split.fingerprint,
        family="neural",
        notes=(_SOURCE, *row["notes"]),
        n_train=published["n_train"],
        n_validation=row["n_validation"],
        n_test=published["n_test"],
        n_features=len(published["features"]),
        classes=tuple(published["classes"]),
        metrics=metrics,
        per_class=row.get("per_class", {}),
        confusion=tuple(map(tuple, confusion)) if confusion else None,
    )


def macro_f1(confusion: Sequence[Sequence[int]]) -> float | None:
    """Return the macro F1 of the rows that a confusion matrix counts; row: true class, column: predicted."""
    import numpy as np

    from suite.metrics import METRICS, Scored

    counts = np.asarray(confusion)
    true, predicted = np.indices(counts.shape).reshape(2, -1).repeat(counts.ravel(), axis=1)
    return METRICS["macro_f1"].score(Scored(true, np.eye(len(counts))[predicted]))
