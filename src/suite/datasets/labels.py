"""Class labels to integer codes, with the names kept as written."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from suite.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MAX_CLASSES = 1000
MAX_INTEGER_LEVELS = 50
MIN_MEAN_CLASS_SIZE = 5
_WHOLE = re.compile(r"[+-]?\d+(\.0*)?", re.ASCII)


class EncodedLabels(NamedTuple):
    """Codes of the rows that have a label, the class names, and which rows those are."""

    y: np.ndarray
    """int16 codes 0..K-1, shape (n_labelled,)."""
    classes: tuple[str, ...]
    present: np.ndarray
    """bool, shape (n_samples,)."""


def encode_labels(labels: Any, target: str) -> EncodedLabels:
    """Encode one label a row.

    Only the empty string, NaN and None count as missing. Floats that are all whole are integers. Classes are
    sorted, by value if every name is a whole number. A target counts as continuous if all its values are
    numbers and one of them is not whole, or if it holds more than 50 whole numbers at fewer than 5 rows each.

    Raises
    ------
    DataError
        If no row has a label, there is one class or more than 1,000, or the target is continuous.
    """
    import numpy as np
    import pandas as pd

    values = pd.Series(labels).reset_index(drop=True)
    missing = (values.isna() | (values == "")).to_numpy(dtype=bool)
    text = _as_text(values[~missing], target)
    if text.empty:
        raise DataError(f"column {target!r} holds no label in any of its {len(values):,} rows")
    names = [str(name) for name in text.unique()]
    _refuse_continuous(names, len(text), target)
    if len(names) == 1:
        raise DataError(f"column {target!r} has one class ({names[0]!r}); classification needs two or more")
    if len(names) > MAX_CLASSES:
        raise DataError(f"column {target!r} has {len(names):,} classes; the limit is {MAX_CLASSES:,}")
    classes = sorted(names)
    if all(_WHOLE.fullmatch(name) for name in names):
        classes.sort(key=Decimal)
    codes = pd.Index(classes).get_indexer(pd.Index(text))
    return EncodedLabels(codes.astype(np.int16), tuple(classes), ~missing)


def _as_text(values: pd.Series[Any], target: str) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if pd.api.types.is_float_dtype(values.dtype):
        numbers = values.to_numpy(dtype=float)
        if not (np.isfinite(numbers).all() and (np.abs(numbers) < 2**53).all() and (numbers % 1 == 0).all()):
            raise _continuous(target, f"{len(np.unique(numbers)):,} different numbers, not all whole")
        values = values.astype("int64")
    return values.map(str)


def _refuse_continuous(names: list[str], rows: int, target: str) -> None:
    import numpy as np
    import pandas as pd

    numbers = pd.to_numeric(pd.Series(names, dtype=object), errors="coerce").to_numpy(dtype=float)
    if not np.isfinite(numbers).all():
        return
    if (numbers % 1 != 0).any():
        raise _continuous(target, f"{len(names):,} different numbers, not all whole")
    if len(names) > MAX_INTEGER_LEVELS and rows < MIN_MEAN_CLASS_SIZE * len(names):
        raise _continuous(target, f"{len(names):,} different whole numbers in {rows:,} rows")


def _continuous(target: str, finding: str) -> DataError:
    return DataError(f"this is classification and column {target!r} looks continuous ({finding})")
