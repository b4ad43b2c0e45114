"""A seeded table of any size: mixed numbers and categories, some missing, informative but not trivial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.datasets.entries.define import dataset
from suite.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MAX_CELLS = 1_000_000_000
CLUSTERS = 4
LEVELS = ("amber", "blue", "green", "grey", "red", "white")
MISSING_SHARE = 0.05
LABEL_NOISE = 0.03


@dataset(protocol="holdout")
def synthetic(
    rows: int = 2000, features: int = 20, classes: int = 3, seed: int = 0
) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Seeded table of mixed numbers and categories with missing values.

    Every class is four clusters, so that no plane separates the classes. Every fourth column is categorical,
    every third is noise, every fifth misses a twentieth of its values, and 3 % of the labels are drawn anew.
    """
    import numpy as np
    import pandas as pd

    _check(rows, features, classes, seed)
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(rows, dtype=np.int32) % classes)
    cluster = CLUSTERS * y + rng.integers(0, CLUSTERS, size=rows, dtype=np.int32)
    columns: dict[str, Any] = {}
    for position in range(1, features + 1):
        source = cluster if position % 3 else np.zeros_like(cluster)
        if position % 4:
            columns[f"number_{position}"] = _numbers(source, classes, position % 5 == 0, rng)
        else:
            columns[f"category_{position}"] = _levels(source, classes, position % 5 == 0, rng)
    noisy = rng.random(rows, dtype=np.float32) < LABEL_NOISE
    # One row of each class stays as it is: every class is there, whatever the noise.
    noisy[np.unique(y, return_index=True)[1]] = False
    y[noisy] = rng.integers(0, classes, size=int(noisy.sum()), dtype=np.int32)
    return pd.DataFrame(columns, copy=False), pd.Series(y, name="class")


def _check(rows: int, features: int, classes: int, seed: int) -> None:
    for name, value, low in (("features", features, 1), ("classes", classes, 2), ("seed", seed, 0)):
        if value < low:
            raise UsageError(f"synthetic:{name} takes a whole number of at least {low}, not {value}")
    if rows < 5 * classes:
        raise UsageError(f"synthetic:rows must be at least 5 for each of the {classes} classes, not {rows}")
    if rows * features > MAX_CELLS:
        raise UsageError(f"synthetic makes at most {MAX_CELLS:,} cells, not {rows:,} x {features:,}")


def _numbers(cluster: np.ndarray, classes: int, missing: bool, rng: np.random.Generator) -> np.ndarray:
    import numpy as np

    centres = rng.normal(scale=1.0, size=CLUSTERS * classes).astype(np.float32)
    column = rng.standard_normal(len(cluster), dtype=np.float32)
    column += centres[cluster]
    if missing:
        column[rng.random(len(cluster), dtype=np.float32) < MISSING_SHARE] = np.nan
    return column


def _levels(
    cluster: np.ndarray, classes: int, missing: bool, rng: np.random.Generator
) -> pd.Categorical[str]:
    import numpy as np
    import pandas as pd

    cumulative = np.cumsum(rng.dirichlet(np.ones(len(LEVELS)), size=CLUSTERS * classes), axis=1).astype(
        np.float32
    )
    draw = rng.random(len(cluster), dtype=np.float32)
    codes = np.zeros(len(cluster), dtype=np.int8)
    for level in range(len(LEVELS) - 1):
        codes += draw > cumulative[cluster, level]
    if missing:
        codes[rng.random(len(cluster), dtype=np.float32) < MISSING_SHARE] = -1
    return pd.Categorical.from_codes(codes, categories=pd.Index(LEVELS))
