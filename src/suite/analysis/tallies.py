"""Metrics as functions of sums over rows, so that they can be had of any number of resamples at once."""

from __future__ import annotations

import numpy as np

from suite.metrics import CLIP, Scored, ratio

LINEAR = ("roc_auc", "average_precision")
MEANS = ("log_loss", "brier", *LINEAR)
"""Metrics that are, or are taken as, a mean of one value a row; the others follow from counts by class."""


def tally(scored: Scored, unit: np.ndarray, n_units: int) -> np.ndarray:
    """Sum up what the metrics of these rows are made of, by unit.

    Parameters
    ----------
    scored : Scored
        Truth and probabilities of n_samples rows.
    unit : (n_samples,), int
        The unit that each row belongs to, from 0 to ``n_units - 1``.

    Returns
    -------
    (n_units, 3 * n_classes + 4), float64
        By class the rows of the truth, of the prediction, and right ones; then the sums of `MEANS`. A column is NaN
        where its metric is not defined.
    """
    k = scored.proba.shape[1]
    y, predicted = scored.y_true, scored.y_pred
    hit = predicted == y
    counts = [
        np.bincount(u * k + codes, minlength=n_units * k).reshape(n_units, k)
        for u, codes in ((unit, y), (unit, predicted), (unit[hit], y[hit]))
    ]
    sums = [np.bincount(unit, weights=values, minlength=n_units) for values in _row_values(scored)]
    return np.column_stack([*counts, *sums]).astype(np.float64)


