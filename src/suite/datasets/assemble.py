"""Assemble a data set from a table: column kinds, columns left out, class codes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from suite.datasets.define import Table, count_rows
from suite.datasets.labels import EncodedLabels, encode_labels
from suite.errors import DataError, UnknownName, UsageError, listed
from suite.names import digest
from suite.schema import Dataset, DatasetSpec, Kind

if TYPE_CHECKING:
    import pandas as pd


class Column(NamedTuple):
    """A feature column as models get it: numbers as floats, text as pandas categories."""

    kind: Kind
    values: pd.Series[Any]


def assemble(
    table: Table,
    spec: DatasetSpec,
    *,
    name: str | None = None,
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    encode: Sequence[str] = (),
) -> Dataset:
    """Decide on every column of a table and encode its labels.

    Numbers are stored as float32 where that loses nothing and as float64 otherwise, booleans as float32,
    times as float64 seconds since 1970. Text with more than max(30, min(1000, a tenth of the rows)) different
    values is left out. Rows without a label are left out.

    Parameters
    ----------
    table : Table
        What the source holds.
    spec : DatasetSpec
        Gives version, title and default protocol.
    name : str, optional
        The data set's name; by default the spec's.
    drop : sequence of str
        Columns to leave out.
    keep : sequence of str
        Columns to use although they would be left out; text becomes categorical.
    encode : sequence of str
        Text columns to use with kind `text`, whatever their number of levels.

    Raises
    ------
    UnknownName
        If `drop`, `keep` or `encode` names a column that is not there.
    UsageError
        If a column is named twice, or `encode` names one that is no text.
    DataError
        If no feature is left, or the labels are not those of a classification.
    """
    import pandas as pd

    frame, notes = with_unique_names(table.frame)
    choices = {"--drop": drop, "--keep": keep, "--encode": encode}
    _check_choices(table.target, list(frame.columns), choices)
    labels = encode_labels(table.labels, table.target)
    if len(labels.present) != len(frame):
        raise DataError(f"{spec.name} has {len(frame):,} rows and {len(labels.present):,} labels")
    if unlabelled := int((~labels.present).sum()):
        frame = frame[labels.present]
        notes += [f"dropped {count_rows(unlabelled)} without a label in {table.target!r}"]
    columns, dropped = _choose(frame.reset_index(drop=True), table, labels, choices)
    return Dataset(
        name=name or spec.name,
        version=spec.version,
        X=pd.DataFrame({name: column.values for name, column in columns.items()}),
        y=labels.y,
        classes=labels.classes,
        kinds=tuple(column.kind for column in columns.values()),
        # The same columns under another kind are another table to a model.
        fingerprint=digest(table.fingerprint, sorted(encode)) if encode else table.fingerprint,
        target=table.target,
        protocol=spec.protocol,
        dropped=dropped,
        chosen={flag.strip("-"): sorted(set(names)) for flag, names in choices.items() if names},
        notes=(*table.notes, *notes, *_observations(columns)),
        title=spec.summary,
    )


def with_unique_names(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the frame with its column names as distinct strings, and a note for each that was shared."""
    written = [str(name) for name in frame.columns]
    names, notes = unique_names(written)
    return frame.set_axis(names, axis=1), notes


