"""A table's features on disk: column after column in one memory-mapped file, their places in a JSON beside it."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.datasets import aside
from suite.datasets.aside import Place

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

LAYOUT = 3
LARGE_ROWS = 200_000
"""Rows from which a gathered column is left in a file."""
_ABOUT = "columns.json"
_DATA = "columns"


def write(X: pd.DataFrame, folder: Path) -> None:
    """Write a table to a folder.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_columns)
        Columns of numbers or booleans are kept in their dtype, categories as int32 codes (-1 is missing) with
        their levels beside them.
    folder : Path
        An empty one.

    Raises
    ------
    OSError
        If it cannot be written to.
    """
    import numpy as np
    import pandas as pd

    levels: list[list[str] | None] = []
    places = []
    text = "object"
    with (folder / _DATA).open("wb") as file:
        for position in range(X.shape[1]):
            column = X.iloc[:, position]
            if isinstance(column.dtype, pd.CategoricalDtype):
                levels.append([str(level) for level in column.cat.categories])
                text = str(column.cat.categories.dtype)
                values = column.cat.codes.to_numpy(np.int32)
            else:
                levels.append(None)
                values = column.to_numpy()
            places.append(aside.put(values, file))
        size = file.tell()
    about = {
        "names": [str(name) for name in X.columns],
        "levels": levels,
        "text": text,
        "places": places,
        "bytes": size,
    }
    (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")


def is_whole(folder: Path) -> bool:
    """Say whether a table has the size that it was written with: after a power loss files may be cut off or empty."""
    try:
        return bool(_about(folder)["bytes"] == (folder / _DATA).stat().st_size)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def read(folder: Path, rows: np.ndarray) -> pd.DataFrame:
    """Return some rows of a cached table, in the order asked for, with a fresh index.

    The memory taken is that of the result. Where there are many rows, their numbers are left in a file, see `aside`.

    Parameters
    ----------
    folder : Path
        Of a table in the cache.
    rows : ndarray of int, shape (n_rows,)
        Positions.
    """
    import pandas as pd

    names = _about(folder)["names"]
    try:
        place = folder.parent if len(rows) >= LARGE_ROWS else None
        columns = aside.kept(_columns(folder, rows), place)
    except OSError:
        columns = list(_columns(folder, rows))
    return pd.DataFrame(dict(zip(names, columns, strict=True)), copy=False)


def mapped(folder: Path) -> pd.DataFrame:
    """Return a whole cached table, its numbers left in the file: they are read when they are looked at.

    Raises
    ------
    OSError
        If it cannot be opened.
    """
    import pandas as pd

    names = _about(folder)["names"]
    return pd.DataFrame(dict(zip(names, _columns(folder), strict=True)), copy=False)


def _about(folder: Path) -> dict[str, Any]:
    about: dict[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    return about


def _columns(folder: Path, rows: np.ndarray | slice = slice(None)) -> Iterator[Any]:
    """Yield numbers as arrays and categories as pandas has them, one column after the other."""
    import pandas as pd

    about = _about(folder)
    with (folder / _DATA).open("rb") as file:
        arrays = aside.mapped([Place(*place) for place in about["places"]], file, mmap.ACCESS_READ)
    for array, levels in zip(arrays, about["levels"], strict=True):
        if levels is None:
            yield array[rows]
        else:
            yield pd.Categorical.from_codes(array[rows], categories=pd.Index(levels, dtype=about["text"]))
