"""How every command ends: with an exit code and, if something ended it early, in one line."""

from __future__ import annotations

import errno
import sys
import threading
from pathlib import Path
from typing import Any

from suite.commands import streams, unexpected
from suite.commands.console import complain, say
from suite.errors import SuiteError

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
INTERRUPTED, UNEXPECTED = 130, 70


def main(args: list[str] | None = None) -> int:
    """Run a command; return its exit code.

    0 is ok, 1 a cell that failed, 2 usage, 3 nothing ran, 70 what nobody expected, 130 an interruption.
    """
    before = threading.excepthook, sys.unraisablehook
    threading.excepthook = sys.unraisablehook = _aside
    try:
        with streams.inert():
            return _ended(args)
    finally:
        # A process of its own ends now, and what goes wrong as it does is still told in one line.
        if args is not None:
            threading.excepthook, sys.unraisablehook = before


def _ended(args: list[str] | None) -> int:
    """Run a command, say in one line what ended it early, and return its exit code."""
    try:
        from suite.commands import group

        code = group.run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return complain("interrupted; what was finished is kept", INTERRUPTED)
    except SystemExit:
        # So click ends when it has completed a word, and rich where nobody reads any more.
        raise
    except BaseException as error:
        return _told(error)
    return code


def _told(error: BaseException) -> int:
    if isinstance(error, SuiteError):
        return complain(str(error), error.exit_code)
    if isinstance(error, OSError):
        if error.errno == errno.EPIPE:
            return 1
        if error.errno in NO_ROOM:
            return complain(f"cannot write {error.filename or 'a file'}: {error.strerror}", 2)
        if not _has_folder():
            return complain("the current folder is gone: change to one that is there", 2)
    return complain(unexpected.told(error), UNEXPECTED)


def _aside(told: Any) -> None:
    """Say what went wrong in a thread, or where it could not be raised: the command goes on."""
    if isinstance(told.exc_value, Exception):
        say(f"suite: {unexpected.told(told.exc_value)}")


def _has_folder() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True
