"""Records made from nothing but numbers: small, seeded, and shaped like the real ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.metrics import METRICS
from suite.nouns import built, plain
from suite.schema import CellId, Predictions, Record

FAMILIES = {
    "dummy": "baseline",
    "logistic": "linear",
    "naive_bayes": "bayes",
    "knn": "neighbours",
    "random_forest": "tree ensemble",
    "extra_trees": "tree ensemble",
    "hist_gb": "boosting",
    "xgboost": "boosting",
    "lightgbm": "boosting",
    "keras_baseline": "neural",
    "keras_enhanced": "neural",
    "keras_tuned": "neural",
}
GENRES = (
    "Alternative",
    "Anime",
    "Blues",
    "Classical",
    "Country",
    "Electronic",
    "Hip-Hop",
    "Jazz",
    "Rap",
    "Rock",
)
MakeRecord = Callable[..., Record]


def counts(accuracy: float, n_test: int, n_classes: int, salt: int) -> list[list[int]]:
    """A confusion matrix of about that accuracy, in which the last class is taken for the one before."""
    rng = np.random.default_rng(salt)
    matrix = np.zeros((n_classes, n_classes), dtype=int)
    for true in range(n_classes):
        right = np.clip(accuracy + 0.2 * np.sin(3 * true + 1), 0.0, 1.0)
        share = rng.dirichlet(np.full(n_classes, 0.6)) * (1 - right)
        share[true] += right
        if true >= n_classes - 2 and n_classes > 2:
            other = 2 * n_classes - 3 - true
            share[other] += 0.35 * share[true]
            share[true] *= 0.65
        matrix[true] = rng.multinomial(n_test // n_classes, share / share.sum())
    return matrix.tolist()


def figures(matrix: list[list[int]], classes: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Metrics and per-class figures that agree with a confusion matrix."""
    cm = np.array(matrix)
    f1 = 2 * cm.diagonal() / np.maximum(cm.sum(axis=0) + cm.sum(axis=1), 1)
    accuracy = float(cm.trace() / cm.sum())
    metrics = dict.fromkeys(METRICS) | {
        "accuracy": accuracy,
        "balanced_accuracy": accuracy,
        "macro_f1": float(f1.mean()),
        "log_loss": 2.2 * (1 - accuracy) + 0.1,
        "roc_auc": 0.5 + accuracy / 2,
        "brier": 1 - accuracy,
        "ece": 0.03,
        "mcc": accuracy * 0.95,
    }
    per_class = {
        name: {
            "precision": float(f1[i]),
            "recall": float(f1[i]),
            "f1": float(f1[i]),
            "support": int(cm[i].sum()),
        }
        for i, name in enumerate(classes)
    }
    return metrics, per_class


def timing_of(fit_s: float) -> dict[str, float | None]:
    return {
        "fit_s": fit_s,
        "compile_s": None,
        "predict_s": fit_s / 30,
        "latency_ms_p50": 0.8,
        "latency_ms_p95": 1.25,
        "cpu_s": 1.9 * fit_s,
        "import_s": 2.5,
        "busy_workers": 1,
        "load": 1.2,
    }


def record_of(model: str = "logistic", accuracy: float = 0.6, fit_s: float = 1.0, **changes: Any) -> Record:
    """A record; `changes` are its fields, and `started_at` its provenance's."""
    classes = tuple(changes.pop("classes", GENRES))
    n_test = changes.pop("n_test", 1000)
    salt = sum(map(ord, f"{model}{changes.get('split')}{changes.get('seed')}"))
    matrix = counts(accuracy, n_test, len(classes), salt)
    metrics, per_class = figures(matrix, classes)
    provenance = {
        "python": "3.11.7",
        "packages": {"numpy": "2.4.6", "scikit-learn": "1.9.1"},
        "cpu": "A processor",
        "cores": 2,
        "os": "Linux",
        "host": "here",
        "git": None,
        "suite": "0.1.0",
        "started_at": changes.pop("started_at", "2026-01-01T00:00:00+00:00"),
    }
    fields: dict[str, Any] = {
        "source": "run",
        "dataset": "music_genre",
        "dataset_version": 1,
        "fingerprint": "f" * 64,
        "target": "music_genre",
        "features": {
            "used": ["tempo", "energy"],
            "dropped": {"track_name": "a different text in nearly every row"},
            "notes": ["dropped 5 rows without any value"],
        },
        "task": "multiclass",
        "protocol": "original",
        "split": "original-42",
        "split_fingerprint": "s" * 64,
        "model": model,
        "model_version": "1",
        "family": FAMILIES.get(model, "custom"),
        "variant": "default",
        "seed": 0,
        "attempt": 1,
        "status": "ok",
        "failure": None,
        "notes": [],
        "n_train": 4000,
        "n_validation": 0,
        "n_test": n_test,
        "n_features": 2,
        "classes": list(classes),
        "params": {},
        "metrics": metrics,
        "per_class": per_class,
        "confusion": matrix,
        "timing": timing_of(fit_s),
        "resources": {
            "threads": 2,
            "rss_before_mb": 180.0,
            "peak_rss_mb": 240.0 + 10 * fit_s,
            "model_mb": 0.4,
        },
        "tuning": None,
        "predictions_sha256": "p" * 64,
        "provenance": provenance,
    }
    if changes.get("status", "ok") != "ok":
        fields |= {
            "metrics": {},
            "per_class": {},
            "confusion": None,
            "timing": {},
            "predictions_sha256": None,
        }
    fields |= changes
    fields.setdefault(
        "key", "-".join(str(fields[k]) for k in ("model", "params", "variant", "split", "seed", "dataset"))
    )
    identity = {f.name: fields.pop(f.name) for f in dataclasses.fields(CellId) if f.name in fields}
    record: Record = built(plain({"id": identity, **fields}), Record)
    return record


