"""The stack that an interpreter writes as it crashes: what came before it, and the frame that tells where it was."""

from __future__ import annotations

import os
import re
import signal
from itertools import takewhile
from pathlib import Path

DUMPED = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL})
"""The signals at which `faulthandler` writes it."""
_FRAME = re.compile(r'  File "(.+)", line (\d+) in (.+)')
_INTERPRETER, _PROGRAM = (
    str(folder) + os.sep for folder in (Path(os.__file__).parent, Path(__file__).parents[1])
)
_INSTALLED = re.compile(rf".*{re.escape(os.sep)}(?:site|dist)-packages{re.escape(os.sep)}")


def without_extensions(log: str) -> str:
    """Return a log without the list of extension modules that follows a stack: thousands of characters."""
    lines = log.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("Extension modules: "))


def crash_in(log: str) -> tuple[str, str]:
    """Return what a log holds before the interpreter's own words on a crash, and where that was.

    The place is `` in file.py, line 3 in function``, or nothing if no Python code ran. It is the innermost frame that
    is neither the interpreter's nor of the program that this package is in; where all of them are, the innermost.
    """
    said, _, dump = log.partition("Fatal Python error: ")
    _, _, stack = dump.rpartition("\nCurrent thread 0x")
    frames = [
        match.groups() for match in takewhile(bool, map(_FRAME.fullmatch, stack.splitlines()[1:])) if match
    ]
    if not frames:
        return said, ""
    file, line, function = next((frame for frame in frames if not is_beneath(frame[0])), frames[0])
    name = _INSTALLED.sub("", file) if is_installed(file) else Path(file).name
    return said, f" in {name}, line {line} in {function}"


def is_beneath(file: str) -> bool:
    """Tell whether a frame's file is the interpreter's, or of the program that this package is in."""
    library = file.startswith(_INTERPRETER) and not is_installed(file)
    return library or file.startswith(("<frozen ", _PROGRAM))


def is_of_the_user(file: str) -> bool:
    """Tell whether a file is neither the interpreter's, nor of this program, nor of an installed package."""
    return not is_beneath(file) and not is_installed(file)


def is_installed(file: str) -> bool:
    """Tell whether a frame's file is that of an installed package."""
    return _INSTALLED.match(file) is not None
