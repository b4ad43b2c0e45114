"""How XGBoost is watched while it trains."""

from __future__ import annotations

from typing import Any

from xgboost import XGBClassifier
from xgboost.callback import TrainingCallback

from suite.models._stopping import Rows, Watch


def train(model: XGBClassifier, rows: Rows, others: Rows | None, watch: Watch) -> tuple[Any, dict[str, Any]]:
    """Fit as `_stopping.Train` says."""
    model.set_params(callbacks=[_Stop(watch, keep_best=others is not None)])
    model.fit(*rows, eval_set=[others] if others else None, verbose=False)
    model.set_params(callbacks=None)
    return model, {}


class _Stop(TrainingCallback):
    def __init__(self, watch: Watch, keep_best: bool) -> None:
        super().__init__()
        self.watch, self.keep_best = watch, keep_best

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        losses = [losses[-1] for by_metric in evals_log.values() for losses in by_metric.values()]
        return not self.watch(*losses)

    def after_training(self, model: Any) -> Any:
        return model[: self.watch.best] if self.keep_best else model
