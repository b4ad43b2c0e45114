"""The child that fits a model and saves it, and the fresh one that reads it again and predicts.

Run as ``python -m suite.exports.worker`` under `suite.supervision`. A job is a cell as `parcel.pack_job` packs it, with
``job`` ("fit" or "read"), ``table`` (the folder of its columns), ``folder`` (where the model's files are), ``scratch``
(where its probabilities go) and, to read, ``estimator``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from suite.supervision.channel import Message
from suite.supervision.link import Link


def main() -> None:
    """Serve until the parent closes the connection."""
    link = Link.inherited()
    link.ready()
    for job in link.jobs():
        try:
            link.finish((_read if job.header["job"] == "read" else _fit)(link, job))
        except Exception as error:
            link.fail(error)


def _fit(link: Link, job: Message) -> dict[str, Any]:
    import numpy as np

    from suite import fitting, threads
    from suite.execution import parcel
    from suite.exports import estimator, paste
    from suite.fitting import measure
    from suite.models import own
    from suite.models.catalogue import resolve
    from suite.schema import Context

    header = job.header
    work = parcel.unpack_job(header, job.payload, Path(header["table"]), header["digest"])
    spec, n = resolve(work.model).spec, work.threads
    with threads.limited(n):
        fitting.warm_up(spec, n)
        with threads.limited(n), link.clock():
            model = spec.build(work.task, Context(seed=work.seed, threads=n), **work.params)
            model.fit(work.X_train, work.y_train)
            proba = np.asarray(model.predict_proba(work.X_test))
            saved = estimator.save(model, Path(header["folder"]))
    parcel.write_proba(proba.astype(np.float64), Path(header["scratch"]))
    last = own.last_step(model)
    found = getattr(last, "found_params_", None)
    labels = measure.labels(model)
    return {
        "estimator": saved,
        "found": dict(found) if isinstance(found, dict) else {},
        "labels": list(range(work.task.n_classes)) if labels is None else [int(label) for label in labels],
        "notes": list(measure.notes(last)),
        "n_validation": measure.n_validation(last, work.task.n_train),
        "python": paste.source(estimator.parts(model)[0], work.params),
    }


def _read(link: Link, job: Message) -> dict[str, Any]:
    import numpy as np

    from suite import threads
    from suite.execution import parcel
    from suite.exports import estimator

    header = job.header
    work = parcel.unpack_job(header, job.payload, Path(header["table"]), header["digest"])
    about, folder = header["estimator"], Path(header["folder"])
    contents = {name: (folder / name).read_bytes() for name in about["files"]}
    with threads.limited(work.threads), link.clock():
        model = estimator.load(about, contents, work.threads)
        with threads.limited(work.threads):
            proba = np.asarray(model.predict_proba(work.X_test))
    parcel.write_proba(proba.astype(np.float64), Path(header["scratch"]))
    return {"labels": [int(label) for label in model.classes_]}


if __name__ == "__main__":
    main()
