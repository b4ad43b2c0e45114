"""K-fold bagging: every row trains, and every row has a prediction by a member that did not see it."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import StratifiedKFold
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data


class KFoldEnsemble(ClassifierMixin, BaseEstimator):
    """The mean of one member a fold, each trained on the other folds.

    Parameters
    ----------
    estimator : classifier
        Cloned for each member; its ``random_state`` is set.
    members : int
        Number of folds, at least 2; fewer are made where the rarest class has fewer rows.
    random_state : int, RandomState or None
        Decides the folds and the members' seeds.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    estimators_ : list of classifier
    out_of_fold_ : array of shape (n_samples, n_classes)
        For each row passed to `fit`, the probabilities by the member that did not train on it.

    References
    ----------
    Parmanto, Munro and Doyle (1996), Improving committee diagnosis with resampling techniques.
    """

    def __init__(
        self,
        estimator: Any,
        *,
        members: int = 5,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.members = members
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train the members on X of shape (n_samples, n_features) and labels y of shape (n_samples,).

        Raises
        ------
        ValueError
            If there are fewer than two members, or a class has a single row.
        """
        rows, labels = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(labels)
        self.classes_, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
        if self.members < 2 or counts.min() < 2:
            raise ValueError(
                "k-fold bagging takes at least 2 members and 2 rows a class: "
                f"members={self.members}, n_samples={len(rows)}, rarest class {counts.min()}"
            )
        random = check_random_state(self.random_state)
        folds = StratifiedKFold(min(self.members, int(counts.min())), shuffle=True, random_state=random)
        self.estimators_ = []
        self.out_of_fold_ = np.empty((len(rows), len(self.classes_)))
        for train, fold in folds.split(rows, codes):
            member = clone(self.estimator).set_params(random_state=random.randint(2**31 - 1))
            member.fit(rows[train], codes[train])
            self.estimators_.append(member)
            self.out_of_fold_[fold] = member.predict_proba(rows[fold])
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the members' mean probabilities, shape (n_samples, n_classes)."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float32, reset=False)
        return np.mean([member.predict_proba(rows) for member in self.estimators_], axis=0)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each row, shape (n_samples,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]
