"""Preprocessing per model family: `scaled` numbers for most, `native` categories for boosters, `raw` for users' own.

Every transformer is fitted on train rows only. What learns from labels (target encoding) never sees the
rows in `held_out`, so that a model may use those for early stopping or calibration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from suite.schema import Task

if TYPE_CHECKING:
    import numpy as np
    from sklearn.base import BaseEstimator

FEATURES_VERSION = 1
"""Raised when tables are prepared in another way: part of every cell's key, so that all cells run again."""
ONE_HOT_LEVELS = 32
"""A categorical column with more levels than this is target-encoded where numbers are needed."""
THIN_LEVELS, THIN_ROWS = 10, 20
"""More levels, with fewer rows each, are target-encoded for boosters: they split off no level of so few rows."""
NATIVE_LEVELS = 254
"""A categorical column with more levels than this is target-encoded for boosters too (255 bins less one)."""


def scaled(
    task: Task,
    *,
    scaling: Literal["standard", "quantile"] = "standard",
    categories: Literal["one_hot", "codes"] = "one_hot",
    held_out: np.ndarray | None = None,
    seed: int = 0,
) -> BaseEstimator:
    """Return a transformer of a table to a dense float32 matrix of comparable columns.

    Numbers out of all proportion are pulled in (`encoders.Winsorizer`). Then numbers are imputed (mean, with a
    missing indicator) and standardised; with ``scaling="quantile"`` they are mapped to normal quantiles clipped
    to [-4, 4] and missing values become 0, the median.
    Dates are numbers, with the year's, the week's and the day's course beside them (`dates.Calendar`).
    Categories of up to 32 levels become one-hot columns; more levels, and text columns, are
    target-encoded with cross-fitting (`sklearn.preprocessing.TargetEncoder`). With ``categories="codes"``
    those of up to 254 levels come first instead, one column each: 0 for a level not seen in `fit`, then 1,
    2, ...; see `n_coded`.

    `held_out` are positions among the rows passed to ``fit`` that no label-based encoding may learn from. The seed is
    that of the cross-fitting folds and of quantile subsampling.
    """
    import numpy as np
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import MissingIndicator, SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

    from suite import encoders
    from suite.dates import Calendar

    numeric, few, many = _columns(task, ONE_HOT_LEVELS if categories == "one_hot" else NATIVE_LEVELS)
    to_codes = FunctionTransformer(encoders.codes)
    steps: list[tuple[str, Any, list[int]]] = []
    if few and categories == "codes":
        ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        steps.append(
            ("codes", make_pipeline(to_codes, ordinal, FunctionTransformer(encoders.from_zero)), few)
        )
    if numeric:
        steps.append(("numbers", _numbers(task, scaling, seed), numeric))
        steps.append(("missing", MissingIndicator(error_on_new=False), numeric))
    if dates := _dates(task):
        mean = SimpleImputer(keep_empty_features=True)
        steps.append(("calendar", make_pipeline(Calendar(cyclic=True), mean, StandardScaler()), dates))
    if few and categories == "one_hot":
        one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32)
        steps.append(("one_hot", make_pipeline(to_codes, one_hot), few))
    if many:
        steps.append(("target", encoders.HeldOutTargetEncoder(held_out=held_out, random_state=seed), many))
    return make_pipeline(
        ColumnTransformer(steps, sparse_threshold=0), FunctionTransformer(np.asarray, kw_args={"dtype": "f4"})
    )


def scaled_draws(task: Task) -> bool:
    """Tell whether the seed changes `scaled(task)`: a column is target-encoded, over random folds."""
    return bool(_columns(task, ONE_HOT_LEVELS)[2])


def n_coded(task: Task) -> int:
    """Return how many columns ``scaled(task, categories="codes")`` begins with that hold codes."""
    return len(_columns(task, NATIVE_LEVELS)[1])


def _dates(task: Task) -> list[int]:
    return [position for position, kind in enumerate(task.kinds) if kind == "datetime"]


def _numbers(task: Task, scaling: str, seed: int) -> BaseEstimator:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from suite.encoders import NormalQuantiles, Winsorizer

    if scaling == "standard":
        return make_pipeline(Winsorizer(), SimpleImputer(keep_empty_features=True), StandardScaler())
    quantiles = NormalQuantiles(n_quantiles=min(1000, task.n_train), random_state=seed)
    zero = SimpleImputer(strategy="constant", fill_value=0.0, keep_empty_features=True)
    return make_pipeline(Winsorizer(), quantiles, zero)


def native(task: Task, *, held_out: np.ndarray | None = None, seed: int = 0) -> BaseEstimator:
    """Return a transformer to a DataFrame with pandas categories, as boosters read them.

    Numbers pass through with their gaps; of dates there are year, month, weekday and hour too. Categories are
    integer codes of the levels seen in `fit`; a level first seen later is missing. Columns of more than 254 levels, of
    more than 10 with fewer than 20 rows each, and text, are target-encoded; `held_out` is as in `scaled`.
    """
    from suite.encoders import NativeEncoder

    numeric, categorical, encoded = _native_columns(task)
    return NativeEncoder(
        numeric=numeric,
        categorical=categorical,
        encoded=encoded,
        dates=_dates(task),
        held_out=held_out,
        random_state=seed,
    )


def native_draws(task: Task) -> bool:
    """Tell whether the seed changes `native(task)`: a column is target-encoded, over random folds."""
    return bool(_native_columns(task)[2])


def _native_columns(task: Task) -> tuple[list[int], list[int], list[int]]:
    """Return the positions of numeric columns, of categories, and of columns to be target-encoded."""
    numeric, few, many = _columns(task, NATIVE_LEVELS)
    thin = [at for at in few if task.levels[at] > THIN_LEVELS and task.n_train < THIN_ROWS * task.levels[at]]
    return numeric, [at for at in few if at not in thin], sorted(many + thin)


def raw(task: Task, *, as_text: bool = False) -> BaseEstimator | None:
    """Return a transformer to the table as its owner knows it, or None where nothing is to be done.

    Columns keep their names, order and gaps. Booleans are True and False, dates are ``datetime64`` (UTC), categories
    are pandas categories of strings; with ``as_text`` strings.
    """
    restored = {"boolean", "datetime"} | ({"categorical", "text"} if as_text else set())
    if not restored & set(task.kinds):
        return None
    from suite.encoders import Restorer

    return Restorer(task.kinds, as_text)


def _columns(task: Task, most_levels: int) -> tuple[list[int], list[int], list[int]]:
    """Return the positions of numeric columns, of categories with few levels, and of the others."""
    numeric, few, many = [], [], []
    for position, (kind, levels) in enumerate(zip(task.kinds, task.levels, strict=True)):
        if kind in ("numeric", "boolean", "datetime"):
            numeric.append(position)
        elif kind == "categorical" and levels <= most_levels:
            few.append(position)
        else:
            many.append(position)
    return numeric, few, many
