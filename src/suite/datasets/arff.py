"""ARFF, the format of Weka, to a frame, through SciPy."""

from __future__ import annotations

import io
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
        frame = pd.DataFrame(arff.loadarff(io.StringIO(text))[0])
    except NotImplementedError as error:
        raise DataError(f"{path} has attributes that cannot be read ({error}); save it as CSV") from error
    except Exception as error:
        # SciPy's reader lets through whatever a damaged line raises.
        raise DataError(f"{path} cannot be read as ARFF: {in_one_line('', error)}") from error
    for name in frame.select_dtypes(object).columns:
        words = frame[name].str.decode("utf-8")
        frame[name] = words.mask(words == "?")
    return frame
