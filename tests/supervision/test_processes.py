from __future__ import annotations

import os
import subprocess
import sys

import pytest

from suite.supervision import processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
TREE = (
    "import subprocess, sys\n"
    "children = [subprocess.Popen(['sleep', '600']), subprocess.Popen(['sleep', '600'], start_new_session=True)]\n"
    "print(*[child.pid for child in children], flush=True)\n"
    "sys.stdin.read()\n"
    "for child in children: child.kill()\n"
    "for child in children: child.wait()\n"
)


@pytest.fixture
def tree():
    with subprocess.Popen(
        [sys.executable, "-c", TREE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as top:
        yield top.pid, [int(pid) for pid in top.stdout.readline().split()]
        top.stdin.close()


@pytest.mark.parametrize("has_children_files", [True, False])
def test_descendants_are_found_with_and_without_the_lists_of_children(tree, monkeypatch, has_children_files):
    monkeypatch.setattr(processes, "_has_children_files", lambda: has_children_files)
    top, children = tree
    assert sorted(processes.descendants(top)) == sorted(children)
    assert processes.descendants(os.getpid()).index(top) < processes.descendants(os.getpid()).index(
        children[0]
    )


def test_a_session_has_those_that_did_not_leave_it(tree):
    top, (inside, outside) = tree
    assert sorted(processes.session_members(top)) == sorted([top, inside])
    assert processes.session_members(outside) == [outside]


def test_a_zombie_does_not_run():
    child = subprocess.Popen(["sleep", "600"])
    assert processes.running([child.pid]) == [child.pid]
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert processes.running([child.pid]) == []
    assert processes.descendants(os.getpid()).count(child.pid) == 1
    child.wait()
    assert processes.running([child.pid]) == []


def test_memory_is_told_of_a_process_and_of_none_that_is_gone():
    sizes = processes.memory_kb()
    assert sizes["VmHWM"] >= sizes["RssAnon"] > 1000
    assert processes.held_kb(os.getpid()) > 1000
    assert processes.proportional_held_kb(os.getpid()) > 1000
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
        assert processes.memory_kb(ended.pid) == {}
        assert processes.held_kb(ended.pid) == processes.proportional_held_kb(ended.pid) == 0


def test_the_kernel_tells_how_many_it_has_killed_for_memory():
    assert b"\noom_kill %d\n" % processes.kernel_oom_kills() in processes.read("/proc/vmstat")
    assert processes.read("/proc/none") == b""
