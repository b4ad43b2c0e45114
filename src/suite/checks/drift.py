"""Order that matters: times and places in the table after which the class depends on the features in another way."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import numpy as np

from suite.checks.columns import Columns, sample
from suite.schema.audits import Finding

MOST_ROWS = 6000
FEWEST_ROWS = 200
LATE = 0.25
"""Share of the rows that counts as late."""
TREES = 40
POINTS = 0.02
"""The least gain in accuracy by rows of the same time that is worth a warning."""
SURE = 1e-4
"""How seldom chance gives such a gain."""
APART = 0.55
"""The area under the ROC curve from which on train and test are told apart."""
SIGMAS = 3.7


def find_time_drift(columns: Columns, every: Columns, names: Sequence[str], y: np.ndarray) -> list[Finding]:
    """Return findings about times whose late rows only late rows tell of; see `_optimism`.

    `columns` are the features; `names` are times among `every` column.
    """
    found = []
    for name in names:
        times = every[name][1].to_numpy(dtype=np.float64, na_value=np.nan)
        known = np.flatnonzero(~np.isnan(times))
        gain = _optimism(columns, y, known[np.argsort(times[known], kind="stable")], times)
        if gain:
            option = shlex.quote(f"time:{name}")
            found.append(
                Finding(
                    code="time-drift",
                    columns=(name,),
                    advice=f"--protocol {option} tests the latest rows",
                    **_said(gain, f"by {name}"),
                )
            )
    return found


def find_row_drift(columns: Columns, y: np.ndarray) -> list[Finding]:
    """Return a finding if the last rows of the table are told by their neighbours alone; see `_optimism`."""
    gain = _optimism(columns, y, np.arange(len(y)), None)
    return [Finding(code="row-drift", **_said(gain, "of the table"))] if gain else []


def _said(gain: tuple[float, float], where: str) -> dict[str, object]:
    random, forward = gain
    lost = 100 * (random - forward)
    return {
        "text": f"the latest quarter of the rows {where} is told by earlier rows in {100 * forward:.1f} % of the cases, "
        f"by rows of all times in {100 * random:.1f} %",
        "number": round(lost, 1),
        "effect": f"a random split flatters by about {lost:.0f} points, if what comes is later",
    }


def _optimism(
    columns: Columns, y: np.ndarray, order: np.ndarray, times: np.ndarray | None
) -> tuple[float, float] | None:
    """Return the accuracy on the latest quarter of the rows, learnt from rows of all times and from earlier ones.

    None if the first is not better by 2 points and surely: extremely randomised trees (Geurts, Ernst and Wehenkel 2006)
    learn from equally many rows, and both are right or wrong about the same rows, so that McNemar's exact test applies.
    At most 6,000 rows are looked at.
    """
    from scipy.stats import binomtest

    if len(order) < FEWEST_ROWS:
        return None
    order = order[sample(len(order), MOST_ROWS)]
    cut = int(len(order) * (1 - LATE))
    if times is not None:
        # A time does not straddle the cut.
        at = times[order]
        edges = np.flatnonzero(at[1:] > at[:-1]) + 1
        if not len(edges):
            return None
        cut = int(edges[np.abs(edges - cut).argmin()])
        if not 0.5 <= cut / len(order) <= 0.95:
            return None
    early, late = order[:cut], order[cut:]
    if len(np.unique(y[early])) < 2:
        return None
    rng = np.random.default_rng(0)
    M = matrix(columns, order)
    here = np.empty(len(y), dtype=np.int64)
    here[order] = np.arange(len(order))
    forward = _predicted(M, y[order], here[early], here[late]) == y[late]
    by_all = np.empty(len(late), dtype=bool)
    halves = rng.permutation(len(late))
    for half in (halves[::2], halves[1::2]):
        others = np.delete(late, half)
        n_early = max(0, len(early) - len(others))
        train = np.concatenate([rng.choice(early, n_early, replace=False), others])
        by_all[half] = _predicted(M, y[order], here[train], here[late[half]]) == y[late[half]]
    only_all, only_forward = int((by_all & ~forward).sum()), int((forward & ~by_all).sum())
    gain = float(by_all.mean() - forward.mean())
    if gain < POINTS or only_all + only_forward == 0:
        return None
    sure = binomtest(only_all, only_all + only_forward, 0.5, alternative="greater").pvalue < SURE
    return (float(by_all.mean()), float(forward.mean())) if sure else None


def find_split_drift(columns: Columns, train: np.ndarray, test: np.ndarray, protocol: str) -> list[Finding]:
    """Return a finding if a classifier tells the test rows of a split from its train rows.

    The area under the ROC curve is out of fold, on at most 3,000 rows of each side; its standard error is that of
    Hanley and McNeil (1982). A stratified random split is told apart in fewer than one of 10,000 tables; splits by
    time or group often are, which is what they are for, and a note.
    """
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    train, test = train[sample(len(train), MOST_ROWS // 2)], test[sample(len(test), MOST_ROWS // 2)]
    if min(len(train), len(test)) < 20:
        return []
    rows = np.concatenate([train, test])
    is_test = np.repeat([0, 1], [len(train), len(test)])
    M = matrix(columns, rows)
    score, weight = np.empty(len(rows)), np.zeros(M.shape[1])
    for fit, rest in StratifiedKFold(3, shuffle=True, random_state=0).split(M, is_test):
        forest = _forest().fit(M[fit], is_test[fit])
        score[rest] = forest.predict_proba(M[rest])[:, 1]
        weight += forest.feature_importances_
    area = float(roc_auc_score(is_test, score))
    error = SIGMAS * _area_error(area, len(test), len(train))
    if area - error <= APART:
        return []
    name = list(columns)[int(weight.argmax())]
    is_meant = protocol.startswith(("time:", "grouped:"))
    return [
        Finding(
            code="split-drift",
            severity="note" if is_meant else None,
            text=f"a classifier tells test rows from train rows: area under the ROC curve {area:.2f} "
            f"({area - error:.2f} at least), mostly by {name}",
            columns=(name,),
            number=round(area, 3),
            effect=f"as {protocol} is meant to, the scores hold for rows unlike those in train"
            if is_meant
            else "the scores say little about rows like those in train",
        )
    ]


def matrix(columns: Columns, rows: np.ndarray) -> np.ndarray:
    """Return columns as numbers for trees, shape (n_rows, n_columns), float32: codes of levels, gaps below all."""
    M = np.empty((len(rows), len(columns)), dtype=np.float32)
    for place, (_, values) in enumerate(columns.values()):
        if hasattr(values.dtype, "categories"):
            M[:, place] = values.cat.codes.to_numpy()[rows]
            continue
        numbers = values.to_numpy()[rows].astype(np.float64)
        # Ranks keep every split that a tree could make, whatever the numbers' size.
        known = ~np.isnan(numbers)
        M[known, place] = np.unique(numbers[known], return_inverse=True)[1]
        M[~known, place] = -1
    return M


def _forest() -> object:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(TREES, min_samples_leaf=3, random_state=0, n_jobs=1)


def _predicted(M: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    forest = _forest().fit(M[train], y[train])  # type: ignore[attr-defined]
    found: np.ndarray = forest.predict(M[test])
    return found


def _area_error(area: float, n_positive: int, n_negative: int) -> float:
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area)
    variance += (n_positive - 1) * (one - area**2) + (n_negative - 1) * (two - area**2)
    return float(np.sqrt(max(variance, 1e-12) / (n_positive * n_negative)))
