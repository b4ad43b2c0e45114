"""What a model does once its predictions are there: it costs what it was asked for then, and never the predictions."""

from __future__ import annotations

import pytest

from suite import api
from suite.schema import Record

MODELS = """
import ctypes, mmap, os, signal, sys, time
import numpy as np

class Prior:
    features = "raw"

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.prior_ = counts / counts.sum()
        return self

    def predict_proba(self, X):
        if len(X) == 1:
            self.one_row()
        return np.tile(self.prior_, (len(X), 1))

    def one_row(self):
        pass

def grow(self):
    kept = []
    while True:
        kept.append(np.ones(1 << 20))

def write(fd):
    try:
        os.write(fd, b"\\xff" * 64)
    except OSError:
        pass

def swallow(self):
    while True:
        try:
            time.sleep(600)
        except BaseException:
            pass

def model(**methods):
    return type("Model", (Prior,), methods)

row_hangs = model(one_row=lambda self: time.sleep(600))
row_spins = model(one_row=lambda self: [None for _ in iter(int, 1)])
row_hangs_in_c = model(one_row=lambda self: ctypes.PyDLL(None).sleep(600))
row_swallows = model(one_row=swallow)
row_exits = model(one_row=lambda self: sys.exit("enough"))
row_exits_at_once = model(one_row=lambda self: os._exit(3))
row_is_killed = model(one_row=lambda self: os.kill(os.getpid(), signal.SIGKILL))
row_segfaults = model(one_row=lambda self: ctypes.string_at(0))
row_kills_its_guard = model(one_row=lambda self: (os.kill(os.getppid(), signal.SIGKILL), time.sleep(600)))
row_stops_its_guard = model(one_row=lambda self: (os.kill(os.getppid(), signal.SIGSTOP), time.sleep(600)))
has_no_steps = model(named_steps={})
is_its_own_step = model(named_steps={}, __getitem__=lambda self, at: self)
row_writes_garbage = model(one_row=lambda self: [write(fd) for fd in range(3, 100)])
row_closes_all = model(one_row=lambda self: os.closerange(3, 1024))
row_shares = model(one_row=lambda self: mmap.mmap(-1, 1 << 30).write(bytes(1 << 30)))
row_grows = model(one_row=grow)
state_hangs = model(__getstate__=lambda self: time.sleep(600))
state_exits = model(__getstate__=lambda self: os._exit(3))
state_grows = model(__getstate__=grow)
predict_hangs = model(predict=lambda self, X: time.sleep(600))
predict_exits = model(predict=lambda self, X: os._exit(3))
notes_hang = model(notes_=property(lambda self: time.sleep(600)))
held_out_exits = model(n_validation_=property(lambda self: os._exit(3)))
is_talkative = model(notes_=["x" * 30_000_000, *map(str, range(1000))])
closes_stdout = model(one_row=lambda self: (sys.stdout.close(), sys.stderr.close()))
has_no_stdout = model(one_row=lambda self: setattr(sys, "stdout", None))
closes_descriptors = model(one_row=lambda self: os.closerange(1, 3))
for name, found in list(globals().items()):
    if isinstance(found, type):  # pickle looks a class up by its name
        found.__name__ = found.__qualname__ = name
"""
LATENCY, SIZE, PREDICT = "latency of one row", "size", "labels by predict"
LOST = {
    "row_hangs": LATENCY,
    "row_spins": LATENCY,
    "row_hangs_in_c": LATENCY,
    "row_swallows": LATENCY,
    "row_exits": LATENCY,
    "row_exits_at_once": LATENCY,
    "row_is_killed": LATENCY,
    "row_segfaults": LATENCY,
    "row_kills_its_guard": LATENCY,
    "row_stops_its_guard": LATENCY,
    "row_closes_all": LATENCY,
    "row_writes_garbage": LATENCY,
    "row_shares": LATENCY,
    "row_grows": LATENCY,
    "state_hangs": SIZE,
    "state_exits": SIZE,
    "state_grows": SIZE,
    "predict_hangs": PREDICT,
    "predict_exits": PREDICT,
    "notes_hang": "notes",
    "held_out_exits": "training history",
    "has_no_steps": "training history",
    "is_its_own_step": "training history",
}
"""What each does not let be measured."""
ODD = ["is_talkative", "closes_stdout", "has_no_stdout", "closes_descriptors"]
ALONE = {
    "row_hangs": "model_mb",
    "row_exits": "model_mb",
    "row_grows": "model_mb",
    "predict_hangs": "model_mb",
}
"""What is measured all the same, after what is not."""

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    """One run of them all, by name."""
    home = tmp_path_factory.mktemp("after")
    (home / "late.py").write_text(MODELS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        patch.chdir(home)
        run = api.run(
            [f"late.py:{name}" for name in (*LOST, *ODD)],
            "iris",
            protocol="holdout",
            threads=1,
            time_limit_s=60,
            memory_limit_gb=0.3,
        )
    return {record.model.partition(":")[2]: record for record in run.records}


@pytest.mark.parametrize("name", [*LOST, *ODD])
def test_the_predictions_stay(records: dict[str, Record], name: str) -> None:
    record = records[name]
    assert (record.status, record.failure) == ("ok", None)
    assert record.metrics["accuracy"] is not None
    assert record.predictions_sha256
    assert record.timing.fit_s is not None
    assert record.timing.predict_s is not None


@pytest.mark.parametrize("name", LOST)
def test_what_could_not_be_measured_is_noted_with_its_reason(records: dict[str, Record], name: str) -> None:
    told = [
        note for note in records[name].notes if note.startswith(f"its {LOST[name]} could not be measured: ")
    ]
    alone = [note for note in records[name].notes if note.startswith("it cannot predict a single row: ")]
    assert len(told or alone) == 1, records[name].notes
    assert records[name].timing.latency_ms_p50 is None or LOST[name] != LATENCY
    assert records[name].resources.model_mb is None or LOST[name] != SIZE


@pytest.mark.parametrize("name", ALONE)
def test_each_part_fails_alone(records: dict[str, Record], name: str) -> None:
    assert getattr(records[name].resources, ALONE[name]) is not None


@pytest.mark.parametrize("name", ODD)
def test_what_does_no_harm_costs_nothing(records: dict[str, Record], name: str) -> None:
    assert records[name].timing.latency_ms_p50 is not None
    assert not any("could not be measured" in note for note in records[name].notes)


def test_a_record_has_room_for_some_notes_and_some_words_of_each(records: dict[str, Record]) -> None:
    notes = records["is_talkative"].notes
    assert notes[-1] == "and 981 more notes"
    assert max(map(len, notes)) == 300
