"""Assemble a data set from a table: columns read by their recipe, columns left out, class codes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from suite.checks import examine
from suite.checks.naming import says_identifier
from suite.datasets.columns import remarks
from suite.datasets.columns.column_reading import ColumnReading
from suite.datasets.columns.labels import EncodedLabels, encode_labels
from suite.datasets.columns.recipe import NO_CHOICES, Choices, ColumnRecipe, decide
from suite.datasets.columns.sentinels import find_sentinels
from suite.datasets.columns.typed import EXACT, Column, Text, integers, typed
from suite.datasets.table import Table, count_rows, unique_names
from suite.errors import DataError, UnknownName, UsageError, listed
from suite.names import digest
from suite.schema import Dataset, DatasetSpec, Finding, Severity
from suite.schema.audits import GRAVITY

if TYPE_CHECKING:
    import pandas as pd

MOST_LEVELS = 1000
"""A text column of more levels is left out: such names let a model look up groups of rows instead of learning."""
SHARE_OF_LEVELS = 0.5
"""A text column with more levels than this share of its rows is left out: most of them stand for one row."""
SURE_LEVELS = 30
"""So many levels are never too many."""
_USED = "used by --protocol"


def assemble(
    table: Table,
    spec: DatasetSpec,
    *,
    name: str | None = None,
    choices: Choices = NO_CHOICES,
    unused: bool = False,
) -> Dataset:
    """Read every column of a table, leave out those that are no features, and encode the labels.

    Rows without a label are left out. Text with more than 1,000 different values, or more than half as many as it has
    rows (30 are never too many), is left out. The spec gives version, title and protocol, and the name if none is
    given. With `unused`, columns that are left out are read as well, for an audit; not those that the user drops.

    Raises `UnknownName` if a choice names a column or a way to read that is not there, `UsageError` if a column is
    named twice or cannot be read as asked, and `DataError` if no feature is left or the labels are not those of
    a classification.
    """
    import pandas as pd

    frame, labels, notes = _labelled(table, spec, choices)
    drop = {**table.drop, **({table.target: "the target"} if table.target in frame.columns else {})}
    texts: dict[str, Text] = {}
    recipe = decide(replace(table, frame=frame, drop=drop), choices, texts)
    put_aside = {name: _USED for name in choices.aside if name not in {*choices.keep, *choices.encode}}
    found = {
        reading.name: typed(reading, frame[reading.name], texts.get(reading.name))
        for reading in recipe.used
        if reading.name not in put_aside
    }
    asked = {*choices.keep, *choices.encode, *choices.read}
    audit = examine(found, labels.y, labels.classes, keep=asked)
    recipe = recipe.without(dict(_many_levels(recipe, len(labels.y), asked)) | dict(audit.left_out))
    fingerprint = _fingerprint(
        table, choices, recipe.without({n: _USED for n in put_aside if n in table.drop})
    )
    # What is said of features is said of a time too: dates may have been read in one of two ways.
    aside = _read_aside(frame, recipe, choices, table)
    said_of = recipe.replaced({name: aside[name] for name, way in choices.aside.items() if not way})
    said_of = said_of.without({name: _USED for name in put_aside if choices.aside[name]})
    recipe = recipe.without(put_aside)
    kept = {reading.name: found[reading.name] for reading in recipe.used}
    dropped = {reading.name: reading.left_out for reading in recipe.columns if reading.left_out}
    if not kept:
        raise DataError(f"no feature column is left beside {table.target!r}" + _reasons(dropped))
    sentinels, sentinel_notes = find_sentinels(kept, recipe)
    said = [*table.findings, *labels.findings, *remarks.findings(said_of), *audit.findings]
    said += [*_lost_texts(recipe), *_merged_integers(kept, frame), *sentinels]
    return Dataset(
        name=name or spec.name,
        version=spec.version,
        X=pd.DataFrame({name: column.values for name, column in kept.items()}),
        y=labels.y,
        classes=labels.classes,
        kinds=tuple(column.kind for column in kept.values()),
        fingerprint=fingerprint,
        target=table.target,
        protocol=spec.protocol,
        dropped=dropped,
        chosen=_chosen(choices),
        notes=(
            *table.notes,
            *labels.notes,
            *notes,
            *remarks.notes(said_of, table.leading_zeros),
            *_observations(kept, recipe),
            *sentinel_notes,
            *audit.notes,
        ),
        findings=tuple(sorted(said, key=lambda found: GRAVITY[found.code])),
        recipe=recipe.without_levels().to_json(),
        title=spec.summary,
        aside={name: _aside(reading, frame[name]) for name, reading in aside.items()},
        unused=dict(_unused(frame, recipe, choices, found)) if unused else {},
    )


def _unused(
    frame: pd.DataFrame, recipe: ColumnRecipe, choices: Choices, found: Mapping[str, Column]
) -> Iterator[tuple[str, Column]]:
    """Yield columns that are left out, but for those that the user or the protocol takes out."""
    for reading in recipe.columns:
        name = reading.name
        if not reading.left_out or choices.way(name) == "drop" or name in choices.aside:
            continue
        if name not in found:
            alone = Table(frame=frame[[name]], labels=(), target="")
            (reading,) = decide(alone).columns
            if reading.left_out:
                continue
        yield name, found.get(name) or typed(reading, frame[name])


def _read_aside(
    frame: pd.DataFrame, recipe: ColumnRecipe, choices: Choices, table: Table
) -> dict[str, ColumnReading]:
    """Return how the columns that the protocol needs are read: groups and folds as categories, times as numbers.

    A time that is a category among the features is read as if nothing had been asked for.
    """
    readings = {reading.name: reading for reading in recipe.columns if reading.name in choices.aside}
    for name, way in choices.aside.items():
        if way:
            alone = Table(frame=frame[[name]], labels=(), target="")
            missing = tuple(choices.words(name, [*frame.columns, table.target]))
            (readings[name],) = decide(alone, Choices(read={name: way}, missing=missing)).columns
        elif readings[name].read_as in ("category", "text"):
            read = {other: how for other, how in choices.read.items() if other != name}
            free = choices._replace(read=read, encode=[other for other in choices.encode if other != name])
            plain = replace(table, frame=frame.assign(**{name: frame[name].astype(object)}))
            readings |= {found.name: found for found in decide(plain, free).columns if found.name == name}
    return readings


def _aside(reading: ColumnReading, cells: pd.Series) -> pd.Series:
    """Return a column that the protocol needs: whole numbers exactly, and in `attrs` the words that count as gaps."""
    import pandas as pd

    if reading.read_as not in ("category", "text") and isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.astype(object)
    column = typed(reading, cells).values
    if reading.read_as == "number" and column.notna().all() and (exact := integers(cells)) is not None:
        column = exact
    column.attrs["gaps"] = remarks.words({**reading.missing, **reading.strange})
    return column.rename(reading.name)


def _merged_integers(columns: Mapping[str, Column], frame: pd.DataFrame) -> Iterator[Finding]:
    """Yield a finding for each feature of whole numbers that are so large that different ones become one float."""
    for name, (kind, values) in columns.items():
        if kind == "numeric" and abs(values).max() >= EXACT:
            exact, after = integers(frame[name][values.notna()]), values.nunique()
            if exact is not None and after < (before := exact.nunique()):
                text = (
                    f"{name}: {before:,} different whole numbers above 2^53 become {after:,}, as floats hold no more "
                    f"digits; {remarks.option(name, 'category')} keeps them apart"
                )
                yield Finding(code="check-numbers", text=text, columns=(name,))


def _labelled(
    table: Table, spec: DatasetSpec, choices: Choices
) -> tuple[pd.DataFrame, EncodedLabels, list[str]]:
    """Return the rows that have a label, under distinct names, their labels, and what is to be noted."""
    columns, notes = unique_names([str(name) for name in table.frame.columns])
    frame = table.frame.set_axis(columns, axis=1)
    _check_choices(table.target, columns, choices)
    labels = encode_labels(
        table.labels,
        table.target,
        missing=choices.words(table.target, [*columns, table.target]),
        as_category=choices.read.get(table.target) == "category",
    )
    if len(labels.present) != len(frame):
        raise DataError(f"{spec.name} has {len(frame):,} rows and {len(labels.present):,} labels")
    if unlabelled := int((~labels.present).sum()):
        frame = frame[labels.present]
        notes.append(f"dropped {count_rows(unlabelled)} without a label in {table.target!r}")
    return frame.reset_index(drop=True), labels, notes


def _fingerprint(table: Table, choices: Choices, recipe: ColumnRecipe) -> str:
    # What is read in another way is another table to a model.
    # What other columns show may decide how a column is read: a form that was found belongs to the table.
    forms = [
        (column.name, str(column.number), column.dates, column.first_year)
        for column in recipe.used
        if column.number is not None or column.dates
    ]
    said = {
        "forms": forms,
        "encode": sorted(choices.encode),
        "read": sorted(choices.read.items()),
        "missing": sorted(choices.missing),
        "decimal": choices.decimal,
    }
    told = {key: value for key, value in said.items() if value}
    if not told:
        return table.fingerprint
    return digest(table.fingerprint, told["encode"] if list(told) == ["encode"] else told)


def _chosen(choices: Choices) -> dict[str, list[str]]:
    chosen = {
        "drop": sorted(set(choices.drop)),
        "keep": sorted(set(choices.keep)),
        "encode": sorted(set(choices.encode)),
        "read": sorted(f"{name}={way}" for name, way in choices.read.items()),
        "missing": sorted(set(choices.missing)),
        "decimal": [choices.decimal] if choices.decimal else [],
    }
    return {flag: values for flag, values in chosen.items() if values}


def _check_choices(target: str, columns: list[str], choices: Choices) -> None:
    flags: Mapping[str, Collection[str]] = {
        "--drop": choices.drop,
        "--keep": choices.keep,
        "--encode": choices.encode,
        "--read": choices.read,
    }
    for name in choices.aside:
        if name == target:
            raise UsageError(
                f"--protocol names the target, {name!r}: name the column of groups, times or folds"
            )
        if name not in columns:
            raise UnknownName("column", name, columns)
    chosen: dict[str, str] = {}
    for flag, names in flags.items():
        for name in names:
            if name == target:
                if flag == "--read" and choices.read[name] == "category":
                    continue
                raise UsageError(
                    f"{flag} {name!r} names the target"
                    + (", which is read as category" if flag == "--read" else "")
                )
            if name not in columns:
                raise UnknownName("column", name, columns)
            if chosen.setdefault(name, flag) != flag:
                raise UsageError(f"column {name!r} is in both {chosen[name]} and {flag}")


def _many_levels(recipe: ColumnRecipe, n_rows: int, asked: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield columns of too many different texts, each with how many, but for those asked for."""
    for reading in recipe.used:
        if reading.levels is not None and reading.name not in asked:
            n_levels = len(reading.levels)
            most = min(MOST_LEVELS, int(SHARE_OF_LEVELS * (n_rows - reading.n_missing)))
            if n_levels > max(SURE_LEVELS, most):
                yield reading.name, f"{n_levels:,} different texts"


