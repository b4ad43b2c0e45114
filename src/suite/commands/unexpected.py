"""What nobody expected, in one line; the details are kept in a file.

It needs no more than the standard library, and of that little: a library that is missing, no memory and no free file
descriptor are among what it tells of.
"""

from __future__ import annotations

import os
import sys

from suite.commands import limits
from suite.errors import in_one_line


def told(error: BaseException) -> str:
    """Return in a sentence what went wrong and where the details are, which are written to a file."""
    kind = type(error).__name__
    what = (
        limits.met_by(error) or f"something went wrong that suite did not expect: {in_one_line(kind, error)}"
    )
    try:
        return f"{what}; details: {_keep(error)}"
    except Exception as failed:
        return f"{what} ({_where(error)}); the details could not be kept: {in_one_line(type(failed).__name__, failed)}"


def _keep(error: BaseException) -> str:
    """Write the traceback to a new file that only the user can read, and return its path."""
    import platform
    import tempfile
    import traceback

    from suite.version import __version__

    lines = [
        f"suite {__version__}, Python {platform.python_version()}, {platform.platform()}\n",
        f"{sys.argv!r}\n\n",
        *traceback.format_exception(error),
    ]
    # It makes a file that was not there, follows no link, and lets nobody else read.
    descriptor, path = tempfile.mkstemp(prefix="suite-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.writelines(lines)
    return path


def _where(error: BaseException) -> str:
    """Return the file and the line in which an error was raised."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return f"{step.tb_frame.f_code.co_filename}, line {step.tb_lineno}" if step else "nowhere"
