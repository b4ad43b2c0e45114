"""What is measured once the predictions are there: part by part, each with a bound, and none can take them away."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from suite.errors import in_one_line
from suite.fitting import measure
from suite.models import own
from suite.schema import FitOutput, Job

PART_S = 4.0
"""Seconds that a part may take in any case."""
MOST_NOTES, MOST_WORDS = 20, 300
"""Notes of a model that are kept, and characters of each."""
Measuring = Callable[[FitOutput, str, float], AbstractContextManager[None]]
"""Takes what is known so far and what is measured next, and returns the bounds of that, given its seconds."""
Part = Callable[[FitOutput], FitOutput]


def alone(output: FitOutput, what: str, seconds: float) -> AbstractContextManager[None]:
    """Hand nothing over, and bound nothing: for a process that nobody watches."""
    return contextlib.nullcontext()


def measured(
    model: Any, output: FitOutput, job: Job, measuring: Measuring, notes: Callable[[], Sequence[str]]
) -> FitOutput:
    """Return the output of a fit with what is only measured: training history, notes, latency, size.

    `measuring` is called for each part with the output so far. What a model does in a part, short of ending the
    process, costs that part only, and is noted.
    """
    begun = time.monotonic()
    fit_s, predict_s = output.timing.fit_s or 0.0, output.timing.predict_s or 0.0
    # A model may take its time for a row or a copy of itself, as it did for all rows: what its fit has left, and a bit.
    left = job.time_limit_s - fit_s - predict_s if job.time_limit_s else fit_s + predict_s
    until = begun + max(left, 0.0) + 2 * PART_S
    # Before anything is asked of the model, if only for its last step.
    measuring(output, "training history", PART_S)
    parts: list[tuple[str, float, Part]] = [
        ("found parameters", 0.0, lambda output: replace(output, found=measure.found(own.last_step(model)))),
        ("training history", 0.0, lambda output: _history(output, own.last_step(model), job)),
        ("notes", 0.0, lambda output: replace(output, notes=(*output.notes, *_bounded(notes())))),
    ]
    costly: list[tuple[str, float, Part]] = [
        ("labels by predict", 2 * predict_s, lambda output: _labels(output, model, job)),
        ("latency of one row", 3 * predict_s, lambda output: _latency(output, model, job)),
        ("size", fit_s, lambda output: _changed(output, "resources", model_mb=measure.pickled_mb(model))),
    ]
    for what, usual_s, part in [*parts, *([] if job.inner else costly)]:
        seconds = min(max(PART_S, usual_s), until - time.monotonic())
        if seconds <= 0:
            output = output.unmeasured(what, "the time for it was used up")
            continue
        try:
            with measuring(output, what, seconds):
                output = part(output)
        except (Exception, SystemExit) as error:
            output = output.unmeasured(what, in_one_line(type(error).__name__, error))
    return output


def _changed(output: FitOutput, part: str, **figures: Any) -> FitOutput:
    return replace(output, **{part: replace(getattr(output, part), **figures)})


def _history(output: FitOutput, last: Any, job: Job) -> FitOutput:
    histories = measure.histories(last)
    if histories:
        output = _changed(output, "timing", compile_s=histories[0].compile_s)
    cut = job.time_limit_s if any(run.is_cut_short for run in histories) else None
    return replace(
        _changed(output, "resources", cut_short_at_s=cut),
        n_validation=measure.n_validation(last, job.task.n_train),
        curve=histories[0].curve if histories else None,
    )


def _labels(output: FitOutput, model: Any, job: Job) -> FitOutput:
    checked = min(measure.CHECKED_ROWS, len(job.X_test))
    if output.proba is None or checked * (output.timing.predict_s or 0.0) > measure.CHECKED_S * len(
        job.X_test
    ):
        return output
    found = measure.disagreement(model, job.X_test.iloc[:checked], output.proba)
    return replace(output, notes=(*output.notes, *found))


def _latency(output: FitOutput, model: Any, job: Job) -> FitOutput:
    (p50, p95), missed = measure.latency_ms(model, job.X_test)
    output = replace(output, notes=(*output.notes, *missed))
    return _changed(output, "timing", latency_ms_p50=p50, latency_ms_p95=p95)


def _bounded(notes: Sequence[str]) -> tuple[str, ...]:
    """Return as many notes, and as much of each, as a record has room for."""
    kept = [note if len(note) <= MOST_WORDS else note[: MOST_WORDS - 1] + "…" for note in notes[:MOST_NOTES]]
    return (*kept, f"and {len(notes) - MOST_NOTES:,} more notes") if len(notes) > MOST_NOTES else tuple(kept)
