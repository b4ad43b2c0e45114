from __future__ import annotations

import sys

import pytest

from suite.supervision.limits import memory_cap

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA counts maps on Linux only")


def limits():
    import resource

    return resource.getrlimit(resource.RLIMIT_DATA)


def test_the_cap_holds_inside_the_block_only():
    before = limits()
    with memory_cap(100):
        assert len(bytes(20_000_000)) == 20_000_000
        with pytest.raises(MemoryError):
            bytes(400_000_000)
    assert limits() == before
    assert len(bytes(400_000_000)) == 400_000_000


def test_a_cap_does_not_lift_one_that_is_lower():
    with memory_cap(100):
        outer = limits()
        with memory_cap(1000):
            assert limits() == outer
        with memory_cap(None):
            assert limits() == outer


def test_the_cap_ends_with_an_exception():
    before = limits()
    with pytest.raises(ValueError, match="in the block"), memory_cap(100):
        raise ValueError("in the block")
    assert limits() == before
