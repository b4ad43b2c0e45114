"""`suite predict`: held to the cores that it may use, whatever the user's shell says."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from suite import predicting, threads
from suite.exports import model
from suite.provenance import usable_cores


@pytest.mark.skipif(sys.platform != "linux", reason="affinity is Linux's")
def test_what_a_model_imports_reads_the_number_of_cores(
    suite: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = []

    def predict(*args: object, **options: object) -> SimpleNamespace:
        seen.append(dict(os.environ))
        return SimpleNamespace(notes=(), news=("a town is new",), n_rows=1)

    monkeypatch.setattr(os, "environ", {**os.environ, "OMP_NUM_THREADS": "77"})
    monkeypatch.setattr(model, "ExportedModel", lambda folder, n: SimpleNamespace(warnings=[f"{n} threads"]))
    monkeypatch.setattr(predicting, "predict", predict)
    assert suite("predict", "model", "new.csv") == 0
    assert seen[0].items() >= threads.environment(usable_cores()).items()
    said = [f"{usable_cores()} threads", "a town is new", "1 row: predictions.csv"]
    assert capsys.readouterr().err.splitlines() == said
