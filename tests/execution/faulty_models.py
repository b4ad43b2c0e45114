"""Classifiers that do what no classifier should; every one is a factory for `file.py:name`."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np


class Prior:
    """Class frequencies: the part that works."""

    features = "raw"

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.prior_ = counts / counts.sum()
        return self

    def predict_proba(self, X):
        return np.tile(self.prior_, (len(X), 1))


def faulty(act, then=Prior.fit):
    """Return a factory of a classifier whose fit does something first."""

    class Faulty(Prior):
        def fit(self, X, y):
            act()
            return then(self, X, y)

    return Faulty


def ignore_sigterm_and_sleep():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def spin_forever():
    while True:
        pass


def start_grandchildren():
    subprocess.Popen(["sleep", "611.7"])
    subprocess.Popen(["sleep", "611.7"], start_new_session=True)


def allocate_in_python():
    kept = []
    while True:
        kept.append(np.ones(1 << 20))


def share_memory():
    """Fill memory that no cap of a process counts."""
    shared = mmap.mmap(-1, 1 << 30)
    for at in range(0, len(shared), 1 << 20):
        shared[at : at + (1 << 20)] = b"x" * (1 << 20)
        time.sleep(0.001)
    time.sleep(600)


def allocate_and_abort():
    kept = []
    try:
        while True:
            kept.append(np.ones(1 << 20))
    except MemoryError:
        time.sleep(0.5)
        os.abort()


def allocate_and_hang():
    kept = []
    try:
        while True:
            kept.append(np.ones(1 << 20))
    except MemoryError:
        time.sleep(600)


def flood():
    block = b"\x00\xff0123456789abcd" * 4096
    for _ in range((1 << 30) // len(block)):
        os.write(1, block)


sleeps = faulty(lambda: time.sleep(600))
spins = faulty(spin_forever)
hangs_in_c = faulty(lambda: ctypes.PyDLL(None).sleep(600))
ignores_sigterm = faulty(ignore_sigterm_and_sleep)
segfaults = faulty(lambda: ctypes.string_at(0))
aborts = faulty(os.abort)
exits_at_once = faulty(lambda: os._exit(3))
exits = faulty(lambda: sys.exit("a last word"))
is_killed = faulty(lambda: os.kill(os.getpid(), signal.SIGKILL))
grows = faulty(allocate_in_python)
shares = faulty(share_memory)
grows_and_aborts = faulty(allocate_and_abort)
grows_and_hangs = faulty(allocate_and_hang)
floods = faulty(flood)
breeds = faulty(start_grandchildren)
breeds_and_sleeps = faulty(lambda: (start_grandchildren(), time.sleep(600)))
breeds_and_crashes = faulty(lambda: (start_grandchildren(), os._exit(3)))


def puts_out(change):
    """Return a factory of a classifier whose probabilities are changed."""

    class Changed(Prior):
        def predict_proba(self, X):
            return change(super().predict_proba(X))

    return Changed


def with_value(value):
    def change(proba):
        proba[0, 0] = value
        return proba

    return change


says_nan = puts_out(with_value(np.nan))
says_infinity = puts_out(with_value(np.inf))
says_negative = puts_out(with_value(-0.2))
does_not_sum_to_one = puts_out(lambda proba: proba * 1.1)
has_few_rows = puts_out(lambda proba: proba[1:])
has_few_columns = puts_out(lambda proba: proba[:, 1:])
has_many_columns = puts_out(lambda proba: np.broadcast_to(0.1, (len(proba), 20_000_000)))
is_a_vector = puts_out(lambda proba: proba.argmax(axis=1)[:, None])
is_text = puts_out(lambda proba: proba.astype(str).astype(object))


class Reversed(Prior):
    """Columns in another order, told by `classes_`."""

    def fit(self, X, y):
        from sklearn.linear_model import LogisticRegression

        self.model = LogisticRegression(max_iter=200).fit(X, y)
        self.classes_ = self.model.classes_[::-1]
        return self

    def predict_proba(self, X):
        return self.model.predict_proba(X)[:, ::-1]


class Straight(Reversed):
    """The same in the usual order."""

    def fit(self, X, y):
        super().fit(X, y)
        self.classes_ = self.classes_[::-1]
        return self

    def predict_proba(self, X):
        return super().predict_proba(X)[:, ::-1]


class Disagrees(Prior):
    """Its predict does not name the most probable class."""

    def predict_proba(self, X):
        proba = np.full((len(X), len(self.classes_)), 0.1 / (len(self.classes_) - 1))
        proba[:, 0] = 0.9
        return proba

    def predict(self, X):
        return np.full(len(X), self.classes_[-1])


class Mutates(Prior):
    """Changes what it is given."""

    def fit(self, X, y):
        X.iloc[:, 0] = -1.0
        y[:] = y[::-1].copy()
        return super().fit(X, y)

    def predict_proba(self, X):
        X.iloc[:, :] = 0.0
        return super().predict_proba(X)


class Tires(Prior):
    """Works twice in the folder of a run's cache, and never returns from then on."""

    def fit(self, X, y):
        for number in range(2):
            with contextlib.suppress(FileExistsError):
                Path(os.environ["XDG_CACHE_HOME"], f"worked-{number}").touch(exist_ok=False)
                return super().fit(X, y)
        return time.sleep(600)


class Random(Prior):
    """Takes its randomness from the system."""

    def predict_proba(self, X):
        weights = np.random.default_rng().random((len(X), len(self.classes_)))
        return weights / weights.sum(axis=1, keepdims=True)


class Remembers(Prior):
    """Memorises the order of rows, in the hope that the test rows come in the same."""

    def fit(self, X, y):
        self.sorted_ = np.sort(y)
        return super().fit(X, y)

    def predict_proba(self, X):
        place = (np.arange(len(X)) * len(self.sorted_)) // len(X)
        return np.eye(len(self.classes_))[np.searchsorted(self.classes_, self.sorted_[place])]


class Reports(Prior):
    """Tells where it is: its process, what was fitted there before, cores and threads."""

    def fit(self, X, y):
        from threadpoolctl import threadpool_info

        from suite.fitting import fit

        self.notes_ = [
            f"cores {len(os.sched_getaffinity(0))}",
            f"omp {os.environ['OMP_NUM_THREADS']}",
            f"pools {max((pool['num_threads'] for pool in threadpool_info()), default=1)}",
            f"pid {os.getpid()}",
            f"warmed up {len(fit._warm)}",
            *(f"fitted before: {name}" for name in getattr(sys, "reports", [])),
        ]
        # Seen by whatever is fitted in this process afterwards.
        sys.reports = [*getattr(sys, "reports", []), type(self).__name__]
        return super().fit(X, y)


class ReportsToo(Reports):
    """Another factory that does the same."""


sys.stdout.write("printed at import\n")
