"""Two output folders beside each other: read, chosen from, judged; and what a caller of `suite.compare` gets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.analysis.gate import Gate, Judged, gate
from suite.analysis.matching import NEW, OLD, Table, tables
from suite.analysis.ranking import check_view
from suite.analysis.tolerances import MEASURES, tolerances
from suite.config import RunConfig, View
from suite.errors import UnknownName, UsageError, listed
from suite.metrics import METRICS
from suite.options import options_of
from suite.schema import Record
from suite.store import Store

if TYPE_CHECKING:
    import pandas as pd

CHOICES = ("dataset", "protocol", "target")


@dataclass(frozen=True, repr=False)
class Comparison:
    """Two output folders beside each other.

    Attributes
    ----------
    passed : bool
        Whether nothing breaks that was to be failed on.
    breaches : tuple of str
        What breaks, a sentence each.
    remarks : tuple of str
        What nothing could break on, and why.
    gate : Gate
        All that was found.
    """

    gate: Gate

    @property
    def passed(self) -> bool:
        """Whether nothing breaks."""
        return not self.gate.breaches

    @property
    def breaches(self) -> tuple[str, ...]:
        """What breaks, a sentence each."""
        return self.gate.breaches

    @property
    def remarks(self) -> tuple[str, ...]:
        """What nothing could break on, and why."""
        return self.gate.remarks

    def table(self) -> pd.DataFrame:
        """Return a row a data set, protocol and model: its verdict, why, and every figure before and now.

        For each key that was asked for, and for fit, predict, latency and memory, there are ``KEY_old``, ``KEY_new``,
        ``KEY_change`` (in the metric's unit; of times and memory the ratio less 1), and its 95 % interval from
        ``KEY_low`` to ``KEY_high``. ``changed`` of ``rows`` have another answer; ``only_old`` were right
        and are not any more, ``only_new`` the other way round.
        """
        import pandas as pd

        return pd.DataFrame(map(_line, self.gate.models))

    def __repr__(self) -> str:
        from suite.report.brief import as_text
        from suite.report.gate import document
        from suite.report.terminal import Shown

        return as_text(Shown(*document(self.gate)), 100)

    def _repr_html_(self) -> str:
        from suite.report.gate import document
        from suite.report.notebook import document_html

        return document_html(document(self.gate, answer_first=True))


def compared(
    old: str | Path,
    new: str | Path,
    fail_on: Iterable[str] | str = (),
    metric: str = View.metric,
    positive: str | None = None,
    asked: Mapping[str, str | None] | None = None,
) -> tuple[Comparison, tuple[Store, Store]]:
    """Read two output folders and judge the models of the second; `asked` chooses a data set, protocol or target.

    Raises
    ------
    UsageError
        If one of them is no folder with records, they have nothing in common, or something asked for is not there.
    """
    allowed = tolerances(fail_on)
    METRICS[metric]  # Raises UnknownName.
    before, old_records = _opened(old, OLD)
    now, new_records = _opened(new, NEW)
    found = _chosen(tables(old_records, new_records, positive), asked or {})
    shared = [
        table for table in found if any(m.old for m in table.models) and any(m.new for m in table.models)
    ]
    if not shared:
        sides = {
            side: listed([t.name for t in found if any(getattr(m, side.lower()) for m in t.models)], 5)
            or "nothing"
            for side in (OLD, NEW)
        }
        raise UsageError(
            f"no data set and protocol is in both: {OLD} has {sides[OLD]}; {NEW} has {sides[NEW]}"
        )
    records = [record for record in new_records if record.dataset in {table.dataset for table in shared}]
    for name in dict.fromkeys([metric, *(one.key for one in allowed if one.key in METRICS)]):
        check_view(View(metric=name, positive=positive), records)
    return Comparison(gate(found, before, now, metric, allowed)), (before, now)


def _opened(folder: str | Path, side: str) -> tuple[Store, list[Record]]:
    path = Path(options_of(RunConfig)["out"].checked(folder, side))
    if not path.is_dir():
        raise UsageError(f"{side}: there is no folder {str(path)!r}{_meant(path)}")
    store = Store(path)
    records = store.records()
    if not records:
        why = f": {next(iter(store.unreadable.values()))}" if store.unreadable else ""
        raise UsageError(f"{side}: no record in {str(path)!r}{why}{_meant(path)}")
    return store, records


def _meant(path: Path) -> str:
    """Return which folder may be meant instead: the one around the records, or one below that has some."""
    around = [place for place in (path, *path.parents) if place.name == "records" and place.is_dir()]
    below = [*path.glob("*/records"), *path.glob("*/*/records")] if path.is_dir() else []
    places = [*(place.parent for place in around), *(place.parent for place in sorted(below))]
    return f"; did you mean {str(places[0])!r}?" if places else ""


def _chosen(found: list[Table], asked: Mapping[str, str | None]) -> list[Table]:
    for field in CHOICES:
        name, names = asked.get(field), [getattr(table, field) for table in found]
        if name is not None and name not in names:
            what = field.replace("dataset", "data set")
            raise UnknownName(f"{what} in these folders", name, dict.fromkeys(names))
        found = [table for table, its in zip(found, names, strict=True) if name in (None, its)]
    return found


def _line(one: Judged) -> dict[str, Any]:
    table, answers = one.table, one.answers
    told: dict[str, Any] = {
        "dataset": table.dataset,
        "protocol": table.protocol,
        "model": one.model,
        "verdict": one.verdict,
        "why": one.why,
        "rows": answers and answers.n_rows,
        "changed": answers and answers.changed,
        "only_old": answers and answers.only_old,
        "only_new": answers and answers.only_new,
    }
    for key in (*(k for k in one.changes if k not in MEASURES), *MEASURES):
        change = one.changes[key]
        figures = (change.old, change.new, change.difference, change.low, change.high)
        told |= {
            f"{key}_{part}": math.nan if value is None else value
            for part, value in zip(("old", "new", "change", "low", "high"), figures, strict=True)
        }
    return told