class MadeUp:
    """A store of predictions that agree with records' confusion matrices; rows of a class are right one by one."""

    root = Path("nowhere")

    def __init__(self, sure: float = 0.7) -> None:
        self._sure = sure

    def predictions(self, record: Record) -> Predictions:
        matrix = np.array(record.confusion)
        k = len(matrix)
        y_true = np.repeat(np.arange(k), matrix.sum(axis=1))
        # What is right stands first in its class, so that models differ on as few rows as their matrices allow.
        order = [[true, *(c for c in range(k) if c != true)] for true in range(k)]
        y_pred = np.concatenate([np.repeat(order[true], matrix[true][order[true]]) for true in range(k)])
        proba = np.full((len(y_true), k), (1 - self._sure) / (k - 1), dtype=np.float32)
        proba[np.arange(len(y_true)), y_pred] = self._sure
        return Predictions(proba=proba, y_true=y_true, rows=np.arange(len(y_true)))

    def curve(self, record: Record) -> None:
        return None

    def audit(self, record: Record) -> None:
        return None


@pytest.fixture
def made_up() -> MadeUp:
    return MadeUp()


@pytest.fixture
def make_record() -> MakeRecord:
    return record_of


@pytest.fixture
def genre_records() -> list[Record]:
    """Twelve models on ten genres, two published rows, one model that ran out of time."""
    fits = {
        "keras_tuned": 181.0,
        "keras_enhanced": 212.4,
        "keras_baseline": 95.0,
        "dummy": 0.003,
        "xgboost": 33.1,
    }
    skill = dict(
        zip(FAMILIES, (0.1, 0.52, 0.43, 0.5, 0.58, 0.57, 0.595, 0.61, 0.605, 0.574, 0.58, 0.59), strict=True)
    )
    records = [
        record_of(name, accuracy, fits.get(name, 4.2), n_test=10_000, n_train=40_000)
        for name, accuracy in skill.items()
    ]
    published = {"n_test": 10_000, "n_train": 40_000, "source": "reported", "timing": {}, "resources": {}}
    records.append(
        record_of("original_tuned", 0.6, **published, provenance={}, family="neural", notes=["from a log"])
    )
    records.append(
        record_of(
            "plugins/mine.py:make",
            status="timeout",
            failure={"kind": "timeout", "message": "stopped after 600 s", "limit": 600.0},
            n_test=10_000,
            n_train=40_000,
        )
    )
    return records


@pytest.fixture
def small_records() -> list[Record]:
    """Three models, a published row and a failure on three genres: short enough for golden files."""
    shared = {"classes": ("Hip-Hop", "Jazz", "Rap"), "n_test": 300, "n_train": 1200}
    published = {
        "source": "reported",
        "provenance": {},
        "timing": {},
        "resources": {},
        "notes": ["from a log"],
    }
    failure = {"kind": "timeout", "message": "stopped after 600 s"}
    return [
        record_of("dummy", 0.3, 0.0002, **shared),
        record_of("hist_gb", 0.8, 12.3, **shared, notes=["holds out a tenth"]),
        record_of("keras_tuned", 0.76, 200.0, **shared),
        record_of("original_tuned", 0.7, **shared, **published, family="neural"),
        record_of("mine.py:make", status="timeout", failure=failure, **shared),
    ]
