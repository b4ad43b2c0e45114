"""What a child prints: read as it comes, the head and the tail of it kept."""

from __future__ import annotations

import os
from collections.abc import Callable

_READ = 1 << 16
_TURN = 256


class CappedLog:
    """The head and the tail of a stream of bytes, `limit` bytes in all, with a note of what was left out."""

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._head, self._tail, self._left_out = bytearray(), bytearray(), 0

    def write(self, data: bytes) -> None:
        """Add what the stream brought."""
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        extra = len(self._tail) - self._half
        if extra > 0:
            del self._tail[:extra]
            self._left_out += extra

    def read(self) -> bytes:
        """Return head, note and tail."""
        note = b"\n[... %d bytes left out ...]\n" % self._left_out if self._left_out else b""
        return bytes(self._head) + note + bytes(self._tail)


def read_all(fd: int, take: Callable[[bytes], object]) -> bool:
    """Hand on what a non-blocking descriptor has to read, at most 16 MiB; False at the end of the stream."""
    for _ in range(_TURN):
        try:
            data = os.read(fd, _READ)
        except BlockingIOError:
            return True
        if not data:
            return False
        take(data)
    return True
