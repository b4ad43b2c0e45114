from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import suite
from suite.supervision import expected, overseer
from suite.supervision.processes import descendants, is_stopped
from suite.supervision.supervise import Child, wait_any
from suite.supervision.verdict import Ending, Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the faults are Linux's")
WORKER = str(Path(__file__).with_name("faulty_worker.py"))
SOURCE = str(Path(suite.__file__).parents[1])
SECOND = Limits(time_s=1.0)


def pids_of(events):
    return next(event.header["pids"] for event in events if event.type == "pids")


def test_a_warm_child_answers_job_after_job_in_one_process(start, ending_of):
    child = start()
    first, events = ending_of(child, payload=b"abcdefghijklmnop")
    assert [event.type for event in events] == ["ready", "started", "progress"]
    assert first.status == "ok"
    assert first.message == ""
    assert dict(first.header) == {"echo": "answer", "size": 16}
    assert first.payload == b"abcdefghij"
    assert first.seconds is not None
    pid = child.pid
    second, events = ending_of(child)
    assert [event.type for event in events] == ["started", "progress"]
    assert (second.status, child.pid, child.alive) == ("ok", pid, True)


def test_no_ending_is_lost_however_quick_the_jobs_are(start, ending_of):
    child = start()
    statuses = [ending_of(child, limits=Limits(time_s=10))[0].status for _ in range(150)]
    assert statuses == ["ok"] * 150


def test_an_exception_in_a_job_is_an_error_and_the_child_goes_on(start, ending_of):
    child = start()
    ending, _ = ending_of(child, "raise_error")
    assert (ending.status, ending.message) == ("error", "ValueError: a column is missing")
    assert 'raise ValueError("a column is missing")' in ending.header["traceback"]
    assert ending_of(child)[0].status == "ok"


@pytest.mark.parametrize("job", ["sleep", "spin", "hang_in_c", "ignore_sigterm"])
def test_a_job_that_never_returns_is_a_timeout(start, ending_of, gone, job):
    child = start()
    ending, _ = ending_of(child, job, limits=SECOND)
    assert (ending.status, ending.phase) == ("timeout", "run")
    assert ending.message == "was not done within 1 s"
    assert not child.alive
    gone([child.pid])


@pytest.mark.parametrize("job", ["sleep", "hang_in_c"])
def test_the_log_of_a_timeout_shows_where_the_program_was(start, ending_of, job):
    ending, _ = ending_of(start(), job, limits=Limits(time_s=0.3))
    assert f"in {job}" in ending.log


@pytest.mark.parametrize(
    ("when", "phase"), [("hang_before_clock", "prepare"), ("hang_after_clock", "finish")]
)
def test_a_hang_outside_the_clock_ends_at_the_limit_of_preparation(start, ending_of, when, phase):
    ending, _ = ending_of(start(), limits=Limits(time_s=60, prepare_s=0.5), **{when: True})
    assert (ending.status, ending.phase) == ("timeout", phase)


def test_a_program_that_is_never_ready_is_a_timeout_of_its_start(start, ending_of_start, gone):
    child = start([sys.executable, "-S", "-c", "import time; time.sleep(600)"], startup_limit=0.5)
    ending, _ = ending_of_start(child)
    assert (ending.status, ending.phase) == ("timeout", "start")
    assert ending.message == "was not ready within 0.5 s"
    gone([child.pid])


def test_a_program_that_dies_while_it_starts_is_a_crash_of_its_start(start, ending_of):
    ending, _ = ending_of(start([sys.executable, "-S", "-c", "raise ImportError('no such library')"]))
    assert (ending.status, ending.phase, ending.exit_code) == ("crash", "start", 1)
    assert ending.message.endswith("ImportError: no such library")


def test_a_program_that_does_not_exist_is_a_crash_that_names_it(start, ending_of_start):
    ending, _ = ending_of_start(start(["/nowhere/worker"]))
    assert (ending.status, ending.exit_code) == ("crash", 127)
    assert "/nowhere/worker cannot be started" in ending.message


@pytest.mark.parametrize(
    ("job", "code", "words"),
    [
        ("segfault", -signal.SIGSEGV, "ended by SIGSEGV in faulty_worker.py, line "),
        ("abort", -signal.SIGABRT, "ended by SIGABRT in faulty_worker.py, line "),
        ("kill_itself", -signal.SIGKILL, "ended by SIGKILL"),
        ("exit_at_once", 3, "exited with code 3 before it answered"),
        ("exit_with_words", 4, "exited with code 4 before it answered\na last word"),
    ],
)
def test_a_child_that_ends_in_a_job_is_a_crash_with_its_cause(start, ending_of, job, code, words):
    child = start()
    ending, _ = ending_of(child, job, limits=Limits(memory_mb=500))
    assert (ending.status, ending.exit_code) == ("crash", code)
    assert ending.message.startswith(words)
    assert not child.alive


