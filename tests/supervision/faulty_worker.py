"""A worker that does what its job's header names: mostly, something that a worker should not do."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from suite.supervision.link import Link
from suite.supervision.processes import descendants

SETSID_TWICE = "import os, time\nos.setsid()\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)\n"


def answer(link, job):
    """Send back what came."""
    link.send({"type": "progress", "step": 1})
    return {"echo": job.header["job"], "size": len(job.payload)}, bytes(job.payload[:10])


def sleep(link, job):
    time.sleep(600)


def spin(link, job):
    while True:
        pass


def hang_in_c(link, job):
    """Wait in C without ever giving the interpreter lock back."""
    ctypes.PyDLL(None).sleep(600)


def ignore_sigterm(link, job):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def segfault(link, job):
    ctypes.string_at(0)


def abort(link, job):
    os.abort()


def exit_at_once(link, job):
    os._exit(3)


def exit_with_words(link, job):
    sys.stderr.write("a last word\n")
    sys.exit(4)


def kill_itself(link, job):
    os.kill(os.getpid(), signal.SIGKILL)


def raise_error(link, job):
    raise ValueError("a column is missing")


class Unspeakable(Exception):
    def __str__(self):
        time.sleep(600)


def raise_unspeakable(link, job):
    raise Unspeakable


def grandchildren(link, job):
    """Start processes in the same group, in a session of their own, and twice removed; then go on as told."""
    started = [
        subprocess.Popen(["sleep", "600"]),
        subprocess.Popen(["sleep", "600"], start_new_session=True),
        subprocess.Popen(
            [sys.executable, "-S", "-c", f"import signal\nsignal.signal(15, 1)\n{SETSID_TWICE}"]
        ),
    ]
    started[2].wait()
    deadline = time.monotonic() + 20
    while len(pids := descendants(os.getppid())) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    link.send({"type": "pids", "pids": pids})
    return BEHAVIOURS[job.header["then"]](link, job)


def in_session(link, job):
    """Start a process that stays in the session; then go on as told."""
    link.send({"type": "pids", "pids": [subprocess.Popen(["sleep", "600"], process_group=0).pid]})
    return BEHAVIOURS[job.header["then"]](link, job)


def allocate_in_python(link, job):
    kept = []
    while True:
        kept.append(bytes(1 << 20))


def hold(link, job):
    return {"size": len(b"x" * (job.header["mb"] << 20))}, b""


def allocate_at_once(link, job):
    import numpy as np

    return {"sum": float(np.ones(1 << 28).sum())}, b""


def allocate_and_die(link, job):
    """Fill the memory that is allowed and end without an exception, as native code does."""
    kept = []
    try:
        while True:
            kept.append(bytes(1 << 20))
    except MemoryError:
        time.sleep(0.5)
        os.abort()


def fail_when_full(link, job):
    """Fill the memory that is allowed and raise something that does not speak of memory."""
    kept = []
    try:
        while True:
            kept.append(bytes(1 << 20))
    except MemoryError:
        time.sleep(0.5)
    raise RuntimeError("the library could not go on") from None


def grow_past_the_cap(link, job):
    """Grow step by step with the process's own cap lifted, so that only one who watches can tell."""
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    kept = []
    for _ in range(3000):
        kept.append(bytearray(b"x" * (1 << 20)))
        time.sleep(0.001)
    time.sleep(600)


def grow_in_a_grandchild(link, job):
    code = "import time\nkept = [bytearray(b'x' * (1 << 20)) for _ in range(120)]\ntime.sleep(600)"
    for _ in range(3):
        subprocess.Popen([sys.executable, "-S", "-c", code])
    time.sleep(600)


def fill(shared):
    """Fill memory bit by bit, without as much of one's own."""
    for at in range(0, len(shared), 1 << 20):
        shared[at : at + (1 << 20)] = b"x" * (1 << 20)
        time.sleep(0.002)


def map_anonymously(link, job):
    """Fill a map that is shared with nobody, which no cap of a process counts."""
    import mmap

    shared = mmap.mmap(-1, 400 << 20)
    fill(shared)
    time.sleep(600)