def _lost_texts(recipe: ColumnRecipe) -> Iterator[Finding]:
    """Yield a finding for each text column that was left out and may hold more than names of rows."""
    for column in recipe.columns:
        if column.left_out in ("", _USED) or not column.levels or column.chosen:
            continue
        is_lost = remarks.looks_like_numbers(column.levels) and not says_identifier(column.name)
        if not is_lost and not column.left_out.endswith("different texts"):
            continue
        why = f"{len(column.levels):,} different texts"
        why += f" such as {column.examples[0]!r}, understood as neither numbers nor dates" if is_lost else ""
        text = f"{column.name}: {why}, left out; {remarks.option(column.name, 'category')} uses it"
        severity: Severity = "warning" if is_lost else "note"
        yield Finding(code="left-out", severity=severity, text=text, columns=(column.name,))


def _reasons(dropped: Mapping[str, str]) -> str:
    reasons = "; ".join(f"{name!r}: {reason}" for name, reason in list(dropped.items())[:5])
    return f" ({reasons}); --keep COLUMN uses one" if reasons else ""


def _observations(columns: Mapping[str, Column], recipe: ColumnRecipe) -> list[str]:
    import numpy as np

    constant = [c.name for c in recipe.used if c.n_different == 1 and not c.n_missing]
    infinite = []
    for name, (kind, values) in columns.items():
        if kind == "numeric" and (infinities := int(np.isinf(values.to_numpy()).sum())):
            infinite.append(f"column {name!r} holds infinite numbers in {count_rows(infinities)}")
    if constant:
        holds = "1 column holds" if len(constant) == 1 else f"{len(constant)} columns hold"
        infinite.insert(0, f"{holds} a single value: {listed(constant)}")
    return infinite