def unique_names(written: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names with `.1`, `.2` ... added to repeated ones, and a note for each name repeated."""
    taken = set(written)
    groups: dict[str, list[str]] = {}
    for name in written:
        group = groups.setdefault(name, [])
        unique = name
        if group:
            unique = next(new for i in count(len(group)) if (new := f"{name}.{i}") not in taken)
        taken.add(unique)
        group.append(unique)
    notes = [
        f"{len(group)} columns are named {name!r}; they are called {', '.join(group)} here"
        for name, group in groups.items()
        if len(group) > 1
    ]
    return [groups[name].pop(0) for name in written], notes


def type_column(values: pd.Series[Any]) -> Column:
    """Return a column with its kind; text is `categorical` whatever its number of levels."""
    import pandas as pd

    inferred = pd.api.types.infer_dtype(values, skipna=True)
    if inferred in ("boolean", "empty") or pd.api.types.is_bool_dtype(values.dtype):
        return Column("boolean", _floats(values).astype("float32"))
    if inferred in ("date", "datetime", "datetime64") or isinstance(values.dtype, pd.DatetimeTZDtype):
        # In seconds, 1970 lies within reach of dates such as 9999-12-31, which nanoseconds do not have.
        epoch = pd.Timestamp(0, tz="UTC").as_unit("s")
        return Column("datetime", _seconds(pd.to_datetime(values, utc=True) - epoch))
    if inferred in ("timedelta", "timedelta64"):
        return Column("numeric", _seconds(pd.to_timedelta(values)))
    if inferred in ("integer", "floating", "mixed-integer-float", "decimal", "integer-na"):
        return Column("numeric", _floats(values))
    return Column("categorical", _categories(values))


def _seconds(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.dt.total_seconds().astype("float64")


def _floats(values: pd.Series[Any]) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    if values.dtype == np.float32:
        return values
    wide = values.to_numpy(dtype=np.float64, na_value=np.nan)
    with np.errstate(over="ignore", under="ignore"):
        narrow = wide.astype(np.float32)
    lossless = np.array_equal(narrow, wide, equal_nan=True)
    return pd.Series(narrow if lossless else wide, index=values.index)


def _categories(values: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        if all(isinstance(level, str) for level in values.cat.categories):
            return values.cat.remove_unused_categories().cat.as_unordered()
        values = values.astype(object)
    return values.map(str, na_action="ignore").astype("category")


def _check_choices(target: str, columns: list[str], choices: Mapping[str, Collection[str]]) -> None:
    chosen: dict[str, str] = {}
    for flag, names in choices.items():
        for name in names:
            if name == target:
                raise UsageError(f"{flag} {name!r} names the target")
            if name not in columns:
                raise UnknownName("column", name, columns)
            if chosen.setdefault(name, flag) != flag:
                raise UsageError(f"column {name!r} is in both {chosen[name]} and {flag}")


def _choose(
    frame: pd.DataFrame, table: Table, labels: EncodedLabels, choices: Mapping[str, Collection[str]]
) -> tuple[dict[str, Column], dict[str, str]]:
    columns: dict[str, Column] = {}
    dropped: dict[str, str] = {}
    for name in frame.columns:
        column = type_column(frame[name])
        reason = _why_dropped(name, column, table, choices["--drop"], labels)
        wanted = name in choices["--keep"] or name in choices["--encode"]
        if reason and not (wanted and column.values.notna().any()):
            dropped[name] = reason
        else:
            columns[name] = _as_text(name, column) if name in choices["--encode"] else column
    if not columns:
        reasons = "; ".join(f"{name!r}: {reason}" for name, reason in list(dropped.items())[:5])
        raise DataError(
            f"no feature column is left beside {table.target!r}" + (f" ({reasons})" if reasons else "")
        )
    return columns, dropped


def _why_dropped(
    name: str, column: Column, table: Table, drop: Collection[str], labels: EncodedLabels
) -> str | None:
    if name in drop:
        return "left out with --drop"
    if name == table.target:
        return "the target"
    if name in table.drop:
        return table.drop[name]
    if not column.values.notna().any():
        return "every value is missing"
    if _repeats_target(column, labels):
        return "repeats the target in every row"
    if column.kind == "categorical":
        levels = len(column.values.cat.categories)
        if levels > max(30, min(1000, len(column.values) // 10)):
            return f"text with {levels:,} different values"
    return None


def _repeats_target(column: Column, labels: EncodedLabels) -> bool:
    import numpy as np
    import pandas as pd

    if column.kind == "categorical":
        if set(column.values.cat.categories) != set(labels.classes) or column.values.hasnans:
            return False
        return bool((column.values.astype(object) == np.array(labels.classes, object)[labels.y]).all())
    if column.kind == "datetime":
        times = pd.to_datetime(pd.Series(labels.classes), format="ISO8601", utc=True, errors="coerce")
        return bool(np.array_equal(column.values, type_column(times).values.to_numpy()[labels.y]))
    words = {"false": 0.0, "true": 1.0}
    try:
        numbers = np.array([words.get(name.lower(), name) for name in labels.classes], dtype=np.float64)
    except ValueError:
        return False
    return bool(np.array_equal(column.values.to_numpy(dtype=np.float64), numbers[labels.y]))


_READ_AS = {"numeric": "numbers", "boolean": "true and false", "datetime": "dates"}


def _as_text(name: str, column: Column) -> Column:
    if column.kind != "categorical":
        raise UsageError(f"--encode takes columns of text, and {name!r} was read as {_READ_AS[column.kind]}")
    return Column("text", column.values)


def _observations(columns: Mapping[str, Column]) -> list[str]:
    import numpy as np

    constant, infinite = [], []
    for name, (kind, values) in columns.items():
        if values.nunique(dropna=False) == 1:
            constant.append(name)
        if kind == "numeric" and (infinities := int(np.isinf(values.to_numpy()).sum())):
            infinite.append(f"column {name!r} holds infinite numbers in {count_rows(infinities)}")
    if constant:
        holds = "1 column holds" if len(constant) == 1 else f"{len(constant)} columns hold"
        return [f"{holds} a single value: {listed(constant)}", *infinite]
    return infinite