@pytest.mark.parametrize(
    ("then", "status"),
    [("sleep", "timeout"), ("ignore_sigterm", "timeout"), ("segfault", "crash"), ("answer", "ok")],
)
def test_grandchildren_are_gone_whatever_session_they_went_to(start, ending_of, gone, then, status):
    child = start()
    ending, events = ending_of(child, "grandchildren", then=then, limits=Limits(time_s=1.5))
    pids = [pid for pid in pids_of(events) if pid != child.pid]
    assert ending.status == status
    assert len(pids) == 3
    gone(pids)
    if status == "ok":
        assert ending.strays == 3
        assert ending_of(child)[0].strays == 0
    else:
        gone([child.pid])


@pytest.mark.parametrize("job", ["allocate_in_python", "allocate_at_once"])
def test_an_allocation_over_the_cap_is_out_of_memory(start, ending_of, job):
    child = start()
    ending, _ = ending_of(child, job, limits=Limits(time_s=60, memory_mb=300))
    assert ending.status == "out_of_memory"
    assert "(300 MB allowed)" in ending.message
    assert ending.header["kind"].endswith("MemoryError")
    assert not child.alive


@pytest.mark.parametrize("job", ["allocate_and_die", "fail_when_full"])
def test_a_failure_close_to_the_cap_is_out_of_memory_whatever_it_says(start, ending_of, job):
    ending, _ = ending_of(start(), job, limits=Limits(time_s=60, memory_mb=200))
    assert ending.status == "out_of_memory"
    assert ending.growth_mb > 180


@pytest.mark.parametrize(
    "job",
    [
        "grow_past_the_cap",
        "grow_in_a_grandchild",
        "map_anonymously",
        "share_a_block",
        "write_to_nameless_memory",
    ],
)
def test_memory_that_no_cap_of_a_process_stops_is_stopped_by_the_guard(start, ending_of, gone, job):
    child = start()
    ending, _ = ending_of(child, job, limits=Limits(time_s=60, memory_mb=200))
    assert ending.status == "out_of_memory"
    assert ending.message.startswith("stopped with ")
    assert ending.peak_mb > 200
    gone([child.pid])


def test_a_block_of_shared_memory_is_counted_once(start, ending_of):
    ending, _ = ending_of(start(), "map_and_fail", limits=Limits(time_s=60, memory_mb=200))
    assert (ending.status, ending.message) == ("error", "ValueError: a plain fault")
    assert 80 < ending.growth_mb < 130


def test_pages_that_forks_share_are_counted_once(start, ending_of):
    ending, _ = ending_of(start(), "share_with_forks", limits=Limits(time_s=60, memory_mb=200))
    assert ending.status == "ok"
    assert ending.header["codes"] == [0, 0, 0]


def test_what_a_job_imports_and_reads_before_its_clock_is_not_its_own(start, ending_of):
    child = start()
    limits = Limits(memory_mb=100)
    ending, _ = ending_of(child, "hold", mb=50, import_mb=200, limits=limits)
    assert (ending.status, ending.growth_mb < 100) == ("ok", True)
    child.submit({"job": "hold", "mb": 50, "import_mb": 200, "hang_before_clock": True}, limits=limits)
    assert child.wait(0.5) == []


def test_the_cap_of_one_job_does_not_outlast_it(start, ending_of):
    child = start()
    assert ending_of(child, limits=Limits(memory_mb=50))[0].status == "ok"
    assert ending_of(child, "hold", mb=150)[0].status == "ok"


def test_a_gigabyte_of_output_neither_blocks_nor_is_kept(start, ending_of):
    ending, _ = ending_of(start(log_bytes=4096), "flood", bytes=1 << 30, limits=Limits(time_s=60))
    assert ending.status == "ok"
    assert ending.log.startswith("the first words\n")
    assert ending.log.endswith("\nthe last words\n")
    assert "bytes left out" in ending.log
    assert len(ending.log) < 4200


def test_binary_output_is_text_in_the_log_and_each_job_has_its_own(start, ending_of):
    child = start()
    ending, _ = ending_of(child, "print_binary")
    assert ending.status == "ok"
    assert "\ufffd" in ending.log
    assert "\\udcff lone surrogate" in ending.log
    assert ending_of(child)[0].log == ""


def test_a_child_that_writes_no_message_to_the_channel_is_a_crash(start, ending_of, gone):
    child = start()
    ending, _ = ending_of(child, "write_garbage")
    assert ending.status == "crash"
    assert "no message" in ending.message
    gone([child.pid])


