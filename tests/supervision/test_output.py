from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from suite.supervision.output import CappedLog, read_all


@given(st.lists(st.binary(max_size=40)), st.integers(2, 60).map(lambda half: half * 2))
def test_a_log_keeps_head_and_tail_and_says_what_it_left_out(parts, limit):
    log = CappedLog(limit)
    for part in parts:
        log.write(part)
    whole = b"".join(parts)
    if len(whole) <= limit:
        assert log.read() == whole
    else:
        half = limit // 2
        note = b"\n[... %d bytes left out ...]\n" % (len(whole) - limit)
        assert log.read() == whole[:half] + note + whole[-half:]


def test_a_cleared_log_begins_anew():
    log = CappedLog(4)
    log.write(b"abcdefgh")
    log.clear()
    log.write(b"xy")
    assert log.read() == b"xy"


def test_reading_stops_at_what_is_there_and_tells_the_end():
    read, write = os.pipe()
    os.set_blocking(read, False)
    parts = []
    os.write(write, b"abc")
    assert read_all(read, parts.append)
    os.close(write)
    assert not read_all(read, parts.append)
    os.close(read)
    assert parts == [b"abc"]
