"""Kaggle's music genre table: found on disk, checked by hash, cleaned with a report; fetched on request only.

Its licence is not known, so it is not part of this package: users get it themselves.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.datasets.entries.define import dataset
from suite.datasets.files.sources import cache_dir, content, search_path
from suite.datasets.table import Table, count_rows
from suite.errors import DataError
from suite.names import digest

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

HANDLE = "vicsuperman/prediction-of-music-genre"
FILE = "music_genre.csv"
SHA256 = "6e1a77a46c88226e24aa36facf81235315b4680054bc7f3d3c609c1b05711078"
TARGET = "music_genre"
SUPPORTS = (1008, 1034, 1021, 955, 986, 1009, 995, 985, 1030, 977)
NO_FEATURES = {
    "instance_id": "identifies the row",
    "artist_name": "identifies the artist, who mostly plays one genre",
    "track_name": "identifies the track",
    "obtained_date": "says when the row was collected",
}


@dataset(version=1, protocol="original")
def music_genre(data_dir: Path | None = None) -> Table:
    """50,000 songs of 10 genres with 13 audio features (Kaggle, vicsuperman/prediction-of-music-genre)."""
    import pandas as pd

    packed = find(data_dir)
    stream = content(packed)
    _check_hash(stream.getbuffer(), str(packed))
    frame, notes = clean(pd.read_csv(stream, keep_default_na=False, na_values=[""], low_memory=False))
    return Table(
        frame=frame.drop(columns=TARGET),
        labels=frame[TARGET],
        target=TARGET,
        drop=NO_FEATURES,
        notes=tuple(notes),
        fingerprint=digest(SHA256, music_genre.version, TARGET),
    )


def find(data_dir: Path | None) -> Path:
    """Return the first `music_genre.csv`, `.csv.gz` or `.csv.zip` in `data_dir`, `$SUITE_DATA` or the cache.

    Raises `DataError` if there is none; the message says how to get it.
    """
    for folder in search_path(data_dir):
        for ending in ("", ".gz", ".zip"):
            path = folder / (FILE + ending)
            if path.is_file():
                return path
    raise DataError(
        f"{FILE} (also .gz, .zip) is not here: run `suite fetch music_genre`, or put it in a folder and name "
        "that with --data-dir or $SUITE_DATA"
    )


def clean(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows that hold something, with the codes for missing made missing, and what was changed."""
    import pandas as pd

    empty = frame.isna().all(axis=1)
    frame = frame[~empty].reset_index(drop=True)
    no_tempo = frame["tempo"] == "?"
    no_duration = frame["duration_ms"] == -1
    no_artist = int((frame["artist_name"] == "empty_field").sum())
    frame["tempo"] = pd.to_numeric(frame["tempo"].mask(no_tempo))
    frame["duration_ms"] = frame["duration_ms"].mask(no_duration)
    return frame, [
        f"dropped {count_rows(int(empty.sum()))} without any value",
        f"tempo: '?' in {count_rows(int(no_tempo.sum()))} was made missing",
        f"duration_ms: -1 in {count_rows(int(no_duration.sum()))} was made missing",
        f"artist_name: 'empty_field' in {count_rows(no_artist)} was left as it is",
    ]


def check_original(y_test: np.ndarray | Sequence[int]) -> None:
    """Raise `DataError` unless each class has as many test rows as in the original log.

    `y_test` holds the codes of the test rows, classes in alphabetical order.
    """
    import numpy as np

    supports = tuple(int(count) for count in np.bincount(np.asarray(y_test), minlength=len(SUPPORTS)))
    if supports != SUPPORTS:
        raise DataError(f"this is not the original split of music_genre: supports {supports}, not {SUPPORTS}")


def fetch() -> Path:
    """Download the table from Kaggle into the user's cache and return where it is.

    A copy that is there already is checked and kept. Only a file with the expected sha256 is put in place. Raises
    `DataError` if kagglehub is missing, the download fails, or what came is not the table.
    """
    folder = cache_dir()
    path = folder / FILE
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256:
        return path
    try:
        import kagglehub
    except ImportError:
        raise DataError('fetching music_genre needs kagglehub: pip install "tabular-suite[data]"') from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The temporary folder stands beside the final place: os.replace is atomic within one file system.
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            kagglehub.dataset_download(HANDLE, output_dir=temporary)
            _put_in_place(Path(temporary) / FILE, path)
    except DataError:
        raise
    except Exception as error:
        # kagglehub lets through whatever requests, urllib3 and the file system raise.
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise DataError(f"music_genre could not be fetched from Kaggle: {reason}") from error
    return path


def _put_in_place(downloaded: Path, path: Path) -> None:
    if not downloaded.is_file():
        raise DataError(f"the download from Kaggle holds no {FILE}; nothing was kept")
    _check_hash(downloaded.read_bytes(), "the download from Kaggle")
    with downloaded.open("rb") as stream:
        os.fsync(stream.fileno())
    downloaded.replace(path)


def _check_hash(data: Any, where: str) -> None:
    got = hashlib.sha256(data).hexdigest()
    if got != SHA256:
        is_page = bytes(data[:200]).lstrip().lower().startswith((b"<!doctype", b"<html"))
        kind = "an HTML page" if is_page else FILE
        raise DataError(f"{where} is not the expected {FILE}: sha256 {got}, expected {SHA256} ({kind})")
