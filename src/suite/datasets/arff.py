"""ARFF, the format of Weka, to a frame, through SciPy."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from suite.datasets.sources import content
from suite.errors import DataError, in_one_line

if TYPE_CHECKING:
    import pandas as pd


def read_arff(path: Path) -> pd.DataFrame:
    """Read an ARFF file: nominal values become text, `?` is missing.

    Raises
    ------
    DataError
        If it is damaged, sparse, or has string attributes, which SciPy does not read.
    """
    import pandas as pd
    from scipy.io import arff

    data = content(path).read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    try:
        # SciPy takes nothing but ASCII for nominal values: other characters pass as references.
        ascii_text = text.encode("ascii", "xmlcharrefreplace").decode("ascii")
        frame = pd.DataFrame(arff.loadarff(io.StringIO(ascii_text))[0])
    except NotImplementedError as error:
        raise DataError(f"{path} has attributes that cannot be read ({error}); save it as CSV") from error
    except Exception as error:
        # SciPy's reader lets through whatever a damaged line raises.
        raise DataError(
            f"{path} cannot be read as ARFF: {in_one_line(type(error).__name__, error)}"
        ) from error
    for name in frame.select_dtypes(object).columns:
        words = frame[name].str.decode("ascii")
        frame[name] = words.mask(words == "?").map(_with_all_characters, na_action="ignore")
    return frame.rename(columns=_with_all_characters)


def _with_all_characters(ascii_text: str) -> str:
    return re.sub(r"&#(\d{3,7});", lambda found: chr(int(found[1])), ascii_text)
