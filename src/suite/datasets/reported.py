"""Published figures that stand beside ours as records with `source: reported`, never ranked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from suite.datasets.music_genre import check_original
from suite.names import digest
from suite.schema import SCHEMA_VERSION, Dataset, Record, Split

METRICS = (
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "weighted_f1",
    "log_loss",
    "roc_auc",
    "brier",
    "ece",
    "mcc",
)
_SOURCE = "figures of the original study's training log; it gives no layer sizes, times or predictions"


def reported(dataset: Dataset, protocol: str, split: Split) -> list[Record]:
    """Return what others have published on exactly this split, or nothing.

    Known are the three Keras networks of the original log on music_genre under the protocol `original`.
    Figures that were not published are None, but for macro F1 where the published confusion matrix gives it.

    Raises
    ------
    DataError
        If the split's test rows are not those of the log, by their supports.
    """
    if (dataset.name, protocol) != ("music_genre", "original"):
        return []
    check_original(dataset.y[split.test])
    published = json.loads(files("suite.datasets").joinpath("music_genre_reported.json").read_text("utf-8"))
    return [_record(dataset, protocol, split, published, row) for row in published["models"]]


def _record(
    dataset: Dataset, protocol: str, split: Split, published: Mapping[str, Any], row: Mapping[str, Any]
) -> Record:
    confusion = row.get("confusion")
    metrics = dict.fromkeys(METRICS) | row["metrics"]
    if confusion:
        metrics["macro_f1"] = macro_f1(confusion)
    return Record(
        schema_version=SCHEMA_VERSION,
        key=digest("reported", dataset.name, row["model"]),
        source="reported",
        dataset=dataset.name,
        dataset_version=dataset.version,
        fingerprint=dataset.fingerprint,
        target=dataset.target,
        features={"used": list(published["features"]), "dropped": {}},
        task="multiclass",
        protocol=protocol,
        split=split.id,
        split_fingerprint=split.fingerprint,
        model=row["model"],
        model_version="",
        family="neural",
        variant="default",
        seed=0,
        attempt=1,
        status="ok",
        failure=None,
        notes=[_SOURCE, *row["notes"]],
        n_train=published["n_train"],
        n_validation=row["n_validation"],
        n_test=published["n_test"],
        n_features=len(published["features"]),
        classes=list(published["classes"]),
        params=dict(row["params"]),
        metrics=metrics,
        per_class=row.get("per_class", {}),
        confusion=confusion,
        timing={},
        resources={},
        tuning=None,
        predictions_sha256=None,
        provenance={},
    )


def macro_f1(confusion: Sequence[Sequence[int]]) -> float:
    """Return the mean F1 over classes in truth or prediction, from counts with rows of true classes."""
    scores = []
    for code, row in enumerate(confusion):
        # F1 = 2 TP / (rows that are of the class + rows that are called so).
        total = sum(row) + sum(other[code] for other in confusion)
        if total:
            scores.append(2 * row[code] / total)
    return sum(scores) / len(scores)
