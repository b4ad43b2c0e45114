"""Where a board comes from: what its records say of names, reasons, the command, machines and notes."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from suite.analysis.board import Machine, Note
from suite.config import RunConfig, View
from suite.options import options_of
from suite.schema import Record, Tuning


def age(record: Record) -> tuple[bool, str, int, str]:
    """Return what records are sorted by to have the newest last; published ones stand before all runs."""
    return record.is_run, record.provenance.started_at, record.attempt, record.key


def name(record: Record) -> str:
    """Return what tells a record's model from the others on a board: `Row.model`."""
    has_variant = record.is_run and record.role == "outer" and not record.id.is_default
    return f"{record.model} ({record.variant})" if has_variant else record.model


def reason(record: Record) -> str:
    """Return why a cell has no score."""
    failure = record.failure
    kind, message = (failure.kind.strip(), failure.message.strip()) if failure else ("", "")
    repeats_status = kind.replace("_", "").lower() == record.status.replace("_", "")
    # A kind that the status or the message tells already is left out.
    parts = [part for part in ("" if repeats_status or message.startswith(kind) else kind, message) if part]
    return ": ".join(parts) or "no reason was recorded"


def command(
    models: Mapping[str, Sequence[Record]],
    sample: Record,
    view: View,
    out: Path | None = None,
) -> str:
    """Return the shell command that makes a board again; empty without models.

    `models` are the records that ran, by model; the table is that of `sample`. Tuned models and ensembles have no name
    that one could type: what gives them is asked for. Where the table or a model was given in Python, a comment says
    so. The time limit is named where a record shows that it ended a cell.
    """
    usual = {name: records for name, records in models.items() if records[0].id.is_default}
    live = [name for name, records in usual.items() if _is_live(records[0])]
    given = f"models given in Python: {', '.join(sorted(live))}"
    names = [name for name in usual if name not in live]
    if sample.features.live:
        return f"# a table given in Python: {sample.dataset}" + (f"; {given}" if live else "")
    if not names:
        return f"# {given}" if live else ""
    words = ["python", "-m", "suite", "run", *names, "--data", sample.features.file or sample.dataset]
    if sample.features.file or sample.dataset.startswith("openml:"):
        words += ["--target", sample.target]
    for choice, columns in sorted(sample.features.chosen.items()):
        words += [word for column in columns for word in (f"--{choice}", column)] or [f"--{choice}"]
    words += ["--protocol", sample.protocol]
    everything = [record for records in models.values() for record in records]
    words += _search([record.tuning for record in everything if record.tuning])
    if (seeds := len({record.seed for record in everything})) > 1:
        words += ["--seeds", str(seeds)]
    limit = _time_limit(everything)
    if limit is not None and limit != RunConfig.time_limit_s:
        words += ["--time-limit", f"{limit:.12g}"]
    for name, option in options_of(View).items():
        words += option.arguments(getattr(view, name))
    if out is not None and out != RunConfig.out:
        words += ["--out", str(out)]
    return shlex.join(words) + (f" # without the {given}" if live else "")


def _search(tunings: Sequence[Tuning]) -> list[str]:
    """Return the words that ask for the searches that there were."""
    words = []
    budgets = {tuning.method: tuning.budget for tuning in tunings}
    if "search" in budgets:
        words += ["--tune", budgets["search"]]
    if "portfolio" in budgets:
        # Each says how many entries it had, which is none where they all come to the default.
        tried = [tuning.budget.rpartition(" ")[2] for tuning in tunings if tuning.method == "portfolio"]
        words += ["--portfolio", str(max([1, *(int(n) for n in tried if n.isdecimal())]))]
    if "greedy" in budgets:
        words += ["--ensemble"]
    metrics = {tuning.metric for tuning in tunings if tuning.method != "greedy"} - {RunConfig.tune_for}
    return [*words, *(word for metric in sorted(metrics)[:1] for word in ("--tune-for", metric))]


def _time_limit(records: Iterable[Record]) -> float | None:
    """Return the largest time limit that ended a cell or its training; None if none did, or others took longer."""
    met: list[float | None] = []
    longest = 0.0
    for record in records:
        met.append(record.resources.cut_short_at_s)
        if record.status == "timeout" and record.failure:
            met.append(record.failure.limit)
        longest = max(longest, (record.timing.fit_s or 0.0) + (record.timing.predict_s or 0.0))
    limit = max((limit for limit in met if limit is not None), default=None)
    return None if limit is None or longest > limit else limit


def _is_live(record: Record) -> bool:
    """Tell whether a record's model was an object: those of a command line that are a user's own have a colon."""
    return record.is_run and record.is_custom and ":" not in record.model


def machines(records: Iterable[Record]) -> tuple[Machine, ...]:
    """Return the distinct machines and sets of versions, sorted.

    Two that differ in nothing but which packages they list are one: a model of the user's lists more, and a package
    that is not listed has no other version.
    """
    known: dict[str, Machine] = {}
    for record in records:
        about = record.provenance
        machine = Machine(
            cpu=about.cpu or "unknown processor",
            cores=about.cores,
            os=about.os or "unknown system",
            python=about.python or "?",
            suite=about.suite or "?",
            packages=dict(sorted(about.packages.items())),
        )
        known[_text(machine)] = machine
    found: list[Machine] = []
    # The longest lists first: of two that contradict each other, a shorter one joins the first that it fits.
    for machine in sorted(known.values(), key=lambda each: (-len(each.packages), _text(each))):
        place = next((i for i, other in enumerate(found) if _is_same(machine, other)), None)
        if place is None:
            found.append(machine)
        else:
            packages = {**machine.packages, **found[place].packages}
            found[place] = replace(machine, packages=dict(sorted(packages.items())))
    return tuple(sorted(found, key=_text))


def _text(machine: Machine) -> str:
    return json.dumps(vars(machine), sort_keys=True)


def _is_same(one: Machine, other: Machine) -> bool:
    shared = one.packages.keys() & other.packages.keys()
    agree = all(one.packages[name] == other.packages[name] for name in shared)
    return agree and replace(one, packages={}) == replace(other, packages={})


def notes(models: Mapping[str, Sequence[Record]]) -> tuple[Note, ...]:
    """Return every note of the models' records once, those of all models that ran first."""
    concerned: dict[str, set[str]] = defaultdict(set)
    position: dict[str, int] = {}
    for name in sorted(models):
        for record in sorted(models[name], key=lambda record: (record.split, record.seed)):
            for place, text in enumerate(record.notes):
                concerned[text].add(name)
                position[text] = min(position.get(text, place), place)
    everyone = {name for name, records in models.items() if any(r.is_run for r in records)}
    found = [
        # A note of all models that ran tells of the data. One model alone cannot show that.
        Note(text=text, models=() if len(everyone) > 1 and everyone <= names else tuple(sorted(names)))
        for text, names in concerned.items()
    ]
    return tuple(
        sorted(found, key=lambda note: (note.models != (), note.models, position[note.text], note.text))
    )
