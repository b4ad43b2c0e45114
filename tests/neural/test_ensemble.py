from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from suite.neural.ensemble import KFoldEnsemble


def table(n: int = 90) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    y = np.repeat(["a", "b", "c"], n // 3)
    return generator.normal(size=(n, 4)) + (np.arange(n) // (n // 3))[:, None], y


class Recorder(LogisticRegression):
    """Keeps which rows it was trained on, by their first column."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Recorder:
        self.seen_ = set(X[:, 0])
        return super().fit(X, y)


def test_out_of_fold_predictions_come_from_the_member_that_did_not_see_the_row() -> None:
    X, y = table()
    ensemble = KFoldEnsemble(Recorder(), members=3, random_state=0).fit(X, y)
    rows = X.astype(np.float32)
    unseen = [[m for m in ensemble.estimators_ if row[0] not in m.seen_] for row in rows]
    assert all(len(members) == 1 for members in unseen)
    for row, (member,), proba in zip(rows, unseen, ensemble.out_of_fold_, strict=True):
        np.testing.assert_allclose(member.predict_proba(row[None])[0], proba, atol=1e-6)


def test_probabilities_are_the_members_mean() -> None:
    X, y = table()
    ensemble = KFoldEnsemble(LogisticRegression(), members=4, random_state=0).fit(X, y)
    mean = np.mean([m.predict_proba(X.astype(np.float32)) for m in ensemble.estimators_], axis=0)
    np.testing.assert_allclose(ensemble.predict_proba(X), mean)
    np.testing.assert_allclose(mean.sum(axis=1), 1, atol=1e-6)
    assert set(ensemble.predict(X)) == {"a", "b", "c"}


def test_a_rare_class_lowers_the_number_of_members() -> None:
    X, y = table()
    y = y.copy()
    y[3:30] = "b"
    assert len(KFoldEnsemble(DecisionTreeClassifier(), members=5).fit(X, y).estimators_) == 3


def test_a_class_of_one_row_is_refused() -> None:
    X, y = table()
    y = y.copy()
    y[1:30] = "b"
    with pytest.raises(ValueError, match="2 rows a class"):
        KFoldEnsemble(DecisionTreeClassifier()).fit(X, y)


@parametrize_with_checks([KFoldEnsemble(LogisticRegression(), members=2, random_state=0)])
def test_scikit_learns_checks_pass(estimator: KFoldEnsemble, check: object) -> None:
    check(estimator)  # type: ignore[operator]
