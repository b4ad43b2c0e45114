"""Provenance: complete, plain, aware of limits, and light."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from suite import __version__, provenance
from suite.nouns import built, dumps, plain
from suite.schema import Git, Provenance


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Stand in for the installed distributions."""
    versions: dict[str, str] = {}
    monkeypatch.setattr(provenance, "_version", versions.get)
    return versions


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout.strip()


def test_a_snapshot_has_every_field_and_is_plain_json() -> None:
    snapshot = provenance.snapshot()
    assert built(json.loads(dumps(plain(snapshot))), Provenance) == snapshot
    assert snapshot.packages["numpy"] == np.__version__
    assert snapshot.suite == __version__
    assert snapshot.python == ".".join(map(str, sys.version_info[:3]))
    assert snapshot.cpu
    assert snapshot.memory_mb > 1


def test_the_start_is_given_in_universal_time() -> None:
    noon_in_the_east = datetime(2026, 1, 2, 12, 0, 0, tzinfo=timezone(timedelta(hours=5)))
    assert provenance.snapshot(noon_in_the_east).started_at == "2026-01-02T07:00:00.000+00:00"
    now = datetime.fromisoformat(provenance.snapshot().started_at)
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)


def test_what_does_not_change_is_read_once(monkeypatch) -> None:
    first = provenance.snapshot()
    monkeypatch.setattr(provenance.platform, "node", lambda: "elsewhere")
    second = provenance.snapshot()
    assert second.host == first.host
    assert second.packages == first.packages


def test_a_slim_build_is_found_under_the_full_name_and_recorded_under_its_own(installed) -> None:
    installed["xgboost-cpu"] = "3.2.0"
    assert provenance.package_version("xgboost") == "3.2.0"
    assert provenance.distributions("xgboost") == {"xgboost-cpu": "3.2.0"}


def test_two_builds_of_one_package_are_both_recorded(installed) -> None:
    installed.update({"tensorflow": "2.21.0", "tensorflow-cpu": "2.20.0"})
    assert provenance.distributions("tensorflow") == {"tensorflow": "2.21.0", "tensorflow-cpu": "2.20.0"}
    assert provenance.package_version("tensorflow") == "2.21.0"


def test_a_package_that_is_not_installed_has_no_version() -> None:
    assert provenance.package_version("no-such-distribution-anywhere") is None


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({"cpu.max": "150000 100000"}, 1.5),
        ({"cpu.max": "max 100000"}, None),
        ({"cpu.cfs_quota_us": "400000", "cpu.cfs_period_us": "100000"}, 4.0),
        ({"cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "100000"}, None),
        ({"cpu.max": "what 1"}, None),
        ({}, None),
    ],
)
def test_a_cpu_quota_is_read_from_either_kind_of_control_group(tmp_path: Path, files, quota) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text + "\n")
    assert provenance._cpu_quota([tmp_path]) == quota


def test_the_tightest_of_nested_control_groups_counts(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "cpu.max").write_text("800000 100000")
    (tmp_path / "cpu.max").write_text("300000 100000")
    assert provenance._cpu_quota([tmp_path / "inner", tmp_path]) == 3.0


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("0::/a/b\n", ["a/b", "a", "."]),
        ("0::/\n", ["."]),
        ("4:cpu,cpuacct:/docker\n3:memory:/m\n", ["cpu/docker", "cpu"]),
        ("", []),
    ],
)
def test_the_control_groups_of_a_process_are_listed_from_the_inside_out(tmp_path, lines, expected) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "cgroup").write_text(lines)
    mount = tmp_path / "mount"
    found = provenance._control_groups("cpu", proc=tmp_path, mount=mount)
    assert found == [mount / name for name in expected]


@pytest.mark.parametrize(("quota", "cores"), [(None, 8), (2.9, 2), (0.5, 1), (64.0, 8)])
def test_usable_cores_are_the_affinity_cut_by_the_quota(monkeypatch, quota, cores) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    monkeypatch.setattr(provenance, "_cpu_quota", lambda: quota)
    assert provenance.usable_cores() == cores


def test_git_tells_commit_and_whether_tracked_files_were_changed(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert provenance._git(tmp_path) is None
    (tmp_path / "a.txt").write_text("1")
    git(tmp_path, "add", "a.txt")
    git(tmp_path, "commit", "--quiet", "-m", "Start")
    (tmp_path / "untracked.txt").write_text("1")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert provenance._git(tmp_path) == Git(commit=commit, dirty=False)
    (tmp_path / "a.txt").write_text("22")
    assert provenance._git(tmp_path) == Git(commit=commit, dirty=True)


def test_a_machine_without_git_has_no_commit(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance._git(tmp_path) is None


def test_git_that_hangs_is_given_up(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + os.environ["PATH"])
    monkeypatch.setattr(provenance, "GIT_TIMEOUT_S", 0.2)
    assert provenance._git(tmp_path) is None


def test_a_snapshot_imports_no_heavy_library() -> None:
    code = (
        "import sys; from suite import provenance; provenance.snapshot();"
        "heavy = {'numpy', 'scipy', 'pandas', 'sklearn', 'tensorflow', 'keras', 'xgboost', 'lightgbm'};"
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
