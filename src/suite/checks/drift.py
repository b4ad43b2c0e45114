"""Order that matters: times and places in the table after which the class depends on the features in another way."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from suite.checks.columns import Columns, level_codes, sample
from suite.schema.audits import Finding

MOST_ROWS = 6000
"""The latest quarter is 1,500 rows then: 2 points are sure if models differ in at most 4 % of them."""
FEWEST_ROWS = 200
"""The latest quarter is 50 rows then: of fewer, hardly any gain is sure."""
MOST_CLASSES = 20
"""The most frequent classes, whose rows are looked at: trees take time and memory for each."""
LATE = 0.25
"""Share of the rows that counts as late."""
TOGETHER = 0.25
"""Share of the rows that follow one of their group: half do if pairs stand together, few if rows are shuffled."""
TREES = 25
"""400 got at most 1.6 points more on digits, breast_cancer and three simulated tables."""
POINTS = 0.02
"""The least gain in accuracy by rows of the same time that is worth a warning."""
SURE = 1e-4
"""How seldom chance gives such a gain."""
WEAK, STRONG = 0.1, 0.3
"""Cramér's V of class and quarter, from which on it is worth a note, and a warning."""
CHANCE = 1e-6
"""How seldom chance gives such a change of shares: they are counted for each time and the table itself."""
APART = 0.55
"""The area under the ROC curve from which on train and test are told apart."""
SIGMAS = 3.7
"""Standard errors that the area is less: chance gives as many in one of 10,000 tables."""
NONE: Columns = MappingProxyType({})


def find_time_drift(
    columns: Columns, every: Columns, names: Sequence[str], y: np.ndarray, groups: Columns = NONE
) -> list[Finding]:
    """Return findings about times with which the class, or what tells it, changes; see `_optimism` and `_shares`.

    `columns` are the features; `names` are times among `every` column, and `groups` name groups. Where rows of a group
    stand together, one row of each is looked at: a group is known by its other rows, not by its time.
    """
    found = []
    for name in names:
        times = every[name][1].to_numpy(dtype=np.float64, na_value=np.nan)
        known = np.flatnonzero(~np.isnan(times))
        order = known[np.argsort(times[known], kind="stable")]
        order = _one_a_group(order, {key: group for key, group in groups.items() if key != name})
        advice = f"--protocol {shlex.quote(f'time:{name}')} tests the latest rows"
        found += [
            replace(finding, columns=(name,), advice=advice)
            for finding in _drifts("time-drift", f"by {name}", columns, y, order, times)
        ]
    return found


def find_row_drift(columns: Columns, y: np.ndarray, groups: Columns = NONE) -> list[Finding]:
    """Return a finding if the class, or what tells it, changes through the table; see `_optimism` and `_shares`.

    `groups` are as in `find_time_drift`.
    """
    order = _one_a_group(np.arange(len(y)), groups)
    found = _drifts("row-drift", "of the table", columns, y, order, None)
    # Files are joined from others, class by class: that alone is no drift.
    return [replace(finding, severity="note") if finding.number is None else finding for finding in found]


def _one_a_group(order: np.ndarray, groups: Columns) -> np.ndarray:
    """Return rows in their order, only the first of each group where the rows of groups stand together."""
    for group in groups.values():
        codes = level_codes(group, order)
        if len(codes) > 1 and np.mean(codes[1:] == codes[:-1]) >= TOGETHER:
            order = order[np.sort(np.unique(codes, return_index=True)[1])]
    return order


def _drifts(
    code: str, where: str, columns: Columns, y: np.ndarray, order: np.ndarray, times: np.ndarray | None
) -> list[Finding]:
    if gain := _optimism(columns, y, order, times):
        flattered, forward = gain
        lost = 100 * (flattered - forward)
        return [
            Finding(
                code=code,
                text=f"earlier rows tell the class of {100 * forward:.1f} % of the latest quarter of the rows "
                f"{where}, rows of its own time {100 * flattered:.1f} %",
                number=round(lost, 1),
                effect=f"a random split flatters by about {lost:.0f} points, if what comes is later",
            )
        ]
    if strength := _shares(y, order):
        return [
            Finding(
                code=code,
                severity=None if strength >= STRONG else "note",
                text=f"the shares of the classes change along the rows {where}: Cramér's V over four quarters is "
                f"{strength:.2f}",
                effect="a random split tests the shares of all times, and later ones may be others",
            )
        ]
    return []


