"""ARFF, the format of Weka, to a frame, through SciPy."""

from __future__ import annotations

import csv
import io
import re
import sys
from pathlib import Path

import pandas as pd

from suite.datasets.files.shape import check_shape
from suite.datasets.files.sources import content
from suite.errors import DataError, in_one_line

_LONGEST = 5_000
"""Characters of a row with quotes."""


def read_arff(path: Path) -> pd.DataFrame:
    """Read an ARFF file: nominal values become text, `?` is missing.

    Raises `DataError` if it is damaged, sparse, or has string attributes, which SciPy does not read.
    """
    from scipy.io import arff

    data = content(path).read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    _check(path, text)
    # SciPy takes nothing but single quotes around names.
    text = re.sub(r"^([ \t]*+@attribute[ \t]++)\"([^\"'\n]*+)\"", r"\1'\2'", text, flags=re.M | re.I)
    try:
        # SciPy takes nothing but ASCII for nominal values: other characters pass as references.
        ascii_text = text.encode("ascii", "xmlcharrefreplace").decode("ascii")
        frame = pd.DataFrame(arff.loadarff(io.StringIO(ascii_text))[0])
    except NotImplementedError as error:
        raise DataError(f"{path} has attributes that cannot be read ({error}); save it as CSV") from error
    except Exception as error:
        # SciPy's reader lets through whatever a damaged line raises.
        raise DataError(f"{path} {in_one_line('cannot be read as ARFF', error)}") from error
    for name in frame.select_dtypes(object).columns:
        words = frame[name].str.decode("ascii")
        # What is declared as nominal is a category, though its words may be numbers.
        frame[name] = (
            words.mask(words == "?").map(_with_all_characters, na_action="ignore").astype("category")
        )
    return frame.rename(columns=lambda name: _with_all_characters(_without_quotes(name)))


def _check(path: Path, text: str) -> None:
    """Refuse rows that SciPy would misread, or stumble over without a word of the line."""
    attributes, in_data = 0, False
    check_shape(path, text.count("\n"), 1)
    for at, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if not line or line.startswith("%"):
            continue
        if not in_data:
            attributes += line.lower().startswith("@attribute")
            check_shape(path, 0, attributes)
            if re.fullmatch(r"""@attribute\s+('[^']*'|"[^"]*"|\S+)""", line, re.I):
                raise DataError(f"{path}, line {at}: this attribute has no type")
            in_data = line.lower().startswith("@data")
        elif line.startswith("{"):
            raise DataError(f"{path}, line {at}: this is sparse ARFF, which is not read; save it as CSV")
        elif len(line) > _LONGEST and not {"'", '"'}.isdisjoint(line):
            # SciPy would look for the ends of its quotes for ages.
            raise DataError(f"{path}, line {at}: this row is too long for ARFF; save it as CSV")
        elif line.count(",") + 1 != attributes:
            separator = "\t" if "," not in line and "\t" in line else ","
            counts = [len(next(csv.reader([line], delimiter=separator, quotechar=q))) for q in "'\""]
            if attributes not in counts:
                raise DataError(
                    f"{path}, line {at}: {counts[0]} cells where there are {attributes} attributes"
                )


def _without_quotes(name: str) -> str:
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] == "'" else name


def _with_all_characters(ascii_text: str) -> str:
    return re.sub(r"&#(\d{3,7});", _character, ascii_text)


def _character(found: re.Match[str]) -> str:
    code = int(found[1])
    return found[0] if code > sys.maxunicode or 0xD800 <= code < 0xE000 else chr(code)
