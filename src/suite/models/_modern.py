"""What a search tries of the modern networks."""

from __future__ import annotations

from typing import Any

from suite.models._keras import MODERN


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries of the parameters in `_keras.MODERN`."""
    return {
        "epochs": trial.suggest_int("epochs", 8, 48, log=True),
        "batch_size": trial.suggest_categorical("batch_size", [128, 256, 512]),
        "learning_rate": trial.suggest_float("learning_rate", 5e-4, 0.01, log=True),
        "label_smoothing": trial.suggest_float("label_smoothing", 0.0, 0.1),
        "weight_decay": trial.suggest_float("weight_decay", 1e-3, 0.3, log=True),
    }


PORTFOLIO: tuple[dict[str, Any], ...] = (
    {"epochs": 24, "batch_size": 256, "learning_rate": 0.002, "label_smoothing": 0.0, "weight_decay": 0.03},
    {"epochs": 40, "batch_size": 256, "learning_rate": 0.001, "label_smoothing": 0.0, "weight_decay": 0.1},
    {"epochs": 16, "batch_size": 256, "learning_rate": 0.004, "label_smoothing": 0.02, "weight_decay": 0.03},
)
"""No smoothing, as RealMLP has it where log loss counts; then the width of AutoGluon's learning rates of networks."""


def embedding_space(trial: Any) -> dict[str, Any]:
    """Return what a search tries of networks on embeddings."""
    return space(trial) | {"numbers": trial.suggest_categorical("numbers", [False, True])}


EMBEDDING_PORTFOLIO: tuple[dict[str, Any], ...] = (
    {**MODERN, "numbers": True},
    *({**tried, "numbers": False} for tried in PORTFOLIO),
)
"""First the numbers beside their embeddings, by validation rows of six tables: see docs/decisions/networks.md."""
