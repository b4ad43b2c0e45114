"""Fit one model and predict: what runs on the side that never sees a test label."""

from __future__ import annotations

import contextlib
import importlib.util
import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from suite import meter, threads
from suite.errors import InvalidOutput, in_one_line
from suite.fitting import measure
from suite.fitting.measuring import Measuring, alone, measured
from suite.models import own, plugin
from suite.models.catalogue import resolve
from suite.probabilities import check_form
from suite.schema import (
    Context,
    Failure,
    FitOutput,
    Job,
    ModelSpec,
    Report,
    Resources,
    Status,
    Task,
    Timing,
    keep_going,
)

DEADLINE = 0.95
"""The share of the time limit in which models that can keep one should be fitted: predicting comes after."""
Clock = Callable[[], AbstractContextManager[None]]
_SHORT = {"epochs": 1, "n_estimators": 2, "max_iter": 5, "max_rounds": 2, "members": 2}
_MODULES = {"scikit-learn": "sklearn", "interpret-core": "interpret"}
_warm: dict[str, float] = {}


def fit_predict(
    job: Job,
    report: Report = keep_going,
    clock: Clock = contextlib.nullcontext,
    measuring: Measuring = alone,
) -> FitOutput:
    """Build the job's model, fit it on the train rows and predict the test rows.

    Never raises for what a model does: the outcome is in the output's status and failure. Models that train in steps
    call ``report(step, values)``; False asks them to stop. The context that `clock` returns is entered once, for
    building, fitting and predicting: where limits hold. What is only measured comes after that, and `measuring` is
    handed the output before each part of it: nothing that a part does can take the predictions away.
    """
    steps = _Steps(report)
    spec = resolve(job.model).spec
    stage = _Stages(notes=spec.notes)
    if missing := _missing_package(spec):
        return stage.failed("skipped", "MissingPackage", f"{missing} is not installed")
    try:
        with warnings.catch_warnings(record=True) as caught, threads.limited(job.threads):
            warnings.simplefilter("default")
            stage.import_s = warm_up(spec, job.threads)
            with threads.limited(job.threads):
                model, output = _run(spec, job, steps, clock, stage)
                if model is None:
                    return output
                if measuring is alone:
                    # Nobody has them yet, and the model may use their memory again.
                    output = replace(output, proba=np.array(output.proba))
                return measured(model, output, job, measuring, lambda: _notes(model, steps, caught))
    except MemoryError as error:
        return stage.failed("out_of_memory", "MemoryError", in_one_line("MemoryError", error))
    except SystemExit as error:
        words = in_one_line("SystemExit", f"the model ended its process: {error.code}")
        return stage.failed("crash", "SystemExit", words, traceback.format_exc())
    except Exception as error:
        kind = type(error).__name__
        return stage.failed("error", kind, in_one_line(kind, error), traceback.format_exc())


