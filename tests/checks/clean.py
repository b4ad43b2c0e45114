"""Clean tables with every kind of column, and faults to plant in them."""

from __future__ import annotations

import numpy as np
import pandas as pd


def clean_table(seed: int, n: int = 0) -> pd.DataFrame:
    """An honest table of 60 to 2,000 rows and 2 to 8 classes, of which several columns tell something; target `y`."""
    rng = np.random.default_rng(seed)
    n = n or int(rng.choice([60, 100, 200, 500, 1000, 2000]))
    k = int(rng.integers(2, 9))
    if n < 30 * k:
        k = max(2, n // 30)
    y = rng.choice(k, n, p=rng.dirichlet(np.full(k, 5.0)))
    y[: 3 * k] = np.arange(3 * k) % k
    rng.shuffle(y)
    words = np.array([f"word{i}" for i in range(400)])
    columns = {
        "height": rng.normal(size=n),
        "signal": rng.normal(0.8 * y, 1.0),
        "mixed": rng.normal(np.cos(2.0 * y), 0.8),
        "spend": rng.lognormal(3 + 0.2 * y, 1.0).round(2),
        "visits": rng.poisson(3 + y),
        "calls": rng.poisson(40, n),
        "age": rng.normal(40 + y, 12, n).round().clip(18, 95),
        "grade": rng.integers(1, 6, n),
        "half": (rng.normal(5, 2, n) * 2).round() / 2,
        "colour": rng.choice(["red", "green", "blue"], n),
        "plan": np.where(
            rng.random(n) < 0.4, np.char.add("p", (y % 3).astype(str)), rng.choice(["p0", "p1", "p2"], n)
        ),
        "town": rng.choice([f"town {i}" for i in range(40)], n),
        "remark": rng.choice(words, n),
        "code": rng.integers(1000, 9999, n),
        "member": rng.choice(["true", "false"], n),
        "seen": (pd.Timestamp("2021-03-01") + pd.to_timedelta(rng.integers(0, 800, n), unit="D")).strftime(
            "%Y-%m-%d"
        ),
        "since": rng.integers(1990, 2024, n),
        "holes": np.where(rng.random(n) < 0.4, np.nan, rng.normal(y * 0.3, 1.0)),
        "stage": np.where(rng.random(n) < 0.3, None, rng.choice(["a", "b", "c"], n)),
    }
    names = list(columns)
    kept = sorted(rng.choice(len(names), int(rng.integers(3, len(names) + 1)), replace=False))
    frame = pd.DataFrame({names[i]: columns[names[i]] for i in kept})
    return frame.assign(y=np.array([f"class {code}" for code in y]))
