"""A data set of OpenML: fetched on request only, then read from the user's cache."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from suite.datasets.files.sources import cache_dir, read_bounded
from suite.errors import DataError, UsageError, in_one_line

PREFIX = "openml:"


class OpenMLTable(NamedTuple):
    """A data set of OpenML as it stands in the cache."""

    frame: pd.DataFrame
    """All columns, the target among them."""
    title: str
    target: str | None
    """What OpenML names as the target, if it is one column."""
    content_sha256: str


def parse_id(source: str) -> int:
    """Return the number in `openml:61`."""
    number = source.removeprefix(PREFIX)
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise UsageError(f"{source!r} is not of the form openml:ID, such as openml:61")
    return int(number)


def fetch_openml_table(number: int) -> Path:
    """Download a data set of OpenML into the user's cache and return where it is; one that is there is kept.

    Raises `DataError` if it cannot be fetched or is not a table.
    """
    from sklearn import datasets

    path = _table_file(number)
    if path.is_file() and _about_file(path).is_file():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
            found = datasets.fetch_openml(data_id=number, as_frame=True, data_home=temporary, parser="auto")
            _write(Path(temporary), path, found)
    except Exception as error:
        # scikit-learn lets through whatever urllib, its parsers and the file system raise.
        raise DataError(
            f"{PREFIX}{number} could not be fetched: {in_one_line(type(error).__name__, error)}"
        ) from error
    return path


def read_openml_table(number: int) -> OpenMLTable:
    """Read a data set of OpenML from the user's cache.

    Raises `DataError` if it is not there; the message says how to fetch it.
    """
    path = _table_file(number)
    if not (path.is_file() and _about_file(path).is_file()):
        raise DataError(f"{PREFIX}{number} is not here: run `suite fetch {PREFIX}{number}`")
    sha = hashlib.sha256()
    for piece in read_bounded(path):
        sha.update(piece)
    try:
        about = json.loads(_about_file(path).read_text(encoding="utf-8"))
        frame = pd.read_csv(
            path,
            dtype=dict.fromkeys(about["text"], str),
            keep_default_na=False,
            na_values=[""],
            low_memory=False,
        ).astype(dict.fromkeys(about.get("categories", ()), "category"))
        return OpenMLTable(frame, about["title"], about["target"], sha.hexdigest())
    except Exception as error:
        # Neither the table nor what is said of it needs to be as it was written.
        raise DataError(f"{path} is damaged: remove it and run `suite fetch {PREFIX}{number}`") from error


def _table_file(number: int) -> Path:
    return cache_dir() / "openml" / f"{number}.csv.gz"


def _about_file(path: Path) -> Path:
    return path.with_name(path.name.replace(".csv.gz", ".json"))


def _write(temporary: Path, path: Path, found: Any) -> None:
    frame, targets = found.frame, list(found.target_names or ())
    text = [str(name) for name in frame.columns if frame[name].dtype.kind not in "biufM"]
    about = {
        "title": f"{found.details.get('name')}, version {found.details.get('version')}, of OpenML",
        "target": targets[0] if len(targets) == 1 else None,
        "text": text,
        "categories": [str(n) for n in frame.columns if isinstance(frame[n].dtype, pd.CategoricalDtype)],
    }
    frame.to_csv(temporary / "t.csv.gz", index=False, compression={"method": "gzip", "mtime": 0})
    (temporary / "t.json").write_text(json.dumps(about), encoding="utf-8")
    (temporary / "t.json").replace(_about_file(path))
    (temporary / "t.csv.gz").replace(path)
