"""What a run found: its records, and the tables, matrices, predictions and boards computed from them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from suite.analysis import origin
from suite.analysis.asking import board_at, of_model, pair_of
from suite.analysis.board import Board, Row
from suite.analysis.comparison import Pair
from suite.analysis.flat import flat
from suite.analysis.ranking import boards, unscored
from suite.config import View
from suite.errors import UnknownName
from suite.nouns import plain
from suite.records import board_of, current
from suite.schema import Predictions, Record
from suite.store import Store
from suite.writing import write_boards

if TYPE_CHECKING:
    import pandas as pd

    from suite.report.plots import Plots
    from suite.report.versus import Versus


@dataclass(frozen=True, repr=False)
class Results:
    """The records of one run, and what can be told from them.

    Attributes
    ----------
    records : list of Record
        One per cell asked for, in the order of the plan, published rows last.
    store : Store
        Where records and predictions are kept.
    view : View
        How boards are told: what models are ranked by, and what is asked of the answer.
    boards : list of Board
        Those of this run's data sets and protocols, as they stand in the folder: with all models that are there.
    """

    records: list[Record]
    store: Store
    view: View
    boards: list[Board]

    @classmethod
    def of(cls, records: list[Record], store: Store, view: View) -> Results:
        """Write the boards of the folder, and return what a run found."""
        everything = write_boards(store, view, run=[record.key for record in records])
        return cls(records, store, view, _touched(everything, records))

    @property
    def metric(self) -> str:
        """What models are ranked by."""
        return self.view.metric

    @property
    def page(self) -> Path:
        """The HTML page of the board, or of all boards where there are several; a browser opens it from disk."""
        from suite.report.page import NAME

        folder = self.boards[0].folder if len(self.boards) == 1 else ""
        return self.store.root / folder / NAME

    def __repr__(self) -> str:
        from suite.report.brief import brief_text

        count = "1 record" if len(self.records) == 1 else f"{len(self.records)} records"
        line = f"<Results: {count}, {len(self.failed)} failed, in {self.store.root}>"
        return f"{line}\n{brief_text(self.boards)}".rstrip()

    def _repr_html_(self) -> str:
        from suite.report.notebook import boards_html

        return boards_html(self.boards, self.store.root)

    def leaderboard(self, *, metric: str | None = None, all: bool = False) -> pd.DataFrame:
        """Return one row a model: rank, whether it may be the best, model, score with its interval, seconds to fit.

        ``tied`` says whether the truly best model may be this one, ``low`` and ``high`` are the ends of the score's
        95 % interval, ``to_best`` is its score less that of the best, ``status`` how its fits ended. Where there are
        several boards, one row a model and board, with the data set and the protocol first.

        Parameters
        ----------
        metric : str, optional
            What to rank by instead of the run's metric.
        all : bool
            Every column there is: the other metrics, times, memory, and what the models are.

        Raises
        ------
        UnknownName
            If there is no such metric.
        """
        import pandas as pd

        metric = metric or self.metric
        found = self.boards
        if metric != self.metric:
            keys = [record.key for record in self.records]
            view = replace(self.view, metric=metric)
            found = _touched(boards(self.store.records(), view, keys, self.store), self.records)
        rows = [_columns(board, row) for board in found for row in board.rows]
        if not rows:
            return pd.DataFrame()
        table = pd.DataFrame(rows).astype({"rank": "Int64"})
        if all:
            return table
        names = ["rank", "tied", "model", metric, "low", "high", "to_best", "fit_s", "status"]
        return table[names if len(found) == 1 else ["dataset", "protocol", *names]]

    def per_class(self, board: int | None = None) -> pd.DataFrame:
        """Return F1 of one board, classes x models; `board` is its position in `boards`, where there are several."""
        import pandas as pd

        return pd.DataFrame(self._board(board).per_class_f1).rename_axis("class")

    def comparisons(self, board: int | None = None) -> pd.DataFrame:
        """Return every pair of ranked models of one board by its metric, the better-ranked first; a row a pair.

        The columns are ``first``, ``second``, ``difference`` (of the first less the second, in the metric's unit), its
        95 % interval from ``low`` to ``high``, ``p`` (two-sided), ``only_first`` and ``only_second`` (test rows that
        only one of them has right; missing for repeated splits), and ``is_real``: whether the test says that they
        differ. `board` is its position in `boards`, where there are several.
        """
        import pandas as pd

        pairs = self._board(board).pairs()
        names = [field.name for field in fields(Pair)]
        told = [{**{name: getattr(pair, name) for name in names}, "is_real": pair.is_real} for pair in pairs]
        return pd.DataFrame(told, columns=[*names, "is_real"]).drop(columns="metric")

    def calibration(self, model: str, board: int | None = None) -> pd.DataFrame:
        """Return the reliability curve of a model on one board: a row a bin of rows with probabilities near each other.

        The columns are ``probability`` (the mean of what the model says), ``share`` (of these rows, in which it is so),
        the share's 95 % interval from ``low`` to ``high``, and ``rows``. Of two classes it is about the positive one,
        else about the more probable class of each row; ``attrs`` says which, and has the decomposed Brier score and the
        calibration error with its interval.

        Parameters
        ----------
        model : str
            As on the board.
        board : int, optional
            Its position in `boards`; has to be given where there are several.

        Raises
        ------
        UnknownName
            If the board has no such model.
        UsageError
            If nothing is known of that model's probabilities, or it is open which board is meant.
        """
        import pandas as pd

        chosen = self._board(board)
        why = "its rows were tested several times, or its predictions are not here"
        found = of_model(model, chosen, chosen.calibration, "calibration", why)
        table = pd.DataFrame(plain(found.curve))
        table.attrs = {name: value for name, value in plain(found).items() if name != "curve"}
        return table

    def confusion(self, model: str, board: int | None = None) -> pd.DataFrame:
        """Return a model's confusion matrix on one board, summed over its splits; rows are true classes.

        Parameters
        ----------
        model : str
            As on the board.
        board : int, optional
            Its position in `boards`; has to be given where there are several.

        Raises
        ------
        UnknownName
            If the board has no such model.
        UsageError
            If the board has no matrix of that model, or it is open which board is meant.
        """
        import pandas as pd

        chosen = self._board(board)
        names = pd.Index(chosen.classes)
        matrix = of_model(model, chosen, chosen.confusion, "confusion matrix", "its predictions are not here")
        return pd.DataFrame(matrix, index=names, columns=names)

    def trials(self, model: str) -> pd.DataFrame:
        """Return every trial of the searches that a tuned row came of; a row a split and trial.

        The columns are ``dataset``, ``split``, ``number``, ``origin`` ("default", "portfolio" or "sampled"),
        ``status``, ``score`` (on inner splits of the train rows), ``fits``, ``seconds``, ``chosen``, and the parameters
        that were set.

        Raises
        ------
        UnknownName
            If no row of that name came of a search of this run.
        """
        import pandas as pd

        found = {origin.name(r): r for r in self.records if r.tuning and r.tuning.history}
        if model not in found:
            raise UnknownName("search of this run", model, found)
        own = [record for record in self.records if origin.name(record) == model]
        by_split = {(r.dataset, r.split): r.tuning for r in own if r.tuning}
        return pd.DataFrame(
            {
                "dataset": dataset,
                "split": split,
                **plain(trial),
                "chosen": trial.number == tuning.chosen,
                "params": None,
                **trial.params,
            }
            for (dataset, split), tuning in by_split.items()
            for trial in tuning.history
        ).drop(columns="params")

    @property
    def plot(self) -> Plots:
        """The figures of these boards: ``plot.ranking()``, ``plot.confusion("knn").save("x.pdf")``; see `Plots`."""
        from suite.report.plots import Plots

        return Plots(self.boards)

    def compare(self, first: str, second: str, board: int | None = None) -> Versus:
        """Return two models of one board beside each other, by its metric.

        What it says is its text; ``difference`` (of the first less the second), its 95 % interval from ``low`` to
        ``high``, ``p`` and ``is_real`` are its figures.

        Raises
        ------
        UnknownName
            If the board has no such model.
        UsageError
            If the two were not compared, or it is open which board is meant.
        """
        from suite.report.versus import Versus

        return Versus(pair_of(first, second, self._board(board)))

    def _board(self, position: int | None) -> Board:
        return board_at(self.boards, position)

    @overload
    def predictions(self, model: str, *, names: Literal[False] = False) -> list[Predictions]: ...

    @overload
    def predictions(self, model: str, *, names: Literal[True]) -> pd.DataFrame: ...

    def predictions(self, model: str, *, names: bool = False) -> list[Predictions] | pd.DataFrame:
        """Return a model's predictions on test rows, in the order of the plan.

        Parameters
        ----------
        model : str
            As on the boards; tables that were given beside each other have theirs one after the other.
        names : bool
            One frame instead of arrays, with a line a test row: ``split``, ``seed``, ``row`` (its position in the
            table, from 0), ``true`` and ``predicted`` class, and ``p_CLASS``, the probability of each class; where
            there are several boards, ``dataset`` and ``protocol`` come first.

        Returns
        -------
        list of Predictions, or DataFrame
            One per cell that has them; a cell that failed has none.

        Raises
        ------
        UnknownName
            If no board has that model.
        """
        known = sorted({row.model for board in self.boards for row in board.rows})
        if model not in known:
            raise UnknownName("model on these boards", model, known)
        records = [record for record in self.records if record.model == model] or self._earlier(model)
        cells = [(r, self.store.predictions(r)) for r in records if r.predictions_sha256]
        if not names:
            return [found for _, found in cells]
        import pandas as pd

        if not cells:
            return pd.DataFrame(columns=["split", "seed", "row", "true", "predicted"])
        table = pd.concat([_by_name(*cell) for cell in cells], ignore_index=True)
        return table if len(self.boards) > 1 else table.drop(columns=["dataset", "protocol"])

    def _earlier(self, model: str) -> list[Record]:
        """Return the records of a model that stands on the boards from an earlier run."""
        touched = {board_of(record) for record in self.records}
        shown = current(self.store.records(), {record.key for record in self.records})
        return [r for r in shown if r.model == model and board_of(r) in touched]

    def failures(self) -> str:
        """Return in a sentence which models failed in cells of this run, and why; empty if none did."""
        from suite.report.brief import failures_sentence

        return failures_sentence(unscored(self.failed))

    @property
    def failed(self) -> list[Record]:
        """The records of this run that are not ok."""
        return [record for record in self.records if record.status != "ok"]


def _columns(board: Board, row: Row) -> dict[str, Any]:
    """Return all that a line of the leaderboard may tell."""
    found = flat(board, row)
    found["cells"] = f"{found.pop('n_ok')}/{found.pop('n_cells')}"
    return {name: math.nan if value is None and name != "rank" else value for name, value in found.items()}


def _by_name(record: Record, found: Predictions) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    classes = np.array(record.classes, dtype=object)
    cell = {name: getattr(record, name) for name in ("dataset", "protocol", "split", "seed")}
    true, predicted = classes[found.y_true], classes[found.proba.argmax(axis=1)]
    told = {**cell, "row": found.rows, "true": true, "predicted": predicted}
    probabilities = {f"p_{name}": found.proba[:, place] for place, name in enumerate(record.classes)}
    return pd.DataFrame({**told, **probabilities})


def _touched(found: list[Board], records: list[Record]) -> list[Board]:
    """Return the boards that some of the records belong to."""
    touched = {board_of(record) for record in records}
    return [board for board in found if (board.dataset, board.protocol, board.target) in touched]