def _shares(y: np.ndarray, order: np.ndarray) -> float | None:
    """Return Cramér's V of the class and the quarter of the rows in an order; None if it is small or may be chance."""
    from scipy.stats import chi2_contingency

    if len(order) < FEWEST_ROWS:
        return None
    quarter = np.empty(len(order), dtype=np.int64)
    quarter[:] = np.arange(len(order)) * 4 // len(order)
    classes, labels = np.unique(y[order], return_inverse=True)
    if len(classes) < 2:
        return None
    counts = np.bincount(quarter * len(classes) + labels, minlength=4 * len(classes)).reshape(4, len(classes))
    test = chi2_contingency(counts)
    strength = float(np.sqrt(test.statistic / (len(order) * min(3, len(classes) - 1))))
    return strength if test.pvalue < CHANCE and strength >= WEAK else None


def _optimism(
    columns: Columns, y: np.ndarray, order: np.ndarray, times: np.ndarray | None
) -> tuple[float, float] | None:
    """Return the accuracy on the latest quarter of the rows, learnt from rows of its time and from earlier ones.

    None if the first is not better by 2 points and surely: extremely randomised trees (Geurts, Ernst and Wehenkel 2006)
    learn from earlier rows, from as many rows of all times, and from late rows alone; all are right or wrong about the
    same rows, so that McNemar's exact test applies. If nothing changes, earlier rows are as good as rows of all times,
    and better than late ones alone, which are fewer. At most 6,000 rows of the 20 most frequent classes are looked at.
    """
    frequent = np.argsort(-np.bincount(y), kind="stable")[:MOST_CLASSES]
    order = order[np.isin(y[order], frequent)]
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
    rng = np.random.default_rng(0)
    M, labels = matrix(columns, order), y[order]
    early, late = np.arange(cut), np.arange(cut, len(order))
    if len(np.unique(labels[early])) < 2:
        return None
    forward = _predicted(M, labels, early, late) == labels[late]
    of_all, of_late = np.empty(len(late), dtype=bool), np.empty(len(late), dtype=bool)
    halves = rng.permutation(len(late))
    for half, others in ((halves[::2], halves[1::2]), (halves[1::2], halves[::2])):
        n_early = max(0, len(early) - len(others))
        train = np.concatenate([rng.choice(early, n_early, replace=False), late[others]])
        of_all[half] = _predicted(M, labels, train, late[half]) == labels[late[half]]
        of_late[half] = _predicted(M, labels, late[others], late[half]) == labels[late[half]]
    found = [float(own.mean()) for own in (of_all, of_late) if _is_better(own, forward)]
    return (max(found), float(forward.mean())) if found else None


def _is_better(own: np.ndarray, other: np.ndarray) -> bool:
    """Return whether one model is surely right about more of the same rows than another, by 2 points or more."""
    from scipy.stats import binomtest

    gained, lost = int((own & ~other).sum()), int((other & ~own).sum())
    if gained - lost < POINTS * len(own) or not gained:
        return False
    return bool(binomtest(gained, gained + lost, 0.5, alternative="greater").pvalue < SURE)


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


def _forest() -> Any:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(TREES, min_samples_leaf=3, random_state=0, n_jobs=1)


def _predicted(M: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    forest = _forest().fit(M[train], y[train])
    found: np.ndarray = forest.predict(M[test])
    return found


def _area_error(area: float, n_positive: int, n_negative: int) -> float:
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area)
    variance += (n_positive - 1) * (one - area**2) + (n_negative - 1) * (two - area**2)
    return float(np.sqrt(max(variance, 1e-12) / (n_positive * n_negative)))
