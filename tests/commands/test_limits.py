from __future__ import annotations

import errno
import resource

import pytest

from suite.commands import limits
from suite.errors import UsageError


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """What the limits of this process are said to be, without a limit where nothing is said."""
    found: dict[int, int] = {}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (found.get(kind, resource.RLIM_INFINITY),) * 2)
    return found


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "too many open files: the limit is 12 (ulimit -n)"),
        (MemoryError(), "not enough memory: the limit is 300 MB (ulimit -v)"),
        (OSError(errno.ENOMEM, "x"), "not enough memory: the limit is 300 MB (ulimit -v)"),
        (ImportError("libx.so: failed to map segment from shared object"), "not enough memory: the limit is"),
        (
            RuntimeError("can't start new thread"),
            "no more processes or threads can be started: the limit is 1,000",
        ),
        (
            OSError(errno.EAGAIN, "Resource temporarily unavailable"),
            "no more processes or threads can be started",
        ),
        (BlockingIOError(errno.EAGAIN, "write could not complete without blocking"), ""),
        (ValueError("x"), ""),
    ],
    ids=str,
)
def test_an_error_names_the_limit_that_it_is_about(
    error: Exception, said: str, limited: dict[int, int]
) -> None:
    limited |= {resource.RLIMIT_NOFILE: 12, resource.RLIMIT_AS: 300 * 10**6, resource.RLIMIT_NPROC: 1000}
    found = limits.met_by(error)
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_an_error_that_came_of_a_limit_names_it(limited: dict[int, int]) -> None:
    error = ImportError("scipy seems to be broken")
    error.__cause__ = MemoryError()
    assert limits.met_by(error) == "not enough memory"


def test_errors_that_came_of_each_other_are_looked_at_once() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__context__, other.__context__ = other, one
    assert limits.met_by(one) == ""


def test_memory_is_asked_for_only_where_it_is_limited(
    limited: dict[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    limits.check_memory()
    limited[resource.RLIMIT_AS] = 500 * 10**6
    limits.check_memory()
    limited[resource.RLIMIT_AS] -= 10**6
    with pytest.raises(UsageError, match=r"the limit is 499 MB \(ulimit -v\), and .* need 500 MB$"):
        limits.check_memory()
