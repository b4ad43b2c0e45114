"""What a run found: its records, and the tables, matrices, predictions and boards computed from them."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from suite.analysis.ranking import Board, boards
from suite.errors import UnknownName, UsageError
from suite.locks import locked
from suite.schema import Predictions, Record
from suite.store import LOCK, Store, write_text_atomic

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Results:
    """The records of one run, and what can be told from them.

    Attributes
    ----------
    records : list of Record
        One per cell asked for, in the order of the plan, published rows last.
    store : Store
        Where records and predictions are kept.
    metric : str
        What the leaderboard is sorted by.
    """

    records: list[Record]
    store: Store
    metric: str = "accuracy"
    boards: list[Board] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "boards", boards(self.records, self.metric))

    def __repr__(self) -> str:
        count = "1 record" if len(self.records) == 1 else f"{len(self.records)} records"
        return f"<Results: {count}, {len(self.failed)} failed, in {self.store.root}>"

    def leaderboard(self) -> pd.DataFrame:
        """Return one row a model and board: rank, model, family, the mean of every metric, timing."""
        import pandas as pd

        return pd.DataFrame(
            [
                {"dataset": board.dataset, "protocol": board.protocol, "rank": row.rank, "model": row.model}
                | {"family": row.family, "source": row.source, "cells": f"{row.n_ok}/{row.n_cells}"}
                | dict(row.scores)
                | dict(row.timing)
                for board in self.boards
                for row in board.rows
            ]
        )

    def per_class(self, board: int = 0) -> pd.DataFrame:
        """Return F1 of one board, classes x models."""
        import pandas as pd

        return pd.DataFrame(self.boards[board].per_class_f1).rename_axis("class")

    def confusion(self, model: str, board: int = 0) -> pd.DataFrame:
        """Return a model's confusion matrix on one board, summed over its cells; rows are true classes.

        Raises
        ------
        UnknownName
            If the board has no matrix of that model.
        """
        import pandas as pd

        chosen = self.boards[board]
        if model not in chosen.confusion:
            raise UnknownName("model on this board", model, chosen.confusion)
        names = pd.Index(chosen.classes)
        return pd.DataFrame(chosen.confusion[model], index=names, columns=names)

    def predictions(self, model: str) -> list[Predictions]:
        """Return a model's predictions, one per cell that it has them for, in the order of the plan."""
        return [self.store.predictions(r) for r in self.records if r.model == model and r.predictions_sha256]

    def report(self) -> list[Path]:
        """Write the boards of everything in the output folder; return the files written."""
        return write_boards(self.store, self.metric, run=[record.key for record in self.records])

    @property
    def failed(self) -> list[Record]:
        """The records of this run that are not ok."""
        return [record for record in self.records if record.status != "ok"]


def write_boards(
    store: Store, metric: str = "accuracy", missing: int = 0, run: Collection[str] = ()
) -> list[Path]:
    """Render every board of a folder's records as Markdown; return the files written.

    Parameters
    ----------
    store : Store
        The folder.
    metric : str
        What models are ranked by.
    missing : int
        How many cells an interrupted run has left to do; the boards then say that they are partial.
    run : collection of str
        The keys of one run's cells, see `boards`.

    Raises
    ------
    UsageError
        If the folder has no record.
    """
    from suite.report.markdown import board_markdown, board_path, index_markdown

    # Of two runs that end together, the one that writes last has to have read the other's records.
    with contextlib.ExitStack() as alone:
        # Where that cannot be had, as on file systems without locks, they are written all the same.
        with contextlib.suppress(OSError):
            alone.enter_context(locked(store.root / LOCK))
        found = boards(store.records(), metric, run)
        if not found:
            raise UsageError(f"no record in {store.root}: nothing to report")
        pages = {store.root / board_path(board): board_markdown(board) for board in found}
        pages[store.root / "LEADERBOARD.md"] = index_markdown(found)
        for path, text in pages.items():
            write_text_atomic(path, _partial(text, missing) if missing else text)
    return list(pages)


def _partial(text: str, missing: int) -> str:
    title, _, rest = text.partition("\n")
    cells = "1 cell is" if missing == 1 else f"{missing} cells are"
    return f"{title}\n\n**Partial: the run was interrupted, and {cells} not done yet.**\n{rest}"
