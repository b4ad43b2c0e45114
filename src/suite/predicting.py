"""Predict the rows of a file with an exported model: piece by piece, in the memory of one piece."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from suite.disk import temporary
from suite.errors import UnknownName, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from suite.exports.model import ExportedModel


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """What became of a file."""

    n_rows: int
    news: list[str]
    """What is new in it, in sentences."""
    notes: tuple[str, ...]
    """What reading it left out or changed."""


def predict(
    model: ExportedModel, path: Path, out: Path, *, proba: bool = True, keep: Sequence[str] = ()
) -> Predicted:
    """Write a line a row: the columns to keep, the row's number from 0, the class, and a probability a class.

    The file is whole or not there: it takes its name when the last row is written.

    Raises
    ------
    DataError
        If the file cannot be read, or lacks more than half of the columns that the model uses.
    UsageError
        If nothing can be written.
    """
    import numpy as np
    import pandas as pd

    from suite.datasets.files import unlabelled

    if not out.name:
        raise UsageError("--out takes the name of a file")
    if out.exists() and path.exists() and out.samefile(path):
        raise UsageError(f"{out} is the file that is read: name another with --out")
    table = unlabelled.read(
        path, no_header=model.about.no_header, as_text=[*model.as_text, *keep], called=model.called
    )
    for name in keep:
        if name not in table.names:
            raise UnknownName("column", name, table.names)
    model.check_names(table.names)
    news, row = model.news(), 0
    header = _header(model, keep, proba)
    with _written(out) as file:
        for piece in table.pieces:
            found = model.of_typed(model.typed(piece, news))
            columns: list[pd.Series | np.ndarray] = [piece[name].to_numpy(object) for name in keep]
            columns += [np.arange(row, row + len(piece)), model.classes_[found.argmax(axis=1)]]
            columns += list(found.T) if proba else []
            lines = pd.DataFrame(dict(enumerate(columns)), copy=False)
            lines.to_csv(
                file,
                index=False,
                header=header if row == 0 else False,
                float_format="%.8g",
                lineterminator="\n",
            )
            row += len(piece)
    return Predicted(n_rows=row, news=news.sentences(), notes=table.notes)


def _header(model: ExportedModel, keep: Sequence[str], proba: bool) -> list[str]:
    from suite.datasets.table import unique_names

    names = [*keep, "row", "prediction", *(f"p_{name}" for name in model.classes_ if proba)]
    return unique_names(names)[0]


@contextlib.contextmanager
def _written(out: Path) -> Iterator[IO[str]]:
    """Open a file beside another one, whose place it takes if the block ends well."""
    temp = temporary(out)
    try:
        with temp.open("x", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temp.replace(out)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            temp.unlink()