def test_a_forked_copy_of_the_child_cannot_answer_for_it(start, ending_of):
    ending, _ = ending_of(start(), "answer_from_a_fork")
    assert ending.header["code"] == 7


def test_a_child_runs_in_its_own_session_with_the_environment_it_was_given(start, ending_of):
    core = min(os.sched_getaffinity(0))
    start()
    child = start(env={"OMP_NUM_THREADS": "1"}, cores=[core])
    ending, _ = ending_of(child, "describe")
    seen = ending.header
    assert seen["environment"]["OMP_NUM_THREADS"] == "1"
    assert seen["environment"]["PYTHONHASHSEED"] == "0"
    assert "SUITE_LINK" not in seen["environment"]
    assert seen["cores"] == [core]
    assert seen["core_limit"] == 0
    assert seen["session"] is True
    assert seen["pid"] == child.pid
    assert seen["stdin"] == ""
    kinds = sorted(name.partition(":")[0] for name in seen["descriptors"] if not name.startswith("/proc/"))
    assert kinds == ["/dev/null", "pipe", "pipe", "pipe", "socket"], "three standard ones and the two links"


def test_a_large_payload_may_be_given_before_the_child_is_ready(start, ending_of):
    payload = bytes(range(256)) * (1 << 16)
    ending, _ = ending_of(start(), payload=payload)
    assert ending.header["size"] == len(payload)
    assert ending.payload == payload[:10]


def test_a_busy_or_ended_child_takes_no_job(start, ending_of):
    child = start()
    child.submit({"job": "sleep"})
    with pytest.raises(RuntimeError, match="takes no job now"):
        child.submit({"job": "answer"})
    child.close()
    assert not child.busy
    with pytest.raises(RuntimeError, match="takes no job now"):
        child.submit({"job": "answer"})


def test_a_job_can_be_asked_to_stop_and_the_next_one_is_not(start, ending_of):
    child = start()
    child.submit({"job": "run_until_asked_to_stop"})
    happened = []
    while child.busy:
        for event in child.wait(10):
            happened.append(event)
            if not isinstance(event, Ending) and event.type == "progress":
                child.ask_to_stop()
                child.ask_to_stop()
    assert happened[-1].header["stopped"]
    assert ending_of(child, "sleep", limits=Limits(time_s=0.3))[0].status == "timeout"


def test_many_children_are_served_by_one_thread_and_a_fault_of_one_is_its_own(start):
    jobs = {"sleep": "timeout", "segfault": "crash", "raise_error": "error", "answer": "ok"}
    children = {start(): job for job in jobs}
    for child, job in children.items():
        child.submit({"job": job}, limits=SECOND)
    seen = {}
    while len(seen) < len(jobs):
        ready = wait_any(children, timeout=20)
        assert ready
        for child in ready:
            for event in child.poll():
                if isinstance(event, Ending):
                    seen[children[child]] = event.status
    assert seen == jobs
    assert wait_any([], timeout=20) == []


def test_closing_ends_the_job_and_all_it_started_without_an_ending(start, gone):
    child = start()
    child.submit({"job": "grandchildren", "then": "ignore_sigterm"})
    events = []
    while not any(event.type == "pids" for event in events):
        events += child.wait(10)
    child.interrupt()
    child.close()
    child.close()
    assert child.poll() == child.wait(0) == []
    gone(pids_of(events))


def test_a_child_that_dies_between_jobs_is_no_longer_alive(start, ending_of, gone):
    child = start()
    ending_of(child)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait(20) == []
    assert not child.alive
    gone([child.pid])


def test_children_leave_no_descriptor_open(start, ending_of):
    ending_of(start())
    before = len(list(Path("/proc/self/fd").iterdir()))
    child = start()
    ending_of(child)
    child.close()
    ending_of(start(), "segfault")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_child_whose_guard_is_killed_dies_with_it_and_its_session_too(start, gone):
    child = start()
    child.submit({"job": "in_session", "then": "sleep"})
    happened = []
    while not any(event.type == "pids" for event in happened):
        happened += child.wait(10)
    pids = pids_of(happened)
    guard = child._guard.pid
    os.kill(guard, signal.SIGKILL)
    while child.alive:
        happened += child.wait(20)
    assert (happened[-1].status, happened[-1].message) == ("crash", "its guard was ended from outside")
    gone([*pids, child.pid, guard])


