r"""Standard output and standard error as commands have them: nothing in what is written steers a terminal.

Whatever writes to `sys.stdout` or `sys.stderr` passes here, and an escape such as ``\x1b`` stands for each character
that does more than be seen. A console of rich, which makes the text of every segment harmless before it styles it,
writes to the stream below.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

from suite.errors import UsageError
from suite.harmless import harmless
from suite.report.lossy import degrade


class Inert:
    """A stream whose text is harmless; `below` is the stream as it was.

    It has a `buffer` of its own: click writes there what it has as bytes, and all where the encoding is ASCII.
    """

    def __init__(self, below: TextIO) -> None:
        self.below = below
        self.buffer = _Bytes(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.below, name)

    def write(self, text: str) -> int:
        """Write text; a progress bar that goes back to the start of its line becomes lines."""
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.below.write(harmless(text, keep="\n\t"))
        return len(text)

    def close(self) -> None:
        """Stay open: what a model closes is not the command's."""

    def writelines(self, lines: Any) -> None:
        """Write texts one after the other."""
        for line in lines:
            self.write(line)


class _Bytes(io.RawIOBase):
    """Takes the bytes of UTF-8 and passes their text on."""

    def __init__(self, stream: Inert) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._stream.write(self._decoder.decode(bytes(data)))
        return len(data)

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        """Stay open, as the stream does: Python, which closes what it throws away, would flush one that is gone."""


class _Passed:
    """A stream that passes all on to another one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Strict(_Passed):
    """A stream that has to take all: where it cannot, that is a `UsageError`; a reader that has gone is none."""

    def write(self, text: str) -> int:
        """Write text."""
        with self._refused():
            return self._stream.write(text)

    def flush(self) -> None:
        """Hand on what is still held."""
        with self._refused():
            self._stream.flush()

    @contextlib.contextmanager
    def _refused(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except (OSError, ValueError) as error:
            why = (isinstance(error, OSError) and error.strerror) or error
            raise UsageError(f"cannot write the output: {why}") from error


class Lenient(_Passed):
    """A stream that nothing depends on: where it cannot be written to, it is given up."""

    def write(self, text: str = "") -> None:
        """Write text at once, or drop it."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            give_up(self._stream)

    flush = write


def give_up(stream: TextIO) -> None:
    """Send what a stream still holds, and all that comes, nowhere: Python's exit would complain of it."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def below(stream: Any) -> Any:
    """Return what a console of rich writes to, so that its colours and movements arrive."""
    return stream.below if isinstance(stream, Inert) else stream


@contextlib.contextmanager
def inert() -> Iterator[None]:
    """Make standard output and standard error inert for a while, and standard error one that nothing depends on."""
    _fill()
    # Python has None for a stream that was closed before it started.
    out, err = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()
    degrade(out, err)
    strict, lenient = cast(TextIO, Strict(out)), cast(TextIO, Lenient(err))
    with (
        contextlib.redirect_stdout(cast(TextIO, Inert(strict))),
        contextlib.redirect_stderr(cast(TextIO, Inert(lenient))),
    ):
        try:
            yield
        finally:
            try:
                out.flush()
            except (OSError, ValueError):
                give_up(out)


def _fill() -> None:
    """Open what stands for a closed stream: a file that is opened later would get its number, and what is written."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
