"""How often intervals hold the truth, and tests call a difference that is none: `python benchmarks/evidence.py`.

Models are fitted once on a synthetic table and predict a large population, whose scores are the truth. Test sets are
drawn from it, hundreds of times, and compared as a board's are. `docs/evidence.md` keeps what this prints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from suite.analysis.comparing import compare
from suite.analysis.comparison import Comparisons
from suite.metrics import METRICS, Scored
from suite.schema import CellId, Predictions, Record

POPULATION = 100_000
SIZES = (100, 360, 1000, 5000)
CLASSES = (2, 3, 10)
SHOWN = (
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "f1",
    "mcc",
    "log_loss",
    "brier",
    "roc_auc",
    "average_precision",
)


@dataclass(frozen=True)
class Population:
    """Truth and the probabilities of each model, for rows that test sets are drawn from."""

    y: np.ndarray
    proba: dict[str, np.ndarray]
    """float32, (n_rows, n_classes), by model."""

    @property
    def positive(self) -> int | None:
        n_classes = next(iter(self.proba.values())).shape[1]
        return 1 if n_classes == 2 else None

    def scores(self) -> dict[str, dict[str, float | None]]:
        """Return the metrics of each model."""
        return {name: score(self.y, proba, self.positive) for name, proba in self.proba.items()}

    def take(self, rows: np.ndarray) -> Population:
        return Population(self.y[rows], {name: proba[rows] for name, proba in self.proba.items()})


def population(n_classes: int, seed: int, n_train: int = 1000, share: float | None = None) -> Population:
    """Fit linear models, trees and networks, and let them predict; `share` is that of the positive class of two."""
    from sklearn.datasets import make_classification
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neural_network import MLPClassifier
    from sklearn.tree import DecisionTreeClassifier

    X, y = make_classification(
        POPULATION + n_train,
        n_features=20,
        n_informative=10,
        n_classes=n_classes,
        n_clusters_per_class=2,
        weights=None if share is None else [1 - share],
        flip_y=0.1,
        class_sep=1.5,
        random_state=seed,
    )
    models = {
        "logistic": LogisticRegression(max_iter=1000),
        "logistic_c": LogisticRegression(C=0.05, max_iter=1000),
        "lda": LinearDiscriminantAnalysis(),
        "naive_bayes": GaussianNB(),
        "tree": DecisionTreeClassifier(max_depth=6, random_state=0),
        "forest": RandomForestClassifier(100, random_state=0),
        "extra_trees": ExtraTreesClassifier(100, random_state=0),
        "hist_gb": HistGradientBoostingClassifier(max_iter=50, random_state=0),
        "hist_gb_slow": HistGradientBoostingClassifier(max_iter=100, learning_rate=0.05, random_state=0),
        "network": MLPClassifier((64,), max_iter=100, early_stopping=True, random_state=0),
        "network_2": MLPClassifier((64,), max_iter=100, early_stopping=True, random_state=1),
        "network_wide": MLPClassifier((128, 64), max_iter=100, early_stopping=True, random_state=0),
    }
    proba = {}
    for name, model in models.items():
        model.fit(X[:n_train], y[:n_train])
        proba[name] = model.predict_proba(X[n_train:]).astype(np.float32)
    return Population(y[n_train:], proba)


def score(y: np.ndarray, proba: np.ndarray, positive: int | None) -> dict[str, float | None]:
    scored = Scored(y, proba, positive)
    found = {name: metric.score(scored) for name, metric in METRICS.items()}
    if positive is not None and "average_precision" not in found:
        from sklearn.metrics import average_precision_score, f1_score

        found["average_precision"] = float(average_precision_score(y == positive, proba[:, positive]))
        found["f1"] = float(f1_score(y, scored.y_pred, pos_label=positive))
    return found


def compared(sample: Population, groups: np.ndarray | None = None) -> Comparisons:
    """Compare the models as a board with one split does."""
    n, n_classes = next(iter(sample.proba.values())).shape
    predictions = {
        name: Predictions(proba=proba, y_true=sample.y, rows=np.arange(n), groups=groups)
        for name, proba in sample.proba.items()
    }
    return compare(
        {name: {("holdout-42", 0): record(name, n_classes)} for name in predictions},
        lambda record: predictions[record.model],
        sample.positive,
    )


def record(model: str, n_classes: int, **fields: object) -> Record:
    """Make a record without figures."""
    identity = CellId(dataset="made", fingerprint="0", protocol="holdout", split="holdout-42", model=model)
    return Record(id=identity, key=model, classes=tuple(f"c{k}" for k in range(n_classes)), **fields)


def samples(whole: Population, n: int, repeats: int, seed: int) -> Iterator[Population]:
    """Draw test sets of `n` rows."""
    rng = np.random.default_rng([seed, n])
    for _ in range(repeats):
        yield whole.take(rng.integers(len(whole.y), size=n))


def alike(whole: Population, n: int, repeats: int, seed: int) -> Iterator[Population]:
    """Draw test sets on which all models are equally good: each row deals its predictions to the models at random."""
    rng = np.random.default_rng([seed, n, 1])
    stacked = np.stack(list(whole.proba.values()))
    for _ in range(repeats):
        rows = rng.integers(len(whole.y), size=n)
        order = rng.permuted(np.tile(np.arange(len(stacked))[:, None], n), axis=0)
        yield Population(whole.y[rows], dict(zip(whole.proba, stacked[order, rows], strict=True)))


def covered(truth: float, low: float, high: float) -> bool:
    return low - 1e-9 <= truth <= high + 1e-9
