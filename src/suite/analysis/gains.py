"""What searches gave: each tuned model beside the same as its entry has it, on the same cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from suite.analysis.comparison import Comparisons, Pair
from suite.schema import Record, Trial


@dataclass(frozen=True, kw_only=True)
class Gain:
    """A search, or the weighing of an ensemble: what it cost and what it gave."""

    model: str
    """The row that came of it."""
    default: str | None
    """The row of the same model as its entry has it; None of an ensemble, and where there is none."""
    budget: str
    metric: str
    """What trials were judged by, on inner splits."""
    trials: int
    """Over all splits."""
    failed: int
    seconds: float | None
    """A split, over all trials."""
    inner_default: float | None
    """The default's score on inner splits, by that metric: a mean over splits."""
    inner: float | None
    """The chosen trial's."""
    pair: Pair | None
    """The row less the default's, by the board's metric; None where no test can speak of them."""
    chosen: str
    """The parameters, as Python's keyword arguments, or an ensemble's weights; of the first split."""
    varies: bool
    """Whether other splits chose otherwise."""
    is_default: bool
    """Whether every split chose the default."""
    history: tuple[Trial, ...] = ()
    """Every trial of the first split, in the order of the search; none of an ensemble."""
    number: int = 0
    """Of the trial that the first split chose."""


def gains(
    models: Mapping[str, Sequence[Record]], found: Comparisons | None, metric: str, order: Sequence[str]
) -> tuple[Gain, ...]:
    """Return what came of searches, in the order of the board; `models` are the records by row."""
    plain = {records[0].model: name for name, records in models.items() if records[0].id.is_default}
    told = []
    for name in order:
        # A search has a record a seed: they tell the same.
        records = list({record.split: record for record in reversed(models.get(name, ()))}.values())
        records = sorted((r for r in records if r.tuning), key=lambda record: record.split)
        if records:
            told.append(_gain(name, plain.get(records[0].model), records, found, metric))
    return tuple(told)


def _gain(
    name: str, default: str | None, records: Sequence[Record], found: Comparisons | None, metric: str
) -> Gain:
    tunings = [record.tuning for record in records if record.tuning]
    history = [trial for tuning in tunings for trial in tuning.history]
    chosen = [_chosen(record) for record in records]
    pair = found.pair(metric, name, default) if found and default else None
    return Gain(
        model=name,
        default=default,
        budget=tunings[0].budget,
        metric=tunings[0].metric,
        trials=sum(tuning.trials for tuning in tunings),
        failed=sum(trial.status == "failed" for trial in history),
        seconds=_mean([tuning.seconds for tuning in tunings]),
        inner_default=_mean([tuning.history[0].score if tuning.history else None for tuning in tunings]),
        inner=_mean([tuning.inner_score for tuning in tunings]),
        pair=pair,
        chosen=chosen[0],
        varies=len(set(chosen)) > 1,
        is_default=all(tuning.history and not tuning.chosen for tuning in tunings),
        history=tunings[0].history,
        number=tunings[0].chosen,
    )


def _chosen(record: Record) -> str:
    tuning = record.tuning
    if tuning is None or tuning.weights:
        weights = sorted((tuning.weights if tuning else {}).items(), key=lambda pair: (-pair[1], pair[0]))
        return ", ".join(f"{weight:.2f} {name}" for name, weight in weights)
    # What early stopping found stands in the record's own parameters; what is as by default does not.
    params = {**(tuning.history[tuning.chosen].params if tuning.history else {}), **record.found}
    return ", ".join(f"{name}={record.params[name]!r}" for name in sorted(params) if name in record.params)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
