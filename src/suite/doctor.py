"""What this machine has, what it lacks and what that means, and what would get in the way of an honest run."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from suite import provenance
from suite.version import __version__

NEEDED = {
    "numpy": "nothing can be fitted",
    "scipy": "nothing can be compared",
    "pandas": "no file can be read",
    "scikit-learn": "most models are skipped",
    "tensorflow": "the models keras_* are skipped",
    "keras": "the models keras_* are skipped",
    "xgboost": "the model xgboost is skipped",
    "lightgbm": "the model lightgbm is skipped",
    "optuna": "--tune searches nothing",
    "skops": "suite export saves nothing",
}
"""What does not work without a package that suite brings."""
OPTIONAL = {
    "catboost": ("catboost", "the model catboost is skipped"),
    "interpret-core": ("ebm", "the model ebm is skipped"),
    "pyarrow": ("parquet", "Parquet and Feather files are not read"),
    "python-calamine": ("excel", "workbooks are not read"),
    "zstandard": ("zstd", ".zst files are not read"),
    "matplotlib": ("plots", "figures are written as svg, not as png or pdf"),
    "dask": ("dask", "--executor dask has no cluster"),
    "kagglehub": ("data", "suite fetch music_genre downloads nothing"),
}
"""The extra that brings a package, and what does not work without it."""
ABSENT = "absent"


@dataclass(frozen=True)
class Check:
    """One line of the examination."""

    label: str
    value: str
    problem: str = ""
    """What gets in the way, and what to do about it; empty if nothing does."""
    note: str = ""
    """What does not work because this is absent, and how to get it; empty if it is there, or a problem."""


def examine() -> list[Check]:
    """Check versions, cores, memory, disk and packages, without importing any of these."""
    return [
        Check("suite", __version__),
        Check("python", sys.version.split()[0]),
        Check("cores", str(provenance.usable_cores())),
        _disk(),
        _memory_cap(),
        *_needed(),
        *_optional(),
        _music_genre(),
        *_twice(),
    ]


def _disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    return Check("free disk", f"{free:.1f} GB", "less than 1 GB is free here" if free < 1 else "")


def _memory_cap() -> Check:
    is_linux = sys.platform == "linux"
    note = "" if is_linux else "a fit may take all memory: this system sets no limit"
    return Check("memory cap", "enforced" if is_linux else ABSENT, note=note)


def _needed() -> Iterator[Check]:
    for package, without in NEEDED.items():
        version = provenance.package_version(package)
        problem = "" if version else f"{without}: pip install {_slim(package)}"
        yield Check(package, version or ABSENT, problem)


def _slim(package: str) -> str:
    """Return the distribution that suite brings: the slim one where there are wheels of it."""
    has_slim = sys.platform == "linux" and platform.machine() == "x86_64"
    return provenance.SLIM.get(package, package) if has_slim else package


def _optional() -> Iterator[Check]:
    for package, (extra, without) in OPTIONAL.items():
        version = provenance.package_version(package)
        if version is None and package == "zstandard" and sys.version_info >= (3, 14):
            continue  # Python brings it.
        note = "" if version else f"{without}: pip install 'tabular-suite[{extra}]'"
        yield Check(package, version or ABSENT, note=note)


def _music_genre() -> Check:
    from suite.datasets.entries import music_genre
    from suite.errors import DataError

    try:
        return Check("music_genre", music_genre.find(None).name)
    except DataError:
        note = "this data set is not there: suite fetch music_genre, or name its folder in SUITE_DATA"
        return Check("music_genre", ABSENT, note=note)


def _twice() -> Iterator[Check]:
    for full, slim in provenance.SLIM.items():
        if len(provenance.distributions(full)) == 2:
            problem = f"{full} and {slim} share one folder and overwrite each other: uninstall both, then install one"
            yield Check(f"{full} twice", f"{full} and {slim}", problem)
