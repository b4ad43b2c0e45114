"""One thread budget for every library of a process, and Keras as suite means it: set before they are imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
)


def environment(threads: int) -> dict[str, str]:
    """Return the environment variables that hold libraries to `threads` threads and keep them quiet.

    Keras takes its settings from the package, not from the user's `keras.json`, which may name another backend or
    precision.
    """
    return {
        **dict.fromkeys(_VARIABLES, str(threads)),
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "CUDA_VISIBLE_DEVICES": "-1",
        "KERAS_BACKEND": "tensorflow",
        "KERAS_HOME": str(Path(__file__).with_name("keras_home")),
    }


@contextmanager
def pinned(threads: int) -> Iterator[None]:
    """Hold this process to `threads` cores inside the block, and libraries to as many threads.

    Libraries that are imported later read the environment, which stays as it is set here, but for Keras's settings.
    """
    before = {name: os.environ.get(name) for name in ("KERAS_BACKEND", "KERAS_HOME")}
    os.environ.update(environment(threads))
    try:
        with _on_cores(threads):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _on_cores(threads: int) -> Iterator[None]:
    if sys.platform != "linux":
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(cores)[:threads])
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@contextmanager
def limited(threads: int) -> Iterator[None]:
    """Hold the libraries that are loaded already to `threads` threads inside the block."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(threads):
        yield


def most_threads() -> int:
    """Return the size of the largest thread pool among the loaded libraries."""
    from threadpoolctl import threadpool_info

    return max((int(pool["num_threads"]) for pool in threadpool_info()), default=1)
