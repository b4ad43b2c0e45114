from __future__ import annotations

import os
import socket

import pytest

from suite.supervision.channel import Channel
from suite.supervision.link import Link


@pytest.fixture
def ends():
    """Return a link, its parent's end and its guard's end."""
    fds = [end.detach() for _ in range(2) for end in socket.socketpair()]
    channels = [Channel(fd) for fd in fds]
    yield Link(channels[0], channels[2]), channels[1], channels[3]
    for channel in channels:
        channel.close()


def types(channel):
    seen = []
    while channel.waiting():
        seen.append(channel.receive().type)
    return seen


def test_a_program_started_by_hand_has_no_link(monkeypatch):
    monkeypatch.delenv("SUITE_LINK", raising=False)
    with pytest.raises(RuntimeError, match="not by hand"):
        Link.inherited()


def test_the_guard_hears_when_limits_begin_and_the_parent_hears_the_rest(ends):
    link, parent, guard = ends
    parent.send({"rows": 3, "memory_limit_mb": None}, b"labels")
    link.ready({"versions": {}})
    job = next(link.jobs())
    with link.clock():
        link.send({"type": "progress", "step": 1})
    link.finish({"file": "p.npz"})
    assert (job.header["rows"], bytes(job.payload)) == (3, b"labels")
    assert types(guard) == ["ready", "started", "stopped", "done"]
    assert types(parent) == ["ready", "started", "progress", "stopped", "result"]


def test_the_jobs_end_when_the_parent_closes(ends):
    link, parent, _ = ends
    parent.close()
    assert list(link.jobs()) == []


def test_the_clock_stops_for_an_exception_and_the_answer_names_all_its_causes(ends):
    link, parent, guard = ends
    error = ValueError("outer")
    error.__cause__ = MemoryError()
    with pytest.raises(ValueError, match="outer") as caught, link.clock():
        raise error
    link.fail(caught.value)
    assert types(guard) == ["started", "stopped", "bounded", "done"]
    assert [parent.receive().type for _ in range(3)] == ["started", "stopped", "bounded"]
    header = parent.receive().header
    assert header["failure"] == "ValueError: outer\nMemoryError"
    assert (header["type"], header["kind"], header["message"]) == ("error", "ValueError", "outer")
    assert "raise error" in header["traceback"]


def test_a_job_may_say_that_it_failed_without_an_exception(ends):
    link, parent, _ = ends
    link.finish({"status": "error"}, b"kept", failure="LightGBMError: std::bad_alloc")
    answer = parent.receive()
    assert answer.header == {"status": "error", "failure": "LightGBMError: std::bad_alloc", "type": "error"}
    assert bytes(answer.payload) == b"kept"


@pytest.mark.parametrize("kind", ["ready", "started", "result", "error"])
def test_an_event_may_not_take_a_type_of_the_link(ends, kind):
    with pytest.raises(ValueError, match=kind):
        ends[0].send({"type": kind})


def test_the_wish_to_stop_holds_for_the_job_at_hand_only(ends):
    link, parent, _ = ends
    parent.send({"job": 1})
    jobs = link.jobs()
    next(jobs)
    assert not link.is_asked_to_stop()
    parent.send({"type": "stop"})
    parent.send({"type": "stop"})
    assert link.is_asked_to_stop()
    assert link.is_asked_to_stop()
    parent.send({"job": 2})
    assert next(jobs).header == {"job": 2}
    assert not link.is_asked_to_stop()


def test_a_process_that_is_not_the_one_that_made_the_link_may_not_speak(ends, monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: 1)
    with pytest.raises(RuntimeError, match="forked copy"):
        ends[0].send({"type": "progress"})
