"""Run the command with entries that have a space: `python searchable_models.py run ...`."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from suite.commands import main
from suite.models.catalogue import MODELS


def slow(trial: Any) -> dict[str, Any]:
    return {
        "n_estimators": trial.suggest_int("n_estimators", 20, 300),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 9),
    }


def neighbours(trial: Any) -> dict[str, Any]:
    return {"n_neighbors": trial.suggest_int("n_neighbors", 1, 30)}


if __name__ == "__main__":
    forest = MODELS["random_forest"]
    MODELS._entries["random_forest"] = replace(forest, space=slow, portfolio=({"n_estimators": 50},))
    MODELS._entries["knn"] = replace(MODELS["knn"], space=neighbours)
    sys.exit(main(sys.argv[1:]))