def share_a_block(link, job):
    from multiprocessing.shared_memory import SharedMemory

    block = SharedMemory(create=True, size=400 << 20)
    fill(block.buf)
    time.sleep(600)


def write_to_memory(link, job):
    """Fill files in memory, which are closed again and which nobody maps."""
    for i in range(400):
        Path(f"/dev/shm/suite-test-{i}").write_bytes(b"x" * (1 << 20))
        time.sleep(0.002)
    time.sleep(600)


def write_to_nameless_memory(link, job):
    fd = os.memfd_create("nameless")
    for _ in range(400):
        os.write(fd, b"x" * (1 << 20))
        time.sleep(0.002)
    time.sleep(600)


def map_and_fail(link, job):
    """Map less than half of what is allowed, and raise something that has nothing to do with memory."""
    from multiprocessing.shared_memory import SharedMemory

    block = SharedMemory(create=True, size=90 << 20)
    fill(block.buf)
    time.sleep(0.5)
    raise ValueError("a plain fault")


def leave_shared_memory(link, job):
    """Leave a file, a block and a segment behind, and end as told."""
    from multiprocessing.shared_memory import SharedMemory

    Path("/dev/shm/suite-test-left").write_bytes(b"x" * 4096)
    left = SharedMemory(create=True, size=4096)
    ctypes.CDLL(None).shmget(0x5EED, 4096, 0o1600)
    link.send({"type": "left", "name": left.name})
    return BEHAVIOURS[job.header["then"]](link, job)


def list_memory(link, job):
    return {"names": sorted(path.name for path in Path("/dev/shm").iterdir())}, b""


def share_with_forks(link, job):
    """Fork while holding most of what is allowed: the pages are one set, though each process is told all of them."""
    kept = b"x" * (100 << 20)
    pids = []
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            time.sleep(0.6)
            os._exit(kept[0] - 120)
        pids.append(pid)
    return {"codes": [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]}, b""


def flood(link, job):
    block = b"0123456789abcdef" * 4096
    os.write(1, b"the first words\n")
    for _ in range(job.header["bytes"] // len(block)):
        os.write(1, block)
    os.write(2, b"\nthe last words\n")
    return {}, b""


def print_binary(link, job):
    os.write(1, bytes(range(256)) * 4)
    sys.stdout.write("\udcff lone surrogate\n")
    return {}, b""


def write_garbage(link, job):
    os.write(link._parent.fileno(), b"\xff" * 4096)
    time.sleep(600)


def answer_from_a_fork(link, job):
    pid = os.fork()
    if pid == 0:
        try:
            link.send({"type": "progress"})
        except RuntimeError:
            os._exit(7)
        os._exit(0)
    return {"code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}, b""


def run_until_asked_to_stop(link, job):
    link.send({"type": "progress"})
    while not link.is_asked_to_stop():
        time.sleep(0.005)
    return {"stopped": True}, b""


def describe(link, job):
    import resource

    return {
        "environment": dict(os.environ),
        "cores": sorted(os.sched_getaffinity(0)),
        "core_limit": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "session": os.getsid(0) == os.getpid(),
        "stdin": os.read(0, 10).decode(),
        "descriptors": [
            str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()
        ],
        "pid": os.getpid(),
    }, b""


BEHAVIOURS = {
    name: thing for name, thing in globals().items() if callable(thing) and thing.__module__ == __name__
}


def main() -> None:
    link = Link.inherited()
    link.ready({"pid": os.getpid()})
    for job in link.jobs():
        try:
            held = b"x" * (job.header.get("import_mb", 0) << 20)
            if job.header.get("hang_before_clock"):
                time.sleep(600)
            with link.clock():
                header, payload = BEHAVIOURS[job.header["job"]](link, job)
            if job.header.get("hang_after_clock"):
                time.sleep(600)
            del held
            link.finish(header, payload)
        except Exception as error:
            link.fail(error)


if __name__ == "__main__":
    main()