@pytest.mark.parametrize(
    ("job", "status", "message"),
    [
        ("sleep", "timeout", "was not done within 0.5 s"),
        ("answer", "ok", ""),
        ("segfault", "crash", "ended, and its guard does not tell how"),
    ],
)
def test_a_guard_that_is_kept_from_its_work_holds_nobody_up(
    start, ending_of, gone, monkeypatch, job, status, message
):
    """It is stopped for good: nobody wakes it."""
    monkeypatch.setattr(expected, "MARGIN_S", 1.0)
    monkeypatch.setattr(overseer, "is_stopped", lambda pid: False)
    child = start()
    assert ending_of(child)[0].status == "ok"
    os.kill(child._guard.pid, signal.SIGSTOP)
    ending, events = ending_of(child, "in_session", then=job, limits=Limits(time_s=0.5))
    assert (ending.status, ending.message) == (status, message)
    assert not child.alive
    gone([*pids_of(events), child.pid])


def test_a_guard_that_was_stopped_is_woken(start, ending_of):
    child = start()
    assert ending_of(child)[0].status == "ok"
    os.kill(child._guard.pid, signal.SIGSTOP)
    ending, _ = ending_of(child, "sleep", limits=Limits(time_s=0.3))
    assert (ending.status, ending.message) == ("timeout", "was not done within 0.3 s")


def test_a_guard_that_is_stopped_does_not_keep_a_child_from_being_closed(start, ending_of, gone):
    child = start()
    assert ending_of(child)[0].status == "ok"
    os.kill(child._guard.pid, signal.SIGSTOP)
    while not is_stopped(child._guard.pid):
        pass
    child.close()
    gone([child.pid, child._guard.pid])


def test_a_child_that_is_stopped_before_its_job_is_woken(start, ending_of):
    child = start()
    assert ending_of(child)[0].status == "ok"
    os.kill(child.pid, signal.SIGSTOP)
    assert ending_of(child)[0].status == "ok"


def test_a_failure_that_cannot_be_told_is_ended_soon(start, ending_of, monkeypatch):
    ending, _ = ending_of(start(), "raise_unspeakable", limits=Limits(time_s=60, prepare_s=60))
    assert (ending.status, ending.message) == ("timeout", "did not answer within 5 s")


def test_a_child_that_is_stopped_is_ended_at_its_limit(start, ending_of):
    child = start()
    child.submit({"job": "spin"}, limits=Limits(time_s=0.5))
    while not any(event.type == "started" for event in child.wait(10)):
        pass
    os.kill(child.pid, signal.SIGSTOP)
    assert child.wait(20)[-1].status == "timeout"


PARENT = """
import json, os, sys, time
sys.path.insert(0, {source!r})
from suite.supervision import expected, overseer
from suite.supervision.processes import descendants, is_stopped
from suite.supervision.supervise import Child
children = [Child([sys.executable, {worker!r}]) for _ in range(2)]
children[0].submit({{"job": "grandchildren", "then": "ignore_sigterm"}})
told = False
while not (told and children[1].ready):
    for child in children:
        told |= any(event.type == "pids" for event in child.wait(0.05))
copy = os.fork() if {forks} else 0
if {forks} and copy == 0:
    time.sleep(600)
print(json.dumps([copy, [pid for pid in descendants(os.getpid()) if pid != copy]]), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("forks", [False, True])
def test_a_parent_that_is_killed_leaves_nothing_alive(gone, forks):
    program = PARENT.format(source=SOURCE, worker=WORKER, forks=forks)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        try:
            copy, pids = json.loads(parent.stdout.readline())
        finally:
            parent.kill()
    try:
        assert len(pids) == 7
        gone(pids)
    finally:
        if copy:
            os.kill(copy, signal.SIGKILL)
            gone([copy])


def test_a_stopped_parent_does_not_stop_the_limits(gone):
    program = (
        "import os, sys, signal\n"
        f"sys.path.insert(0, {SOURCE!r})\n"
        "from suite.supervision.supervise import Child, Limits\n"
        f"child = Child([sys.executable, {WORKER!r}])\n"
        "child.submit({'job': 'ignore_sigterm'}, limits=Limits(time_s=0.5))\n"
        "while not any(event.type == 'started' for event in child.wait()): pass\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGSTOP)\n"
        "print(child.wait(20)[-1].status, flush=True)\n"
        "child.close()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        try:
            gone([int(parent.stdout.readline())])
            parent.send_signal(signal.SIGCONT)
            assert parent.stdout.readline() == "timeout\n"
            assert parent.wait(20) == 0
        finally:
            parent.kill()


def test_a_child_is_a_context_that_ends_it(gone):
    before = set(descendants(os.getpid()))
    with Child([sys.executable, WORKER]) as child:
        while not child.ready:
            child.wait(10)
        pids = sorted(set(descendants(os.getpid())) - before)
        assert child.pid in pids
        assert "ready" in repr(child)
    assert "ended" in repr(child)
    gone(pids)
