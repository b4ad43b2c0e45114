from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf

from suite import threads
from suite.neural import canonical, programs
from suite.neural.classifier import KerasClassifier
from suite.neural.networks import Mlp
from suite.neural.reuse import NOTE, Reuse


def fit(blobs, reuse=True, **options):
    given = {"epochs": 2, "batch_size": 30, "optimizer": "adamw", "weight_decay": 0.01, "schedule": "cosine"}
    model = KerasClassifier(
        Mlp((6,)), compile="xla", reuse=reuse, **{"random_state": 0, **given, **options}
    ).fit(*blobs)
    return NOTE in model.notes_, model.models_[0].get_weights()


def same(weights, others):
    return all(np.array_equal(a, b) for a, b in zip(weights, others, strict=True))


def test_a_fit_whose_time_counts_compiles_anew_and_a_trial_need_not(blobs):
    was_compiled, weights = fit(blobs)
    assert not was_compiled
    was_compiled, again = fit(blobs)
    assert was_compiled
    assert same(again, weights)
    assert not fit(blobs, reuse=False)[0]


@pytest.mark.slow
def test_what_a_search_varies_most_is_no_part_of_the_program(blobs):
    fit(blobs, label_smoothing=0.05)
    varied = {
        "learning_rate": 0.02,
        "weight_decay": 0.1,
        "label_smoothing": 0.1,
        "epochs": 5,
        "random_state": 1,
    }
    was_compiled, weights = fit(blobs, **varied)
    assert was_compiled
    _, anew = fit(blobs, reuse=False, **varied)
    for ours, theirs in zip(weights, anew, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.slow
def test_where_tensorflow_has_changed_a_trial_compiles_as_any_fit(blobs, monkeypatch):
    def fail(*_):
        raise AttributeError("no such thing in this version")

    monkeypatch.setattr(canonical.Canonical, "_named", fail)
    was_compiled, weights = fit(blobs)
    monkeypatch.undo()
    assert not was_compiled
    assert same(fit(blobs)[1], weights)


@pytest.mark.slow
def test_a_program_that_cannot_be_loaded_is_compiled_anew(blobs, monkeypatch):
    dropped = []

    def call(self, function, *args):
        with tf.control_dependencies([tf.debugging.Assert(tf.constant(False), ["damaged"])]):
            return tf.constant(0.0), tf.constant(0.0)

    monkeypatch.setattr(Reuse, "call", call)
    monkeypatch.setattr(Reuse, "failed", lambda self: dropped.append(self))
    was_compiled, weights = fit(blobs)
    monkeypatch.undo()
    assert (was_compiled, len(dropped)) == (False, 1)
    assert same(fit(blobs)[1], weights)


CODE = """
import hashlib, json, sys
import numpy as np
import tensorflow as tf
from suite.neural.classifier import KerasClassifier
from suite.neural.networks import Mlp
tf.function(lambda x: x + 1)(1.0)
for reuse in json.loads(sys.argv[1]):
    X = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    model = KerasClassifier(
        Mlp((6,)), epochs=2, batch_size=30, schedule="cosine", compile="xla", reuse=reuse, random_state=0
    ).fit(X, X[:, 0] > 0)
    weights = b"".join(w.tobytes() for w in model.models_[0].get_weights())
    print(json.dumps([hashlib.sha256(weights).hexdigest(), list(model.notes_), model.histories_[0].mode]))
"""


@pytest.fixture
def in_process(tmp_path):
    """Fit in a process of its own, which shares a folder of programs; return weights, notes and mode of each fit."""
    folder = tmp_path / "kept"
    folder.mkdir()

    def run(stage: str, *reuse: bool) -> list[tuple[str, list[str], str]]:
        variables = {**threads.environment(1), **programs.environment(folder, tmp_path / stage)}
        code = [sys.executable, "-c", CODE, json.dumps(reuse)]
        path = {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        done = subprocess.run(code, env={**os.environ, **variables, **path}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        return [tuple(json.loads(line)) for line in done.stdout.splitlines()]

    run.folder = folder
    return run


@pytest.mark.slow
def test_another_process_uses_the_program_and_gets_the_same_weights(in_process):
    [(weights, notes, _)] = in_process("one", True)
    assert notes == []
    anew, trial = in_process("two", False, True)
    assert anew[1] == []
    assert trial == (weights, [NOTE], "xla")


@pytest.mark.slow
@pytest.mark.parametrize("is_signed", [False, True], ids=["bytes differ", "digest fits"])
def test_a_damaged_program_costs_a_compilation_and_nothing_else(in_process, is_signed):
    [(weights, *_)] = in_process("one", True)
    [path] = in_process.folder.iterdir()
    header, _, content = path.read_bytes().partition(b"\n")
    content = content[: len(content) // 2]
    if is_signed:
        header = hashlib.sha256(content).hexdigest().encode() + header[64:]
    path.write_bytes(header + b"\n" + content)
    assert in_process("two", True) == [(weights, [], "xla")]
    assert in_process("three", True)[0][0] == weights


@pytest.mark.slow
def test_processes_that_compile_the_same_at_once_do_not_harm_each_other(in_process):
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda stage: in_process(stage, True, True), ["one", "two", "three"]))
    assert len({weights for fits in found for weights, _, _ in fits}) == 1
    assert all(fits[1][1] == [NOTE] for fits in found)
    assert [path for path in in_process.folder.iterdir() if path.name.startswith(".")] == []
