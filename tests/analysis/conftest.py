"""Made-up records, shared with tests/report, and made-up boards with comparisons."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.analysis.board import Board, Row
from suite.analysis.comparison import Comparisons, Standing
from suite.analysis.ranking import RESOURCES, TIMING
from suite.metrics import METRICS

_path = Path(__file__).parents[1] / "report" / "conftest.py"
_spec = importlib.util.spec_from_file_location("report_conftest", _path)
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)

make_record = _module.make_record
genre_records = _module.genre_records
made_up = _module.made_up


Made = Mapping[str, Any]
"""A model of a made-up board: `matrix`, and what there is of `family`, `source`, `log_loss`, `roc_auc` and `fit_s`."""


def standing_of(scores: Sequence[float], half: float, higher: bool = True, pairs: bool = True) -> Standing:
    """Scores beside each other, where whatever differs by more than `half` differs really."""
    best = max(scores) if higher else min(scores)
    return Standing(
        method="bootstrap",
        scores=tuple(scores),
        low=tuple(score - half for score in scores),
        high=tuple(score + half for score in scores),
        tied=tuple(abs(score - best) <= half for score in scores),
        pairs=tuple(
            (a - b, a - b - half, a - b + half, 0.001 if abs(a - b) > half else 0.5)
            for a, b in combinations(scores, 2)
        )
        if pairs
        else (),
    )


def comparisons_of(
    scores: Mapping[str, Mapping[str, float]],
    f1: Mapping[str, Mapping[str, float | None]],
    n_rows: int,
    half: float,
) -> Comparisons:
    """Comparisons of models by every metric, model to metric to score, and by the F1 of every class."""
    models = sorted(scores)
    classes = next(iter(f1.values()))
    return Comparisons(
        models=tuple(models),
        n_rows=n_rows,
        standings={
            metric: standing_of([scores[m][metric] for m in models], half, METRICS[metric].higher_is_better)
            for metric in scores[models[0]]
        },
        classes={
            name: standing_of([f1[m][name] or 0.0 for m in models], half, pairs=False) for name in classes
        },
    )


def board_of(models: Mapping[str, Made], classes: Sequence[str], half: float = 0.02, **changes: Any) -> Board:
    """A board ranked by accuracy; all that its models have is computed from their matrices."""
    known: dict[str, dict[str, float]] = {}
    f1: dict[str, dict[str, float | None]] = {}
    for name, made in models.items():
        matrix = np.asarray(made["matrix"])
        rows, columns = matrix.sum(axis=1), matrix.sum(axis=0)
        f1[name] = {
            c: float(2 * matrix[k, k] / (rows[k] + columns[k])) if rows[k] + columns[k] else None
            for k, c in enumerate(classes)
        }
        known[name] = {
            "accuracy": float(matrix.trace() / matrix.sum()),
            "balanced_accuracy": float(np.mean(matrix.diagonal()[rows > 0] / rows[rows > 0])),
            "log_loss": made.get("log_loss", 1.0),
            "roc_auc": made.get("roc_auc", 0.8),
        }
    run = [name for name, made in models.items() if made.get("source", "run") == "run"]
    order = sorted(models, key=lambda m: (-known[m]["accuracy"], known[m]["log_loss"], m))
    rank = {name: i for i, name in enumerate([m for m in order if m in run], 1)}
    n_rows = int(np.asarray(next(iter(models.values()))["matrix"]).sum())
    rows = tuple(
        Row(
            model=name,
            rank=rank.get(name),
            family=models[name].get("family", "linear"),
            source=models[name].get("source", "run"),
            seeded=True,
            n_ok=1,
            n_cells=1,
            statuses={"ok": 1},
            scores=dict.fromkeys(METRICS) | known[name],
            interval=None,
            timing=dict.fromkeys(TIMING) | dict.fromkeys(("fit_s", "cost_s"), models[name].get("fit_s", 1.0)),
            resources=dict.fromkeys(RESOURCES),
        )
        for name in order
    )
    compared = comparisons_of({m: known[m] for m in run}, {m: f1[m] for m in run}, n_rows, half)
    fields: dict[str, Any] = {
        **dict.fromkeys(("folder", "name", "dataset", "fingerprint", "target", "command"), ""),
        **dict.fromkeys(("features", "findings", "read", "failures", "notes", "machines", "keys"), ()),
        **dict.fromkeys(("dataset_version", "n_splits", "n_seeds", "n_common", "n_cells"), 1),
        "protocol": "holdout",
        "n_other": 0,
        "outdated": None,
        "dropped": {},
        "classes": tuple(classes),
        "n_rows": 5 * n_rows,
        "n_train": 4 * n_rows,
        "n_test": n_rows,
        "metric": "accuracy",
        "rows": rows,
        "per_class_f1": f1,
        "confusion": {m: tuple(map(tuple, np.asarray(models[m]["matrix"]).tolist())) for m in order},
        "comparisons": compared,
    }
    return Board(**fields | changes)


@pytest.fixture(scope="session")
def make_board() -> Callable[..., Board]:
    """`board_of`."""
    return board_of
