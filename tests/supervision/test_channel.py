from __future__ import annotations

import os
import socket
import struct
import threading

import pytest

from suite.supervision.channel import Channel, ChannelError


@pytest.fixture
def pair():
    ends = [end.detach() for end in socket.socketpair()]
    channels = [Channel(fd) for fd in ends]
    yield channels
    for channel in channels:
        channel.close()


def frame(header: bytes, payload: bytes = b"") -> bytes:
    return struct.pack("!IQ", len(header), len(payload)) + header + payload


def test_messages_arrive_whole_and_in_order(pair):
    here, there = pair
    here.send({"type": "job", "name": "β, and \udcff"}, b"\x00\xff")
    here.send({})
    first, second = there.receive(), there.receive()
    assert (first.type, first.header["name"], bytes(first.payload)) == ("job", "β, and \udcff", b"\x00\xff")
    assert (second.type, second.header, second.payload) == ("", {}, b"")


def test_a_payload_larger_than_any_buffer_passes_a_blocking_channel(pair):
    here, there = pair
    payload = memoryview(bytes(range(256)) * 40_000)
    sender = threading.Thread(target=here.send, args=({"type": "data"}, payload))
    sender.start()
    received = there.receive()
    sender.join()
    assert received.payload == payload


def test_a_channel_that_may_not_wait_writes_and_reads_in_parts(pair):
    for channel in pair:
        os.set_blocking(channel.fileno(), False)
    here, there = pair
    payload = bytes(range(256)) * 40_000
    here.post({"step": 1}, payload)
    here.post({"step": 2})
    assert not here.flush()
    received = []
    while len(received) < 2:
        here.flush()
        received += there.pump()
    assert here.flush()
    assert [message.header["step"] for message in received] == [1, 2]
    assert received[0].payload == payload


def test_a_message_that_comes_byte_by_byte_is_one_message(pair):
    here, there = pair
    os.set_blocking(there.fileno(), False)
    parts = [bytes([byte]) for byte in frame(b'{"type": "x"}', b"abc")]
    received = []
    for part in parts:
        assert received == []
        os.write(here.fileno(), part)
        received += there.pump()
    assert [(message.type, message.payload) for message in received] == [("x", b"abc")]


@pytest.mark.parametrize(
    "garbage",
    [frame(b"not json"), frame(b"[1]"), frame(b"\xff"), b"\xff" * 64, struct.pack("!IQ", 2, 1 << 30) + b"{}"],
)
@pytest.mark.parametrize("blocking", [True, False])
def test_what_is_no_message_is_refused_unread(garbage, blocking):
    write, read = (end.detach() for end in socket.socketpair())
    channel = Channel(read, max_payload=1000)
    os.set_blocking(read, blocking)
    os.write(write, garbage)
    try:
        with pytest.raises(ChannelError):
            channel.receive() if blocking else channel.pump()
    finally:
        os.close(write)
        channel.close()


def test_a_header_over_the_limit_is_not_sent(pair):
    with pytest.raises(ChannelError, match="over the limit"):
        pair[0].send({"text": "x" * (1 << 24)})


def test_the_end_of_the_stream_is_told_apart_from_a_torn_message(pair):
    here, there = pair
    os.write(here.fileno(), frame(b"{}")[:5])
    here.close()
    with pytest.raises(ChannelError, match="ended after 5 of 12 bytes"):
        there.receive()
    assert there.receive() is None


def test_posting_to_a_side_that_is_gone_is_no_error(pair):
    here, there = pair
    os.set_blocking(here.fileno(), False)
    there.close()
    here.post({"type": "job"}, b"x" * 1_000_000)
    assert here.flush()
    assert here.pump() == []
    assert here.ended


def test_waiting_says_whether_something_is_there(pair):
    here, there = pair
    assert not there.waiting()
    here.send({})
    assert there.waiting()
