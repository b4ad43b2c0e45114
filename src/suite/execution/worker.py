"""The child that fits: warm, it takes cell after cell, reads their rows, fits, and leaves probabilities in a file.

Run as ``python -m suite.execution.worker`` under `suite.supervision`. A job is ``{"job": "warm", "model": ...}`` or a
cell as `parcel.pack_job` packs it, with ``table`` (the folder of its columns) and ``scratch`` (where its file goes).
Imports, warm-up and the reading of rows stand before the clock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.supervision.channel import Message
from suite.supervision.link import Link

if TYPE_CHECKING:
    from suite.schema import FitOutput


def main() -> None:
    """Serve until the parent closes the connection."""
    link = Link.inherited()
    link.ready()
    for job in link.jobs():
        try:
            header, failure = (_warm if job.header["job"] == "warm" else _cell)(link, job)
            link.finish(header, failure=failure)
        except Exception as error:
            link.fail(error)


def _warm(link: Link, job: Message) -> tuple[dict[str, Any], None]:
    from suite import fitting
    from suite.models.catalogue import resolve

    # The cells that need a missing or broken library report it.
    with contextlib.suppress(Exception):
        fitting.warm_up(resolve(job.header["model"]).spec, job.header["threads"])
    return {}, None


def _cell(link: Link, job: Message) -> tuple[dict[str, Any], str | None]:
    from suite import fitting, meter
    from suite.datasets.column_file import Changed
    from suite.execution import parcel

    header = job.header
    try:
        work = parcel.unpack_job(header, job.payload, Path(header["table"]), header["digest"])
    except Changed as error:
        return {"changed": str(error)}, None
    job.payload = b""
    meter.give_back()

    def report(step: int, values: Mapping[str, float]) -> bool:
        link.send({"type": "progress", "step": step, "values": dict(values)})
        return not link.is_asked_to_stop()

    is_kept = False

    def measuring(output: FitOutput, what: str, seconds: float) -> AbstractContextManager[None]:
        """Hand over what is there, before anything is asked of the model that can end this process."""
        nonlocal is_kept
        if not is_kept and output.proba is not None:
            parcel.write_proba(output.proba, Path(header["scratch"]))
            is_kept = True
        link.send({"type": "output", "output": parcel.pack_output(output), "next": what})
        return link.bounded(seconds)

    output = fitting.fit_predict(work, report, clock=link.clock, measuring=measuring)
    packed = parcel.pack_output(output)
    packed["notes"] += _excess(header["threads"])
    if output.failure is None or output.status in ("skipped", "invalid_output"):
        return {"output": packed}, None
    return {"output": packed}, f"{output.failure.message}\n{output.failure.log}"


def _excess(allowed: int) -> list[str]:
    """Return a note if a library holds more threads than it was given."""
    from suite import threads

    most = threads.most_threads()
    if most <= allowed:
        return []
    return [f"a library kept a pool of {most} threads where {allowed} were given, on the same cores"]


if __name__ == "__main__":
    main()
