"""Provenance: which machine, which versions and which commit a record comes from; imports nothing heavy."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path

from suite.schema import Git, Provenance
from suite.version import __version__

PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "tensorflow",
    "keras",
    "xgboost",
    "lightgbm",
)
SLIM = {"xgboost": "xgboost-cpu", "tensorflow": "tensorflow-cpu"}
"""Distributions that bring the same package under another name, with fewer files."""
GIT_TIMEOUT_S = 5.0


def snapshot(started_at: datetime | None = None) -> Provenance:
    """Return the provenance of a cell that began at a time with its zone, or now; the rest is read once a process."""
    moment = (started_at or datetime.now(UTC)).astimezone(UTC)
    return replace(_machine(), started_at=moment.isoformat(timespec="seconds"))


def package_version(name: str) -> str | None:
    """Return the version of an installed distribution, or of its slim build; None if neither is there."""
    return next(iter(distributions(name).values()), None)


def distributions(name: str) -> dict[str, str]:
    """Return the installed distributions that bring `name`, full build first, each with its version."""
    found = {candidate: _version(candidate) for candidate in (name, SLIM.get(name)) if candidate}
    return {candidate: version for candidate, version in found.items() if version}


def usable_cores() -> int:
    """Return how many cores this process may use: its affinity, or less if a control group says so."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    quota = _cpu_quota()
    # A share of a core is not a core: a thread on it would be stopped again and again.
    return max(1, min(cores, int(quota))) if quota is not None else cores


def usable_memory_mb() -> float | None:
    """Return the memory this process may use, in MB: the machine's, or less if a control group says so."""
    try:
        sizes = [float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))]
    except (ValueError, OSError):
        return None
    for folder in _control_groups("memory"):
        sizes += [
            float(text)
            for text in (_read(folder / "memory.max"), _read(folder / "memory.limit_in_bytes"))
            if text and text.isdigit()
        ]
    return round(min(sizes) / 1e6, 1)


@cache
def _machine() -> Provenance:
    return Provenance(
        python=platform.python_version(),
        packages={name: version for package in PACKAGES for name, version in distributions(package).items()},
        cpu=_cpu(),
        cores=usable_cores(),
        memory_mb=usable_memory_mb(),
        os=platform.platform(),
        host=platform.node(),
        git=_git(Path.cwd()),
        suite=__version__,
    )


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def _cpu(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    for line in (_read(cpuinfo) or "").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def _control_groups(
    controller: str, proc: Path = Path("/proc"), mount: Path = Path("/sys/fs/cgroup")
) -> list[Path]:
    """Return the folders of this process's control groups, innermost first, for version 1 and 2."""
    folders = []
    for line in (_read(proc / "self" / "cgroup") or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        base = mount / controller if controllers else mount
        inner = base / path.lstrip("/")
        # Inside a container the path may be the host's and absent here; the mount itself then counts.
        folders += [folder for folder in (inner, *inner.parents) if folder.is_relative_to(base)]
    return folders


def _cpu_quota(groups: list[Path] | None = None) -> float | None:
    """Return how many cores' worth of time the control groups grant, or None if they set no limit."""
    quotas = []
    for folder in _control_groups("cpu") if groups is None else groups:
        quota, _, period = (_read(folder / "cpu.max") or "").partition(" ")
        if not quota:
            quota = _read(folder / "cpu.cfs_quota_us") or ""
            period = _read(folder / "cpu.cfs_period_us") or ""
        if quota.isdigit() and period.isdigit() and int(quota) and int(period):
            quotas.append(int(quota) / int(period))
    return min(quotas, default=None)


def _git(folder: Path) -> Git | None:
    """Return commit and dirtiness of tracked files, or None outside a repository or without git."""
    commit = _run_git(folder, "rev-parse", "--verify", "HEAD")
    if not commit:
        return None
    # Untracked files do not count: the records of the run itself are such files.
    changes = _run_git(folder, "status", "--porcelain", "--untracked-files=no")
    return Git(commit=commit, dirty=None if changes is None else bool(changes))


def _run_git(folder: Path, *arguments: str) -> str | None:
    # A repository's own settings may name programs to run; reading provenance must not start them.
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=GIT_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