def figures(sums: np.ndarray, positive: int | None = None) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return metrics, by name, and the F1 of each class, from sums of tallies.

    `sums` has a row for each resample; the first is that of the sample itself. Figures have the shape (n_resamples,),
    the F1 (n_resamples, n_classes); NaN where one is not defined.
    """
    k = (sums.shape[1] - len(MEANS)) // 3
    truth, predicted, hit = sums[:, :k], sums[:, k : 2 * k], sums[:, 2 * k : 3 * k]
    n = truth.sum(axis=1)
    recall, f1 = ratio(hit, truth), ratio(2 * hit, truth + predicted)
    found = {
        "accuracy": hit.sum(axis=1) / n,
        "balanced_accuracy": _mean(recall),
        "macro_f1": _mean(f1),
        "weighted_f1": (np.nan_to_num(f1) * truth).sum(axis=1) / n,
        "mcc": _mcc(truth, predicted, hit, n),
        **{name: sums[:, 3 * k + i] / n for i, name in enumerate(MEANS)},
    }
    found |= {name: _on_logits(found[name]) for name in LINEAR}
    if positive is not None:
        found["precision"] = ratio(hit[:, positive], predicted[:, positive])
        found["recall"] = recall[:, positive]
        found["f1"] = f1[:, positive]
    return found, f1


def ranked(is_positive: np.ndarray, score: np.ndarray) -> tuple[float, np.ndarray, float, np.ndarray]:
    """Return ROC AUC and average precision, each with the values of the rows that it is linearly the mean of.

    Both change with the weights of rows. To first order, a resample's figure is the figure itself and the sum of the
    derivatives by the weights of the rows that were drawn (the infinitesimal jackknife); a row's value is the figure
    plus n times its derivative. For ROC AUC these derivatives are the placement values of DeLong, DeLong and
    Clarke-Pearson, Biometrics 44 (1988), pages 837-845. Equal scores share their threshold.

    `is_positive` and `score` have the shape (n,); at least one row is positive. So have the values, float64. ROC AUC is
    only defined where a row is not positive.
    """
    n = len(score)
    order = np.argsort(-score)
    is_positive, score = is_positive[order], score[order]
    is_new = np.append(True, score[1:] != score[:-1])
    place = np.cumsum(is_new) - 1
    seen = np.append(np.flatnonzero(is_new)[1:], n).astype(np.float64)
    true = np.cumsum(is_positive)[seen.astype(np.int64) - 1].astype(np.float64)
    positives = np.diff(true, prepend=0)
    negatives = np.diff(seen, prepend=0) - positives
    p, q = true[-1], max(n - true[-1], 1.0)
    above, below = (true - positives / 2) / p, 1 - (seen - true - negatives / 2) / q
    auc = float(positives @ below / p)
    precision = true / seen
    ap = float(positives @ precision / p)
    # What a row's weight does to the precision at its own threshold and at all below it:
    gain = np.cumsum((positives / seen)[::-1])[::-1]
    loss = np.cumsum((positives * precision / seen)[::-1])[::-1]
    auc_rows, ap_rows = np.empty(n), np.empty(n)
    auc_rows[order] = np.where(is_positive, ((below - auc) / p)[place], ((above - auc) / q)[place])
    ap_rows[order] = np.where(is_positive, (precision - ap + gain - loss)[place], -loss[place]) / p
    return auc, auc + n * auc_rows, ap, ap + n * ap_rows


def _row_values(scored: Scored) -> list[np.ndarray]:
    """Return the values of `MEANS`, each of shape (n_samples,)."""
    proba, y, positive = scored.proba, scored.y_true, scored.positive
    n, k = proba.shape
    truth = proba[np.arange(n), y].astype(np.float64)
    log_loss = -np.log(np.clip(truth, CLIP, 1.0))
    brier = np.einsum("ij,ij->i", proba, proba, dtype=np.float64) - 2 * truth + 1
    present = np.flatnonzero(np.bincount(y, minlength=k)).tolist()
    by_class = {c: ranked(y == c, proba[:, c]) for c in present}
    undefined = np.full(n, np.nan)
    auc = undefined
    if 1 < k == len(present):
        auc = np.mean([_unbiased(y == c, *by_class[c][:2]) for c in ([1] if k == 2 else present)], axis=0)
    asked = present if positive is None else [positive] if positive in by_class else []
    average_precision = np.mean([by_class[c][3] for c in asked], axis=0) if len(asked) else undefined
    return [log_loss, brier / 2 if k == 2 else brier, auc, average_precision]


def _on_logits(values: np.ndarray) -> np.ndarray:
    """Let draws depart from the sample's figure on the logit scale as far as they do, to first order, on their own.

    So they stay between 0 and 1. Near 1 the law of a figure has its long tail below, which a linear one lacks: a
    score's interval then holds the truth far too seldom (docs/evidence.md). For ROC AUC see M. S. Pepe, The Statistical
    Evaluation of Medical Tests for Classification and Prediction (2003), section 5.2.
    """
    figure = values[0]
    if not 0 < figure < 1:
        return np.full_like(values, figure)
    odds = figure / (1 - figure)
    shift = np.clip((values - figure) / (figure * (1 - figure)), -500, 500)
    return 1 - 1 / (1 + odds * np.exp(shift))


def _unbiased(is_positive: np.ndarray, auc: float, values: np.ndarray) -> np.ndarray:
    """Let the values vary as DeLong's variance says, which divides by the rows of a kind less one."""
    p = int(is_positive.sum())
    q = len(values) - p
    return auc + (values - auc) * np.where(is_positive, *(np.sqrt(m / max(m - 1, 1)) for m in (p, q)))


def _mean(figures: np.ndarray) -> np.ndarray:
    """Average over classes, without those that have no figure."""
    return np.nan_to_num(figures).sum(axis=1) / np.maximum(np.isfinite(figures).sum(axis=1), 1)


def _mcc(truth: np.ndarray, predicted: np.ndarray, hit: np.ndarray, n: np.ndarray) -> np.ndarray:
    square = n * n
    spread = (square - np.square(predicted).sum(axis=1)) * (square - np.square(truth).sum(axis=1))
    covariance = hit.sum(axis=1) * n - (truth * predicted).sum(axis=1)
    return np.divide(covariance, np.sqrt(spread), out=np.zeros(len(n)), where=spread > 0)
