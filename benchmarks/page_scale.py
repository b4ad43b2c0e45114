"""How long a board of 40 models, 100 classes and 20 splits takes to be made, and how large its page is.

Run `python benchmarks/page_scale.py [FOLDER]`; a folder that has the records already is only reported again.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.naive_bayes import GaussianNB

import suite
from suite.report.page import NAME, board_page
from suite.store import Store
from suite.writing import write_boards

MODELS, CLASSES, ROWS_OF_CLASS = 40, 100, 25


def make(out: Path) -> None:
    """Fit small models of the same kind, 800 times."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(CLASSES, 8))
    y = np.repeat(np.arange(CLASSES), ROWS_OF_CLASS)
    X = centres[y] + rng.normal(scale=0.9, size=(len(y), 8))
    models = {f"bayes {i:02}": GaussianNB(var_smoothing=10 ** (-9 + i / 5)) for i in range(MODELS - 1)}
    suite.run(models, (X, y.astype(str)), protocol="cv5x4", executor="inline", threads=1, out=out)


def main(out: Path) -> None:
    """Print times and sizes."""
    if not (out / "records").exists():
        make(out)
    store = Store(out)
    start = time.perf_counter()
    records = store.records()
    read = time.perf_counter()
    (board,) = write_boards(store)
    whole = time.perf_counter()
    by_key = {record.key: record for record in records}
    text = board_page(board, [by_key[key] for key in board.keys])
    page = time.perf_counter() - whole
    print(
        f"{len(board.rows)} models, {len(board.classes)} classes, {board.n_splits} splits, {len(records)} records"
    )
    print(
        f"reading {read - start:.1f} s; boards and pages {whole - read:.1f} s, of which the page {page:.1f} s"
    )
    print(f"{NAME}: {len(text.encode()) / 1e6:.2f} MB")


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp()) / "results"
    main(given)
