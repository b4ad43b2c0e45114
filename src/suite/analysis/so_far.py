"""What a run has found so far: of each model the mean of the cells that are done, which compares nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import fmean

from suite.analysis import origin
from suite.metrics import METRICS, Metric
from suite.schema import Cell, Record


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One model as it stands."""

    name: str
    score: float | None
    """The mean of its cells; None if none of them has a score."""
    done: int
    of: int | None
    """Its cells, done or not; None where that is not known."""
    failed: int


@dataclass
class _Model:
    scores: list[float] = field(default_factory=list)
    failed: int = 0


class SoFar:
    """Collects the records of a run that goes on."""

    def __init__(self, cells: Iterable[Cell] = (), metric: str = "accuracy") -> None:
        self._metric = metric
        self._planned: dict[tuple[str, str], int] = defaultdict(int)
        for cell in cells:
            self._planned[cell.dataset, cell.model] += 1
        self._found: dict[str, dict[str, _Model]] = {}

    @property
    def metric(self) -> Metric:
        """What models are ordered by."""
        return METRICS[self._metric]

    def add(self, cell: Cell, record: Record) -> None:
        """Take what became of a cell that boards rank."""
        model = self._found.setdefault(cell.dataset, {}).setdefault(origin.name(record), _Model())
        score = record.metrics.get(self._metric) if record.status == "ok" else None
        if score is None:
            model.failed += 1
        else:
            model.scores.append(score)

    def standings(self, dataset: str) -> list[Standing]:
        """Return the models of a data set that have a record, the best first; those without a score come last."""
        found = [
            Standing(
                name=name,
                score=fmean(model.scores) if model.scores else None,
                done=len(model.scores) + model.failed,
                of=self._planned.get((dataset, name)),
                failed=model.failed,
            )
            for name, model in self._found.get(dataset, {}).items()
        ]
        sign = -1 if self.metric.higher_is_better else 1
        return sorted(
            found, key=lambda one: (one.score is None, sign * one.score if one.score is not None else 0.0)
        )
