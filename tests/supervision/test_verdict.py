from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from suite.supervision import verdict as verdict_module
from suite.supervision.channel import Message
from suite.supervision.verdict import Limits, judge

LIMITS = Limits(time_s=5, memory_mb=100, prepare_s=30)


def verdict(report, answer=None, log=b"", limits=LIMITS):
    ending = judge(Message({"phase": "run", **report}, log), answer, limits, 120)
    return ending.status, ending.message


def exited(code, **facts):
    return {"type": "exited", "cause": "exit", "status": code, **facts}


def failed(text):
    return Message({"type": "error", "failure": text})


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ({"type": "exited", "cause": "time"}, ("timeout", "was not done within 5 s")),
        ({"type": "exited", "cause": "time", "phase": "start"}, ("timeout", "was not ready within 120 s")),
        (
            {"type": "exited", "cause": "time", "phase": "prepare"},
            ("timeout", "was not prepared within 30 s"),
        ),
        ({"type": "exited", "cause": "time", "phase": "finish"}, ("timeout", "did not answer within 30 s")),
        (
            {"type": "exited", "cause": "memory", "growth_mb": 130.2},
            ("out_of_memory", "stopped with 130 MB of memory in use (100 MB allowed)"),
        ),
        ({"type": "exited", "cause": "fault", "fault": "its guard is gone"}, ("crash", "its guard is gone")),
        (exited(0), ("crash", "exited with code 0 before it answered")),
        (exited(-signal.SIGSEGV), ("crash", "ended by SIGSEGV")),
        (exited(-63), ("crash", "ended by signal 63")),
        (exited(-signal.SIGKILL, growth_mb=10.0), ("crash", "ended by SIGKILL")),
        (exited(-signal.SIGKILL, growth_mb=95.0), ("out_of_memory", "ended by SIGKILL (100 MB allowed)")),
        (
            exited(-signal.SIGSEGV, growth_mb=74.0),
            ("crash", "ended by SIGSEGV with 74% of the allowed memory in use"),
        ),
        (exited(-signal.SIGSEGV, growth_mb=76.0), ("out_of_memory", "ended by SIGSEGV (100 MB allowed)")),
        (
            exited(-signal.SIGKILL, kernel_oom=True),
            ("out_of_memory", "the system ran out of memory and ended it (100 MB allowed)"),
        ),
        (exited(-signal.SIGSEGV, kernel_oom=True), ("crash", "ended by SIGSEGV")),
    ],
)
def test_an_ended_child_is_judged_by_what_ended_it(report, expected):
    assert verdict(report) == expected


def test_little_memory_is_told_by_two_figures():
    report = {"type": "exited", "cause": "memory", "growth_mb": 0.34}
    said = verdict(report, limits=Limits(memory_mb=0.1))[1]
    assert said == "stopped with 0.34 MB of memory in use (0.1 MB allowed)"


def test_the_last_lines_of_the_log_stand_below_the_cause_of_a_crash():
    log = b"".join(b"line %d\n" % number for number in range(9)) + b"\nExtension modules: a, b (total: 2)\n"
    assert verdict(exited(1), log=log)[1].splitlines()[1:] == [f"line {number}" for number in range(4, 9)]


FILES = [f'  File "{os.__file__}", line 519 in string_at', '  File "/home/me/bad.py", line 7 in fit']
OURS = f'  File "{verdict_module.__file__}", line 55 in judge'


def dump(*frames, error="Segmentation fault"):
    """Return what the interpreter writes as it crashes while another thread sleeps."""
    other = 'Thread 0x0a1 (most recent call first):\n  File "/home/me/sleeps.py", line 1 in run\n'
    stack = "\n".join(["Current thread 0x0a2 (most recent call first):", *frames])
    return f"Fatal Python error: {error}\n\n{other}\n{stack}\n"


@pytest.mark.parametrize(
    ("frames", "place"),
    [
        ([*FILES, OURS], " in bad.py, line 7 in fit"),
        (
            ['  File "/venv/lib/site-packages/lib/core.py", line 3 in run', *FILES],
            " in lib/core.py, line 3 in run",
        ),
        (['  File "<string>", line 1 in <lambda>', OURS], " in <string>, line 1 in <lambda>"),
        (['  File "<frozen runpy>", line 88 in _run_code', OURS], " in <frozen runpy>, line 88 in _run_code"),
        ([OURS, FILES[0]], " in verdict.py, line 55 in judge"),
        (["  <no Python frame>"], ""),
    ],
)
def test_a_crash_is_told_with_the_line_that_it_was_in(frames, place):
    modules = f"\nExtension modules: {', '.join(map(str, range(9999)))} (total: 9999)\n"
    ending = judge(
        Message({**exited(-11), "phase": "run"}, (dump(*frames) + modules).encode()), None, LIMITS, 120
    )
    assert ending.message == f"ended by SIGSEGV{place}"
    assert ending.log == dump(*frames) + "\n"


