"""What this machine has, and what would get in the way of an honest run."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from suite import provenance
from suite.version import __version__


@dataclass(frozen=True)
class Check:
    """One line of the examination; `problem` is a sentence, or empty."""

    label: str
    value: str
    problem: str = ""


def examine() -> list[Check]:
    """Check versions, cores, memory, disk and packages, without importing any of these."""
    findings = [
        Check("suite", __version__),
        Check("python", sys.version.split()[0]),
        Check("cores", str(provenance.usable_cores())),
        _disk(),
        Check("memory cap", "enforced" if sys.platform == "linux" else "not enforced on this system"),
    ]
    for package in provenance.PACKAGES:
        version = provenance.package_version(package)
        is_missing = version is None and package != "pyarrow"  # which only Parquet files need
        findings.append(Check(package, version or "absent", f"pip install {package}" if is_missing else ""))
    for full, slim in provenance.SLIM.items():
        if len(provenance.distributions(full)) == 2:
            problem = f"{full} and {slim} share one folder and overwrite each other: uninstall both, then install one"
            findings.append(Check(f"{full} twice", f"{full} and {slim}", problem))
    return findings


def _disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    return Check("free disk", f"{free:.1f} GB", "less than 1 GB is free here" if free < 1 else "")
