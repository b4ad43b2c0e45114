"""Messages between two processes: a JSON header and raw bytes, framed on one duplex file descriptor.

A frame is the header's length (4 bytes), the payload's length (8 bytes), both big-endian, then the header as
UTF-8 JSON (always an object) and the payload as it is. Nothing is ever unpickled.

The module is imported by the guard, which has to start in milliseconds: it takes little, and no dataclass.
"""

from __future__ import annotations

import json
import os
import select
import struct
from collections import deque
from threading import Lock
from typing import Any

_LENGTHS = struct.Struct("!IQ")
_CHUNK = 1 << 18
_TURN = 1 << 22
MAX_HEADER = 1 << 24
LINK_VARIABLE = "SUITE_LINK"
"""The environment variable that tells a child which descriptors it was handed."""
STOP = "stop"
"""The type of the message by which a parent asks a child's job to stop."""

Header = dict[str, Any]


class ChannelError(Exception):
    """What arrived is not a message: the stream cannot be read any further."""


class Message:
    """One message: a header of what JSON can hold, whose ``"type"`` says what it is, and raw bytes."""

    __slots__ = ("header", "payload")

    def __init__(self, header: Header, payload: bytes | bytearray = b"") -> None:
        self.header = header
        self.payload = payload

    @property
    def type(self) -> str:
        """The header's ``"type"``, empty where it has none."""
        return str(self.header.get("type", ""))

    def __repr__(self) -> str:
        return f"Message({self.header!r}, {len(self.payload)} bytes)"


class Channel:
    """A duplex stream of messages over one file descriptor (an end of a socket pair).

    A side that may wait uses `send` and `receive`. A side that may not calls `os.set_blocking(fd, False)` once and
    uses `post`, `flush` and `pump`. One channel is used in one of the two ways only. `send` may be called from
    several threads, everything else from one. The channel closes its descriptor; it refuses messages whose payload is
    larger than `max_payload` bytes.
    """

    def __init__(self, fd: int, *, max_payload: int = 1 << 40) -> None:
        self._fd = fd
        self._max_payload = max_payload
        self._lock = Lock()
        self._inbox = bytearray()
        self._outbox: deque[memoryview] = deque()
        self.ended = False

    def fileno(self) -> int:
        """Return the descriptor, for a selector; -1 once closed."""
        return self._fd

    def close(self) -> None:
        """Close the descriptor; a second call does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self.ended = -1, True
        self._outbox.clear()

    def send(self, header: Header, payload: bytes | bytearray | memoryview = b"") -> None:
        """Write one message, waiting until the other side has room for it.

        Raises
        ------
        OSError
            The other side is gone.
        """
        with self._lock:
            for part in _frame(header, payload):
                while part:
                    part = part[os.write(self._fd, part) :]

    def receive(self) -> Message | None:
        """Wait for one message; None when the other side has closed the stream.

        Raises
        ------
        ChannelError
            The stream ended inside a message, or holds something else.
        """
        lengths = self._read_exactly(_LENGTHS.size, may_end=True)
        if lengths is None:
            return None
        header_size, payload_size = self._sizes(lengths)
        header = _parse(self._read_exactly(header_size) or b"")
        return Message(header, self._read_exactly(payload_size) or b"")

    def waiting(self, timeout: float = 0.0) -> bool:
        """Say whether `receive` has something to read within `timeout` seconds."""
        poller = select.poll()
        poller.register(self._fd, select.POLLIN)
        return bool(poller.poll(timeout * 1000))

    def post(self, header: Header, payload: bytes | bytearray | memoryview = b"") -> None:
        """Queue one message and write what fits; `flush` writes the rest. The payload is not copied."""
        if not self.ended:
            self._outbox.extend(part for part in _frame(header, payload) if part)
            self.flush()

    def flush(self) -> bool:
        """Write what fits; True when nothing is left to write. A side that is gone takes everything."""
        try:
            while self._outbox:
                part = self._outbox[0]
                written = os.write(self._fd, part)
                if written < len(part):
                    self._outbox[0] = part[written:]
                else:
                    self._outbox.popleft()
        except BlockingIOError:
            pass
        except OSError:
            self._outbox.clear()
        return not self._outbox

    def pump(self) -> list[Message]:
        """Read what has arrived (at most about 4 MiB a call); sets `ended` at the end of the stream.

        Raises
        ------
        ChannelError
            What arrived is not a message.
        """
        taken = 0
        while not self.ended and taken < _TURN:
            try:
                data = os.read(self._fd, _CHUNK)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            self.ended = not data
            self._inbox += data
            taken += len(data)
        return self._complete_messages()

    def _complete_messages(self) -> list[Message]:
        messages: list[Message] = []
        at = 0
        while len(self._inbox) - at >= _LENGTHS.size:
            try:
                header_size, payload_size = self._sizes(self._inbox[at : at + _LENGTHS.size])
            except ChannelError:
                if not messages:
                    raise
                # What came before is whole; the next call finds this in front.
                break
            body = at + _LENGTHS.size
            end = body + header_size + payload_size
            if len(self._inbox) < end:
                break
            header = _parse(self._inbox[body : body + header_size])
            messages.append(Message(header, bytes(self._inbox[body + header_size : end])))
            at = end
        del self._inbox[:at]
        return messages

    def _sizes(self, lengths: bytes | bytearray) -> tuple[int, int]:
        header_size, payload_size = _LENGTHS.unpack(lengths)
        if header_size > MAX_HEADER or payload_size > self._max_payload:
            raise ChannelError(
                f"a message of {header_size} + {payload_size} bytes is over the limit of "
                f"{MAX_HEADER} + {self._max_payload}"
            )
        return header_size, payload_size

    def _read_exactly(self, size: int, *, may_end: bool = False) -> bytearray | None:
        data = bytearray(size)
        view, done = memoryview(data), 0
        while done < size:
            try:
                got = os.readv(self._fd, [view[done:]])
            except ConnectionResetError:
                got = 0
            if not got:
                if may_end and not done:
                    return None
                raise ChannelError(f"the stream ended after {done} of {size} bytes")
            done += got
        return data


def _frame(header: Header, payload: bytes | bytearray | memoryview) -> tuple[memoryview, memoryview]:
    text = json.dumps(header).encode()
    if len(text) > MAX_HEADER:
        raise ChannelError(f"a header of {len(text)} bytes is over the limit of {MAX_HEADER}")
    body = memoryview(payload).cast("B")
    return memoryview(_LENGTHS.pack(len(text), len(body)) + text), body


def _parse(text: bytes | bytearray) -> Header:
    try:
        header = json.loads(text)
    except ValueError as error:
        raise ChannelError(f"a header is not JSON: {error}") from None
    if not isinstance(header, dict):
        raise ChannelError(f"a header is {type(header).__name__}, not an object")
    return header
