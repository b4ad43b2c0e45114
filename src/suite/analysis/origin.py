"""Where a board comes from: the command, the machines and the notes, derived from its records."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from suite.analysis.board import Machine, Note
from suite.config import RunConfig
from suite.schema import Record


def age(record: Record) -> tuple[bool, str, int, str]:
    """Return what records are sorted by to have the newest last; published ones stand before all runs."""
    started = str(record.provenance.get("started_at") or "")
    return record.source == "run", started, record.attempt, record.key


def command(models: Mapping[str, Sequence[Record]], sample: Record, metric: str = "accuracy") -> str:
    """Return the command that makes a board again, as one would type it in a shell; empty without models.

    Tuned models and ensembles are no names one can type, so they are left out; tables and models that were given in
    Python are none either, and a comment says so. The time limit stands in it where a record shows that it ended a
    cell.

    Parameters
    ----------
    models : mapping of str to sequence of Record
        Records that ran, by the model's name on the board.
    sample : Record
        The record that tells of the table.
    metric : str
        What the board is ranked by.
    """
    usual = {name: records for name, records in models.items() if records[0].variant == "default"}
    live = [name for name, records in usual.items() if _is_live(records[0])]
    given = f"models given in Python: {', '.join(sorted(live))}"
    names = [name for name in usual if name not in live]
    if sample.features.get("live"):
        return f"# a table given in Python: {sample.dataset}" + (f"; {given}" if live else "")
    if not names:
        return f"# {given}" if live else ""
    words = ["python", "-m", "suite", "run", *names, "--data", sample.features.get("file") or sample.dataset]
    if sample.features.get("file") or sample.dataset.startswith("openml:"):
        words += ["--target", sample.target]
    for choice, columns in sorted((sample.features.get("chosen") or {}).items()):
        words += (
            [word for column in columns for word in (f"--{choice}", column)] if columns else [f"--{choice}"]
        )
    words += ["--protocol", sample.protocol]
    everything = [record for records in models.values() for record in records]
    if (seeds := len({record.seed for record in everything})) > 1:
        words += ["--seeds", str(seeds)]
    limit = _time_limit(everything)
    if limit is not None and limit != RunConfig.time_limit_s:
        words += ["--time-limit", f"{limit:.12g}"]
    if metric != "accuracy":
        words += ["--metric", metric]
    return shlex.join(words) + (f" # without the {given}" if live else "")


def _time_limit(records: Iterable[Record]) -> float | None:
    """Return the largest time limit that ended a cell or its training; None if none did, or others took longer."""
    met: list[Any] = []
    longest = 0.0
    for record in records:
        met.append(record.resources.get("cut_short_at_s"))
        if record.status == "timeout":
            met.append((record.failure or {}).get("limit"))
        longest = max(longest, (record.timing.get("fit_s") or 0.0) + (record.timing.get("predict_s") or 0.0))
    limit = max((limit for limit in met if isinstance(limit, int | float)), default=None)
    return None if limit is None or longest > limit else limit


def _is_live(record: Record) -> bool:
    """Tell whether a record's model was an object: those of a command line that are a user's own have a colon."""
    return record.source == "run" and record.family == "custom" and ":" not in record.model


def machines(records: Iterable[Record]) -> tuple[Machine, ...]:
    """Return the distinct machines and sets of versions, sorted."""
    found: dict[str, Machine] = {}
    for record in records:
        about = record.provenance
        machine = Machine(
            cpu=str(about.get("cpu") or "unknown processor"),
            cores=about.get("cores"),
            os=str(about.get("os") or "unknown system"),
            python=str(about.get("python") or "?"),
            suite=str(about.get("suite") or "?"),
            packages={str(k): str(v) for k, v in sorted((about.get("packages") or {}).items())},
        )
        found[json.dumps(vars(machine), sort_keys=True)] = machine
    return tuple(found[text] for text in sorted(found))


def notes(models: Mapping[str, Sequence[Record]]) -> tuple[Note, ...]:
    """Return every note once, those of all models that ran first, then each with its models.

    Parameters
    ----------
    models : mapping of str to sequence of Record
        Records by the model's name on the board.
    """
    concerned: dict[str, set[str]] = defaultdict(set)
    position: dict[str, int] = {}
    for name in sorted(models):
        for record in sorted(models[name], key=lambda record: (record.split, record.seed)):
            for place, text in enumerate(record.notes):
                concerned[text].add(name)
                position[text] = min(position.get(text, place), place)
    everyone = {name for name, records in models.items() if any(r.source == "run" for r in records)}
    found = [
        # A note of all models that ran tells of the data. One model alone cannot show that.
        Note(text=text, models=() if len(everyone) > 1 and everyone <= names else tuple(sorted(names)))
        for text, names in concerned.items()
    ]
    return tuple(
        sorted(found, key=lambda note: (note.models != (), note.models, position[note.text], note.text))
    )
