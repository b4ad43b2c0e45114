"""What each column of a table becomes, as plain data: decided once, applied to that table and to new ones."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from suite.datasets.columns.column_reading import ColumnReading
from suite.datasets.columns.inference import Habits, Reading
from suite.datasets.columns.numbers import NumberFormat
from suite.datasets.columns.readings import WAYS, of_text, of_values, read_text
from suite.datasets.columns.typed import Text, different, is_text, tally, typed
from suite.datasets.table import Table
from suite.errors import DataError, UnknownName, listed


@dataclass(frozen=True, kw_only=True)
class ColumnRecipe:
    """What each column of a table becomes, in the order of the table."""

    columns: tuple[ColumnReading, ...]

    @property
    def used(self) -> tuple[ColumnReading, ...]:
        """The columns that are features."""
        return tuple(column for column in self.columns if not column.left_out)

    def without(self, reasons: Mapping[str, str]) -> ColumnRecipe:
        """Return the recipe with columns left out, each for its reason."""
        return self._with(lambda c: {"left_out": reasons[c.name]} if c.name in reasons else {})

    def without_levels(self) -> ColumnRecipe:
        """Return the recipe without the levels of columns that are left out, which may be as many as rows."""
        return self._with(lambda column: {"levels": None} if column.left_out else {})

    def without_examples(self) -> ColumnRecipe:
        """Return the recipe without cells of the table, except the levels of features and words for missing."""
        return self._with(lambda column: {"examples": (), "strange": {}})

    def replaced(self, readings: Mapping[str, ColumnReading]) -> ColumnRecipe:
        """Return the recipe with other readings of some columns, by name."""
        return ColumnRecipe(columns=tuple(readings.get(column.name, column) for column in self.columns))

    def _with(self, changes: Callable[[ColumnReading], dict[str, Any]]) -> ColumnRecipe:
        return ColumnRecipe(columns=tuple(dataclasses.replace(c, **changes(c)) for c in self.columns))

    def to_json(self) -> str:
        """Return the recipe as JSON, with sorted keys; what is as usual is left out."""
        columns = [
            {key: value for key, value in vars(column).items() if value != _USUAL[key]}
            | ({"number": dataclasses.asdict(column.number)} if column.number is not None else {})
            for column in self.columns
        ]
        return json.dumps({"columns": columns}, sort_keys=True, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> ColumnRecipe:
        """Return a recipe that `to_json` wrote; `DataError` if the text is not such JSON."""
        try:
            return cls(columns=tuple(_from_plain(column) for column in json.loads(text)["columns"]))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DataError(f"this is not a recipe for columns: {error}") from None


_USUAL = dataclasses.asdict(ColumnReading(name="", read_as="number")) | {"name": None, "read_as": None}
_LISTS = ("dates", "warnings", "examples", "levels")


def _from_plain(plain: Mapping[str, Any]) -> ColumnReading:
    lists = {key: tuple(plain[key]) for key in _LISTS if key in plain}
    number = {"number": NumberFormat(**plain["number"])} if "number" in plain else {}
    return ColumnReading(**{**plain, **lists, **number})


class Choices(NamedTuple):
    """What a user asks for, whatever the columns look like."""

    drop: Collection[str] = ()
    keep: Collection[str] = ()
    encode: Collection[str] = ()
    read: Mapping[str, str] = {}
    """Column to one of `WAYS`."""
    missing: Sequence[str] = ()
    """`WORD`, or `COLUMN=WORD`."""
    decimal: str | None = None
    aside: Mapping[str, str] = {}
    """Columns that the protocol needs, each with how it is to be read; nothing: as features are."""

    def way(self, name: str) -> str:
        """Return how a column is to be read; nothing if the user did not say."""
        way = self.read.get(name, "text" if name in self.encode else "drop" if name in self.drop else "")
        return "" if way == "drop" and name in self.aside else way

    def words(self, name: str, names: Collection[str]) -> set[str]:
        """Return the words for missing in a column: those given for it and those given for all.

        Raises `UnknownName` if a word is given for a column that does not exist.
        """
        found = set()
        for word in self.missing:
            column, equals, own = word.rpartition("=")
            if equals and column not in names:
                raise UnknownName("column", column, list(names))
            if not equals or column == name:
                found.add(own)
        return found


NO_CHOICES = Choices()


def decide(table: Table, choices: Choices = NO_CHOICES, texts: dict[str, Text] | None = None) -> ColumnRecipe:
    """Decide what every column of a table is; their names are distinct.

    Text is read as numbers, dates or times if nearly all of its cells are such, words for missing aside; the few others
    become missing. Where two readings are possible, the column as a whole decides, then the table's other columns;
    `doubt` holds the reading that is left open. Columns in the table's `drop` are left out unless chosen. `texts`, if
    given, takes the columns of text by their different cells, for `typed`.

    Raises `UnknownName` if a choice names a column or a way to read that does not exist, and `UsageError` if a column
    cannot be read in the way asked for.
    """
    frame = table.frame
    names = [str(name) for name in frame.columns]
    _check_ways(choices)
    columns = dict(zip(names, (frame.iloc[:, i] for i in range(len(names))), strict=True))
    out = {
        name: reason
        for name, reason in table.drop.items()
        if name in columns and not choices.way(name) and name not in {*choices.keep, *choices.aside}
    }
    for name in names:
        if choices.way(name) == "drop":
            out[name] = f"left out with --{'drop' if name in choices.drop else 'read'}"
    texts = {} if texts is None else texts
    texts |= {name: different(columns[name]) for name in names if name not in out and is_text(columns[name])}
    tallies = {name: tally(text) for name, text in texts.items()}
    habits = Habits(choices.decimal or table.usual_decimal, is_given=choices.decimal is not None)

    known = [*names, table.target]

    def read(name: str, habits: Habits) -> Reading:
        cells, counts = tallies[name]
        return read_text(name, cells, counts, choices.words(name, known), choices.way(name), habits)

    readings = {name: read(name, habits) for name in tallies}
    learnt = _learnt(habits, readings.values())
    if learnt != habits:
        readings |= {
            name: read(name, learnt)
            for name, found in readings.items()
            if found.doubt or (found.read_as == "number" and not found.decimal)
        }
    return ColumnRecipe(
        columns=tuple(
            ColumnReading(name=name, read_as="text", left_out=out[name])
            if name in out
            else of_text(name, *tallies[name], texts[name], readings[name], choices.way(name))
            if name in tallies
            else of_values(name, columns[name], choices.way(name), choices.words(name, known))
            for name in names
        )
    )


def apply(recipe: ColumnRecipe, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the features of a table, typed as the recipe says.

    The recipe was made from this table, or from another one with the same columns. The frame holds cells as their
    source has them; columns that the recipe does not use may be absent. Numbers and booleans become float32 where that
    loses nothing and float64 otherwise, times float64 seconds since 1970, categories pandas categories. What cannot be
    read, and a level that the recipe does not have, is missing. Raises `DataError` if a column that the recipe uses is
    absent.
    """
    names = {str(name): position for position, name in enumerate(frame.columns)}
    if absent := [column.name for column in recipe.used if column.name not in names]:
        raise DataError(f"the table lacks {listed(absent)}")
    found = {column.name: typed(column, frame.iloc[:, names[column.name]]).values for column in recipe.used}
    return pd.DataFrame(found, index=frame.index, copy=False)


def _check_ways(choices: Choices) -> None:
    for name, way in choices.read.items():
        if way not in WAYS and not (way.startswith("date:") and "%" in way):
            raise UnknownName(f"way to read {name!r}", way, WAYS)


def _learnt(habits: Habits, readings: Collection[Reading]) -> Habits:
    """Return the habits shown by the columns that leave nothing open."""
    decimals = {found.decimal for found in readings if found.decimal}
    orders = {
        found.dates[0].index("%d") < found.dates[0].index("%m")
        for found in readings
        if found.dates and not found.doubt and "%d" in found.dates[0] and found.dates[0].find("%Y") != 0
        if "%m" in found.dates[0]
    }
    if not habits.is_given and len(decimals) == 1:
        habits = habits._replace(decimal=decimals.pop(), is_seen=True)
    day_first = orders.pop() if len(orders) == 1 else None
    # Who writes a decimal comma writes the day first.
    return habits._replace(day_first=True if day_first is None and habits.decimal == "," else day_first)
