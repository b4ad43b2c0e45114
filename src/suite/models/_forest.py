"""What a search tries of forests."""

from __future__ import annotations

from typing import Any


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return {
        "n_estimators": 200,
        "criterion": trial.suggest_categorical("criterion", ["gini", "entropy"]),
        "max_features": trial.suggest_categorical("max_features", ["sqrt", 0.5, 0.75, 1.0]),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 40, log=True),
    }
