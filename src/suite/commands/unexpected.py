"""What nobody expected, in one line; the details are kept in a file.

It needs no more than the standard library, and of that little: a library that is missing, no memory and no free file
descriptor are among what it tells of.
"""

from __future__ import annotations

import errno
import os
import resource
import sys

from suite.errors import in_one_line

_LIMITED = {
    errno.EMFILE: ("too many open files", resource.RLIMIT_NOFILE, "ulimit -n"),
    errno.ENOMEM: ("not enough memory", resource.RLIMIT_AS, "ulimit -v"),
    errno.EAGAIN: ("no more processes or threads", resource.RLIMIT_NPROC, "ulimit -u"),
}
_UNITS = {resource.RLIMIT_AS: (1e6, " MB")}
"""By what a limit is divided and in which unit it is told; others are numbers of things."""
_SIGNS = {
    errno.EMFILE: ("too many open files",),
    errno.ENOMEM: ("cannot allocate memory", "unable to allocate", "failed to map segment", "std::bad_alloc"),
    errno.EAGAIN: ("can't start new thread", "resource temporarily unavailable"),
}
"""What libraries say, in the end, of a limit that they have met."""


def told(error: BaseException) -> str:
    """Return in a sentence what went wrong and where the details are, which are written to a file."""
    kind = type(error).__name__
    limit = _limit(error)
    what = limit or f"something went wrong that suite did not expect: {in_one_line(kind, error)}"
    try:
        return f"{what}; details: {_keep(error)}"
    except Exception as failed:
        return f"{what} ({_where(error)}); the details could not be kept: {in_one_line(type(failed).__name__, failed)}"


def _limit(error: BaseException) -> str:
    """Return which limit of the process was met, if an error says so; else nothing."""
    met = _met(error)
    if met is None:
        return ""
    what, limit, flag = _LIMITED[met]
    most, _ = resource.getrlimit(limit)
    divisor, unit = _UNITS.get(limit, (1, ""))
    told = f": the limit is {most / divisor:,.0f}{unit} ({flag})" if most != resource.RLIM_INFINITY else ""
    return what + told


def _met(error: BaseException) -> int | None:
    """Return the error number of the limit that an error, or what it came of, is about."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        if isinstance(one, MemoryError):
            return errno.ENOMEM
        number = one.errno if isinstance(one, OSError) else None
        if number in _LIMITED:
            return number
        said = in_one_line("", one).casefold()
        for number, signs in _SIGNS.items():
            if any(sign in said for sign in signs):
                return number
        one = one.__cause__ or one.__context__
    return None


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
