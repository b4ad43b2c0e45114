"""An exported model, read again: it takes tables as their source has them, and gives probabilities of classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from suite.errors import DataError, UsageError, in_one_line, listed
from suite.exports import estimator, folder
from suite.exports.news import News
from suite.provenance import package_version

if TYPE_CHECKING:
    import pandas as pd

MOST_ABSENT = 0.5
"""The share of the columns that a table may lack."""


class ExportedModel:
    """A model that `suite.export` wrote.

    Attributes
    ----------
    about : Exported
        What its folder says of it: the table, the protocol, parameters, versions.
    classes_ : ndarray of str
        The classes, in the order of the columns of `predict_proba`.
    feature_names_in_ : ndarray of str
        The columns that it uses.
    warnings : tuple of str
        What is not as it was when the model was exported: versions of the libraries.
    """

    def __init__(self, path: str | Path, threads: int = 1) -> None:
        self.about, contents = folder.read(Path(path))
        from suite.datasets.columns.recipe import ColumnRecipe

        try:
            self._recipe = ColumnRecipe.from_json(contents[folder.RECIPE].decode())
            self._model = estimator.load(self.about.estimator, contents, threads)
        except Exception as error:
            # What a library says of a file of another version of itself has no list.
            versions = "".join(f"; {warning}" for warning in changed(self.about.packages))
            raise UsageError(
                f"the model in {path} cannot be read: {in_one_line(type(error).__name__, error)}{versions}"
            ) from error
        used = [column.name for column in self.about.columns]
        if [reading.name for reading in self._recipe.used] != used:
            raise UsageError(f"{path}: {folder.RECIPE} is not of the columns of the model")
        self.classes_ = np.array(self.about.classes, dtype=object)
        self.feature_names_in_ = np.array(used, dtype=object)
        self.warnings = changed(self.about.packages)

    def __repr__(self) -> str:
        about = self.about
        return f"<{about.model} for {about.target} of {about.dataset}: {len(self.classes_)} classes>"

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of the classes, float32, shape (n_samples, n_classes).

        Parameters
        ----------
        X : data frame
            Columns as their source has them, in any order; of pandas, Polars or Arrow. What the model does not use is
            left aside; columns that are not there count as missing, unless they are more than half of all.
        """
        return self.of_typed(self.typed(_frame(X)))

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class of each row."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def remarks(self, X: Any) -> list[str]:
        """Return what is new in a table, in sentences: levels and numbers that the model has not seen, and columns."""
        frame, news = _frame(X), self.news()
        self.typed(frame, news)
        return news.sentences()

    def news(self) -> News:
        """Return what finds out what is new in a table."""
        known = [self.about.target, *(reading.name for reading in self._recipe.columns)]
        return News(self.about.columns, self._recipe.used, known)

    @property
    def as_text(self) -> list[str]:
        """The columns that a text file's reader has to leave as they are written."""
        return [
            reading.name
            for reading in self._recipe.used
            if reading.read_as in ("category", "text") or reading.number is not None
        ]

    def called(self, names: Sequence[str]) -> Sequence[str]:
        """Return what a file's columns are called: where they have no names, by their places, the target's aside.

        Raises `DataError` if such a file has neither as many columns as the table had, nor one less.
        """
        others = [reading.name for reading in self._recipe.columns]
        if not self.about.no_header or len(names) == len(others) + 1:
            return names
        if len(names) != len(others):
            raise DataError(
                f"the file has {len(names)} columns without names; the table had {len(others) + 1}, "
                f"{self.about.target} among them: {len(others)} are needed, or all"
            )
        return others

    def check_names(self, names: Sequence[str]) -> None:
        """Raise `DataError` if a table with these columns lacks more than half of those that the model uses."""
        used = [column.name for column in self.about.columns]
        absent = [name for name in used if name not in names]
        if len(absent) > MOST_ABSENT * len(used):
            raise DataError(
                f"the table lacks {len(absent)} of the {len(used)} columns that the model uses ({listed(absent, 5)}); "
                f"it has {listed(list(names), 10)}"
            )

    def typed(self, frame: pd.DataFrame, news: News | None = None) -> pd.DataFrame:
        """Return the features of a table as the model was given them; `news` learns what is new in it."""
        import pandas as pd

        from suite.datasets.column_store import plain_columns
        from suite.datasets.columns.recipe import apply

        names = [str(name) for name in frame.columns]
        self.check_names(names)
        absent = [column.name for column in self.about.columns if column.name not in names]
        gaps = pd.DataFrame(dict.fromkeys(absent, np.nan), index=frame.index)
        whole = (
            pd.concat([frame.set_axis(names, axis=1), gaps], axis=1)
            if absent
            else frame.set_axis(names, axis=1)
        )
        try:
            read = apply(self._recipe, whole)
        except SuiteErrors:
            raise
        except Exception as error:
            raise DataError(
                f"the table cannot be read as the model's was: {in_one_line('', error)}"
            ) from error
        if news:
            news.names(names)
            for seen in news.columns:
                if seen.column.name not in news.absent:
                    seen.add(whole[seen.column.name], read[seen.column.name])
        types = {column.name: column.dtype for column in self.about.columns if column.dtype != "category"}
        return plain_columns(read).astype(types)

    def of_typed(self, X: pd.DataFrame) -> np.ndarray:
        """Return the probabilities for features that `typed` gave, float32."""
        if X.empty:
            return np.zeros((0, len(self.classes_)), dtype=np.float32)
        proba = np.asarray(self._model.predict_proba(X), dtype=np.float64)
        labels = np.asarray(self._model.classes_, dtype=np.int64)
        found = np.zeros((len(X), len(self.classes_)), dtype=np.float32)
        sums = proba.sum(axis=1, keepdims=True)
        found[:, np.asarray(self.about.present)[labels]] = proba / sums
        return found


SuiteErrors = (DataError, UsageError)


def changed(packages: Any) -> tuple[str, ...]:
    """Return which libraries have another version here than in `packages`, in sentences."""
    now = {name: package_version(name) for name in packages}
    return tuple(
        f"{name} was {version} when the model was fitted, and "
        + (f"is {now[name]} here" if now[name] else "is not installed here")
        for name, version in packages.items()
        if now[name] != version
    )


def _frame(given: Any) -> pd.DataFrame:
    from suite.datasets.live.gather import unlabelled

    return unlabelled(given)
