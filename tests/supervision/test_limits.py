from __future__ import annotations

import sys

import pytest

from suite.supervision.limits import cap_above, capped

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA counts maps on Linux only")


def capped_at(limit_mb):
    return capped(cap_above(limit_mb))


def limits():
    import resource

    return resource.getrlimit(resource.RLIMIT_DATA)


def test_the_cap_holds_inside_the_block_only():
    before = limits()
    with capped_at(100):
        assert len(bytes(20_000_000)) == 20_000_000
        with pytest.raises(MemoryError):
            bytes(400_000_000)
    assert limits() == before
    assert len(bytes(400_000_000)) == 400_000_000


def test_a_cap_does_not_lift_one_that_is_lower():
    with capped_at(100):
        outer = limits()
        with capped_at(1000):
            assert limits() == outer
        with capped_at(None):
            assert limits() == outer


def test_the_cap_ends_with_an_exception():
    before = limits()
    with pytest.raises(ValueError, match="in the block"), capped_at(100):
        raise ValueError("in the block")
    assert limits() == before