def test_what_a_library_says_before_it_aborts_stands_below_the_line():
    log = "free(): invalid pointer\n" + dump(FILES[1], error="Aborted")
    status, message = verdict(exited(-signal.SIGABRT, growth_mb=50.0), log=log.encode())
    assert status == "crash"
    assert message.splitlines() == [
        "ended by SIGABRT in bad.py, line 7 in fit with 50% of the allowed memory in use",
        "free(): invalid pointer",
    ]


@pytest.mark.parametrize(
    ("file", "name"),
    [("/home/me/model-packages/m.py", "m.py"), (f"{Path(os.__file__).parent}-mine/m.py", "m.py")],
)
def test_a_file_that_is_called_like_a_library_folder_is_the_users(file, name):
    log = dump(f'  File "{file}", line 3 in fit', FILES[1])
    assert verdict(exited(-11), log=log.encode())[1] == f"ended by SIGSEGV in {name}, line 3 in fit"


def test_before_the_clock_the_limit_that_is_told_is_the_one_that_held():
    stopped = {"type": "exited", "cause": "memory", "growth_mb": 2050.0}
    told = {
        phase: judge(Message({**stopped, "phase": phase}, b""), None, LIMITS, 120).message
        for phase in ("prepare", "run")
    }
    assert told["prepare"].endswith("(2000 MB allowed)")
    assert told["run"].endswith(f"({LIMITS.memory_mb:.0f} MB allowed)")


def test_a_stack_that_another_process_left_in_the_log_is_not_that_of_the_one_that_ended():
    assert verdict(exited(3), log=dump(FILES[1]).encode())[1].startswith(
        "exited with code 3 before it answered\n"
    )


@pytest.mark.parametrize(
    ("code", "log"),
    [
        (-signal.SIGABRT, b"terminate called after throwing an instance of 'std::bad_alloc'\n"),
        (1, b"OpenBLAS error: Memory allocation still failed after 10 retries, giving up.\n"),
    ],
)
def test_an_allocator_that_says_so_in_the_log_makes_a_crash_out_of_memory(code, log):
    assert verdict(exited(code), log=log)[0] == "out_of_memory"


@pytest.mark.parametrize(
    ("failure", "growth_mb", "status"),
    [
        ("ValueError: a column is missing", 10.0, "error"),
        ("RuntimeError: out of memory, says a liar", 10.0, "error"),
        ("RuntimeError: it could not go on", 95.0, "out_of_memory"),
        ("RuntimeError: it could not go on", 80.0, "error"),
        ("MemoryError", 10.0, "out_of_memory"),
        ("LightGBMError: std::bad_alloc", 10.0, "out_of_memory"),
        ("RuntimeError: failed\nMemoryError: the cause", 10.0, "out_of_memory"),
    ],
)
def test_an_exception_is_judged_by_memory_in_use_and_by_what_allocators_say(failure, growth_mb, status):
    assert verdict({"type": "ended", "growth_mb": growth_mb}, failed(failure))[0] == status


def test_memory_taken_before_the_clock_is_not_held_against_the_limit():
    report = {"type": "ended", "phase": "prepare", "growth_mb": 400.0}
    assert verdict(report, failed("ImportError: no such library")) == (
        "error",
        "ImportError: no such library",
    )


def test_without_a_memory_limit_nothing_is_close_to_it():
    limits = Limits()
    assert verdict({"type": "ended", "growth_mb": 1e6}, failed("ValueError: no"), limits=limits)[0] == "error"
    assert verdict({"type": "ended", "growth_mb": 1.0}, failed("MemoryError"), limits=limits) == (
        "out_of_memory",
        "MemoryError",
    )


def test_an_answer_is_handed_on_with_what_the_job_used():
    report = Message(
        {"type": "ended", "phase": "finish", "seconds": 1.5, "peak_mb": 7.0, "strays": 2}, b"a \xff"
    )
    ending = judge(report, Message({"type": "result", "file": "p.npz"}, bytearray(b"p")), LIMITS, 120)
    assert (ending.status, ending.message, ending.phase) == ("ok", "", "finish")
    assert dict(ending.header) == {"file": "p.npz"}
    assert (ending.payload, ending.log) == (b"p", "a \ufffd")
    assert (ending.seconds, ending.peak_mb, ending.growth_mb, ending.strays) == (1.5, 7.0, None, 2)