class _Steps:
    """Passes on what a model reports, as plain numbers, and remembers at which step it was asked to stop."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.stopped_at: int | None = None

    def __call__(self, step: int, values: Mapping[str, float]) -> bool:
        step, plain = int(step), {str(name): float(value) for name, value in values.items()}
        if self.stopped_at is None and self._report(step, plain) is False:
            self.stopped_at = step
        return self.stopped_at is None

    def notes(self, said: Sequence[str]) -> tuple[str, ...]:
        """Return what a record notes of the stop, unless the model has said it."""
        if self.stopped_at is None or any(note.startswith("stopped on request") for note in said):
            return ()
        return (f"stopped on request at step {self.stopped_at}",)


@dataclass
class _Stages:
    """Readings taken on the way, so that a failure still shows how far it came."""

    notes: tuple[str, ...]
    import_s: float | None = None
    fit_s: float | None = None
    rss_before_mb: float | None = None

    def failed(self, status: Status, kind: str, message: str, log: str = "") -> FitOutput:
        """Return the output of a cell that came no further."""
        return FitOutput(
            status=status,
            failure=Failure(kind=kind, message=message, log=log[-4000:]),
            timing=Timing(import_s=self.import_s, fit_s=self.fit_s, load=meter.load()),
            resources=Resources(rss_before_mb=self.rss_before_mb, peak_rss_mb=meter.peak_rss_mb()),
            notes=self.notes,
        )


def _run(spec: ModelSpec, job: Job, steps: _Steps, clock: Clock, stage: _Stages) -> tuple[Any, FitOutput]:
    """Return the fitted model and its predictions; no model, if these are no probabilities."""
    stage.rss_before_mb = meter.rss_mb()
    meter.reset_peak()
    with clock():
        cpu, start = time.process_time(), time.perf_counter()
        deadline = time.monotonic() + DEADLINE * job.time_limit_s if job.time_limit_s else None
        context = Context(
            seed=job.seed, threads=job.threads, deadline=deadline, report=steps, inner=job.inner
        )
        model = spec.build(job.task, context, **job.params)
        model.fit(job.X_train, job.y_train)
        fitted = time.perf_counter()
        stage.fit_s = fitted - start
        proba = np.asarray(model.predict_proba(job.X_test))
        predict_s = time.perf_counter() - fitted
        cpu_s, peak = time.process_time() - cpu, meter.peak_rss_mb()
        labels = measure.labels(model)
        try:
            check_form(proba, labels, len(job.X_test), job.task.n_classes)
        except InvalidOutput as error:
            return None, stage.failed("invalid_output", "InvalidOutput", str(error))
    return model, FitOutput(
        proba=proba,
        labels=labels,
        timing=Timing(
            import_s=stage.import_s, fit_s=stage.fit_s, predict_s=predict_s, cpu_s=cpu_s, load=meter.load()
        ),
        resources=Resources(
            threads=job.threads,
            rss_before_mb=stage.rss_before_mb,
            peak_rss_mb=peak,
            stopped_at_step=steps.stopped_at,
        ),
        notes=spec.notes,
    )


def warm_up(spec: ModelSpec, n_threads: int) -> float:
    """Import a model's libraries and let them fit once, on rows of another shape; return the seconds.

    A model of the user's own is only built, and as the probe built it: what hangs for the rows of the cell then does so
    on the cell's clock. Once per library and process: later calls return the seconds of the first.
    """
    library = spec.requires[-1] if spec.requires else spec.name
    if library not in _warm:
        start = time.perf_counter()
        if spec.is_custom:
            spec.build(plugin.probe_task(), Context(seed=0, threads=n_threads), **spec.params)
        else:
            _fit_once(spec, n_threads)
        _warm[library] = time.perf_counter() - start
    return _warm[library]


def _fit_once(spec: ModelSpec, n_threads: int) -> None:
    import pandas as pd

    generator = np.random.default_rng(0)
    X = pd.DataFrame(generator.normal(size=(40, 3)).astype(np.float32), columns=["f0", "f1", "f2"])
    y = np.arange(40) % 2
    task = Task(
        kinds=("numeric",) * 3,
        levels=(0,) * 3,
        n_train=40,
        n_features=3,
        n_classes=2,
        validation=np.arange(30, 40),
    )
    short = {name: _SHORT.get(name, value) for name, value in spec.params.items()}
    model = spec.build(task, Context(seed=0, threads=n_threads), **short)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a fit that is cut short, as this one is meant to be
        model.fit(X, y)
        model.predict_proba(X)


def _missing_package(spec: ModelSpec) -> str | None:
    found = importlib.util.find_spec
    return next((package for package in spec.requires if found(_MODULES.get(package, package)) is None), None)


def _notes(model: Any, steps: _Steps, caught: list[warnings.WarningMessage]) -> tuple[str, ...]:
    """Return what a model says of its fit, and what libraries warned of."""
    said = measure.notes(own.last_step(model))
    return (*said, *steps.notes(said), *_sentences(caught))


def _sentences(caught: list[warnings.WarningMessage]) -> tuple[str, ...]:
    """Return what the libraries warned users of, each once, one line each, the first five."""
    for_developers = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
    for_users = [w for w in caught if not issubclass(w.category, for_developers)]
    lines = [f"{w.category.__name__}: {measure.first_line(w.message)}" for w in for_users]
    return tuple(dict.fromkeys(lines))[:5]
